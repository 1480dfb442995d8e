#include "services/cli/flag_checks.h"

#include <cstdint>
#include <string>

#include "absl/strings/numbers.h"

namespace snapledger::cli {
namespace {

constexpr int64_t kLimitMax = 1'000'000'000;

}  // namespace

// Without a description: it would become part of the flag's placeholder.
CLI::Validator IsLimit() {
  const auto check = [](const std::string& given) -> std::string {
    int64_t limit = 0;
    if (absl::SimpleAtoi(given, &limit) && limit >= 0 && limit <= kLimitMax) return "";
    return "must be a whole number from 0 to " + std::to_string(kLimitMax) + "; 0 lists all";
  };
  return {check, /*validator_desc=*/""};
}

CLI::Validator IsNotEmpty() {
  const auto check = [](const std::string& given) -> std::string {
    return given.empty() ? "must not be empty; leave the flag out to select all" : "";
  };
  return {check, /*validator_desc=*/""};
}

}  // namespace snapledger::cli
