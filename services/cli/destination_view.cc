#include "services/cli/destination_view.h"

#include <google/protobuf/util/time_util.h>

#include <iostream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "services/cli/json_output.h"
#include "services/cli/table.h"

namespace snapledger::cli {
namespace {

constexpr int64_t kSecondsPerDay = 86400;

std::string EventAges(const v1::DestinationSettings& settings) {
  std::vector<std::string> ages;
  for (const v1::MaxEventAge& age : settings.max_event_ages()) {
    ages.push_back(
        absl::StrCat(ShortName(v1::ActionSource_Name(age.action_source()), "ACTION_SOURCE_"), "=",
                     DurationText(age.max_age())));
  }
  return absl::StrJoin(ages, " ");
}

void AddSettings(const v1::DestinationSettings& settings, Table* table) {
  table->AddRow({"max requests per second", absl::StrCat(settings.max_requests_per_second())});
  table->AddRow({"max events per request", absl::StrCat(settings.max_events_per_request())});
  table->AddRow({"max in-flight requests", absl::StrCat(settings.max_in_flight_requests())});
  const std::string& region = settings.default_phone_region();
  table->AddRow({"default phone region", region.empty() ? "none" : region});
  table->AddRow({"oldest event", EventAges(settings)});
  table->AddRow({"dedup window", DurationText(settings.dedup_window())});
  table->AddRow({"purchase dedup window", DurationText(settings.purchase_dedup_window())});
  table->AddRow({"limited-data literal", settings.limited_data_literal()});
  table->AddRow({"unspecified consent",
                 ShortName(v1::Consent_Name(settings.unspecified_consent()), "CONSENT_")});
  table->AddRow({"test event code", settings.test_mode() ? settings.test_event_code() : "none"});
  table->AddRow({"request timeout", DurationText(settings.request_timeout())});
  table->AddRow({"gzip requests", settings.gzip_requests() ? "yes" : "no"});
  table->AddRow({"lanes", absl::StrCat(settings.lane_count())});
}

std::string TokenText(const v1::DestinationToken& token) {
  return absl::StrCat("made ", TimeText(token.has_create_time(), token.create_time().seconds()),
                      ", last success ",
                      TimeText(token.has_last_success_time(), token.last_success_time().seconds()),
                      ", last failure ",
                      TimeText(token.has_last_failure_time(), token.last_failure_time().seconds()));
}

}  // namespace

std::string KindName(v1::DestinationKind kind) {
  return ShortName(v1::DestinationKind_Name(kind), "DESTINATION_KIND_");
}

std::string PausedText(bool paused, const std::string& reason) {
  if (!paused) return "no";
  return reason.empty() ? "yes" : "yes: " + reason;
}

std::string DurationText(const google::protobuf::Duration& duration) {
  const bool whole_days =
      duration.nanos() == 0 && duration.seconds() > 0 && duration.seconds() % kSecondsPerDay == 0;
  if (whole_days) return absl::StrCat(duration.seconds() / kSecondsPerDay, "d");
  return absl::FormatDuration(
      absl::Nanoseconds(google::protobuf::util::TimeUtil::DurationToNanoseconds(duration)));
}

void PrintDestination(const v1::Destination& destination, OutputForm output) {
  if (output == OutputForm::kJson) {
    std::cout << JsonOf(destination, /*indented=*/true);
    return;
  }
  Table table({{"DESTINATION"}, {destination.destination_id()}});
  table.AddRow({"kind", KindName(destination.kind())});
  if (!destination.display_name().empty()) table.AddRow({"name", destination.display_name()});
  table.AddRow({"paused", PausedText(destination.paused(), destination.paused_reason())});
  AddSettings(destination.settings(), &table);
  for (const v1::DestinationToken& token : destination.tokens()) {
    table.AddRow({absl::StrCat("token ", token.token_id()), TokenText(token)});
  }
  table.AddRow({"made", TimeText(true, destination.create_time().seconds())});
  table.AddRow({"changed", TimeText(true, destination.update_time().seconds())});
  std::cout << table.Render() << std::flush;
}

}  // namespace snapledger::cli
