#include "services/matchrate/value_sketch.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <functional>

#include "absl/status/status.h"
#include "services/base/status_macros.h"
#include "services/matchrate/varint.h"

namespace snapledger::matchrate {
namespace {

constexpr uint64_t kVersion = 1;
// Between two compactions: bounds memory, and the more counters there are the less is taken.
constexpr size_t kCountersMax = 4096;
constexpr size_t kCells = size_t{ValueSketch::kRows} * ValueSketch::kColumns;
constexpr int kBitsPerRow = 10;  // nine choose the column, one the sign
static_assert(ValueSketch::kColumns == 1 << (kBitsPerRow - 1));
static_assert(ValueSketch::kRows * kBitsPerRow <= 64);

// A keyed hash has random bits enough for every row to take its own.
void AddSigned(int64_t value, int64_t count, std::vector<int64_t>* cells) {
  auto bits = static_cast<uint64_t>(value);
  for (size_t row = 0; row < ValueSketch::kRows; ++row, bits >>= kBitsPerRow) {
    const size_t column = bits % ValueSketch::kColumns;
    const bool negative = (bits >> (kBitsPerRow - 1) & 1) != 0;
    (*cells)[row * ValueSketch::kColumns + column] += negative ? -count : count;
  }
}

uint64_t ZigZag(int64_t number) {
  return static_cast<uint64_t>(number) << 1 ^ static_cast<uint64_t>(number >> 63);
}

int64_t UnZigZag(uint64_t number) {
  return static_cast<int64_t>(number >> 1) ^ -static_cast<int64_t>(number & 1);
}

// A count; nullopt where it is none or too large to add up.
std::optional<int64_t> TakeCount(std::string_view* bytes) {
  constexpr uint64_t kMax = uint64_t{1} << 53;
  const std::optional<uint64_t> number = TakeVarint(bytes);
  if (!number || *number > kMax) return std::nullopt;
  return static_cast<int64_t>(*number);
}

}  // namespace

void ValueSketch::AddEvent(absl::Span<const int64_t> values, std::optional<uint32_t> order) {
  ++events_;
  values_ += static_cast<int64_t>(values.size());
  for (const int64_t value : values) {
    Counter& counter = counters_[value];
    ++counter.events;
    if (order) counter.orders.Add(*order);
  }
  if (counters_.size() > kCountersMax) Compact();
}

void ValueSketch::Merge(const ValueSketch& other) {
  events_ += other.events_;
  values_ += other.values_;
  taken_ += other.taken_;
  for (const auto& [value, added] : other.counters_) {
    Counter& counter = counters_[value];
    counter.events += added.events;
    counter.orders.Merge(added.orders);
  }
  if (!other.residual_.empty()) {
    residual_.resize(kCells);
    std::transform(residual_.begin(), residual_.end(), other.residual_.begin(), residual_.begin(),
                   std::plus<>());
  }
  Compact();
}

void ValueSketch::Compact() {
  if (counters_.size() <= kTrackedMax) return;
  std::vector<int64_t> counts;
  counts.reserve(counters_.size());
  for (const auto& [value, counter] : counters_) counts.push_back(counter.events);
  std::nth_element(counts.begin(), counts.begin() + kTrackedMax, counts.end(), std::greater<>());
  const int64_t least = counts[kTrackedMax];
  residual_.resize(kCells);
  for (auto& [value, counter] : counters_) {
    const int64_t part = std::min(counter.events, least);
    AddSigned(value, part, &residual_);
    counter.events -= part;
  }
  absl::erase_if(counters_, [](const auto& entry) { return entry.second.events == 0; });
  taken_ += least;
}

int64_t ValueSketch::Tracked() const {
  int64_t tracked = 0;
  for (const auto& [value, counter] : counters_) tracked += counter.events;
  return tracked;
}

double ValueSketch::Squares() const {
  double exact = 0;
  for (const auto& [value, counter] : counters_) {
    exact += static_cast<double>(counter.events) * static_cast<double>(counter.events);
  }
  if (residual_.empty()) return exact;
  std::vector<int64_t> cells = residual_;
  for (const auto& [value, counter] : counters_) AddSigned(value, counter.events, &cells);
  std::array<double, kRows> rows{};
  for (size_t i = 0; i < kCells; ++i) {
    rows[i / kColumns] += static_cast<double>(cells[i]) * static_cast<double>(cells[i]);
  }
  std::nth_element(rows.begin(), rows.begin() + kRows / 2, rows.end());
  // No value occurs less than once.
  return std::max({rows[kRows / 2], exact, static_cast<double>(values_)});
}

ValueFigures ValueSketch::Figures() const {
  ValueFigures figures = {.events = events_, .values = values_, .exact = residual_.empty()};
  if (values_ == 0) return figures;
  const Counter* most_orders = nullptr;
  for (const auto& [value, counter] : counters_) {
    figures.top_events_min = std::max(figures.top_events_min, counter.events);
    if (most_orders == nullptr || counter.orders.Count() > most_orders->orders.Count()) {
      most_orders = &counter;
    }
  }
  figures.top_events_max = std::min(events_, figures.top_events_min + taken_);
  figures.effective_values =
      static_cast<double>(values_) * static_cast<double>(values_) / Squares();
  if (!figures.exact) figures.effective_values_error = kSquaresError;
  if (most_orders == nullptr) return figures;
  figures.orders = most_orders->orders.Count();
  if (!most_orders->orders.exact()) figures.orders_error = OrderSet::kStandardError;
  return figures;
}

std::string ValueSketch::ToBytes() {
  Compact();
  std::string bytes;
  for (const uint64_t number :
       {kVersion, static_cast<uint64_t>(events_), static_cast<uint64_t>(values_),
        static_cast<uint64_t>(taken_), static_cast<uint64_t>(counters_.size())}) {
    AppendVarint(number, &bytes);
  }
  std::vector<uint64_t> values;
  for (const auto& [value, counter] : counters_) values.push_back(static_cast<uint64_t>(value));
  std::sort(values.begin(), values.end());
  uint64_t last = 0;
  for (const uint64_t value : values) {
    const Counter& counter = counters_.find(static_cast<int64_t>(value))->second;
    AppendVarint(value - last, &bytes);
    AppendVarint(static_cast<uint64_t>(counter.events), &bytes);
    counter.orders.AppendTo(&bytes);
    last = value;
  }
  for (const int64_t cell : residual_) AppendVarint(ZigZag(cell), &bytes);
  return bytes;
}

absl::StatusOr<ValueSketch> ValueSketch::FromBytes(std::string_view bytes) {
  const absl::Status damaged = absl::DataLossError("a stored sketch of values is damaged");
  ValueSketch sketch;
  if (TakeVarint(&bytes) != kVersion) return damaged;
  for (int64_t* const number : {&sketch.events_, &sketch.values_, &sketch.taken_}) {
    const std::optional<int64_t> count = TakeCount(&bytes);
    if (!count) return damaged;
    *number = *count;
  }
  if (sketch.values_ < sketch.events_ || !sketch.TakeCounters(&bytes) ||
      !sketch.TakeResidual(&bytes) || !bytes.empty()) {
    return damaged;
  }
  return sketch;
}

bool ValueSketch::TakeCounters(std::string_view* bytes) {
  const std::optional<int64_t> count = TakeCount(bytes);
  if (!count || *count > kTrackedMax) return false;
  uint64_t last = 0;
  int64_t left = values_;
  for (int64_t i = 0; i < *count; ++i) {
    const std::optional<uint64_t> difference = TakeVarint(bytes);
    if (!difference || (i > 0 && (*difference == 0 || last + *difference < last))) return false;
    last += *difference;
    Counter& counter = counters_[static_cast<int64_t>(last)];
    const std::optional<int64_t> events = TakeCount(bytes);
    if (!events || *events == 0 || *events > left || !counter.orders.TakeFrom(bytes)) return false;
    counter.events = *events;
    left -= *events;
  }
  return true;
}

// Each row holds what was taken, every unit of it with a sign.
bool ValueSketch::TakeResidual(std::string_view* bytes) {
  const int64_t rest = values_ - Tracked();
  if (taken_ == 0) return rest == 0;
  if (taken_ > rest / (kTrackedMax + 1)) return false;
  residual_.resize(kCells);
  for (size_t row = 0; row < kRows; ++row) {
    int64_t left = rest;
    for (size_t column = 0; column < kColumns; ++column) {
      const std::optional<uint64_t> number = TakeVarint(bytes);
      if (!number) return false;
      const int64_t cell = UnZigZag(*number);
      if (cell < -left || cell > left) return false;
      left -= std::abs(cell);
      residual_[row * kColumns + column] = cell;
    }
    if (left % 2 != 0) return false;
  }
  return true;
}

}  // namespace snapledger::matchrate
