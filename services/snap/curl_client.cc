#include "services/snap/curl_client.h"

#include <string_view>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "services/snap/curl_handle.h"
#include "services/snap/gzip.h"

namespace snapledger::snap {

// Idle handles, each with its connection. The last one used is the first one taken, so that few
// connections stay warm and the others age away.
class CurlSnapClient::HandlePool {
 public:
  HandlePool(const Options& options, const CutTime& cut_time)
      : options_(options), cut_time_(cut_time) {}

  std::unique_ptr<CurlHandle> Take() {
    while (std::unique_ptr<CurlHandle> handle = TakeIdle()) {
      if (!handle->IsStale()) return handle;
    }
    return std::make_unique<CurlHandle>(options_.base_url, options_.ca_file, cut_time_);
  }

  void Return(std::unique_ptr<CurlHandle> handle) {
    if (!handle->reusable()) return;
    absl::MutexLock lock(&mutex_);
    if (static_cast<int>(idle_.size()) < options_.idle_connections_max) {
      idle_.push_back(std::move(handle));
    }
  }

 private:
  std::unique_ptr<CurlHandle> TakeIdle() {
    absl::MutexLock lock(&mutex_);
    if (idle_.empty()) return nullptr;
    std::unique_ptr<CurlHandle> handle = std::move(idle_.back());
    idle_.pop_back();
    return handle;
  }

  const Options& options_;
  const CutTime& cut_time_;
  absl::Mutex mutex_;
  std::vector<std::unique_ptr<CurlHandle>> idle_ ABSL_GUARDED_BY(mutex_);
};

CurlSnapClient::CurlSnapClient(Options options)
    : options_(std::move(options)), pool_(std::make_unique<HandlePool>(options_, cut_time_)) {}

CurlSnapClient::~CurlSnapClient() = default;

void CurlSnapClient::CutFrom(absl::Duration monotonic) { cut_time_.Set(monotonic); }

SnapReply CurlSnapClient::Send(const SnapRequest& request) {
  std::string zipped;
  std::string_view body = request.body;
  if (request.gzip) {
    absl::StatusOr<std::string> result = Gzip(request.body);
    if (!result.ok()) {
      SnapReply reply;
      reply.transport = Transport::kNotSent;
      reply.error = std::string(result.status().message());
      return reply;
    }
    zipped = *std::move(result);
    body = zipped;
  }
  std::unique_ptr<CurlHandle> handle = pool_->Take();
  SnapReply reply = handle->Send(request, body);
  pool_->Return(std::move(handle));
  return reply;
}

}  // namespace snapledger::snap
