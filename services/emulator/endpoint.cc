#include "services/emulator/endpoint.h"

#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_split.h"

namespace snapledger::emulator {
namespace {

struct Named {
  Endpoint endpoint;
  absl::string_view name;
};

constexpr Named kNames[] = {
    {Endpoint::kEvents, "events"}, {Endpoint::kValidate, "validate"}, {Endpoint::kLogs, "logs"},
    {Endpoint::kStats, "stats"},   {Endpoint::kQuality, "quality"},   {Endpoint::kOther, "other"},
};

Endpoint ConversionsEndpoint(const std::vector<absl::string_view>& parts) {
  // parts: "", "v3", asset, "events", ...
  if (parts[3] != "events") return Endpoint::kOther;
  if (parts.size() == 4) return Endpoint::kEvents;
  if (parts[4] != "validate") return Endpoint::kOther;
  if (parts.size() == 5) return Endpoint::kValidate;
  if (parts.size() > 6) return Endpoint::kOther;
  if (parts[5] == "logs") return Endpoint::kLogs;
  return parts[5] == "stats" ? Endpoint::kStats : Endpoint::kOther;
}

}  // namespace

absl::string_view EndpointName(Endpoint endpoint) {
  for (const Named& item : kNames) {
    if (item.endpoint == endpoint) return item.name;
  }
  return "other";
}

std::optional<Endpoint> EndpointByName(absl::string_view name) {
  for (const Named& item : kNames) {
    if (item.name == name) return item.endpoint;
  }
  return std::nullopt;
}

Route RouteOf(absl::string_view path) {
  const std::vector<absl::string_view> parts = absl::StrSplit(path, '/');
  Route route;
  if (parts.size() < 4 || !parts[0].empty() || parts[parts[1] == "v3" ? 2 : 3].empty()) {
    return route;
  }
  if (parts[1] == "v3") {
    route.endpoint = ConversionsEndpoint(parts);
    if (route.endpoint != Endpoint::kOther) route.asset = PercentDecode(parts[2]);
  } else if (parts[1] == "v1" && parts.size() == 5 && parts[4] == "event_quality_scores" &&
             (parts[2] == "pixels" || parts[2] == "mobile_apps")) {
    route.endpoint = Endpoint::kQuality;
    route.asset = PercentDecode(parts[3]);
    route.app = parts[2] == "mobile_apps";
  }
  return route;
}

absl::string_view MethodOf(Endpoint endpoint) {
  return endpoint == Endpoint::kEvents || endpoint == Endpoint::kValidate ? "POST" : "GET";
}

std::string PercentDecode(absl::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size() && absl::ascii_isxdigit(text[i + 1]) &&
        absl::ascii_isxdigit(text[i + 2])) {
      out.append(absl::HexStringToBytes(text.substr(i + 1, 2)));
      i += 2;
    } else {
      out.push_back(text[i]);
    }
  }
  return out;
}

std::optional<std::string> QueryParameter(absl::string_view query, absl::string_view name) {
  for (const absl::string_view pair : absl::StrSplit(query, '&')) {
    const std::pair<absl::string_view, absl::string_view> parts =
        absl::StrSplit(pair, absl::MaxSplits('=', 1));
    if (parts.first == name) return PercentDecode(parts.second);
  }
  return std::nullopt;
}

}  // namespace snapledger::emulator
