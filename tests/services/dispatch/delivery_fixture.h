#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "services/base/text.h"
#include "services/destinations/token_context.h"
#include "services/dispatch/delivery_pass.h"
#include "services/lots/slice_parts.h"
#include "storage/postgres_deliveries.h"
#include "storage/postgres_destinations.h"
#include "storage/postgres_ledger.h"
#include "tests/support/fake_data_key_store.h"
#include "tests/support/postgres_fixture.h"
#include "tests/support/status_matchers.h"

namespace snapledger::dispatch {

// Seals the events of a lot; each is its number and name.
class NumberedEvents final : public storage::LotComposer {
 public:
  NumberedEvents(security::Envelope& envelope, int first, std::vector<std::string> names)
      : envelope_(envelope), first_(first), names_(std::move(names)) {}

  absl::StatusOr<storage::LotContents> Compose(int32_t shard, int64_t lot_id,
                                               const std::vector<bool>&) override {
    std::string raw;
    for (size_t i = 0; i < names_.size(); ++i) {
      event::AppendFrame(
          {.event_time_seconds = absl::ToUnixSeconds(absl::Now()), .name_label = 1},
          base::Concat(R"({"event_name":")", names_[i], R"(","n":)", first_ + i, "}"), &raw);
    }
    absl::StatusOr<std::vector<event::Frame>> frames = event::ParseLot(raw);
    if (!frames.ok()) return frames.status();
    const storage::SlicePart whole =
        lots::MakePart(*frames, 0, static_cast<int16_t>(names_.size() - 1));
    absl::StatusOr<std::string> payload =
        envelope_.SealLot(raw, {.shard = shard, .lot_id = lot_id});
    if (!payload.ok()) return payload.status();
    return storage::LotContents{.payload = *std::move(payload),
                                .rollup = whole.rollup,
                                .event_count = whole.event_count,
                                .json_bytes = whole.json_bytes,
                                .oldest_event_time = whole.oldest_event_time};
  }

 private:
  security::Envelope& envelope_;
  const int first_;
  const std::vector<std::string> names_;
};

// Destinations and events in PostgreSQL, and what a delivery of them needs.
class DeliveryFixture : public support::PostgresTest {
 protected:
  // `client` is used by deliveries only.
  explicit DeliveryFixture(snap::SnapClient& client)
      : dependencies_{ledger_,
                      store_,
                      directory_,
                      envelope_,
                      client,
                      clock_,
                      [](absl::Duration) { return true; }} {
    keys_.key_encryption_keys[1] = base::Secret(std::string(32, 'k'));
  }

  void CreateDestination(const std::string& id, event::DestinationKind kind,
                         storage::DestinationSettings settings = {}) {
    const base::Secret token("token");
    settings.max_requests_per_second = 1000;
    settings.request_timeout = absl::Seconds(2);
    ASSERT_OK(store_.Create(
        {.destination_id = id,
         .kind = static_cast<int16_t>(kind),
         .settings = settings,
         .token_id = "t1",
         .sealed_token = envelope_.SealSecret(token, destinations::TokenContext(id, "t1")).value()},
        "somebody"));
  }

  void Append(const std::string& id, int first, const std::vector<std::string>& names) {
    ASSERT_OK_AND_ASSIGN(const destinations::DestinationPtr destination, directory_.Find(id));
    NumberedEvents composer(envelope_, first, names);
    storage::NewLot lot = {.shard = destination->stored.shards.at(0), .composer = &composer};
    for (size_t i = 0; i < names.size(); ++i) {
      lot.events.push_back({.event_key = Key(first + static_cast<int>(i)),
                            .event_time = absl::Now(),
                            .name_label = 1});
    }
    ASSERT_OK(ledger_.Append({&lot, 1}));
  }

  static storage::Uuid Key(int number) {
    return {static_cast<uint8_t>(number >> 8), static_cast<uint8_t>(number), 1};
  }

  storage::EventRow Event(const std::string& id, int number) {
    const destinations::DestinationPtr destination = directory_.Find(id).value();
    absl::StatusOr<storage::EventRow> event =
        deliveries_.FindEvent(destination->stored.shards.at(0), Key(number));
    EXPECT_OK(event);
    return *event;
  }

  const base::Clock& clock_ = base::Clock::Real();
  support::FakeDataKeyStore data_keys_;
  security::KeyRing keys_;
  security::Envelope envelope_{keys_, data_keys_, clock_};
  storage::PostgresDestinationStore store_{pool()};
  destinations::DestinationDirectory directory_{store_, envelope_};
  storage::IdentityFilters filters_;
  storage::PostgresLedger ledger_{pool(), pool(), filters_};
  storage::PostgresDeliveryStore deliveries_{pool()};
  const DeliveryPass::Dependencies dependencies_;
};

}  // namespace snapledger::dispatch
