// Lists on a real PostgreSQL, against a list of what was put there.

#include "storage/postgres_listing.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "services/base/text.h"
#include "storage/postgres_destinations.h"
#include "storage/rollup.h"
#include "storage/slice_rows.h"
#include "storage/slice_search.h"
#include "storage/transaction.h"
#include "tests/support/postgres_fixture.h"
#include "tests/support/status_matchers.h"

namespace snapledger::storage {
namespace {

using ::testing::ElementsAre;
using ::testing::ElementsAreArray;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr int64_t kFirstSecond = 1'780'000'000;

// Every way a slice can stand.
struct Standing {
  DeliveryState state;
  Queue queue = Queue::kNone;
};
constexpr Standing kStandings[] = {{DeliveryState::kPending, Queue::kFresh},
                                   {DeliveryState::kPending, Queue::kIsolated},
                                   {DeliveryState::kPending, Queue::kNone},
                                   {DeliveryState::kInFlight},
                                   {DeliveryState::kInDoubt, Queue::kDoubt},
                                   {DeliveryState::kInDoubt, Queue::kIsolated},
                                   {DeliveryState::kInDoubt, Queue::kNone},
                                   {DeliveryState::kDelivered},
                                   {DeliveryState::kDelivered},
                                   {DeliveryState::kRejected},
                                   {DeliveryState::kExpired},
                                   {DeliveryState::kExpiredInDoubt},
                                   {DeliveryState::kExhausted},
                                   {DeliveryState::kCanceled},
                                   {DeliveryState::kSuppressed}};

// A slice that was put there.
struct PutSlice {
  int32_t shard = 0;
  ListingPlace place;  // of its first event
  int16_t last_position = 0;
  Standing standing{};
  int32_t name_label = 0, source_label = 0;
  int64_t lookup_key = 0;  // of its lot
};

std::string UuidLiteral(int64_t number) {
  return absl::StrCat("'00000000-0000-0000-0000-", absl::Dec(number, absl::kZeroPad12), "'");
}

std::string InsertSql(const PutSlice& slice) {
  const int state = static_cast<int>(slice.standing.state);
  const int queue = static_cast<int>(slice.standing.queue);
  const bool final = state >= 4;
  const bool exceptional = state > 4 || ((state == 1 || state == 3) && queue == 0);
  const std::string uuid = UuidLiteral(slice.place.lot_id * 100 + slice.place.position);
  const std::string time =
      absl::StrCat("to_timestamp(", absl::ToUnixSeconds(slice.place.received_time), ")");
  const int count = slice.last_position - slice.place.position + 1;
  const std::string rollup =
      PackRollup({{{.name_label = slice.name_label, .source_label = slice.source_label}, count}});
  std::string sql = absl::StrCat(
      "insert into lot (lot_id, next_attempt_time, received_time, oldest_event_time, shard,"
      " event_count, json_bytes, first_position, last_position, state, queue, rollup, final_time,"
      " lease_end_time, in_doubt_since, last_attempt_id, isolation_group, exceptional_state)"
      " values (",
      absl::StrJoin(
          {absl::StrCat(slice.place.lot_id), time, time, time, absl::StrCat(slice.shard),
           absl::StrCat(count), absl::StrCat(10 * count), absl::StrCat(slice.place.position),
           absl::StrCat(slice.last_position), absl::StrCat(state), absl::StrCat(queue)},
          ", "),
      ", '\\x", absl::BytesToHexString(rollup), "'");
  const auto value_if = [&sql](bool condition, const std::string& value) {
    absl::StrAppend(&sql, ", ", condition ? value : "null");
  };
  value_if(final, time);
  value_if(state == 2, time);
  value_if(state == 3 || state == 7, time);
  value_if(state == 2, uuid);
  value_if(queue == 3, uuid);
  value_if(exceptional, absl::StrCat(state));
  absl::StrAppend(&sql, ");");
  if (state == 2) {
    absl::StrAppend(&sql, "insert into batch values (", uuid, ", ", slice.shard, ", ", count,
                    ", array[", slice.place.lot_id, "], array[", slice.place.position, "], array[",
                    slice.last_position, "], array[1], array[null]::uuid[]);",
                    "insert into attempt (attempt_id, batch_id, lease_end_time, shard, event_count,"
                    " from_state, body_sha256, token_id) values (",
                    uuid, ", ", uuid, ", now(), ", slice.shard, ", ", count, ", 1, '', 't');");
  }
  return sql;
}

struct NamedFilter {
  std::string name;
  SliceFilter filter;
};

bool Passes(const PutSlice& slice, const SliceFilter& filter) {
  const auto holds = [](const auto& values, auto value) {
    return values.empty() || std::find(values.begin(), values.end(), value) != values.end();
  };
  return holds(filter.states, slice.standing.state) &&
         holds(filter.name_labels, slice.name_label) &&
         holds(filter.source_labels, slice.source_label) &&
         slice.place.received_time >= filter.received_start.value_or(absl::InfinitePast()) &&
         slice.place.received_time < filter.received_end.value_or(absl::InfiniteFuture()) &&
         slice.lookup_key == filter.lookup_key.value_or(slice.lookup_key);
}

std::vector<NamedFilter> Filters() {
  using enum DeliveryState;
  std::vector<NamedFilter> filters = {{"all", {}}};
  for (int16_t state = 1; state <= 10; ++state) {
    filters.push_back(
        {absl::StrCat("state ", state), {.states = {static_cast<DeliveryState>(state)}}});
  }
  filters.push_back({"waiting or refused", {.states = {kPending, kInDoubt, kRejected, kRejected}}});
  filters.push_back({"under way", {.states = {kPending, kInFlight, kInDoubt}}});
  filters.push_back({"delivered or expired", {.states = {kDelivered, kExpired}}});
  filters.push_back({"name", {.name_labels = {2}}});
  filters.push_back({"names", {.name_labels = {2, 3}}});
  filters.push_back({"name and source", {.name_labels = {2}, .source_labels = {101}}});
  filters.push_back({"pending of a name", {.states = {kPending}, .name_labels = {1}}});
  filters.push_back(
      {"refused of a source", {.states = {kRejected, kExpired}, .source_labels = {101}}});
  filters.push_back({"in flight of a name", {.states = {kInFlight}, .name_labels = {3}}});
  const absl::Time start = absl::FromUnixSeconds(kFirstSecond + 5);
  filters.push_back({"from", {.received_start = start}});
  filters.push_back({"until", {.received_end = start}});
  filters.push_back({"refused in a range",
                     {.states = {kRejected, kPending},
                      .received_start = start,
                      .received_end = start + absl::Seconds(9)}});
  filters.push_back({"hash", {.lookup_key = 7}});
  filters.push_back({"pending with a hash", {.states = {kPending}, .lookup_key = 3}});
  filters.push_back({"name with a hash", {.name_labels = {1}, .lookup_key = 3}});
  filters.push_back({"unknown hash", {.lookup_key = -1}});
  return filters;
}

class PostgresListingTest : public support::PostgresTest {
 protected:
  void SetUp() override {
    PostgresDestinationStore destinations(pool());
    DestinationSettings settings;
    settings.lane_count = 2;
    ASSERT_OK_AND_ASSIGN(const Destination destination,
                         destinations.Create({.destination_id = "pixel-1",
                                              .kind = 1,
                                              .settings = settings,
                                              .token_id = "t",
                                              .sealed_token = "sealed"},
                                             "somebody"));
    shards_ = destination.shards;
  }

