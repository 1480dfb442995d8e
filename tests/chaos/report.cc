#include "tests/chaos/report.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "services/cli/table.h"

namespace snapledger::chaos {

std::string FaultTable(const std::vector<FaultKind>& kinds,
                       const std::map<std::string, Campaign::Tally>& tallies) {
  using Align = cli::Table::Align;
  cli::Table table({{"fault", Align::kLeft},
                    {"times", Align::kRight},
                    {"recovered", Align::kRight},
                    {"longest recovery", Align::kRight},
                    {"did not strike", Align::kRight}});
  Campaign::Tally sum;
  std::string not_run;
  for (const FaultKind& kind : kinds) {
    if (!kind.why_not.empty())
      absl::StrAppend(&not_run, kind.name, " not run: ", kind.why_not, "\n");
    const auto found = tallies.find(kind.name);
    if (found == tallies.end()) continue;
    const Campaign::Tally& tally = found->second;
    table.AddRow({kind.name, absl::StrCat(tally.inflicted), absl::StrCat(tally.recovered),
                  absl::StrFormat("%.1f s", absl::ToDoubleSeconds(tally.recovery_max)),
                  absl::StrCat(tally.missed)});
    sum.inflicted += tally.inflicted;
    sum.recovered += tally.recovered;
    sum.missed += tally.missed;
    sum.recovery_max = std::max(sum.recovery_max, tally.recovery_max);
  }
  table.AddRow({absl::StrCat(KindCount(tallies), " kinds"), absl::StrCat(sum.inflicted),
                absl::StrCat(sum.recovered),
                absl::StrFormat("%.1f s", absl::ToDoubleSeconds(sum.recovery_max)),
                absl::StrCat(sum.missed)});
  return table.Render() + not_run;
}

int KindCount(const std::map<std::string, Campaign::Tally>& tallies) {
  int count = 0;
  for (const auto& [name, tally] : tallies) count += tally.inflicted > 0 ? 1 : 0;
  return count;
}

}  // namespace snapledger::chaos
