#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "snapledger/v1/admin_service.grpc.pb.h"
#include "snapledger/v1/conversion_service.grpc.pb.h"

namespace snapledger::chaos {

// The administrator of the run: asks one service after the other until one answers. Thread-safe.
class Administration {
 public:
  explicit Administration(const std::vector<std::string>& addresses);

  // Each is false, or nothing, where no service did it within `time_max`.
  bool CreateDestination(const v1::CreateDestinationRequest& request, absl::Duration time_max);
  bool Pause(const std::string& destination, absl::Duration time_max);
  bool Resume(const std::string& destination, absl::Duration time_max);
  std::optional<v1::Destination> Get(const std::string& destination, absl::Duration time_max);
  // Changes the number of lanes and nothing else.
  bool SetLanes(const std::string& destination, int lanes, absl::Duration time_max);
  // Events of all destinations by state.
  using StateCounts = std::map<v1::DeliveryState, int64_t>;
  std::optional<StateCounts> CountStates(absl::Duration time_max);

 private:
  struct Stubs {
    std::unique_ptr<v1::AdminService::Stub> admin;
    std::unique_ptr<v1::ConversionService::Stub> conversions;
  };
  template <typename Call>
  bool Try(absl::Duration time_max, Call call);

  std::vector<Stubs> services_;
  absl::Mutex mutex_;
  size_t next_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace snapledger::chaos
