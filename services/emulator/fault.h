#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "services/emulator/endpoint.h"

namespace snapledger::emulator {

enum class FaultKind {
  kStatus,
  kThrottle,
  kRedirect,
  kRejectEvents,
  kHang,
  kDelay,
  kResetBeforeRead,
  kResetAfterBody,
  kHalfAnswer,
  kBadJson,
  kEmpty200,
  kWrongLength,
  kNeverEnding,
  kSlowLoris,
  kOversized,
  kGzipBomb,
  kCloseKeepalive,
  kTlsHang,
  kRefuseConnections,
  kExpiredCertificate,
  kWrongHostCertificate,
};

// What a fault is matched against: a new connection, a request, or the events in a request.
enum class FaultScope { kConnection, kRequest, kEvents };

// One entry of the faults list; docs/emulator.md has the meaning of every member.
struct Fault {
  FaultKind kind = FaultKind::kStatus;
  FaultScope scope = FaultScope::kRequest;
  std::string name;                  // the kind's name unless given
  std::string asset;                 // empty: any
  std::optional<Endpoint> endpoint;  // empty: any
  std::optional<uint64_t> count;     // how often it strikes at most
  uint64_t after = 0;                // matches that pass first
  double probability = 1;
  bool process = false;  // the request is processed as usual before the faulty answer

  int status = 500;
  std::vector<std::pair<std::string, std::string>> headers;
  std::optional<std::string> body;
  double retry_after = -1;  // seconds; negative: no header
  bool retry_after_as_date = false;
  std::string location;
  absl::Duration duration;
  absl::Duration interval;
  uint64_t bytes = 0;
  int64_t delta = 0;
  bool reset = false;            // half_answer ends with a reset
  bool on_next_request = false;  // close_keepalive waits for the next request
  absl::flat_hash_set<std::string> event_ids;
  bool name_event = true;
};

absl::string_view FaultKindName(FaultKind kind);

// Reads {"faults":[…]} or a bare array. An error tells which entry and why.
absl::StatusOr<std::vector<Fault>> ParseFaults(absl::string_view json);

}  // namespace snapledger::emulator
