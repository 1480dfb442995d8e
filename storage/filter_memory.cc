#include "storage/filter_memory.h"

#include <sys/mman.h>

#include <algorithm>
#include <cstring>
#include <iterator>
#include <utility>

namespace snapledger::storage {
namespace {

constexpr size_t kLineBytes = 64;

}  // namespace

std::shared_ptr<FilterMemory> FilterMemory::Make(size_t bytes_max) {
  return std::shared_ptr<FilterMemory>(new FilterMemory(bytes_max));
}

FilterMemory::FilterMemory(size_t bytes_max) : bytes_max_(bytes_max) {
  absl::MutexLock lock(&mutex_);
  AddStep(kLineBytes);
}

FilterMemory::~FilterMemory() {
  for (const Step& step : steps_) munmap(step.begin, step.bytes);
}

std::shared_ptr<std::byte> FilterMemory::Take(size_t bytes) {
  bytes = std::max(kLineBytes, (bytes + kLineBytes - 1) / kLineBytes * kLineBytes);
  std::byte* const begin = TakeRange(bytes);
  if (begin == nullptr) return nullptr;
  return {begin,
          [self = shared_from_this(), bytes](std::byte* place) { self->GiveBack(place, bytes); }};
}

std::byte* FilterMemory::TakeRange(size_t bytes) {
  absl::MutexLock lock(&mutex_);
  const auto fits = [bytes](const auto& range) { return range.second >= bytes; };
  auto found = std::find_if(free_.begin(), free_.end(), fits);
  if (found == free_.end()) {
    if (!AddStep(bytes)) return nullptr;
    found = std::find_if(free_.begin(), free_.end(), fits);
  }
  const auto [begin, range_bytes] = *found;
  free_.erase(found);
  if (range_bytes > bytes) free_.emplace(begin + bytes, range_bytes - bytes);
  return begin;
}

bool FilterMemory::AddStep(size_t bytes_needed) {
  const size_t allowed = bytes_max_ - step_bytes_;
  const size_t bytes =
      std::min(allowed, std::max(kStepBytes, bytes_needed)) / kLineBytes * kLineBytes;
  if (bytes < bytes_needed) return false;
  void* const begin =
      mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (begin == MAP_FAILED) return false;
  madvise(begin, bytes, MADV_HUGEPAGE);
  std::memset(begin, 0, bytes);  // so that all of it is there
  steps_.push_back({begin, bytes});
  step_bytes_ += bytes;
  AddFree(static_cast<std::byte*>(begin), bytes);
  return true;
}

void FilterMemory::GiveBack(std::byte* begin, size_t bytes) {
  absl::MutexLock lock(&mutex_);
  AddFree(begin, bytes);
}

void FilterMemory::AddFree(std::byte* begin, size_t bytes) {
  auto next = free_.lower_bound(begin);
  if (next != free_.end() && begin + bytes == next->first) {
    bytes += next->second;
    next = free_.erase(next);
  }
  if (next != free_.begin()) {
    const auto before = std::prev(next);
    if (before->first + before->second == begin) {
      before->second += bytes;
      return;
    }
  }
  free_.emplace(begin, bytes);
}

}  // namespace snapledger::storage
