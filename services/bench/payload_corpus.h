#pragma once

#include <grpcpp/support/byte_buffer.h>

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "snapledger/v1/conversion_service.pb.h"

namespace snapledger::bench {

inline constexpr char kPixelId[] = "6abc82ca-0000-4000-8000-000000000001";
inline constexpr char kAppId[] = "6abc82ca-0000-4000-8000-000000000002";

// The events a run records: of every five calls four go to the pixel with events of sites and
// shops, one to the app. Bodies are drawn from a corpus made beforehand, so that inventing them
// costs the measurement nothing; every event has an id of its own. The same seed gives the same
// events. Thread-safe.
class PayloadCorpus {
 public:
  explicit PayloadCorpus(uint64_t seed, absl::Time now);

  // Makes `request` call number `call` of a phase, with `count` events. Phases (setting up,
  // measuring) have ids apart.
  void Fill(std::string_view phase, int64_t call, int count,
            v1::RecordEventsRequest* request) const;

  // Call number `call` of a phase with one event, as it travels. Takes a fraction of what making
  // and serialising the message takes.
  grpc::ByteBuffer SerializedCall(std::string_view phase, int64_t call) const;

  static const char* DestinationOf(int64_t call);
  std::string EventId(std::string_view phase, int64_t number) const;

  // The first `count` events as Snap would get them, one JSON object a line.
  absl::Status WriteSnapEvents(const std::string& path, int64_t count) const;

  // Bytes of an event's Snap JSON, the mean over the corpus in the mix above.
  double MeanSnapBytes() const;

 private:
  const std::vector<v1::ConversionEvent>& BodiesOf(int64_t call) const;
  std::string SnapJson(const v1::ConversionEvent& event, int64_t call) const;

  const uint64_t seed_;
  const absl::Time now_;
  std::vector<v1::ConversionEvent> pixel_;
  std::vector<v1::ConversionEvent> app_;
  std::vector<std::string> serialized_pixel_;
  std::vector<std::string> serialized_app_;
};

}  // namespace snapledger::bench
