#include <cmath>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "services/base/status_macros.h"
#include "services/emulator/fault.h"
#include "services/emulator/json_body.h"

namespace snapledger::emulator {
namespace {

using enum FaultKind;

struct KindInfo {
  FaultKind kind;
  absl::string_view name;
  FaultScope scope;
  bool process;                // default
  bool process_can_be_chosen;  // false: the kind allows only the default
  absl::string_view members;   // its own, besides those every kind takes
};

constexpr KindInfo kKinds[] = {
    {kStatus, "status", FaultScope::kRequest, false, true, "status headers body retry_after"},
    {kThrottle, "throttle", FaultScope::kRequest, false, true,
     "headers body retry_after retry_after_as"},
    {kRedirect, "redirect", FaultScope::kRequest, false, true, "status headers location"},
    {kRejectEvents, "reject_events", FaultScope::kEvents, true, false, "event_ids name_event body"},
    {kHang, "hang", FaultScope::kRequest, true, true, "seconds"},
    {kDelay, "delay", FaultScope::kRequest, true, false, "ms"},
    {kResetBeforeRead, "reset_before_read", FaultScope::kRequest, false, false, ""},
    {kResetAfterBody, "reset_after_body", FaultScope::kRequest, true, true, ""},
    {kHalfAnswer, "half_answer", FaultScope::kRequest, true, true, "how"},
    {kBadJson, "bad_json", FaultScope::kRequest, true, true, "body"},
    {kEmpty200, "empty_200", FaultScope::kRequest, true, true, ""},
    {kWrongLength, "wrong_length", FaultScope::kRequest, true, true, "delta"},
    {kNeverEnding, "never_ending", FaultScope::kRequest, true, true, "seconds interval_ms"},
    {kSlowLoris, "slow_loris", FaultScope::kRequest, true, false, "interval_ms"},
    {kOversized, "oversized", FaultScope::kRequest, true, true, "bytes"},
    {kGzipBomb, "gzip_bomb", FaultScope::kRequest, true, true, "bytes"},
    {kCloseKeepalive, "close_keepalive", FaultScope::kRequest, true, false, "when"},
    {kTlsHang, "tls_hang", FaultScope::kConnection, false, false, "seconds"},
    {kRefuseConnections, "refuse_connections", FaultScope::kConnection, false, false, ""},
    {kExpiredCertificate, "expired_certificate", FaultScope::kConnection, false, false, ""},
    {kWrongHostCertificate, "wrong_host_certificate", FaultScope::kConnection, false, false, ""},
};

absl::Status Bad(absl::string_view member, absl::string_view want) {
  return absl::InvalidArgumentError(absl::StrCat(member, " must be ", want));
}

absl::StatusOr<const KindInfo*> FindKind(const JsonValue& entry) {
  const absl::string_view name = TextOf(FindMember(entry, "kind"));
  for (const KindInfo& info : kKinds) {
    if (info.name == name) return &info;
  }
  return absl::InvalidArgumentError(absl::StrCat(
      "kind must be one of ", absl::StrJoin(kKinds, ", ", [](std::string* out, const auto& info) {
        absl::StrAppend(out, info.name);
      })));
}

Fault Defaults(const KindInfo& info) {
  Fault fault;
  fault.kind = info.kind;
  fault.scope = info.scope;
  fault.name = std::string(info.name);
  fault.process = info.process;
  if (info.kind == kThrottle) fault.status = 429;
  if (info.kind == kRedirect) fault.status = 302;
  fault.duration = absl::Seconds(info.kind == kTlsHang ? 3600 : 60);
  if (info.kind == kDelay) fault.duration = absl::Milliseconds(1000);
  fault.interval = absl::Milliseconds(info.kind == kSlowLoris ? 1000 : 100);
  fault.bytes = info.kind == kGzipBomb ? 256ULL << 20 : 10ULL << 20;
  fault.delta = 100;
  return fault;
}

absl::Status ReadNumber(absl::string_view name, const JsonValue& value, double low, double high,
                        double* out) {
  if (!value.IsNumber() || value.GetDouble() < low || value.GetDouble() > high) {
    return Bad(name, absl::StrCat("a number from ", low, " to ", high));
  }
  *out = value.GetDouble();
  return absl::OkStatus();
}

template <typename Integer>
absl::Status ReadInteger(absl::string_view name, const JsonValue& value, int64_t low, int64_t high,
                         Integer* out) {
  if (!value.IsInt64() || value.GetInt64() < low || value.GetInt64() > high) {
    return Bad(name, absl::StrCat("a whole number from ", low, " to ", high));
  }
  *out = static_cast<Integer>(value.GetInt64());
  return absl::OkStatus();
}

absl::Status ReadText(absl::string_view name, const JsonValue& value, std::string* out) {
  if (!value.IsString()) return Bad(name, "a string");
  *out = std::string(TextOf(&value));
  return absl::OkStatus();
}

absl::Status ReadFlag(absl::string_view name, const JsonValue& value, bool* out) {
  if (!value.IsBool()) return Bad(name, "true or false");
  *out = value.GetBool();
  return absl::OkStatus();
}

// One of two words; `out` tells whether it was the second.
absl::Status ReadWord(absl::string_view name, const JsonValue& value, absl::string_view first,
                      absl::string_view second, bool* out) {
  const absl::string_view text = TextOf(&value);
  if (text != first && text != second) return Bad(name, absl::StrCat(first, " or ", second));
  *out = text == second;
  return absl::OkStatus();
}

absl::Status ReadHeaders(const JsonValue& value, Fault* fault) {
  if (!value.IsObject()) return Bad("headers", "an object of strings");
  for (const auto& item : value.GetObject()) {
    const absl::string_view name = TextOf(&item.name);
    const absl::string_view text = TextOf(&item.value);
    if (name.empty() || !item.value.IsString() ||
        absl::StrCat(name, text).find_first_of("\r\n") != std::string::npos) {
      return Bad("headers", "an object of one-line strings");
    }
    fault->headers.emplace_back(name, text);
  }
  return absl::OkStatus();
}

absl::Status ReadEventIds(const JsonValue& value, Fault* fault) {
  if (!value.IsArray() || value.Empty()) return Bad("event_ids", "a list of strings");
  for (const JsonValue& item : value.GetArray()) {
    if (!item.IsString()) return Bad("event_ids", "a list of strings");
    fault->event_ids.emplace(TextOf(&item));
  }
  return absl::OkStatus();
}

absl::Status ReadEndpoint(const JsonValue& value, Fault* fault) {
  fault->endpoint = EndpointByName(TextOf(&value));
  if (fault->endpoint.has_value()) return absl::OkStatus();
  return Bad("endpoint", "events, validate, logs, stats, quality or other");
}

absl::Status ReadSpan(absl::string_view name, const JsonValue& value, absl::Duration unit,
                      absl::Duration* out) {
  double number = 0;
  SNAPLEDGER_RETURN_IF_ERROR(ReadNumber(name, value, 0, 1e7, &number));
  *out = number * unit;
  return absl::OkStatus();
}

constexpr int64_t kMany = int64_t{1} << 40;

using Reader = absl::Status (*)(const JsonValue&, Fault*);

const absl::flat_hash_map<absl::string_view, Reader>& Readers() {
  using V = const JsonValue&;
  static const auto* const readers = new absl::flat_hash_map<absl::string_view, Reader>{
      {"kind", [](V, Fault*) { return absl::OkStatus(); }},
      {"name", [](V v, Fault* f) { return ReadText("name", v, &f->name); }},
      {"asset", [](V v, Fault* f) { return ReadText("asset", v, &f->asset); }},
      {"endpoint", [](V v, Fault* f) { return ReadEndpoint(v, f); }},
      {"count", [](V v, Fault* f) { return ReadInteger("count", v, 0, kMany, &f->count); }},
      {"after", [](V v, Fault* f) { return ReadInteger("after", v, 0, kMany, &f->after); }},
      {"probability",
       [](V v, Fault* f) { return ReadNumber("probability", v, 0, 1, &f->probability); }},
      {"process", [](V v, Fault* f) { return ReadFlag("process", v, &f->process); }},
      {"status", [](V v, Fault* f) { return ReadInteger("status", v, 100, 999, &f->status); }},
      {"headers", [](V v, Fault* f) { return ReadHeaders(v, f); }},
      {"body", [](V v, Fault* f) { return ReadText("body", v, &f->body.emplace()); }},
      {"retry_after",
       [](V v, Fault* f) { return ReadNumber("retry_after", v, 0, 1e9, &f->retry_after); }},
      {"retry_after_as",
       [](V v, Fault* f) {
         return ReadWord("retry_after_as", v, "seconds", "date", &f->retry_after_as_date);
       }},
      {"location", [](V v, Fault* f) { return ReadText("location", v, &f->location); }},
      {"seconds",
       [](V v, Fault* f) { return ReadSpan("seconds", v, absl::Seconds(1), &f->duration); }},
      {"ms", [](V v, Fault* f) { return ReadSpan("ms", v, absl::Milliseconds(1), &f->duration); }},
      {"interval_ms",
       [](V v, Fault* f) {
         return ReadSpan("interval_ms", v, absl::Milliseconds(1), &f->interval);
       }},
      {"bytes",
       [](V v, Fault* f) { return ReadInteger("bytes", v, 1, int64_t{1} << 32, &f->bytes); }},
      {"delta",
       [](V v, Fault* f) { return ReadInteger("delta", v, -1000000, 1000000, &f->delta); }},
      {"how", [](V v, Fault* f) { return ReadWord("how", v, "close", "reset", &f->reset); }},
      {"when",
       [](V v, Fault* f) {
         return ReadWord("when", v, "at_once", "next_request", &f->on_next_request);
       }},
      {"event_ids", [](V v, Fault* f) { return ReadEventIds(v, f); }},
      {"name_event", [](V v, Fault* f) { return ReadFlag("name_event", v, &f->name_event); }},
  };
  return *readers;
}

bool Takes(const KindInfo& info, absl::string_view member) {
  for (const absl::string_view every : {"kind", "name", "count", "after", "probability"}) {
    if (member == every) return true;
  }
  if (info.scope != FaultScope::kConnection && (member == "asset" || member == "endpoint")) {
    return true;
  }
  if (member == "process") return info.process_can_be_chosen;
  const std::vector<absl::string_view> own = absl::StrSplit(info.members, ' ');
  return std::find(own.begin(), own.end(), member) != own.end();
}

absl::StatusOr<Fault> ParseFault(const JsonValue& entry) {
  if (!entry.IsObject()) return absl::InvalidArgumentError("must be an object");
  SNAPLEDGER_ASSIGN_OR_RETURN(const KindInfo* const info, FindKind(entry));
  Fault fault = Defaults(*info);
  for (const auto& item : entry.GetObject()) {
    const absl::string_view member = TextOf(&item.name);
    const auto reader = Readers().find(member);
    if (reader == Readers().end() || !Takes(*info, member)) {
      return absl::InvalidArgumentError(
          absl::StrCat("kind ", info->name, " does not take the member '", member, "'"));
    }
    SNAPLEDGER_RETURN_IF_ERROR(reader->second(item.value, &fault));
  }
  if (fault.scope == FaultScope::kEvents && fault.event_ids.empty()) {
    return absl::InvalidArgumentError("event_ids is needed");
  }
  if (fault.kind == kRedirect && (fault.status < 300 || fault.status > 399)) {
    return Bad("status", "from 300 to 399");
  }
  return fault;
}

}  // namespace

absl::string_view FaultKindName(FaultKind kind) {
  for (const KindInfo& info : kKinds) {
    if (info.kind == kind) return info.name;
  }
  return "";
}

absl::StatusOr<std::vector<Fault>> ParseFaults(absl::string_view json) {
  SNAPLEDGER_ASSIGN_OR_RETURN(const auto body, JsonBody::Parse(json));
  const JsonValue* list = &body->root();
  if (list->IsObject()) {
    if (list->MemberCount() != 1) {
      return absl::InvalidArgumentError("the object must have the one member 'faults'");
    }
    list = FindMember(*list, "faults");
  }
  if (list == nullptr || !list->IsArray()) {
    return absl::InvalidArgumentError(R"(faults must be a list, or an object {"faults":[…]})");
  }
  std::vector<Fault> faults;
  for (const JsonValue& entry : list->GetArray()) {
    absl::StatusOr<Fault> fault = ParseFault(entry);
    if (!fault.ok()) {
      return absl::InvalidArgumentError(
          absl::StrCat("fault ", faults.size() + 1, ": ", fault.status().message()));
    }
    faults.push_back(*std::move(fault));
  }
  return faults;
}

}  // namespace snapledger::emulator
