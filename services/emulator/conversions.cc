#include "services/emulator/conversions.h"

#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <algorithm>
#include <bit>
#include <vector>

#include "services/emulator/json_writing.h"

namespace snapledger::emulator {
namespace {

constexpr absl::string_view kPurchase = "PURCHASE";

bool Within(absl::Time first, absl::Time time, absl::Duration window) {
  return absl::AbsDuration(time - first) <= window;
}

struct Counts {
  uint64_t counted = 0;
  uint64_t server_only = 0;
  uint64_t pixel_only = 0;
  uint64_t both = 0;
  uint64_t arrivals_server = 0;
  uint64_t arrivals_pixel = 0;
};

void WriteCounts(const Counts& counts, JsonWriter& writer) {
  WriteMember("counted", counts.counted, writer);
  WriteMember("server_only", counts.server_only, writer);
  WriteMember("pixel_only", counts.pixel_only, writer);
  WriteMember("both", counts.both, writer);
  WriteMember("arrivals_server", counts.arrivals_server, writer);
  WriteMember("arrivals_pixel", counts.arrivals_pixel, writer);
}

template <typename Group>
Counts CountGroup(const Group& group) {
  Counts counts;
  for (const auto& conversion : group.conversions) {
    ++counts.counted;
    counts.server_only += conversion.arrivals_pixel == 0;
    counts.pixel_only += conversion.arrivals_server == 0;
    counts.both += conversion.arrivals_pixel > 0 && conversion.arrivals_server > 0;
    counts.arrivals_server += conversion.arrivals_server;
    counts.arrivals_pixel += conversion.arrivals_pixel;
  }
  return counts;
}

template <typename Group>
void WriteDetail(absl::string_view asset, absl::string_view event_name, const Group& group,
                 JsonWriter& writer) {
  for (const auto& conversion : group.conversions) {
    writer.StartObject();
    WriteMember("asset", asset, writer);
    WriteMember("event_name", event_name, writer);
    WriteMember("event_id", conversion.event_id, writer);
    WriteMember("order_id", conversion.order_id, writer);
    WriteMember("first_time", absl::ToDoubleSeconds(conversion.first_time - absl::UnixEpoch()),
                writer);
    WriteMember("arrivals", uint64_t{conversion.arrivals_server} + conversion.arrivals_pixel,
                writer);
    WriteMember("arrivals_server", uint64_t{conversion.arrivals_server}, writer);
    WriteMember("arrivals_pixel", uint64_t{conversion.arrivals_pixel}, writer);
    WriteMember("kept", absl::string_view(conversion.kept_pixel ? "pixel" : "server"), writer);
    WriteMember("signals", uint64_t(std::popcount(conversion.signals)), writer);
    writer.EndObject();
  }
}

}  // namespace

Conversions::Conversion* Conversions::Find(Group& group, const Arrival& arrival) const {
  if (rules_.dedup_off) return nullptr;
  if (!arrival.event_id.empty()) {
    const auto found = group.by_event_id.find(arrival.event_id);
    if (found != group.by_event_id.end() &&
        Within(found->second->first_time, arrival.time, absl::Hours(rules_.dedup_hours))) {
      return found->second;
    }
  }
  if (arrival.event_name == kPurchase && !arrival.order_id.empty()) {
    const auto found = group.by_order_id.find(arrival.order_id);
    if (found != group.by_order_id.end() && Within(found->second->first_time, arrival.time,
                                                   absl::Hours(24 * rules_.dedup_order_days))) {
      return found->second;
    }
  }
  return nullptr;
}

void Conversions::Join(Group& group, Conversion& conversion, const Arrival& arrival) const {
  ++(arrival.pixel ? conversion.arrivals_pixel : conversion.arrivals_server);
  const bool first = conversion.arrivals_pixel + conversion.arrivals_server == 1;
  const bool stronger = rules_.dedup_keeps_strongest &&
                        std::popcount(arrival.signals) > std::popcount(conversion.signals);
  if (first || stronger) conversion.kept_pixel = arrival.pixel;
  if (!rules_.dedup_keeps_strongest) {
    conversion.signals |= arrival.signals;
  } else if (first || stronger) {
    conversion.signals = arrival.signals;
  }
  // Gaps are filled, so that a report that knows either id joins what knew only the other.
  if (conversion.event_id.empty()) conversion.event_id = std::string(arrival.event_id);
  if (conversion.order_id.empty()) conversion.order_id = std::string(arrival.order_id);
  if (!arrival.event_id.empty()) group.by_event_id[arrival.event_id] = &conversion;
  if (!arrival.order_id.empty()) group.by_order_id[arrival.order_id] = &conversion;
}

bool Conversions::Add(const Arrival& arrival) {
  absl::MutexLock lock(&mutex_);
  Group& group = groups_[GroupKey(arrival.asset, arrival.event_name)];
  Conversion* conversion = Find(group, arrival);
  const bool is_new = conversion == nullptr;
  if (is_new) {
    conversion = &group.conversions.emplace_back();
    conversion->first_time = arrival.time;
  }
  Join(group, *conversion, arrival);
  return is_new;
}

std::string Conversions::Report(bool detail) const {
  absl::MutexLock lock(&mutex_);
  std::vector<const GroupKey*> keys;
  for (const auto& [key, group] : groups_) keys.push_back(&key);
  std::sort(keys.begin(), keys.end(), [](const auto* a, const auto* b) { return *a < *b; });
  rapidjson::StringBuffer buffer;
  JsonWriter writer(buffer);
  writer.StartObject();
  writer.Key("assets");
  writer.StartArray();
  uint64_t total = 0;
  for (size_t i = 0; i < keys.size(); ++i) {
    if (i == 0 || keys[i]->first != keys[i - 1]->first) {
      writer.StartObject();
      WriteMember("asset", keys[i]->first, writer);
      writer.Key("events");
      writer.StartArray();
    }
    const Counts counts = CountGroup(groups_.at(*keys[i]));
    total += counts.counted;
    writer.StartObject();
    WriteMember("event_name", keys[i]->second, writer);
    WriteCounts(counts, writer);
    writer.EndObject();
    if (i + 1 == keys.size() || keys[i]->first != keys[i + 1]->first) {
      writer.EndArray();
      writer.EndObject();
    }
  }
  writer.EndArray();
  WriteMember("total_counted", total, writer);
  if (detail) {
    writer.Key("conversions");
    writer.StartArray();
    for (const GroupKey* key : keys) WriteDetail(key->first, key->second, groups_.at(*key), writer);
    writer.EndArray();
  }
  writer.EndObject();
  return {buffer.GetString(), buffer.GetSize()};
}

}  // namespace snapledger::emulator
