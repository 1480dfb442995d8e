// What one event costs in each pure stage of its life, on one thread; the arguments of the lots are
// their events. Items are events.
//   build/release/bin/snapledger-microbench --benchmark_filter=Lot

#include <benchmark/benchmark.h>

#include <string>
#include <vector>

#include "services/base/check.h"
#include "services/base/clock.h"
#include "services/bench/payload_corpus.h"
#include "services/event/lot_codec.h"
#include "services/event/phone.h"
#include "services/event/prepare.h"
#include "services/event/sha256.h"
#include "services/ingest/from_proto.h"
#include "services/security/envelope.h"
#include "services/snap/encode.h"
#include "tests/support/fake_data_key_store.h"

namespace snapledger {
namespace {

constexpr int kEvents = 1000;
constexpr security::LotPlace kPlace = {.shard = 1, .lot_id = 1};

// Calls of one event in the mix of the measurements.
class Sample {
 public:
  Sample() : now_(base::Clock::Real().Now()), corpus_(1, now_), calls_(kEvents) {
    for (int call = 0; call < kEvents; ++call) corpus_.Fill("measured", call, 1, &calls_[call]);
  }

  const v1::ConversionEvent& Message(size_t number) const {
    return calls_[number % kEvents].events(0);
  }

  event::PreparedEvent Prepare(size_t number) const {
    event::PreparePolicy policy;
    policy.destination_kind = calls_[number % kEvents].destination() == bench::kAppId
                                  ? event::DestinationKind::kApp
                                  : event::DestinationKind::kPixel;
    policy.now = now_;
    std::string extra_json;
    return event::Prepare(ingest::FromProto(Message(number), &extra_json), policy);
  }

  std::string Json(size_t number) const {
    std::string json;
    snap::AppendSnapEvent(Prepare(number).event, {}, &json);
    return json;
  }

 private:
  const absl::Time now_;
  const bench::PayloadCorpus corpus_;
  std::vector<v1::RecordEventsRequest> calls_;
};

const Sample& TheSample() {
  static const auto* const sample = new Sample;
  return *sample;
}

security::KeyRing Keys() {
  security::KeyRing keys;
  keys.key_encryption_keys.emplace(1, base::Secret(std::string(32, 'k')));
  return keys;
}

std::string RawLot(int events) {
  std::string raw;
  for (int i = 0; i < events; ++i) {
    event::AppendFrame({.event_time_seconds = 1'790'000'000, .name_label = 1},
                       TheSample().Json(static_cast<size_t>(i)), &raw);
  }
  return raw;
}

void ParseMessage(benchmark::State& state) {
  std::vector<std::string> wire;
  for (size_t i = 0; i < kEvents; ++i) wire.push_back(TheSample().Message(i).SerializeAsString());
  v1::ConversionEvent message;
  size_t number = 0;
  for (auto _ : state) {
    message.ParseFromString(wire[number++ % kEvents]);
    benchmark::DoNotOptimize(message);
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(ParseMessage);

void ValidateNormaliseHash(benchmark::State& state) {
  size_t number = 0;
  for (auto _ : state) benchmark::DoNotOptimize(TheSample().Prepare(number++));
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(ValidateNormaliseHash);

void SnapEncode(benchmark::State& state) {
  std::vector<event::PreparedEvent> prepared;
  for (size_t i = 0; i < kEvents; ++i) prepared.push_back(TheSample().Prepare(i));
  std::string json;
  size_t number = 0;
  for (auto _ : state) {
    json.clear();
    snap::AppendSnapEvent(prepared[number++ % kEvents].event, {}, &json);
    benchmark::DoNotOptimize(json);
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(SnapEncode);

void PhoneToDigits(benchmark::State& state) {
  constexpr std::string_view kNumbers[] = {"+1 (415) 555-2671", "+44 20 7946 0018",
                                           "+49 30 901820", "+81 3-3555-1234", "0048 22 555 55 55"};
  size_t number = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(event::NormalizePhone(kNumbers[number++ % std::size(kNumbers)], ""));
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(PhoneToDigits);

void Sha256OfAnEmail(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(event::Sha256("buyer.123456789@example.com"));
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(Sha256OfAnEmail);

void LotEncode(benchmark::State& state) {
  const auto events = static_cast<int>(state.range(0));
  const security::KeyRing keys = Keys();
  support::FakeDataKeyStore store;
  security::Envelope envelope(keys, store, base::Clock::Real());
  std::vector<std::string> jsons;
  for (int i = 0; i < events; ++i) jsons.push_back(TheSample().Json(static_cast<size_t>(i)));
  for (auto _ : state) {
    std::string raw;
    for (const std::string& json : jsons) {
      event::AppendFrame({.event_time_seconds = 1'790'000'000, .name_label = 1}, json, &raw);
    }
    const absl::StatusOr<std::string> sealed = envelope.SealLot(raw, kPlace);
    SNAPLEDGER_CHECK(sealed.ok());
    benchmark::DoNotOptimize(sealed->size());
  }
  state.SetItemsProcessed(state.iterations() * events);
}
BENCHMARK(LotEncode)->Arg(1)->Arg(10)->Arg(50)->Arg(500);

void LotDecode(benchmark::State& state) {
  const auto events = static_cast<int>(state.range(0));
  const security::KeyRing keys = Keys();
  support::FakeDataKeyStore store;
  security::Envelope envelope(keys, store, base::Clock::Real());
  const absl::StatusOr<std::string> sealed = envelope.SealLot(RawLot(events), kPlace);
  SNAPLEDGER_CHECK(sealed.ok());
  for (auto _ : state) {
    const absl::StatusOr<std::string> raw = envelope.OpenLot(*sealed, kPlace);
    SNAPLEDGER_CHECK(raw.ok());
    benchmark::DoNotOptimize(event::ParseLot(*raw)->size());
  }
  state.SetItemsProcessed(state.iterations() * events);
  state.counters["sealed bytes per event"] =
      static_cast<double>(sealed->size()) / static_cast<double>(events);
}
BENCHMARK(LotDecode)->Arg(1)->Arg(10)->Arg(50)->Arg(500);

}  // namespace
}  // namespace snapledger

BENCHMARK_MAIN();
