#include "services/cli/verdict_view.h"

#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <iostream>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "services/base/error_details.h"
#include "services/cli/json_output.h"
#include "services/cli/table.h"

namespace snapledger::cli {
namespace {

constexpr size_t kOutcomeWidth = 10;
constexpr char kFailedOutcome[] = "FAILED";

std::string FindingText(const v1::Violation& violation) {
  return absl::StrCat(violation.field(), " ",
                      ShortName(v1::Reason_Name(violation.reason()), "REASON_"), ": ",
                      violation.description());
}

std::string Line(int64_t line, const std::string& outcome, const std::string& event_id,
                 const Display& display) {
  std::string text = absl::StrFormat("%7d  %s", line, ColouredState(outcome, display));
  if (event_id.empty()) return text;
  const std::string padding(outcome.size() < kOutcomeWidth ? kOutcomeWidth - outcome.size() : 0,
                            ' ');
  return absl::StrCat(text, padding, "  ", Printable(event_id));
}

std::string FailureJson(int64_t line, const std::string& event_id, const absl::Status& status) {
  rapidjson::StringBuffer buffer;
  rapidjson::Writer<rapidjson::StringBuffer> writer(buffer);
  writer.StartObject();
  writer.Key("line");
  writer.Int64(line);
  writer.Key("eventId");
  writer.String(event_id.c_str());
  writer.Key("error");
  writer.String(absl::StatusCodeToString(status.code()).c_str());
  const base::ErrorDetails details = base::GetErrorDetails(status);
  if (details.reason) {
    writer.Key("reason");
    writer.String(std::string(base::ErrorReasonName(*details.reason)).c_str());
  }
  writer.Key("message");
  writer.String(std::string(status.message()).c_str());
  writer.EndObject();
  return buffer.GetString();
}

}  // namespace

void VerdictPrinter::Print(int64_t line, const v1::EventVerdict& verdict) {
  const std::string outcome = ShortName(v1::Outcome_Name(verdict.outcome()), "OUTCOME_");
  ++counts_[outcome];
  if (output_ == OutputForm::kJson) {
    std::cout << "{\"line\":" << line << ",\"verdict\":" << JsonOf(verdict, /*indented=*/false)
              << "}\n";
    return;
  }
  std::cout << Line(line, outcome, verdict.event_id(), display_) << '\n';
  for (const v1::Violation& violation : verdict.violations()) {
    std::cout << "           " << FindingText(violation) << '\n';
  }
  for (const v1::Violation& warning : verdict.warnings()) {
    std::cout << "           warning: " << FindingText(warning) << '\n';
  }
}

void VerdictPrinter::PrintFailure(int64_t line, const std::string& event_id,
                                  const absl::Status& status) {
  ++counts_[kFailedOutcome];
  if (output_ == OutputForm::kJson) {
    std::cout << FailureJson(line, event_id, status) << '\n';
    return;
  }
  std::cout << Line(line, kFailedOutcome, event_id, display_) << '\n'
            << "           " << absl::StatusCodeToString(status.code()) << ": " << status.message()
            << '\n';
}

std::string VerdictPrinter::Summary() const {
  std::string summary = Counted(count(), "event");
  const char* separator = ": ";
  for (const auto& [outcome, count] : counts_) {
    absl::StrAppend(&summary, separator, Grouped(count), " ", absl::AsciiStrToLower(outcome));
    separator = ", ";
  }
  return summary;
}

int64_t VerdictPrinter::count() const {
  int64_t sum = 0;
  for (const auto& [outcome, count] : counts_) sum += count;
  return sum;
}

bool VerdictPrinter::all_well() const {
  for (const char* const bad : {"REJECTED", "CONFLICT", kFailedOutcome}) {
    if (counts_.contains(bad)) return false;
  }
  return true;
}

}  // namespace snapledger::cli
