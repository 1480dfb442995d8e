// Sketches against exact counts of seeded streams.

#include "services/matchrate/value_sketch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>

#include "services/matchrate/random_stream.h"
#include "tests/support/status_matchers.h"

namespace snapledger::matchrate {
namespace {

using support::StatusIs;

constexpr int kEvents = 40'000;

// Value number n as a keyed hash would have it.
int64_t Keyed(uint64_t number) { return static_cast<int64_t>(RandomStream(99, number).NextBits()); }

using Stream = std::vector<int64_t>;

Stream MakeStream(uint64_t seed, const std::function<uint64_t(RandomStream*)>& draw) {
  RandomStream random(seed, 0);
  Stream stream(kEvents);
  for (int64_t& value : stream) value = Keyed(draw(&random));
  return stream;
}

Stream Uniform(uint64_t seed) {
  return MakeStream(seed, [](RandomStream* random) { return random->NextBits() % 20'000; });
}

Stream OneHeavy(uint64_t seed) {
  return MakeStream(seed, [](RandomStream* random) {
    return random->NextUniform() < 0.3 ? 0 : 1 + random->NextBits() % 1'000'000;
  });
}

// Value k with a probability in proportion to about 1 / k, k up to 20,000.
Stream Zipf(uint64_t seed) {
  return MakeStream(seed, [](RandomStream* random) {
    return static_cast<uint64_t>(std::exp(random->NextUniform() * std::log(20'000.0)));
  });
}

Stream Few(uint64_t seed) {
  return MakeStream(seed, [](RandomStream* random) { return random->NextBits() % 128; });
}

ValueSketch SketchOf(const Stream& stream) {
  ValueSketch sketch;
  for (const int64_t value : stream) sketch.AddEvent({value}, std::nullopt);
  return sketch;
}

struct Exactly {
  int64_t top = 0;
  double effective = 0;
};

Exactly Count(const Stream& stream) {
  std::map<int64_t, int64_t> counts;
  for (const int64_t value : stream) ++counts[value];
  Exactly exactly;
  double squares = 0;
  for (const auto& [value, count] : counts) {
    exactly.top = std::max(exactly.top, count);
    squares += static_cast<double>(count) * static_cast<double>(count);
  }
  exactly.effective = static_cast<double>(stream.size()) * static_cast<double>(stream.size());
  exactly.effective /= squares;
  return exactly;
}

// That the figures hold the truth as sharply as they say.
void ExpectHolds(const ValueFigures& figures, const Stream& stream) {
  const Exactly exactly = Count(stream);
  EXPECT_EQ(figures.events, static_cast<int64_t>(stream.size()));
  EXPECT_LE(figures.top_events_min, exactly.top);
  EXPECT_GE(figures.top_events_max, exactly.top);
  EXPECT_LE(figures.top_events_max - figures.top_events_min,
            figures.values / (ValueSketch::kTrackedMax + 1));
  EXPECT_NEAR(figures.effective_values / exactly.effective, 1,
              4 * figures.effective_values_error + 1e-12);
}

TEST(ValueSketchTest, HoldsTheTruthOfManyKindsOfStreams) {
  double squared_errors = 0;
  int streams = 0;
  for (uint64_t seed = 1; seed <= 12; ++seed) {
    for (const Stream& stream : {Uniform(seed), OneHeavy(seed), Zipf(seed)}) {
      SCOPED_TRACE(seed);
      const ValueFigures figures = SketchOf(stream).Figures();
      EXPECT_FALSE(figures.exact);
      ExpectHolds(figures, stream);
      const double error = figures.effective_values / Count(stream).effective - 1;
      squared_errors += error * error;
      ++streams;
    }
  }
  // The error that is told is what it is, or more: heavy values are counted by themselves.
  EXPECT_LT(std::sqrt(squared_errors / streams), 1.3 * ValueSketch::kSquaresError);
  EXPECT_GT(std::sqrt(squared_errors / streams), 0.2 * ValueSketch::kSquaresError);
}

TEST(ValueSketchTest, UpTo128ValuesAllIsExact) {
  const Stream stream = Few(1);
  const ValueFigures figures = SketchOf(stream).Figures();
  EXPECT_TRUE(figures.exact);
  EXPECT_EQ(figures.top_events_min, Count(stream).top);
  EXPECT_EQ(figures.top_events_max, Count(stream).top);
  EXPECT_DOUBLE_EQ(figures.effective_values, Count(stream).effective);
  EXPECT_EQ(figures.effective_values_error, 0);
}

TEST(ValueSketchTest, MergedPartsHoldWhatOnePassHolds) {
  for (const Stream& stream : {Uniform(3), OneHeavy(3), Zipf(3), Few(3)}) {
    ValueSketch merged;
    constexpr size_t kPart = 3'000;
    for (size_t begin = 0; begin < stream.size(); begin += kPart) {
      const auto first = stream.begin() + static_cast<int64_t>(begin);
      const auto last =
          stream.begin() + static_cast<int64_t>(std::min(begin + kPart, stream.size()));
      ValueSketch part = SketchOf(Stream(first, last));
      ASSERT_OK_AND_ASSIGN(const ValueSketch stored, ValueSketch::FromBytes(part.ToBytes()));
      merged.Merge(stored);
    }
    ExpectHolds(merged.Figures(), stream);
    const ValueFigures once = SketchOf(stream).Figures();
    EXPECT_EQ(merged.Figures().exact, once.exact);
    // The sketch of the squares is linear: it does not depend on how the stream was cut.
    EXPECT_NEAR(merged.Figures().effective_values / once.effective_values, 1, 0.01);
  }
}

TEST(ValueSketchTest, AnEventWithTwoValuesIsOneEvent) {
  ValueSketch sketch;
  sketch.AddEvent({Keyed(1), Keyed(2)}, std::nullopt);
  sketch.AddEvent({Keyed(1)}, std::nullopt);
  const ValueFigures figures = sketch.Figures();
  EXPECT_EQ(figures.events, 2);
  EXPECT_EQ(figures.values, 3);
  EXPECT_EQ(figures.top_events_max, 2);
  EXPECT_DOUBLE_EQ(figures.effective_values, 9.0 / 5);
  EXPECT_EQ(figures.orders, 0);
}

TEST(ValueSketchTest, OrdersOfTheValueThatHasMost) {
  ValueSketch sketch;
  RandomStream orders(7, 1);
  for (int i = 0; i < 20; ++i) {
    const auto order = static_cast<uint32_t>(orders.NextBits());
    sketch.AddEvent({Keyed(1)}, order);
    sketch.AddEvent({Keyed(1)}, order);
    sketch.AddEvent({Keyed(2)}, i % 2 == 0 ? std::optional<uint32_t>(order) : std::nullopt);
  }
  EXPECT_EQ(sketch.Figures().orders, 20);
  EXPECT_EQ(sketch.Figures().orders_error, 0);
  for (int i = 0; i < 1000; ++i) {
    sketch.AddEvent({Keyed(1)}, static_cast<uint32_t>(orders.NextBits()));
  }
  EXPECT_NEAR(static_cast<double>(sketch.Figures().orders), 1020,
              3 * sketch.Figures().orders_error * 1020);
}

TEST(ValueSketchTest, BytesComeBackTheSame) {
  EXPECT_EQ(ValueSketch().Figures().effective_values, 0);
  for (const Stream& stream : {Stream(), Few(2), Uniform(2), OneHeavy(2), Zipf(2)}) {
    ValueSketch sketch = SketchOf(stream);
    const std::string bytes = sketch.ToBytes();
    EXPECT_LE(bytes.size(), 4096);
    ASSERT_OK_AND_ASSIGN(ValueSketch read, ValueSketch::FromBytes(bytes));
    EXPECT_EQ(read.ToBytes(), bytes);
    EXPECT_EQ(read.Figures().effective_values, sketch.Figures().effective_values);
  }
}

TEST(ValueSketchTest, DamagedBytesAreRefused) {
  const auto refused = StatusIs(absl::StatusCode::kDataLoss);
  for (const Stream& stream : {Few(4), Zipf(4)}) {
    ValueSketch sketch = SketchOf(stream);
    const std::string bytes = sketch.ToBytes();
    for (size_t size = 0; size < bytes.size(); ++size) {
      ASSERT_THAT(ValueSketch::FromBytes(bytes.substr(0, size)), refused) << size;
    }
    EXPECT_THAT(ValueSketch::FromBytes(bytes + '\0'), refused);
    for (const size_t place : {0, 1, 4}) {  // the version, the events, the values
      std::string changed = bytes;
      changed[place] = static_cast<char>(changed[place] ^ 0x01);
      EXPECT_THAT(ValueSketch::FromBytes(changed), refused) << place;
    }
  }
}

}  // namespace
}  // namespace snapledger::matchrate
