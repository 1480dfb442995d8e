#include "services/quality/quality_fetcher.h"

#include <optional>
#include <utility>
#include <vector>

#include "services/base/log.h"
#include "services/base/status_macros.h"
#include "services/base/text.h"
#include "services/snap/decode_quality.h"

namespace snapledger::quality {
namespace {

// Of snapledger.v1.DestinationKind.
constexpr int16_t kAppKind = 2;

bool IsRefusedToken(int http_status) { return http_status == 401 || http_status == 403; }

// With the newest token; where Snap refuses it, with the next.
snap::QualityReply Ask(const destinations::ActiveDestination& destination,
                       snap::QualityClient& client) {
  snap::QualityReply reply{.error = "the destination has no token"};
  for (const destinations::ActiveDestination::Token& token : destination.tokens) {
    reply = client.Fetch({.app = destination.stored.kind == kAppKind,
                          .asset_id = destination.stored.destination_id,
                          .access_token = token.secret});
    if (!IsRefusedToken(reply.http_status)) break;
  }
  return reply;
}

storage::QualityAnswer AnswerOf(snap::QualityReply reply) {
  storage::QualityAnswer answer = {.http_status = reply.http_status,
                                   .answer = std::move(reply.body),
                                   .error = std::move(reply.error),
                                   .parser_version = snap::kQualityParserVersion};
  if (answer.http_status == 0) return answer;
  if (answer.http_status != 200) {
    answer.error = base::Concat("Snap answered with HTTP status ", answer.http_status);
    return answer;
  }
  std::optional<std::vector<snap::QualityScore>> scores = snap::DecodeQuality(answer.answer);
  if (!scores.has_value()) {
    answer.error = "the answer has a shape this release does not know; it is kept";
    return answer;
  }
  answer.understood = true;
  for (snap::QualityScore& score : *scores) {
    answer.scores.push_back({.event_name = std::move(score.event_name),
                             .event_source = std::move(score.event_source),
                             .score = std::move(score.score),
                             .priority = std::move(score.priority),
                             .recommendation_code = std::move(score.recommendation_code),
                             .title = std::move(score.title)});
  }
  return answer;
}

}  // namespace

QualityFetcher::QualityFetcher(destinations::DestinationDirectory& directory,
                               storage::QualityStore& store, snap::QualityClient& client,
                               Options options)
    : directory_(directory),
      store_(store),
      client_(client),
      options_(options),
      periodic_({.name = "fetch-quality", .interval = options.look_interval},
                [this] { RunOnce(); }) {}

void QualityFetcher::RunOnce() {
  for (const destinations::DestinationPtr& destination : directory_.List()) {
    const absl::Status fetched = FetchIfDue(*destination);
    if (fetched.ok()) continue;
    base::Log(base::Severity::kWarning, "quality scores could not be kept",
              {{"destination", destination->stored.destination_id}, {"error", fetched.ToString()}});
  }
}

absl::Status QualityFetcher::FetchIfDue(const destinations::ActiveDestination& destination) {
  SNAPLEDGER_ASSIGN_OR_RETURN(const bool mine,
                              store_.TakeTurn(destination.stored.number, options_.interval));
  if (!mine) return absl::OkStatus();
  const storage::QualityAnswer answer = AnswerOf(Ask(destination, client_));
  if (!answer.understood) {
    base::Log(base::Severity::kWarning, "no quality scores from Snap",
              {{"destination", destination.stored.destination_id},
               {"http_status", answer.http_status},
               {"error", answer.error}});
  }
  return store_.Add(destination.stored.number, answer);
}

}  // namespace snapledger::quality
