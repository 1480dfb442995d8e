#include "services/cli/act_flags.h"

#include <iostream>
#include <set>

#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "services/base/status_macros.h"
#include "services/base/text.h"
#include "services/cli/file_text.h"
#include "services/cli/flag_checks.h"
#include "services/cli/state_flag.h"
#include "services/cli/table.h"
#include "services/cli/terminal.h"
#include "services/cli/time_flags.h"

namespace snapledger::cli {
namespace {

// The ids that were given and are not among the events that were acted on.
void PrintLeftOut(const v1::EventSelection& selection, int64_t done) {
  const std::set<std::string> ids(selection.event_ids().begin(), selection.event_ids().end());
  const auto given = static_cast<int64_t>(ids.size());
  if (done >= given) return;
  std::cerr << "snapledger: left out: " << Grouped(given - done) << " of "
            << Counted(given, "given id")
            << ", each unknown or in a state the command leaves alone; events get shows which\n";
}

}  // namespace

void ActFlags::AddTo(CLI::App& command, const std::string& default_states) {
  command.add_option("--destination", destination_, "Snap Pixel ID or Snap App ID")->required();
  command.add_option("--event-id", event_ids_, "only this event [all]")->check(IsNotEmpty());
  command
      .add_option("--ids-file", ids_file_,
                  "only the events of these ids, one a line; - reads standard input [all]")
      ->type_name("FILE")
      ->check(IsNotEmpty());
  AddStateFlag(command, &states_, "only events in these states [" + default_states + "]");
  command.add_option("--event-name", event_names_, "only these, Snap's spelling [all]")
      ->check(IsNotEmpty());
  AddReceivedFlags(command, &since_, &until_);
  command.add_option("--reason", reason_, "why, kept with every event [none]");
  command.add_flag("--dry-run", dry_run_, "only count");
  command.add_flag("-y,--yes", yes_, "do not ask");
  AddOutputFlag(command, &output_);
}

absl::StatusOr<v1::EventSelection> ActFlags::Selection() const {
  v1::EventSelection selection;
  selection.set_destination(destination_);
  for (const std::string& id : event_ids_) selection.add_event_ids(id);
  if (!ids_file_.empty()) SNAPLEDGER_RETURN_IF_ERROR(ReadIdsFile(&selection));
  for (const v1::DeliveryState state : states_) selection.add_states(state);
  for (const std::string& name : event_names_) selection.add_event_names(name);
  if (!since_.empty() || !until_.empty()) {
    SNAPLEDGER_RETURN_IF_ERROR(
        ReadTimeRange(since_, until_, absl::Now(), selection.mutable_received()));
  }
  return selection;
}

absl::Status ActFlags::ReadIdsFile(v1::EventSelection* selection) const {
  SNAPLEDGER_ASSIGN_OR_RETURN(const std::string text, ReadFileText(ids_file_));
  for (const absl::string_view line : absl::StrSplit(text, '\n')) {
    const absl::string_view id = absl::StripSuffix(line, "\r");
    if (!id.empty()) selection->add_event_ids(std::string(id));
  }
  // An empty file means no event; a selection without ids would mean all of them.
  if (selection->event_ids().empty()) {
    return absl::InvalidArgumentError("the file of --ids-file holds no id");
  }
  return absl::OkStatus();
}

int ActFlags::Run(std::string_view deed, const v1::EventSelection& selection,
                  const std::function<absl::StatusOr<int64_t>(bool dry_run)>& call,
                  const std::function<void()>& print) const {
  if (!dry_run_ && !yes_) {
    if (!CanAsk() || ids_file_ == "-") {
      std::cerr << "snapledger: there is no terminal to ask on: give --yes, or --dry-run to count "
                   "only\n";
      return kUsageError;
    }
    const absl::StatusOr<int64_t> counted = call(/*dry_run=*/true);
    if (!counted.ok()) return PrintError(counted.status());
    const bool yes =
        *counted == 0 || Confirm(base::Concat(deed, " ", Counted(*counted, "event"), "?"));
    if (!yes) {
      std::cerr << kNothingChanged;
      return kFailed;
    }
  }
  const absl::StatusOr<int64_t> done = call(dry_run_);
  if (!done.ok()) return PrintError(done.status());
  print();
  PrintLeftOut(selection, *done);
  return kDone;
}

}  // namespace snapledger::cli
