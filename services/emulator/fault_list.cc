#include "services/emulator/fault_list.h"

#include <algorithm>
#include <utility>

#include "services/emulator/json_writing.h"

namespace snapledger::emulator {
namespace {

bool MatchesRoute(const Fault& fault, const Route& route) {
  return (fault.asset.empty() || fault.asset == route.asset) &&
         (!fault.endpoint.has_value() || *fault.endpoint == route.endpoint);
}

}  // namespace

void FaultList::Replace(std::vector<Fault> faults) {
  absl::MutexLock lock(&mutex_);
  entries_.clear();
  for (Fault& fault : faults) {
    entries_.push_back({std::make_shared<const Fault>(std::move(fault))});
  }
  empty_ = entries_.empty();
}

bool FaultList::Strikes(Entry& entry) {
  const Fault& fault = *entry.fault;
  if (fault.count.has_value() && entry.struck >= *fault.count) return false;
  if (++entry.matched <= fault.after) return false;
  // The standard leaves distributions to the library; plain arithmetic repeats everywhere.
  const double drawn = static_cast<double>(random_() >> 11) * 0x1.0p-53;
  if (fault.probability < 1 && drawn >= fault.probability) return false;
  ++entry.struck;
  return true;
}

template <typename Matches>
FaultPtr FaultList::Take(FaultScope scope, const Matches& matches) {
  if (empty_) return nullptr;
  absl::MutexLock lock(&mutex_);
  for (Entry& entry : entries_) {
    if (entry.fault->scope == scope && matches(*entry.fault) && Strikes(entry)) return entry.fault;
  }
  return nullptr;
}

FaultPtr FaultList::TakeForConnection() {
  return Take(FaultScope::kConnection, [](const Fault&) { return true; });
}

FaultPtr FaultList::TakeForRequest(const Route& route) {
  return Take(FaultScope::kRequest,
              [&route](const Fault& fault) { return MatchesRoute(fault, route); });
}

FaultPtr FaultList::TakeForEvents(const Route& route,
                                  const std::vector<absl::string_view>& event_ids) {
  return Take(FaultScope::kEvents, [&](const Fault& fault) {
    return MatchesRoute(fault, route) &&
           std::any_of(event_ids.begin(), event_ids.end(),
                       [&fault](absl::string_view id) { return fault.event_ids.contains(id); });
  });
}

std::string FaultList::Report() const {
  absl::MutexLock lock(&mutex_);
  rapidjson::StringBuffer buffer;
  JsonWriter writer(buffer);
  writer.StartObject();
  writer.Key("faults");
  writer.StartArray();
  for (const Entry& entry : entries_) {
    writer.StartObject();
    WriteMember("name", entry.fault->name, writer);
    WriteMember("kind", FaultKindName(entry.fault->kind), writer);
    WriteMember("matched", entry.matched, writer);
    WriteMember("struck", entry.struck, writer);
    writer.Key("left");
    if (entry.fault->count.has_value()) {
      writer.Uint64(*entry.fault->count - entry.struck);
    } else {
      writer.Null();
    }
    writer.EndObject();
  }
  writer.EndArray();
  writer.EndObject();
  return {buffer.GetString(), buffer.GetSize()};
}

}  // namespace snapledger::emulator
