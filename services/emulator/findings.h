#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace snapledger::emulator {

// Why an event is refused. Only kNoIdentity has a code that was seen from Snap (507); the others
// are placeholders made up here.
enum class ErrorCode {
  kNoIdentity,
  kMissing,
  kMalformed,
  kPurchase,
  kTime,
  kNotHashed,
  kAddress,
  kAppData,
  kInjected,
};

// The code as it stands in an answer.
absl::string_view CodeText(ErrorCode code);

struct ErrorFinding {
  ErrorCode code;
  std::string message;
};

// What is wrong with one event. Warnings leave it valid.
struct Findings {
  std::vector<ErrorFinding> errors;
  std::vector<std::string> warnings;

  bool valid() const { return errors.empty(); }
  void Error(ErrorCode code, std::string message) { errors.push_back({code, std::move(message)}); }
  void Warn(std::string message) { warnings.push_back(std::move(message)); }
};

// The way Snap names a field in the one message that was recorded: Param data['em'].
std::string Param(absl::string_view field);
std::string Param(absl::string_view object, absl::string_view field);

}  // namespace snapledger::emulator
