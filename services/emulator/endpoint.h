#pragma once

#include <optional>
#include <string>

#include "absl/strings/string_view.h"

namespace snapledger::emulator {

enum class Endpoint { kEvents, kValidate, kLogs, kStats, kQuality, kOther };

absl::string_view EndpointName(Endpoint endpoint);
std::optional<Endpoint> EndpointByName(absl::string_view name);

// Where a request goes.
struct Route {
  Endpoint endpoint = Endpoint::kOther;
  std::string asset;  // decoded; empty for kOther
  bool app = false;   // quality scores of an app, not of a pixel
};

// The route of a request path (without its query).
Route RouteOf(absl::string_view path);

// The one method an endpoint takes.
absl::string_view MethodOf(Endpoint endpoint);

// Decodes %41; a plus stays a plus, and a broken escape stays as it is.
std::string PercentDecode(absl::string_view text);

// The decoded value of the first parameter of that name in a query string.
std::optional<std::string> QueryParameter(absl::string_view query, absl::string_view name);

}  // namespace snapledger::emulator
