#include "services/emulator/pixel_events.h"

#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "services/base/status_macros.h"
#include "services/emulator/json_body.h"
#include "services/emulator/known_values.h"

namespace snapledger::emulator {
namespace {

absl::Status ReadMember(absl::string_view name, const JsonValue& value, PixelEvent& event) {
  if (name == "time") {
    if (!value.IsNumber()) return absl::InvalidArgumentError("time must be epoch seconds");
    event.time = absl::UnixEpoch() + absl::Seconds(value.GetDouble());
    return absl::OkStatus();
  }
  std::string* const text = name == "asset"             ? &event.asset
                            : name == "event_name"      ? &event.event_name
                            : name == "client_dedup_id" ? &event.client_dedup_id
                            : name == "transaction_id"  ? &event.transaction_id
                                                        : nullptr;
  if (text == nullptr) {
    return absl::InvalidArgumentError(absl::StrCat("a pixel event has no member '", name, "'"));
  }
  if (!value.IsString()) return absl::InvalidArgumentError(absl::StrCat(name, " must be a string"));
  *text = std::string(TextOf(&value));
  return absl::OkStatus();
}

absl::StatusOr<PixelEvent> ParseOne(const JsonValue& value, absl::Time now) {
  if (!value.IsObject()) return absl::InvalidArgumentError("a pixel event must be an object");
  PixelEvent event;
  event.time = now;
  for (const auto& item : value.GetObject()) {
    SNAPLEDGER_RETURN_IF_ERROR(ReadMember(TextOf(&item.name), item.value, event));
  }
  if (event.asset.empty() || event.event_name.empty()) {
    return absl::InvalidArgumentError("asset and event_name are needed");
  }
  const std::string upper = absl::AsciiStrToUpper(event.event_name);
  if (IsStandardEventName(upper)) event.event_name = upper;
  return event;
}

absl::Status AppendParsed(const JsonValue& value, absl::Time now, std::vector<PixelEvent>& events) {
  absl::StatusOr<PixelEvent> event = ParseOne(value, now);
  if (!event.ok()) {
    return absl::InvalidArgumentError(
        absl::StrCat("pixel event ", events.size() + 1, ": ", event.status().message()));
  }
  events.push_back(*std::move(event));
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::vector<PixelEvent>> ParsePixelEvents(absl::string_view text, absl::Time now) {
  std::vector<PixelEvent> events;
  const auto whole = JsonBody::Parse(text);
  if (whole.ok() && (*whole)->root().IsArray()) {
    for (const JsonValue& value : (*whole)->root().GetArray()) {
      SNAPLEDGER_RETURN_IF_ERROR(AppendParsed(value, now, events));
    }
    return events;
  }
  if (whole.ok()) {
    SNAPLEDGER_RETURN_IF_ERROR(AppendParsed((*whole)->root(), now, events));
    return events;
  }
  for (const absl::string_view line : absl::StrSplit(text, '\n')) {
    if (absl::StripAsciiWhitespace(line).empty()) continue;
    const auto parsed = JsonBody::Parse(line);
    if (!parsed.ok()) {
      return absl::InvalidArgumentError(
          absl::StrCat("pixel event ", events.size() + 1, ": ", parsed.status().message()));
    }
    SNAPLEDGER_RETURN_IF_ERROR(AppendParsed((*parsed)->root(), now, events));
  }
  if (events.empty()) return absl::InvalidArgumentError("no pixel event in the body");
  return events;
}

}  // namespace snapledger::emulator