  // Lots of ten events over both shards, three of each moment; every second one cut in three.
  void PutSlices(int lot_count) {
    std::string script;
    for (int lot = 0; lot < lot_count; ++lot) {
      const int64_t lookup_key = lot % 11;
      const std::vector<int16_t> firsts =
          lot % 2 == 0 ? std::vector<int16_t>{0} : std::vector<int16_t>{0, 4, 7};
      for (size_t part = 0; part < firsts.size(); ++part) {
        PutSlice slice = {
            .shard = shards_[lot % 5 == 0 ? 1 : 0],
            .place = {absl::FromUnixSeconds(kFirstSecond + lot / 3), lot + 1, firsts[part]},
            .last_position =
                part + 1 < firsts.size() ? static_cast<int16_t>(firsts[part + 1] - 1) : int16_t{9},
            .standing = kStandings[(lot * 7 + part) % std::size(kStandings)],
            .name_label = lot % 3 + 1,
            .source_label = 100 + static_cast<int32_t>(part) % 2,
            .lookup_key = lookup_key};
        script += InsertSql(slice);
        put_.push_back(slice);
      }
      absl::StrAppend(&script, "insert into lot_lookup values (", put_.back().shard, ", ", lot + 1,
                      ", array[", lookup_key, ", 1000]);");
    }
    Run(script);
  }

