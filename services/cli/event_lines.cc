#include "services/cli/event_lines.h"

#include <google/protobuf/util/json_util.h>

#include <algorithm>

#include "absl/strings/ascii.h"

namespace snapledger::cli {
namespace {

constexpr char kPrefix[] = "not a ConversionEvent in proto3 JSON";
// An event may have 64 KiB; its JSON may be longer, but not by so much. A longer line would take
// the whole call down with it.
constexpr size_t kLineBytesMax = size_t{512} << 10;

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
  if (json.size() > kLineBytesMax) {
    return absl::InvalidArgumentError("the line is too long: an event may have 64 KiB");
  }
  const auto status = google::protobuf::util::JsonStringToMessage(json, event);
  if (status.ok()) {
    // What the service's parser would not read fails its whole call: text that is not UTF-8, or
    // `extra` nested too deep.
    v1::ConversionEvent again;
    if (again.ParseFromString(event->SerializeAsString())) return absl::OkStatus();
    return absl::InvalidArgumentError(std::string(kPrefix) +
                                      ": nested too deep, or a text that is not UTF-8");
  }
  std::string detail = WithoutValues(std::string(status.message()));
  // An unknown member is named by its path, which the caller may have filled with anything.
  if (const size_t path_end = detail.find(": Cannot find field"); path_end != std::string::npos) {
    const bool plain = std::all_of(detail.begin(), detail.begin() + static_cast<long>(path_end),
                                   [](char c) { return absl::ascii_isalnum(c) || c == '_'; });
    if (!plain) detail = "an unknown member";
  }
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
