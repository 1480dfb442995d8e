#include "services/query/list_attempts.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "services/base/check.h"
#include "services/base/status_macros.h"
#include "services/query/event_status.h"
#include "services/query/filter_text.h"
#include "services/query/find_event.h"
#include "services/query/time_range.h"

namespace snapledger::query {
namespace {

using storage::AttemptFilter;
using storage::AttemptPlace;
using storage::AttemptRow;

AttemptPlace PlaceOf(const AttemptRow& attempt) { return {attempt.sent_time, attempt.attempt_id}; }

// The 16 bytes of the id, then the microseconds in decimal.
std::string PlaceToText(const AttemptPlace& place) {
  std::string text(place.attempt_id.begin(), place.attempt_id.end());
  absl::StrAppend(&text, absl::ToUnixMicros(place.sent_time));
  return text;
}

// Of a text made above: the token is authenticated.
std::optional<AttemptPlace> PlaceFromText(const std::string& text) {
  if (text.empty()) return std::nullopt;
  AttemptPlace place;
  int64_t micros = 0;
  const size_t id_bytes = place.attempt_id.size();
  SNAPLEDGER_CHECK(text.size() > id_bytes && absl::SimpleAtoi(text.substr(id_bytes), &micros));
  std::copy_n(text.begin(), id_bytes, place.attempt_id.begin());
  place.sent_time = absl::FromUnixMicros(micros);
  return place;
}

// Newest first.
bool Newer(const AttemptRow& a, const AttemptRow& b) { return PlaceOf(b) < PlaceOf(a); }

absl::StatusOr<std::vector<AttemptRow>> OfDestination(storage::ListingStore& listings,
                                                      const std::vector<int32_t>& shards,
                                                      const AttemptFilter& filter,
                                                      const std::optional<AttemptPlace>& before,
                                                      int limit) {
  std::vector<AttemptRow> attempts;
  for (const int32_t shard : shards) {
    SNAPLEDGER_ASSIGN_OR_RETURN(std::vector<AttemptRow> found,
                                listings.ListAttempts(shard, filter, before, limit));
    std::move(found.begin(), found.end(), std::back_inserter(attempts));
  }
  return attempts;
}

std::vector<AttemptRow> OfEvent(storage::EventRow event, const AttemptFilter& filter,
                                const std::optional<AttemptPlace>& before) {
  std::erase_if(event.attempts, [&](const AttemptRow& attempt) {
    return attempt.sent_time < filter.sent_start.value_or(absl::InfinitePast()) ||
           attempt.sent_time >= filter.sent_end.value_or(absl::InfiniteFuture()) ||
           (before.has_value() && !(PlaceOf(attempt) < *before));
  });
  return std::move(event.attempts);
}

}  // namespace

absl::Status AttemptLister::List(const v1::ListAttemptsRequest& request,
                                 v1::ListAttemptsResponse* response) {
  SNAPLEDGER_ASSIGN_OR_RETURN(const destinations::DestinationPtr destination,
                              directory_.Find(request.destination()));
  SNAPLEDGER_ASSIGN_OR_RETURN(const int page_size, PageSize(request.page_size()));
  SNAPLEDGER_ASSIGN_OR_RETURN(const ReadRange sent, ReadTimeRange(request.sent(), "sent"));
  const AttemptFilter filter = {.sent_start = sent.start, .sent_end = sent.end};
  FilterText filter_text("ListAttempts");
  filter_text.Add("destination", request.destination()).Add("event_id", request.event_id());
  if (sent.start) filter_text.Add("start", absl::StrCat(absl::ToUnixMicros(*sent.start)));
  if (sent.end) filter_text.Add("end", absl::StrCat(absl::ToUnixMicros(*sent.end)));
  SNAPLEDGER_ASSIGN_OR_RETURN(const std::string position,
                              page_tokens_.Read(filter_text.text(), request.page_token()));
  const std::optional<AttemptPlace> before = PlaceFromText(position);

  // One more than the page holds tells whether another follows.
  std::vector<AttemptRow> attempts;
  if (request.event_id().empty()) {
    SNAPLEDGER_ASSIGN_OR_RETURN(attempts, OfDestination(listings_, destination->stored.shards,
                                                        filter, before, page_size + 1));
  } else {
    SNAPLEDGER_ASSIGN_OR_RETURN(storage::EventRow event,
                                FindEvent(deliveries_, *destination, request.event_id()));
    attempts = OfEvent(std::move(event), filter, before);
  }
  std::sort(attempts.begin(), attempts.end(), Newer);
  const bool more = attempts.size() > static_cast<size_t>(page_size);
  if (more) attempts.resize(page_size);
  for (const AttemptRow& attempt : attempts) ToProto(attempt, response->add_attempts());
  if (more) {
    response->set_next_page_token(
        page_tokens_.Make(filter_text.text(), PlaceToText(PlaceOf(attempts.back()))));
  }
  return absl::OkStatus();
}

}  // namespace snapledger::query
