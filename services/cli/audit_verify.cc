#include <iostream>
#include <memory>

#include "services/cli/command.h"
#include "services/cli/json_output.h"
#include "services/cli/table.h"

namespace snapledger::cli {
namespace {

constexpr char kFooter[] = R"(
Walks the chain of hashes from the first entry to the last. Exits 1 where an entry was changed, left
out, put in or moved, and names the number of the first that does not hold.

Example:
  snapledger audit verify --insecure)";

void PrintText(const v1::VerifyAuditLogResponse& answer) {
  if (!answer.intact()) {
    std::cerr << "snapledger: the audit log is broken at entry " << answer.first_broken_sequence()
              << "; the " << Grouped(answer.entries_checked()) << " before it hold\n";
    return;
  }
  const int64_t entries = answer.entries_checked();
  std::cout << "intact: " << Grouped(entries) << (entries == 1 ? " entry" : " entries")
            << ", the last at "
            << TimeText(answer.has_last_checkpoint_time(), answer.last_checkpoint_time().seconds())
            << std::endl;
}

int Run(OutputForm output, ApiClient& client) {
  v1::VerifyAuditLogResponse answer;
  const absl::Status status = client.Call(v1::VerifyAuditLogRequest(), &answer);
  if (!status.ok()) return PrintError(status);
  if (output == OutputForm::kJson) {
    std::cout << JsonOf(answer, /*indented=*/true) << std::flush;
  } else {
    PrintText(answer);
  }
  return answer.intact() ? kDone : kFailed;
}

}  // namespace

void AddAuditVerify(CLI::App& parent, const CommandContext& context) {
  CLI::App* const command = parent.add_subcommand("verify", "Check that nothing in it was changed");
  const auto output = std::make_shared<OutputForm>(OutputForm::kTable);
  AddOutputFlag(*command, output.get());
  command->footer(kFooter);
  SetClientBody(*command, context, [output](ApiClient& client) { return Run(*output, client); });
}

}  // namespace snapledger::cli
