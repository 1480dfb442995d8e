#include "services/matchrate/coverage.h"

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "services/base/error_details.h"
#include "services/base/status_macros.h"
#include "services/matchrate/coverage_rows.h"

namespace snapledger::matchrate {
namespace {

using Groups = std::map<CoverageGroup, CoverageCounts>;

absl::Time ToTime(const google::protobuf::Timestamp& timestamp) {
  return absl::FromUnixSeconds(timestamp.seconds()) + absl::Nanoseconds(timestamp.nanos());
}

void SetTime(absl::Time time, google::protobuf::Timestamp* timestamp) {
  timestamp->set_seconds(absl::ToUnixSeconds(time));
  timestamp->set_nanos(static_cast<int32_t>(
      absl::ToInt64Nanoseconds(time - absl::FromUnixSeconds(absl::ToUnixSeconds(time)))));
}

absl::Status CheckRequest(const v1::GetMatchRatesRequest& request) {
  for (int i = 0; i < request.measures_size(); ++i) {
    if (request.measures(i) == v1::MEASURE_COVERAGE) continue;
    if (request.measures(i) == v1::MEASURE_OBSERVED ||
        request.measures(i) == v1::MEASURE_ESTIMATED) {
      return absl::UnimplementedError("only MEASURE_COVERAGE is served yet");
    }
    return base::InvalidFieldError(absl::StrCat("measures[", i, "]"), "an unknown measure");
  }
  for (int i = 0; i < request.group_by_size(); ++i) {
    if (request.group_by(i) < v1::GROUPING_EVENT_NAME || request.group_by(i) > v1::GROUPING_DAY) {
      return base::InvalidFieldError(absl::StrCat("group_by[", i, "]"), "an unknown grouping");
    }
  }
  if (request.denominator_kind() == v1::DENOMINATOR_KIND_REPORTED) {
    return base::InvalidFieldError("denominator_kind",
                                   "coverage is of recorded or delivered events");
  }
  const v1::TimeRange& received = request.received();
  if (received.has_start_time() && received.has_end_time() &&
      ToTime(received.start_time()) >= ToTime(received.end_time())) {
    return base::InvalidFieldError("received", "the end must be after the start");
  }
  return absl::OkStatus();
}

storage::CoverageQuery QueryOf(const v1::GetMatchRatesRequest& request) {
  storage::CoverageQuery query;
  query.stage = request.denominator_kind() == v1::DENOMINATOR_KIND_DELIVERED
                    ? storage::CoverageStage::kDelivered
                    : storage::CoverageStage::kRecorded;
  if (request.received().has_start_time()) {
    query.start_time = ToTime(request.received().start_time());
  }
  if (request.received().has_end_time()) query.end_time = ToTime(request.received().end_time());
  return query;
}

bool Wanted(const google::protobuf::RepeatedPtrField<std::string>& wanted,
            const std::string& text) {
  return wanted.empty() || std::find(wanted.begin(), wanted.end(), text) != wanted.end();
}

CoverageGroup GroupOf(const v1::GetMatchRatesRequest& request, absl::Time hour,
                      const storage::RollupKey& key, const std::string& event_name,
                      const std::string& source) {
  CoverageGroup group;
  for (const int grouping : request.group_by()) {
    switch (grouping) {
      case v1::GROUPING_EVENT_NAME:
        group.event_name = event_name;
        break;
      case v1::GROUPING_SOURCE:
        group.source = source;
        break;
      case v1::GROUPING_ACTION_SOURCE:
        group.action_source = key.action_source;
        break;
      case v1::GROUPING_HOUR:
        group.period_start = hour;
        break;
      case v1::GROUPING_DAY:
        // An hour given beside a day is the finer of the two and stays.
        if (group.period_start == absl::InfinitePast()) {
          group.period_start = absl::FromUnixSeconds(absl::ToUnixSeconds(hour) / 86400 * 86400);
        }
        break;
      default:
        break;
    }
  }
  return group;
}

// What every figure of one answer has in common.
struct Frame {
  v1::DenominatorKind denominator_kind = v1::DENOMINATOR_KIND_RECORDED;
  absl::Time as_of;
};

void SetShare(int64_t numerator, int64_t denominator, const Frame& frame,
              v1::MeasuredValue* value) {
  const double share =
      denominator == 0 ? 0 : static_cast<double>(numerator) / static_cast<double>(denominator);
  value->set_value(share);
  value->set_lower(share);
  value->set_upper(share);
  value->set_method("census");
  value->set_numerator(numerator);
  value->set_denominator(denominator);
  value->set_denominator_kind(frame.denominator_kind);
  SetTime(frame.as_of, value->mutable_as_of());
  SetTime(frame.as_of, value->mutable_data_through());
  value->set_status(v1::MEASURE_STATUS_EXACT);
}

int64_t CountOf(const std::map<int, int64_t>& counts, int kind) {
  const auto found = counts.find(kind);
  return found == counts.end() ? 0 : found->second;
}

void FillSets(const CoverageCounts& counts, const Frame& frame, v1::MatchRateRow* row) {
  std::vector<std::pair<uint16_t, int64_t>> sets(counts.usable_sets.begin(),
                                                 counts.usable_sets.end());
  std::stable_sort(sets.begin(), sets.end(),
                   [](const auto& a, const auto& b) { return a.second > b.second; });
  for (const auto& [mask, count] : sets) {
    v1::IdentifierSetRate* set = row->add_sets();
    for (int kind = v1::IDENTIFIER_KIND_EMAIL; kind <= v1::IDENTIFIER_KIND_IDFV; ++kind) {
      if ((mask & (1U << (kind - 1))) != 0) {
        set->add_kinds(static_cast<v1::IdentifierKind>(kind));
      }
    }
    SetShare(count, counts.events, frame, set->mutable_share());
  }
}

void FillRow(const CoverageGroup& group, const CoverageCounts& counts, const Frame& frame,
             v1::MatchRateRow* row) {
  row->set_event_name(group.event_name);
  row->set_source(group.source);
  row->set_action_source(static_cast<v1::ActionSource>(group.action_source));
  if (group.period_start != absl::InfinitePast()) {
    SetTime(group.period_start, row->mutable_period_start());
  }
  row->set_eligible(counts.events);
  for (int kind = v1::IDENTIFIER_KIND_EMAIL; kind <= v1::IDENTIFIER_KIND_IDFV; ++kind) {
    v1::IdentifierRate* rate = row->add_identifiers();
    rate->set_kind(static_cast<v1::IdentifierKind>(kind));
    SetShare(CountOf(counts.supplied, kind), counts.events, frame, rate->mutable_supplied());
    SetShare(CountOf(counts.usable, kind), counts.events, frame, rate->mutable_usable());
  }
  FillSets(counts, frame, row);
}

}  // namespace

absl::Status Coverage::GetMatchRates(const v1::GetMatchRatesRequest& request, bool recount,
                                     v1::GetMatchRatesResponse* response) {
  SNAPLEDGER_RETURN_IF_ERROR(CheckRequest(request));
  SNAPLEDGER_ASSIGN_OR_RETURN(const destinations::DestinationPtr destination,
                              directory_.Find(request.destination()));
  const storage::CoverageQuery query = QueryOf(request);
  const Frame frame = {.denominator_kind = query.stage == storage::CoverageStage::kDelivered
                                               ? v1::DENOMINATOR_KIND_DELIVERED
                                               : v1::DENOMINATOR_KIND_RECORDED,
                       .as_of = clock_.Now()};
  Groups groups;
  for (const int32_t shard : destination->stored.shards) {
    SNAPLEDGER_ASSIGN_OR_RETURN(
        const std::vector<storage::HourCoverage> hours,
        recount ? deliveries_.RecountCoverage(shard, query) : deliveries_.Coverage(shard, query));
    for (const storage::HourCoverage& hour : hours) {
      for (const auto& [key, count] : hour.rollup) {
        SNAPLEDGER_ASSIGN_OR_RETURN(const std::string name, labels_.Text(key.name_label));
        SNAPLEDGER_ASSIGN_OR_RETURN(const std::string source, labels_.Text(key.source_label));
        if (!Wanted(request.event_names(), name) || !Wanted(request.sources(), source)) continue;
        groups[GroupOf(request, hour.hour, key, name, source)].Add(key.supplied, key.usable, count);
      }
    }
  }
  for (const auto& [group, counts] : groups) FillRow(group, counts, frame, response->add_rows());
  return absl::OkStatus();
}

}  // namespace snapledger::matchrate
