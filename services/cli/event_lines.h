#pragma once

#include <cstdint>
#include <istream>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "snapledger/v1/conversion_event.pb.h"

namespace snapledger::cli {

// One line of a JSONL file: an event, or why it is none.
struct EventLine {
  int64_t number = 0;  // 1 is the first
  absl::Status status;
  v1::ConversionEvent event;
};

// Reads events as lines of proto3 JSON, some at a time. Empty lines and a byte order mark at the
// start are skipped.
class EventLineReader {
 public:
  // `input` must outlive this.
  explicit EventLineReader(std::istream& input) : input_(input) {}

  // The next lines: at most `count_max` and, the last one aside, `bytes_max` of text. Empty at the
  // end.
  std::vector<EventLine> Next(int count_max, size_t bytes_max);

  int64_t bytes_read() const { return bytes_read_; }

 private:
  std::istream& input_;
  int64_t line_number_ = 0;
  int64_t bytes_read_ = 0;
};

// Reads one event. The error says which field is wrong and what to do, and never repeats a value.
absl::Status ParseEvent(const std::string& json, v1::ConversionEvent* event);

}  // namespace snapledger::cli
