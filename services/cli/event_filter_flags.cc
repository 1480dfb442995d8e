#include "services/cli/event_filter_flags.h"

#include <map>

#include "absl/strings/ascii.h"
#include "services/base/status_macros.h"
#include "services/cli/file_text.h"
#include "services/cli/flag_checks.h"
#include "services/cli/state_flag.h"
#include "services/cli/time_flags.h"

namespace snapledger::cli {
namespace {

const std::map<std::string, v1::IdentifierKind>& PersonKinds() {
  static const auto* const kinds = new std::map<std::string, v1::IdentifierKind>{
      {"email", v1::IDENTIFIER_KIND_EMAIL},
      {"phone", v1::IDENTIFIER_KIND_PHONE},
      {"external-id", v1::IDENTIFIER_KIND_EXTERNAL_ID},
      {"mobile-ad-id", v1::IDENTIFIER_KIND_MOBILE_AD_ID},
      {"click-id", v1::IDENTIFIER_KIND_CLICK_ID},
      {"cookie1", v1::IDENTIFIER_KIND_COOKIE1}};
  return *kinds;
}

}  // namespace

void EventFilterFlags::AddTo(CLI::App& command) {
  command.add_option("--destination", destination_, "Snap Pixel ID or Snap App ID")->required();
  AddStateFlag(command, &states_, "only in these states [all]");
  command.add_option("--event-name", event_names_, "only these, Snap's spelling [all]")
      ->check(IsNotEmpty());
  command.add_option("--source", sources_, "only from these sources [all]")->check(IsNotEmpty());
  command.add_option("--order-id", order_id_, "only with this order id [any]")->check(IsNotEmpty());
  command
      .add_option(
          "--person", person_,
          "only of the person whose email, phone, external-id, mobile-ad-id, click-id or "
          "cookie1 stands in FILE, - for standard input; so it is in no shell history [anybody]")
      ->type_name("KIND=FILE")
      ->check(IsNotEmpty());
  command.add_flag("--hashed", hashed_, "FILE holds the SHA-256 of the normalised value");
  AddReceivedFlags(command, &since_, &until_);
}

absl::Status EventFilterFlags::Apply(absl::Time now, v1::ListEventsRequest* request) const {
  request->set_destination(destination_);
  for (const v1::DeliveryState state : states_) request->add_states(state);
  for (const std::string& name : event_names_) request->add_event_names(name);
  for (const std::string& source : sources_) request->add_sources(source);
  request->set_order_id(order_id_);
  SNAPLEDGER_RETURN_IF_ERROR(ReadTimeRange(since_, until_, now, request->mutable_received()));
  return ApplyPerson(request);
}

absl::Status EventFilterFlags::ApplyPerson(v1::ListEventsRequest* request) const {
  if (person_.empty()) {
    if (!hashed_) return absl::OkStatus();
    return absl::InvalidArgumentError("--hashed says how --person is given; it is missing");
  }
  const size_t equals = person_.find('=');
  const auto kind = PersonKinds().find(person_.substr(0, equals));
  if (equals == std::string::npos || kind == PersonKinds().end()) {
    return absl::InvalidArgumentError(
        "--person is KIND=FILE; KIND is email, phone, external-id, mobile-ad-id, click-id or "
        "cookie1, and FILE holds the value");
  }
  SNAPLEDGER_ASSIGN_OR_RETURN(std::string value, ReadFileText(person_.substr(equals + 1)));
  absl::StripAsciiWhitespace(&value);
  request->set_identifier_kind(kind->second);
  if (hashed_) {
    request->mutable_identifier()->set_sha256(value);
  } else {
    request->mutable_identifier()->set_raw(value);
  }
  return absl::OkStatus();
}

}  // namespace snapledger::cli
