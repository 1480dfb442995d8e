#include "services/operators/redrive_groups.h"

#include <algorithm>
#include <utility>

namespace snapledger::operators {
namespace {

int EventsMax(const RedriveGroups::Options& options) {
  if (options.events_per_second == 0) return options.events_per_request;
  const double second = std::max(1.0, options.events_per_second);
  return static_cast<int>(std::min<double>(options.events_per_request, second));
}

}  // namespace

RedriveGroups::RedriveGroups(Options options)
    : options_(std::move(options)), events_max_(EventsMax(options_)) {}

RedriveGroups::Place RedriveGroups::Put(bool doubted, int event_count, int64_t json_bytes) {
  const bool fits = open_ && doubted == doubted_ && events_in_group_ + event_count <= events_max_ &&
                    json_bytes_in_group_ + json_bytes <= options_.json_bytes_per_request;
  if (!fits) {
    const double before = static_cast<double>(events_placed_);
    place_ = {.group = options_.make_group(),
              .due_in = options_.events_per_second == 0
                            ? absl::ZeroDuration()
                            : absl::Seconds(before / options_.events_per_second)};
    open_ = true;
    doubted_ = doubted;
    events_in_group_ = 0;
    json_bytes_in_group_ = 0;
  }
  events_in_group_ += event_count;
  json_bytes_in_group_ += json_bytes;
  events_placed_ += event_count;
  return place_;
}

}  // namespace snapledger::operators
