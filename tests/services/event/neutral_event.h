#pragma once

#include <rapidjson/document.h>

#include <deque>
#include <optional>
#include <string>
#include <string_view>

#include "services/event/prepare.h"
#include "services/event/raw_event.h"

namespace snapledger::event {

// An event of the conformance vectors, which name fields neutrally, as a caller of ours would send
// it. Owns the text the RawEvent points to.
class NeutralEvent {
 public:
  NeutralEvent() = default;
  NeutralEvent(const NeutralEvent&) = delete;
  NeutralEvent& operator=(const NeutralEvent&) = delete;

  // False when a typed API cannot express the event; `reason` says why.
  bool Read(const rapidjson::Value& event, std::string* reason);

  // Adds one identifier in the vectors' name for it; 64 hex digits go in as a hash.
  void AddIdentifier(std::string_view kind, const rapidjson::Value& value, bool hashed);

  // What a destination takes this event.
  DestinationKind destination_kind() const;

  std::string_view Keep(std::string text);

  RawEvent raw;

 private:
  bool ReadEnvelope(const rapidjson::Value& event, std::string* reason);
  bool ReadTime(const rapidjson::Value& event, std::string* reason);
  void ReadUser(const rapidjson::Value& user);
  void ReadHashedUser(const rapidjson::Value& user);
  void ReadCustom(const rapidjson::Value& custom);
  void ReadContents(const rapidjson::Value& contents);
  bool ReadApp(const rapidjson::Value& app, std::string* reason);
  std::string_view Text(const rapidjson::Value& value);
  std::vector<std::string_view> Texts(const rapidjson::Value& value);

  std::deque<std::string> kept_;
};

// The RawUserData member the vectors call `kind`; null for plain ones and unknown names.
std::vector<RawIdentifier>* HashedField(std::string_view kind, RawUserData* user);
std::string_view* PlainField(std::string_view kind, RawUserData* user);

// Snap's name of what the vectors call `kind`; empty when our API has no such field.
std::string_view SnapMember(std::string_view kind);

}  // namespace snapledger::event
