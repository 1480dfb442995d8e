#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace snapledger::emulator {

enum class Endpoint { kEvents, kValidate, kLogs, kStats, kQuality, kOther };

std::string_view EndpointName(Endpoint endpoint);
std::optional<Endpoint> EndpointByName(std::string_view name);

// Where a request goes.
struct Route {
  Endpoint endpoint = Endpoint::kOther;
  std::string asset;  // decoded; empty for kOther
  bool app = false;   // quality scores of an app, not of a pixel
};

// The route of a request path (without its query).
Route RouteOf(std::string_view path);

// The one method an endpoint takes.
std::string_view MethodOf(Endpoint endpoint);

// Decodes %41; a plus stays a plus, and a broken escape stays as it is.
std::string PercentDecode(std::string_view text);

// The decoded value of the first parameter of that name in a query string.
std::optional<std::string> QueryParameter(std::string_view query, std::string_view name);

}  // namespace snapledger::emulator
