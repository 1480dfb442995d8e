#include "services/cli/event_lines.h"

#include <google/protobuf/util/json_util.h>

#include <algorithm>

#include "absl/strings/ascii.h"

namespace snapledger::cli {
namespace {

constexpr char kPrefix[] = "not a ConversionEvent in proto3 JSON";

// The parser's message up to where it repeats the text it could not read: personal data may stand
// there.
std::string WithoutValues(const std::string& message) {
  constexpr const char* kValueMarks[] = {"\n",      "\"",       "invalid value", "Invalid value",
                                         "Illegal", "Failed to"};
  size_t end = message.size();
  for (const char* const mark : kValueMarks) {
    const size_t at = message.find(mark);
    if (at == std::string::npos) continue;
    end = std::min(end,
                   absl::ascii_isalpha(mark[0]) ? at + std::char_traits<char>::length(mark) : at);
  }
  return message.substr(0, end);
}

}  // namespace

absl::Status ParseEvent(const std::string& json, v1::ConversionEvent* event) {
  const auto status = google::protobuf::util::JsonStringToMessage(json, event);
  if (status.ok()) return absl::OkStatus();
  const std::string detail = WithoutValues(std::string(status.message()));
  return absl::InvalidArgumentError(detail.empty() ? std::string(kPrefix)
                                                   : std::string(kPrefix) + ": " + detail);
}

std::vector<EventLine> EventLineReader::Next(int count_max, size_t bytes_max) {
  std::vector<EventLine> lines;
  size_t bytes = 0;
  std::string text;
  while (static_cast<int>(lines.size()) < count_max && bytes < bytes_max &&
         std::getline(input_, text)) {
    ++line_number_;
    bytes_read_ += static_cast<int64_t>(text.size()) + 1;
    if (absl::StripAsciiWhitespace(text).empty()) continue;
    bytes += text.size();
    EventLine& line = lines.emplace_back();
    line.number = line_number_;
    line.status = ParseEvent(text, &line.event);
  }
  return lines;
}

}  // namespace snapledger::cli