  std::vector<ListingPlace> Expected(int32_t shard, const SliceFilter& filter) const {
    std::vector<ListingPlace> places;
    for (const PutSlice& slice : put_) {
      if (slice.shard == shard && Passes(slice, filter)) places.push_back(slice.place);
    }
    std::sort(places.begin(), places.end(), [](const auto& a, const auto& b) { return b < a; });
    return places;
  }

  static ListingPlace PlaceOf(const SliceRow& slice) {
    return {slice.received_time, slice.key.lot_id, slice.key.first_position};
  }

  // Page by page to the end; `after_page` runs between two pages.
  std::vector<SliceRow> ListAll(
      int32_t shard, const SliceFilter& filter, int limit,
      const std::function<void(const SlicePage&)>& after_page = [](const SlicePage&) {}) {
    std::vector<SliceRow> all;
    std::optional<ListingPlace> before;
    for (pages_ = 1;; ++pages_) {
      const absl::StatusOr<SlicePage> page = listings_.ListSlices(shard, filter, before, limit);
      EXPECT_OK(page);
      if (!page.ok()) return all;
      EXPECT_LE(page->slices.size(), static_cast<size_t>(limit));
      all.insert(all.end(), page->slices.begin(), page->slices.end());
      if (page->stopped_at.has_value()) {
        before = page->stopped_at;
      } else if (page->slices.size() == static_cast<size_t>(limit)) {
        before = PlaceOf(page->slices.back());
      } else {
        return all;
      }
      after_page(*page);
    }
  }

  std::vector<ListingPlace> PlacesOf(const std::vector<SliceRow>& slices) const {
    std::vector<ListingPlace> places;
    for (const SliceRow& slice : slices) places.push_back(PlaceOf(slice));
    return places;
  }

