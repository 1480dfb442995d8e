#include "services/matchrate/coverage_reader.h"

#include <algorithm>
#include <string_view>
#include <tuple>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "services/base/error_details.h"
#include "services/base/status_macros.h"
#include "services/base/text.h"

namespace snapledger::matchrate {
namespace {

using storage::CoverageGrain;
using storage::CoveragePeriod;
using storage::RollupKey;

bool Wanted(const std::vector<std::string>& wanted, std::string_view text) {
  return wanted.empty() || std::find(wanted.begin(), wanted.end(), text) != wanted.end();
}

// Adds counts up by group. The text of a label, and the group of a name, source and action source,
// are found once a period or less, not once a count.
class GroupSums {
 public:
  GroupSums(const CoverageSelection& selection, labels::LabelCache& labels)
      : selection_(selection), labels_(labels) {}

  absl::Status Add(const CoveragePeriod& period) {
    const bool by_period = selection_.by_hour || selection_.by_day;
    period_start_ = by_period ? period.start : absl::InfinitePast();
    found_.clear();
    const RollupKey* last = nullptr;
    CoverageCounts* sums = nullptr;
    for (const auto& [key, count] : period.counts) {
      // Most counts follow one of the same group.
      if (last == nullptr || key.name_label != last->name_label ||
          key.source_label != last->source_label || key.action_source != last->action_source) {
        SNAPLEDGER_ASSIGN_OR_RETURN(sums, SumsOf(key));
      }
      last = &key;
      if (sums != nullptr) sums->Add(key.supplied, key.usable, count);
    }
    if (groups_.size() <= kCoverageGroupsMax) return absl::OkStatus();
    return base::InvalidFieldError(
        "group_by", base::Concat("the answer would have more than ", kCoverageGroupsMax,
                                 " rows; ask for a shorter time or group by less"));
  }

  CoverageGroups Finish() && { return std::move(groups_); }

 private:
  struct Label {
    std::string text;
    bool wanted = false;
  };
  using Labels = absl::flat_hash_map<int32_t, Label>;

  // Null where the selection leaves the group out.
  absl::StatusOr<CoverageCounts*> SumsOf(const RollupKey& key) {
    const auto [found, is_new] =
        found_.try_emplace({key.name_label, key.source_label, key.action_source});
    if (!is_new) return found->second;
    SNAPLEDGER_ASSIGN_OR_RETURN(const Label* name,
                                LabelOf(key.name_label, selection_.event_names, &names_));
    SNAPLEDGER_ASSIGN_OR_RETURN(const Label* source,
                                LabelOf(key.source_label, selection_.sources, &sources_));
    if (!name->wanted || !source->wanted) return nullptr;
    CoverageGroup group{.action_source = selection_.by_action_source ? key.action_source : 0,
                        .period_start = period_start_};
    if (selection_.by_event_name) group.event_name = name->text;
    if (selection_.by_source) group.source = source->text;
    return found->second = &groups_[std::move(group)];
  }

  absl::StatusOr<const Label*> LabelOf(int32_t number, const std::vector<std::string>& wanted,
                                       Labels* labels) {
    const auto found = labels->find(number);
    if (found != labels->end()) return &found->second;
    SNAPLEDGER_ASSIGN_OR_RETURN(std::string text, labels_.Text(number));
    const bool is_wanted = Wanted(wanted, text);
    return &labels->emplace(number, Label{std::move(text), is_wanted}).first->second;
  }

  const CoverageSelection& selection_;
  labels::LabelCache& labels_;
  Labels names_, sources_;
  absl::Time period_start_;
  // The groups of the period so far; null for those left out.
  absl::flat_hash_map<std::tuple<int32_t, int32_t, int16_t>, CoverageCounts*> found_;
  CoverageGroups groups_;
};

}  // namespace

absl::StatusOr<CoverageGroups> CoverageReader::Read(const std::vector<int32_t>& shards,
                                                    const CoverageSelection& selection) {
  const storage::CoverageQuery query = {
      .stage = selection.stage,
      .grain = selection.by_hour ? CoverageGrain::kHour : CoverageGrain::kDay,
      .start_time = selection.start_time,
      .end_time = selection.end_time};
  GroupSums sums(selection, labels_);
  for (const int32_t shard : shards) {
    SNAPLEDGER_ASSIGN_OR_RETURN(const std::vector<CoveragePeriod> periods,
                                selection.recount ? deliveries_.RecountCoverage(shard, query)
                                                  : deliveries_.Coverage(shard, query));
    for (const CoveragePeriod& period : periods) SNAPLEDGER_RETURN_IF_ERROR(sums.Add(period));
  }
  return std::move(sums).Finish();
}

absl::StatusOr<CoverageCounts> CoverageReader::ReadTotal(const std::vector<int32_t>& shards,
                                                         const CoverageSelection& selection) {
  CoverageSelection whole = selection;
  whole.by_event_name = whole.by_source = whole.by_action_source = false;
  whole.by_hour = whole.by_day = false;
  SNAPLEDGER_ASSIGN_OR_RETURN(CoverageGroups groups, Read(shards, whole));
  return groups.empty() ? CoverageCounts{} : std::move(groups.begin()->second);
}

}  // namespace snapledger::matchrate
