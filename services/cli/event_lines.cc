#include "services/cli/event_lines.h"

#include <google/protobuf/util/json_util.h>

#include <string_view>

#include "absl/strings/ascii.h"
#include "services/base/text.h"
#include "services/cli/event_fault.h"

namespace snapledger::cli {
namespace {

// An event may have 64 KiB; its JSON may be longer, but not by so much. A longer line would take
// the whole call down with it.
constexpr size_t kLineBytesMax = size_t{512} << 10;

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

absl::Status NoEvent(std::string_view why) {
  return absl::InvalidArgumentError(base::Concat("not a ConversionEvent in proto3 JSON: ", why));
}

}  // namespace

absl::Status ParseEvent(const std::string& json, v1::ConversionEvent* event) {
  if (json.size() > kLineBytesMax) {
    return absl::InvalidArgumentError("the line is too long: an event may have 64 KiB");
  }
  if (!google::protobuf::util::JsonStringToMessage(json, event).ok()) {
    // The parser's own message repeats the text, in which personal data may stand.
    const std::string fault = EventFault(json);
    return NoEvent(fault.empty() ? "nested too deep, or not as docs/api.md says" : fault);
  }
  // What the service's parser would not read fails its whole call: text that is not UTF-8, or
  // `extra` nested too deep.
  v1::ConversionEvent again;
  if (again.ParseFromString(event->SerializeAsString())) return absl::OkStatus();
  return NoEvent("nested too deep, or a text that is not UTF-8");
}

std::vector<EventLine> EventLineReader::Next(int count_max, size_t bytes_max) {
  std::vector<EventLine> lines;
  size_t bytes = 0;
  std::string text;
  while (static_cast<int>(lines.size()) < count_max && bytes < bytes_max &&
         std::getline(input_, text)) {
    ++line_number_;
    bytes_read_ += static_cast<int64_t>(text.size()) + 1;
    if (line_number_ == 1 && text.rfind(kByteOrderMark, 0) == 0) {
      text.erase(0, kByteOrderMark.size());
    }
    if (absl::StripAsciiWhitespace(text).empty()) continue;
    bytes += text.size();
    EventLine& line = lines.emplace_back();
    line.number = line_number_;
    line.status = ParseEvent(text, &line.event);
  }
  return lines;
}

}  // namespace snapledger::cli
