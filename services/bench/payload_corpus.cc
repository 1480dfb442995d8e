#include "services/bench/payload_corpus.h"

#include <algorithm>
#include <fstream>

#include "absl/strings/str_format.h"
#include "services/base/check.h"
#include "services/base/text.h"
#include "services/bench/realistic_events.h"
#include "services/event/prepare.h"
#include "services/ingest/from_proto.h"
#include "services/snap/encode.h"

namespace snapledger::bench {
namespace {

constexpr int kCallsInTurn = 5;
constexpr int kAppTurn = 4;
constexpr int kPixelBodies = 8000;
constexpr int kAppBodies = 2000;
constexpr int kShopEvery = 4;  // of the pixel's events, one in four is of a shop

// The wire format of fields with a number below 16 and bytes in them: a tag, the bytes' number
// seven bits at a time, the bytes.
constexpr int kBytesWireType = 2;

size_t BytesOf(size_t bytes) {
  size_t head = 2;
  for (size_t rest = bytes >> 7; rest > 0; rest >>= 7) ++head;
  return head + bytes;
}

uint8_t* AppendHead(int field, size_t bytes, uint8_t* at) {
  *at++ = static_cast<uint8_t>(field << 3 | kBytesWireType);
  for (; bytes >= 0x80; bytes >>= 7) *at++ = static_cast<uint8_t>(bytes | 0x80);
  *at++ = static_cast<uint8_t>(bytes);
  return at;
}

uint8_t* AppendField(int field, std::string_view text, uint8_t* at) {
  return std::copy(text.begin(), text.end(), AppendHead(field, text.size(), at));
}

}  // namespace

PayloadCorpus::PayloadCorpus(uint64_t seed, absl::Time now) : seed_(seed), now_(now) {
  RealisticEvents events(seed, "shop-", now);
  for (int i = 0; i < kPixelBodies; ++i) {
    pixel_.push_back(i % kShopEvery == kShopEvery - 1 ? events.Offline() : events.Web());
  }
  for (int i = 0; i < kAppBodies; ++i) app_.push_back(events.App());
  for (const v1::ConversionEvent& event : pixel_) {
    serialized_pixel_.push_back(event.SerializeAsString());
  }
  for (const v1::ConversionEvent& event : app_) {
    serialized_app_.push_back(event.SerializeAsString());
  }
}

void PayloadCorpus::Fill(std::string_view phase, int64_t call, int count,
                         v1::RecordEventsRequest* request) const {
  request->set_destination(DestinationOf(call));
  request->mutable_events()->Clear();
  const std::vector<v1::ConversionEvent>& bodies = BodiesOf(call);
  for (int i = 0; i < count; ++i) {
    const int64_t number = call * count + i;
    v1::ConversionEvent* const event = request->add_events();
    event->CopyFrom(bodies[number % bodies.size()]);
    event->set_event_id(EventId(phase, number));
  }
}

grpc::ByteBuffer PayloadCorpus::SerializedCall(std::string_view phase, int64_t call) const {
  const std::string_view destination = DestinationOf(call);
  const std::vector<std::string>& bodies =
      destination == kAppId ? serialized_app_ : serialized_pixel_;
  const std::string& body = bodies[call % bodies.size()];
  const std::string id = EventId(phase, call);
  // The id is the event's last field: of a field that stands twice the last counts.
  const size_t event_bytes = body.size() + BytesOf(id.size());
  grpc::Slice slice(BytesOf(destination.size()) + BytesOf(event_bytes));
  auto* at = const_cast<uint8_t*>(slice.begin());
  at = AppendField(v1::RecordEventsRequest::kDestinationFieldNumber, destination, at);
  at = AppendHead(v1::RecordEventsRequest::kEventsFieldNumber, event_bytes, at);
  at = std::copy(body.begin(), body.end(), at);
  AppendField(v1::ConversionEvent::kEventIdFieldNumber, id, at);
  return {&slice, 1};
}

const char* PayloadCorpus::DestinationOf(int64_t call) {
  return call % kCallsInTurn == kAppTurn ? kAppId : kPixelId;
}

const std::vector<v1::ConversionEvent>& PayloadCorpus::BodiesOf(int64_t call) const {
  return call % kCallsInTurn == kAppTurn ? app_ : pixel_;
}

// As long as the UUIDs most callers use.
std::string PayloadCorpus::EventId(std::string_view phase, int64_t number) const {
  return absl::StrFormat("%s-%08x-%016x", base::AsAbsl(phase), seed_ & 0xffffffff, number);
}

std::string PayloadCorpus::SnapJson(const v1::ConversionEvent& event, int64_t call) const {
  std::string extra_json;
  event::PreparePolicy policy;
  policy.destination_kind = DestinationOf(call) == std::string_view(kAppId)
                                ? event::DestinationKind::kApp
                                : event::DestinationKind::kPixel;
  policy.now = now_;
  const event::PreparedEvent prepared =
      event::Prepare(ingest::FromProto(event, &extra_json), policy);
  SNAPLEDGER_CHECK(prepared.disposition == event::Disposition::kSend);
  std::string json;
  snap::AppendSnapEvent(prepared.event, {}, &json);
  return json;
}

absl::Status PayloadCorpus::WriteSnapEvents(const std::string& path, int64_t count) const {
  std::ofstream file(path);
  v1::RecordEventsRequest request;
  for (int64_t call = 0; call < count && file; ++call) {
    Fill("measured", call, 1, &request);
    file << SnapJson(request.events(0), call) << '\n';
  }
  file.close();
  if (!file) return absl::UnavailableError("cannot write " + path);
  return absl::OkStatus();
}

double PayloadCorpus::MeanSnapBytes() const {
  constexpr int kSample = 1000;
  size_t bytes = 0;
  v1::RecordEventsRequest request;
  for (int64_t call = 0; call < kSample; ++call) {
    Fill("measured", call, 1, &request);
    bytes += SnapJson(request.events(0), call).size();
  }
  return static_cast<double>(bytes) / kSample;
}

}  // namespace snapledger::bench
