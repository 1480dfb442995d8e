#pragma once

#include <string>
#include <string_view>

#include "services/event/conversion_event.h"

namespace snapledger::snap {

struct EncodeOptions {
  std::string_view limited_data_literal = "LMU";  // sent where consent is LIMITED
  std::string_view test_event_code;               // empty: a live event
};

// Appends the exact JSON object Snap gets for `event`, on one line, members in a fixed order: the
// bytes are made once, at intake, and every send of the event repeats them. Format: contract
// section 4, snap-capi section 2. Pure.
void AppendSnapEvent(const event::ConversionEvent& event, const EncodeOptions& options,
                     std::string* json);

// {"data":[e1,e2,…]} from already encoded events.
class RequestBody {
 public:
  RequestBody();
  void Add(std::string_view event_json);
  int event_count() const { return event_count_; }
  std::string Finish() &&;

 private:
  std::string body_;
  int event_count_ = 0;
};

}  // namespace snapledger::snap
