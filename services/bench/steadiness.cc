#include "services/bench/steadiness.h"

#include <algorithm>
#include <cstddef>

namespace snapledger::bench {
namespace {

int64_t Median(std::vector<int64_t> values) {
  if (values.empty()) return 0;
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

}  // namespace

void SteadinessWatch::Look(int64_t done, int64_t total, int64_t resident_bytes, int64_t backlog) {
  const int64_t tenth = 10 * done / total;
  if (tenth == 1) early_.push_back(resident_bytes);
  if (tenth >= 9) end_.push_back(resident_bytes);
  int64_t& most = 2 * done < total ? backlog_first_half_ : backlog_second_half_;
  most = std::max(most, backlog);
}

Steadiness SteadinessWatch::Result() const {
  return {.resident_bytes_early = Median(early_),
          .resident_bytes_end = Median(end_),
          .backlog_first_half = backlog_first_half_,
          .backlog_second_half = backlog_second_half_};
}

}  // namespace snapledger::bench
