#include "services/matchrate/quality_scores.h"

#include <algorithm>

#include "services/base/text.h"
#include "services/query/proto_time.h"

namespace snapledger::matchrate {
namespace {

bool IsAbout(const CoverageSelection& selection, const CoverageGroup& group,
             const std::string& event_name) {
  if (selection.by_event_name) return group.event_name == event_name;
  const std::vector<std::string>& names = selection.event_names;
  return names.empty() || std::find(names.begin(), names.end(), event_name) != names.end();
}

std::string StaleWords(const storage::QualityStanding& standing) {
  const std::string since =
      absl::FormatTime("%Y-%m-%d %H:%M:%SZ", *standing.failing_since, absl::UTCTimeZone());
  return base::Concat(standing.fetched_time ? "stale: " : "no scores: ", standing.error, " (since ",
                      since, ")");
}

}  // namespace

void FillQualityScores(const storage::QualityStanding& standing, const CoverageSelection& selection,
                       const CoverageGroup& group, v1::MatchRateRow* row) {
  if (selection.by_source || selection.by_action_source || selection.by_hour || selection.by_day) {
    return;
  }
  for (const storage::QualityScoreRow& score : standing.scores) {
    if (!IsAbout(selection, group, score.event_name)) continue;
    v1::QualityScore* message = row->add_quality_scores();
    message->set_event_name(score.event_name);
    message->set_event_source(score.event_source);
    message->set_score(score.score);
    message->set_priority(score.priority);
    message->set_recommendation_code(score.recommendation_code);
    message->set_title(score.title);
    *message->mutable_fetched_time() = query::TimeToProto(*standing.fetched_time);
  }
  if (!standing.failing_since) return;
  v1::QualityScore* message = row->add_quality_scores();
  message->set_title(StaleWords(standing));
  if (standing.fetched_time) {
    *message->mutable_fetched_time() = query::TimeToProto(*standing.fetched_time);
  }
}

}  // namespace snapledger::matchrate
