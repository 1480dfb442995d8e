#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "absl/status/status.h"
#include "services/cli/command.h"
#include "services/cli/terminal.h"
#include "snapledger/v1/conversion_event.pb.h"

namespace snapledger::cli {

// Prints a verdict a line and counts them. For people: line number, outcome, event id, then what is
// wrong; for programs: {"line":N,"verdict":{…}} or {"line":N,"error":…}. Not thread-safe.
class VerdictPrinter {
 public:
  explicit VerdictPrinter(OutputForm output) : output_(output), display_(StandardOutput()) {}

  void Print(int64_t line, const v1::EventVerdict& verdict);
  // A line that is no event, or an event whose call failed.
  void PrintFailure(int64_t line, const std::string& event_id, const absl::Status& status);

  // "1,000 events: 990 accepted, 5 duplicate, 5 rejected".
  std::string Summary() const;
  int64_t count() const;
  // Whether every event is taken care of: none refused, in conflict, unreadable or failed.
  bool all_well() const;

 private:
  const OutputForm output_;
  const Display display_;
  std::map<std::string, int64_t> counts_;  // by outcome
};

}  // namespace snapledger::cli
