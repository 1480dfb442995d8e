#include <iostream>
#include <memory>
#include <string>

#include "absl/time/clock.h"
#include "services/cli/command.h"
#include "services/cli/flag_checks.h"
#include "services/cli/json_output.h"
#include "services/cli/page_follower.h"
#include "services/cli/table.h"
#include "services/cli/time_flags.h"

namespace snapledger::cli {
namespace {

constexpr int64_t kLimitDefault = 50;
constexpr char kFooter[] = R"(
Acts of administration, and what the service did to a destination by itself, newest first. With
-o json each entry has its hash and that of the entry before.

Examples:
  snapledger audit list --since 7d --insecure
  snapledger audit list --action CancelEvents -o json --insecure)";

struct Options {
  std::string since, until, actor, action;
  int64_t limit = kLimitDefault;
  OutputForm output = OutputForm::kTable;
};

Table EntryTable(const google::protobuf::RepeatedPtrField<v1::AuditEntry>& entries) {
  Table table(
      {{"NUMBER", Table::Align::kRight}, {"TIME"}, {"ACTOR"}, {"ACTION"}, {"TARGET"}, {"DETAIL"}});
  for (const v1::AuditEntry& entry : entries) {
    table.AddRow({std::to_string(entry.sequence()), TimeText(true, entry.time().seconds()),
                  Printable(entry.actor()), Printable(entry.action()), Printable(entry.target()),
                  Printable(entry.detail_json())});
  }
  return table;
}

int Run(const Options& options, ApiClient& client) {
  v1::ListAuditEntriesRequest request;
  request.set_actor(options.actor);
  request.set_action(options.action);
  const absl::Status read =
      ReadTimeRange(options.since, options.until, absl::Now(), request.mutable_range());
  if (!read.ok()) {
    PrintError(read);
    return kUsageError;
  }
  return PrintList<v1::ListAuditEntriesRequest, v1::ListAuditEntriesResponse, v1::AuditEntry>(
      client, request, options.limit, options.output,
      &v1::ListAuditEntriesResponse::mutable_entries, EntryTable, "no entries that match");
}

}  // namespace

void AddAuditList(CLI::App& parent, const CommandContext& context) {
  CLI::App* const command = parent.add_subcommand("list", "List acts of administration");
  const auto options = std::make_shared<Options>();
  command
      ->add_option("--since", options->since,
                   "from here on: a time such as 2026-11-23T00:00:00Z or an age such as 7d [the "
                   "beginning]")
      ->check(IsNotEmpty());
  command->add_option("--until", options->until, "before here, likewise [now]")
      ->check(IsNotEmpty());
  command->add_option("--actor", options->actor, "only acts of this one [all]")
      ->check(IsNotEmpty());
  command->add_option("--action", options->action, "only this one, e.g. PauseDestination [all]")
      ->check(IsNotEmpty());
  command->add_option("--limit", options->limit, "at most so many; 0: all [50]")->check(IsLimit());
  AddOutputFlag(*command, &options->output);
  command->footer(kFooter);
  SetClientBody(*command, context, [options](ApiClient& client) { return Run(*options, client); });
}

}  // namespace snapledger::cli
