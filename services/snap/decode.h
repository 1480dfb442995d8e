#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace snapledger::snap {

// What Snap's answer body says. Codes and texts are opaque: shown, never interpreted. The texts are
// redacted (redact.h).
struct SnapAnswer {
  // kValid: VALID, or v2's SUCCESS. kInvalid: INVALID, or v2's FAILED. Any case. kOther: any other
  // status, or none. kUnreadable: not a JSON object.
  enum class Status { kUnreadable, kValid, kInvalid, kOther };
  Status status = Status::kUnreadable;
  std::string status_text;  // as given, cut at 64 bytes
  std::string reason;       // reason, error messages and codes in one line, cut at 512 bytes;
                            // kUnreadable: the start of the body itself
  std::optional<int> event_index;  // `event`, as given (its base is unknown)
  // v2's error_records[].record_indexes, as given (from 0), in order, at most 2000.
  std::vector<int> record_indexes;
};

// Reads an answer of /events. Never fails: whatever Snap or a proxy sends becomes one of the above.
// Pure.
SnapAnswer DecodeAnswer(std::string_view body);

// What an answer of /events/validate says of one event.
struct EventVerdict {
  std::optional<int> event_index;  // as given (its base is unknown)
  SnapAnswer::Status status = SnapAnswer::Status::kOther;
  std::string reason;  // as in SnapAnswer
};

// The `event_logs` of an answer of /events/validate, in its order, at most 2000; empty where it has
// none. Never fails. Pure.
std::vector<EventVerdict> DecodeEventVerdicts(std::string_view body);

}  // namespace snapledger::snap