  std::vector<int32_t> shards_;
  std::vector<PutSlice> put_;
  int pages_ = 0;  // of the last ListAll
  PostgresListingStore listings_{pool()};
};

TEST_F(PostgresListingTest, EveryFilterGivesWhatPassesNewestFirst) {
  PutSlices(90);
  for (const NamedFilter& named : Filters()) {
    for (const int32_t shard : shards_) {
      for (const int limit : {1, 4, 1000}) {
        SCOPED_TRACE(absl::StrCat(named.name, ", shard ", shard, ", limit ", limit));
        EXPECT_THAT(PlacesOf(ListAll(shard, named.filter, limit)),
                    ElementsAreArray(Expected(shard, named.filter)));
      }
    }
  }
}

TEST_F(PostgresListingTest, ASliceIsGivenAsItStands) {
  put_ = {{.shard = shards_[0],
           .place = {absl::FromUnixSeconds(kFirstSecond), 5, 3},
           .last_position = 8,
           .standing = {DeliveryState::kInDoubt, Queue::kDoubt},
           .name_label = 2}};
  Run(InsertSql(put_[0]) +
      "update lot set attempt_count = 4, fence = 6, state_reason = 'TIMEOUT',"
      " first_sent_time = received_time");
  const std::vector<SliceRow> slices = ListAll(shards_[0], {}, 10);
  ASSERT_THAT(slices, SizeIs(1));
  const SliceRow& slice = slices[0];
  EXPECT_EQ(slice.shard, shards_[0]);
  EXPECT_EQ(slice.last_position, 8);
  EXPECT_EQ(slice.event_count, 6);
  EXPECT_EQ(slice.fence, 6);
  EXPECT_EQ(slice.state, DeliveryState::kInDoubt);
  EXPECT_EQ(slice.queue, Queue::kDoubt);
  EXPECT_EQ(slice.state_reason, "TIMEOUT");
  EXPECT_EQ(slice.attempt_count, 4);
  EXPECT_EQ(slice.next_attempt_time, slice.received_time);
  EXPECT_EQ(slice.first_sent_time, slice.received_time);
  EXPECT_FALSE(slice.final_time.has_value());
  EXPECT_TRUE(slice.possibly_delivered);
  EXPECT_EQ(slice.rollup, PackRollup({{{.name_label = 2}, 6}}));
}

// Cuts and changes of state between the pages: every event of the list comes once.
TEST_F(PostgresListingTest, NoEventIsLostOrRepeatedWhileSlicesAreCut) {
  constexpr int kLots = 60;
  PutSlices(kLots);
  std::set<std::pair<int64_t, int>> seen;
  std::optional<ListingPlace> before;
  const auto take = [&](const SlicePage& page) {
    for (const SliceRow& slice : page.slices) {
      const bool cut_here = before && before->lot_id == slice.key.lot_id;
      int last = slice.last_position;
      if (cut_here) last = std::min<int>(last, before->position - 1);
      // Half of a slice, so that the next page begins within it.
      const int first = &slice == &page.slices.back() ? (slice.key.first_position + last + 1) / 2
                                                      : slice.key.first_position;
      for (int position = first; position <= last; ++position) {
        EXPECT_TRUE(seen.insert({slice.key.lot_id, position}).second)
            << "lot " << slice.key.lot_id << ", position " << position;
      }
      before = {slice.received_time, slice.key.lot_id, static_cast<int16_t>(first)};
    }
  };
  for (int page_number = 0;; ++page_number) {
    ASSERT_OK_AND_ASSIGN(const SlicePage page, listings_.ListSlices(shards_[0], {}, before, 3));
    if (page.slices.empty()) break;
    take(page);
    const SliceRow& last = page.slices.back();
    if (last.last_position == last.key.first_position) continue;
    const auto middle = static_cast<int16_t>((last.key.first_position + last.last_position) / 2);
    const auto part = [](int16_t from, int16_t to) {
      return SlicePart{.first_position = from, .last_position = to, .event_count = to - from + 1};
    };
    ASSERT_OK(WithConnection(pool(), [&](Connection& connection) {
      CutSlice(connection, shards_[0], last.key,
               {part(last.key.first_position, middle),
                part(static_cast<int16_t>(middle + 1), last.last_position)});
      return 0;
    }));
  }
  size_t expected = 0;
  for (const PutSlice& slice : put_) {
    if (slice.shard == shards_[0]) expected += slice.last_position - slice.place.position + 1;
  }
  EXPECT_THAT(seen, SizeIs(expected));
}

TEST_F(PostgresListingTest, ARareNameIsFoundOverSeveralBoundedPages) {
  Run(absl::StrCat(
      "insert into lot (lot_id, next_attempt_time, received_time, oldest_event_time, shard,"
      " event_count, json_bytes, first_position, last_position, state, queue, rollup, final_time)"
      " select n, now(), now() - n * interval '1 s', now(), ",
      shards_[0], ", 1, 10, 0, 0, 4, 0, case n when 11000 then '\\x",
      absl::BytesToHexString(PackRollup({{{.name_label = 2}, 1}})), "'::bytea else '\\x",
      absl::BytesToHexString(PackRollup({{{.name_label = 1}, 1}})),
      "'::bytea end, now() from generate_series(1, 12000) n"));
  const std::vector<SliceRow> found = ListAll(shards_[0], {.name_labels = {2}}, 50);
  ASSERT_THAT(found, SizeIs(1));
  EXPECT_EQ(found[0].key.lot_id, 11000);
  EXPECT_GT(pages_, 3);
  EXPECT_THAT(ListAll(shards_[0], {.states = {DeliveryState::kDelivered}}, 1000), SizeIs(12000));
  EXPECT_THAT(ListAll(shards_[0], {.states = {DeliveryState::kRejected}}, 50), IsEmpty());
  EXPECT_EQ(pages_, 1);
}

// More wait than are collected: they are found by walking, together with those of other states.
TEST_F(PostgresListingTest, ALongQueueIsListedNewestFirst) {
  Run(absl::StrCat(
      "insert into lot (lot_id, next_attempt_time, received_time, oldest_event_time, shard,"
      " event_count, json_bytes, first_position, last_position, state, queue, rollup, final_time,"
      " exceptional_state)"
      " select n, now(), now() + n * interval '1 s', now(), ",
      shards_[0],
      ", 1, 10, 0, 0, s, case s when 1 then 1 else 0 end, '', case s when 5 then now() end,"
      " case s when 5 then 5 end"
      " from generate_series(1, 7000) n cross join lateral"
      "   (select case when n % 10 = 0 then 5 else 1 end as s) x"));
  const SliceFilter filter = {.states = {DeliveryState::kPending, DeliveryState::kRejected}};
  const std::vector<SliceRow> found = ListAll(shards_[0], filter, 1000);
  ASSERT_THAT(found, SizeIs(7000));
  for (size_t i = 0; i < found.size(); ++i) {
    ASSERT_EQ(found[i].key.lot_id, 7000 - static_cast<int64_t>(i));
  }
}

TEST_F(PostgresListingTest, PayloadsAreThoseThatAreThere) {
  Run(absl::StrCat("insert into lot_payload values (", shards_[0], ", 1, 'one'), (", shards_[0],
                   ", 2, 'two'), (", shards_[1], ", 3, 'three')"));
  const std::vector<int64_t> lot_ids = {2, 3, 1, 9};
  ASSERT_OK_AND_ASSIGN(std::vector<LotPayload> payloads, listings_.Payloads(shards_[0], lot_ids));
  std::sort(payloads.begin(), payloads.end(),
            [](const auto& a, const auto& b) { return a.lot_id < b.lot_id; });
  ASSERT_THAT(payloads, SizeIs(2));
  EXPECT_EQ(payloads[0].lot_id, 1);
  EXPECT_EQ(payloads[0].payload, "one");
  EXPECT_EQ(payloads[1].payload, "two");
}

TEST_F(PostgresListingTest, AttemptsComeNewestFirstPageByPage) {
  for (int i = 0; i < 12; ++i) {
    Run(
        absl::StrCat("insert into attempt (attempt_id, batch_id, sent_time, lease_end_time, shard,"
                     " event_count, from_state, body_sha256, token_id) values (",
                     UuidLiteral(i), ", ", UuidLiteral(100 + i), ", to_timestamp(",
                     kFirstSecond + i / 3, "), now(), ", shards_[0], ", ", i + 1, ", 1, '', 't')"));
  }
  const auto batch_sizes = [&](const AttemptFilter& filter, int limit) {
    std::vector<int> sizes;
    std::optional<AttemptPlace> before;
    while (true) {
      const auto page = listings_.ListAttempts(shards_[0], filter, before, limit);
      EXPECT_OK(page);
      if (!page.ok() || page->empty()) return sizes;
      for (const AttemptRow& attempt : *page) sizes.push_back(attempt.batch_size);
      before = {page->back().sent_time, page->back().attempt_id};
    }
  };
  for (const int limit : {1, 5, 100}) {
    EXPECT_THAT(batch_sizes({}, limit), ElementsAre(12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1));
    EXPECT_THAT(batch_sizes({.sent_start = absl::FromUnixSeconds(kFirstSecond + 1),
                             .sent_end = absl::FromUnixSeconds(kFirstSecond + 3)},
                            limit),
                ElementsAre(9, 8, 7, 6, 5, 4));
  }
}

TEST(MergeSearchesTest, GivesNothingBehindAStop) {
  const auto place = [](int second) {
    return ListingPlace{absl::FromUnixSeconds(second), second, 0};
  };
  const SliceSearch whole = {.places = {place(9), place(5), place(1)}};
  const SliceSearch stopped = {.places = {place(8)}, .stopped_at = place(4)};
  const SliceSearch merged = MergeSearches({whole, stopped}, 10);
  EXPECT_THAT(merged.places, ElementsAre(place(9), place(8), place(5)));
  EXPECT_EQ(merged.stopped_at, place(4));
  const SliceSearch page = MergeSearches({whole, stopped}, 2);
  EXPECT_THAT(page.places, ElementsAre(place(9), place(8)));
  EXPECT_FALSE(page.stopped_at.has_value());
}

}  // namespace
}  // namespace snapledger::storage
