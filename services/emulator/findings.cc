#include "services/emulator/findings.h"

#include "absl/strings/str_cat.h"

namespace snapledger::emulator {

absl::string_view CodeText(ErrorCode code) {
  switch (code) {
    case ErrorCode::kNoIdentity:
      return "507";
    case ErrorCode::kMissing:
      return "9001";
    case ErrorCode::kMalformed:
      return "9002";
    case ErrorCode::kPurchase:
      return "9003";
    case ErrorCode::kTime:
      return "9004";
    case ErrorCode::kNotHashed:
      return "9005";
    case ErrorCode::kAddress:
      return "9006";
    case ErrorCode::kAppData:
      return "9007";
    case ErrorCode::kInjected:
      return "9008";
  }
  return "";
}

std::string Param(absl::string_view field) { return absl::StrCat("Param data['", field, "']"); }

std::string Param(absl::string_view object, absl::string_view field) {
  return absl::StrCat("Param data['", object, "']['", field, "']");
}

}  // namespace snapledger::emulator
