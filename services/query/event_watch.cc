#include "services/query/event_watch.h"

#include <algorithm>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_join.h"
#include "services/base/error_details.h"
#include "services/base/status_macros.h"
#include "services/base/text.h"
#include "services/query/filter_text.h"

namespace snapledger::query {
namespace {

absl::Status InvalidResumeToken(std::string_view description) {
  return base::InvalidFieldError(base::ErrorReason::kInvalidResumeToken, "resume_token",
                                 description);
}

absl::Status CheckRequest(const v1::WatchEventsRequest& request) {
  std::vector<base::FieldViolation> violations;
  if (request.destination().empty()) violations.push_back({"destination", "is required"});
  for (int i = 0; i < request.states_size(); ++i) {
    const bool known = v1::DeliveryState_IsValid(request.states(i)) &&
                       request.states(i) != v1::DELIVERY_STATE_UNSPECIFIED;
    if (known) continue;
    violations.push_back({base::Concat("states[", i, "]"), "is no delivery state"});
  }
  if (violations.empty()) return absl::OkStatus();
  return base::InvalidFieldsError(std::move(violations));
}

// A token belongs to a destination and a set of states, in whatever order they are asked for.
std::string TokenFilter(const v1::WatchEventsRequest& request) {
  std::vector<int> states(request.states().begin(), request.states().end());
  std::sort(states.begin(), states.end());
  states.erase(std::unique(states.begin(), states.end()), states.end());
  return FilterText("WatchEvents")
      .Add("destination", request.destination())
      .Add("states", absl::StrJoin(states, ","))
      .text();
}

// The time up to which everything was given before.
absl::StatusOr<absl::Time> FloorOf(const WatchSources& sources, const std::string& filter,
                                   const std::string& token, absl::Time database_now) {
  if (token.empty()) return database_now;
  const std::optional<std::string> position = sources.tokens.Position(filter, token);
  int64_t micros = 0;
  if (!position || !absl::SimpleAtoi(*position, &micros)) {
    return InvalidResumeToken(
        "is not a token of a watch of this destination and these states; begin without one");
  }
  const absl::Time floor = absl::FromUnixMicros(micros);
  if (floor < database_now - EventWatch::kResumeSpanMax) {
    return InvalidResumeToken("is older than 7 days; begin without one");
  }
  return std::min(floor, database_now);
}

}  // namespace

absl::StatusOr<std::unique_ptr<EventWatch>> EventWatch::Begin(
    const WatchSources& sources, const v1::WatchEventsRequest& request) {
  SNAPLEDGER_RETURN_IF_ERROR(CheckRequest(request));
  SNAPLEDGER_ASSIGN_OR_RETURN(const destinations::DestinationPtr destination,
                              sources.directory.Find(request.destination()));
  SNAPLEDGER_ASSIGN_OR_RETURN(const absl::Time database_now, sources.changes.DatabaseNow());
  std::string filter = TokenFilter(request);
  SNAPLEDGER_ASSIGN_OR_RETURN(const absl::Time floor,
                              FloorOf(sources, filter, request.resume_token(), database_now));
  std::unique_ptr<EventWatch> watch(new EventWatch(sources, request, std::move(filter)));
  watch->AddFeeds(destination->stored.shards, floor);
  return watch;
}

EventWatch::EventWatch(const WatchSources& sources, const v1::WatchEventsRequest& request,
                       std::string token_filter)
    : sources_(sources),
      destination_(request.destination()),
      report_progress_(request.report_progress()),
      token_filter_(std::move(token_filter)),
      teller_({sources.changes, sources.listings, sources.envelope, sources.labels}, destination_) {
  for (const int state : request.states()) {
    states_.insert(static_cast<storage::DeliveryState>(state));
  }
}

absl::StatusOr<absl::Duration> EventWatch::Step(std::vector<v1::WatchEventsResponse>* messages) {
  absl::Duration wait = absl::ZeroDuration();
  if (teller_.nothing_left()) {
    SNAPLEDGER_ASSIGN_OR_RETURN(wait, ReadNextFeed());
  }
  const absl::Duration now = sources_.clock.Monotonic();
  if (report_progress_ && now - last_message_ >= kProgressInterval) messages->emplace_back();
  SNAPLEDGER_RETURN_IF_ERROR(teller_.Tell(kMessagesPerStep, messages));
  if (!messages->empty()) last_message_ = now;
  // One token for all of them: the floor rises only when the next feed is read.
  const std::string token = messages->empty() ? "" : Token();
  for (v1::WatchEventsResponse& message : *messages) message.set_resume_token(token);
  return teller_.nothing_left() ? wait : absl::ZeroDuration();
}

absl::StatusOr<absl::Duration> EventWatch::ReadNextFeed() {
  if (next_feed_ == feeds_.size()) {
    next_feed_ = 0;
    more_now_ = false;
    // A lane that was added has no older events; a destination that was deleted keeps its lanes.
    const auto destination = sources_.directory.Find(destination_);
    if (destination.ok()) AddFeeds((*destination)->stored.shards, Floor());
  }
  ChangeFeed& feed = feeds_[next_feed_++];
  SNAPLEDGER_ASSIGN_OR_RETURN(std::vector<storage::ChangeRow> changes,
                              feed.Read(sources_.clock.Monotonic()));
  if (!feed.at_end()) more_now_ = true;
  if (!states_.empty()) {
    std::erase_if(changes, [this](const storage::ChangeRow& change) {
      return !states_.contains(change.to_state);
    });
  }
  teller_.Take(feed.shard(), std::move(changes));
  const bool round_goes_on = next_feed_ < feeds_.size();
  return round_goes_on || more_now_ ? absl::ZeroDuration() : kPollInterval;
}

void EventWatch::AddFeeds(const std::vector<int32_t>& shards, absl::Time floor) {
  for (const int32_t shard : shards) {
    const bool known = std::any_of(feeds_.begin(), feeds_.end(), [shard](const ChangeFeed& feed) {
      return feed.shard() == shard;
    });
    if (!known) feeds_.emplace_back(sources_.changes, shard, floor);
  }
}

absl::Time EventWatch::Floor() const {
  absl::Time floor = absl::InfiniteFuture();
  for (const ChangeFeed& feed : feeds_) floor = std::min(floor, feed.floor());
  return floor;
}

std::string EventWatch::Token() const {
  return sources_.tokens.Make(token_filter_, base::Concat(absl::ToUnixMicros(Floor())));
}

}  // namespace snapledger::query
