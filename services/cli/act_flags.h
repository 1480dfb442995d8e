#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "services/cli/command.h"
#include "snapledger/v1/admin_service.pb.h"

namespace snapledger::cli {

// The flags of a command that does something to events of a destination: which events, why, and
// whether it asks first.
class ActFlags {
 public:
  // `default_states`: what a selection without --state means, for the help. This must outlive the
  // parse.
  void AddTo(CLI::App& command, const std::string& default_states);

  // INVALID_ARGUMENT where a flag cannot be read, NOT_FOUND where the file of ids cannot.
  absl::StatusOr<v1::EventSelection> Selection() const;
  const std::string& reason() const { return reason_; }
  OutputForm output() const { return output_; }

  // Carries the act out: `call(dry_run)` makes the call and gives the number of events it acts on,
  // in a dry run of those it would. Without --yes and --dry-run it counts first and asks on the
  // terminal; where there is none that is a usage error. `deed` completes "… N events?", e.g.
  // "Redrive". `print` shows the last answer; then it is said how many of the selection's ids were
  // left out. Returns the exit code.
  int Run(std::string_view deed, const v1::EventSelection& selection,
          const std::function<absl::StatusOr<int64_t>(bool dry_run)>& call,
          const std::function<void()>& print) const;

 private:
  absl::Status ReadIdsFile(v1::EventSelection* selection) const;

  std::string destination_, ids_file_, since_, until_, reason_;
  std::vector<std::string> event_ids_, event_names_;
  std::vector<v1::DeliveryState> states_;
  bool dry_run_ = false, yes_ = false;
  OutputForm output_ = OutputForm::kTable;
};

}  // namespace snapledger::cli
