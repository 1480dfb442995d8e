#include "services/matchrate/value_concentrations.h"

#include <algorithm>
#include <map>

#include "services/base/status_macros.h"
#include "services/matchrate/utc_period.h"
#include "services/matchrate/value_sketch.h"
#include "services/query/proto_time.h"

namespace snapledger::matchrate {
namespace {

// One kind over the days.
struct Whole {
  ValueSketch sketch;
  absl::Time first_day = absl::InfiniteFuture(), last_day = absl::InfinitePast();
};

void ToProto(int16_t kind, const Whole& whole, absl::Time counted_through,
             v1::ValueConcentration* told) {
  const ValueFigures figures = whole.sketch.Figures();
  const auto events = static_cast<double>(std::max<int64_t>(figures.events, 1));
  told->set_kind(static_cast<v1::IdentifierKind>(kind));
  *told->mutable_days()->mutable_start_time() = query::TimeToProto(whole.first_day);
  *told->mutable_days()->mutable_end_time() = query::TimeToProto(whole.last_day + kDay);
  if (counted_through != absl::InfinitePast()) {
    *told->mutable_counted_through() = query::TimeToProto(counted_through);
  }
  told->set_events(figures.events);
  told->set_values(figures.values);
  told->set_top_share_lower(static_cast<double>(figures.top_events_min) / events);
  told->set_top_share_upper(static_cast<double>(figures.top_events_max) / events);
  told->set_effective_values(figures.effective_values);
  told->set_effective_values_error(figures.effective_values_error);
  told->set_orders_of_one_value(figures.orders);
  told->set_orders_of_one_value_error(figures.orders_error);
  told->set_exact(figures.exact);
}

}  // namespace

absl::Status ValueConcentrations::Fill(const std::vector<int32_t>& shards,
                                       std::optional<absl::Time> start,
                                       std::optional<absl::Time> end,
                                       v1::GetMatchRatesResponse* response) {
  // A day that the range touches counts as a whole.
  const absl::Time first = StartOf(start.value_or(absl::InfinitePast()), kDay);
  const absl::Time last = end.value_or(absl::InfiniteFuture());
  std::map<int16_t, Whole> kinds;
  absl::Time counted_through = absl::InfiniteFuture();
  for (const int32_t shard : shards) {
    SNAPLEDGER_ASSIGN_OR_RETURN(const storage::StoredValueSketches stored,
                                store_.Read(shard, first, last));
    counted_through = std::min(counted_through, stored.counted.received_time);
    for (const storage::ValueSketchRow& row : stored.rows) {
      SNAPLEDGER_ASSIGN_OR_RETURN(const ValueSketch sketch, ValueSketch::FromBytes(row.sketch));
      Whole& whole = kinds[row.kind];
      whole.sketch.Merge(sketch);
      whole.first_day = std::min(whole.first_day, row.day);
      whole.last_day = std::max(whole.last_day, row.day);
    }
  }
  for (const auto& [kind, whole] : kinds) {
    ToProto(kind, whole, counted_through, response->add_value_concentrations());
  }
  return absl::OkStatus();
}

}  // namespace snapledger::matchrate
