#pragma once

#include <atomic>
#include <cstdint>
#include <string>

#include "services/emulator/certificates.h"
#include "services/emulator/exchange.h"
#include "services/emulator/fault_list.h"
#include "services/emulator/journal.h"
#include "services/emulator/options.h"
#include "services/emulator/snap_api.h"
#include "services/emulator/stream.h"

namespace snapledger::emulator {

// Serves the connections to the Snap side: TLS, requests, faults, journal. Thread-safe.
class SnapServer {
 public:
  // All must outlive this.
  struct Parts {
    const Certificates& certificates;
    FaultList& faults;
    Journal& journal;
    SnapApi& api;
  };

  SnapServer(const Options& options, const Parts& parts) : options_(options), parts_(parts) {}

  // Serves one connection until it ends.
  void Serve(Stream& stream);

  uint64_t requests() const { return requests_; }
  uint64_t in_progress() const { return in_progress_; }

 private:
  // The TLS context for a new connection; null if a fault has ended it.
  SSL_CTX* AdmitConnection(Stream& stream);
  // True if another request may follow.
  bool ServeRequest(Stream& stream, HttpReader& reader);
  // Reads the body; false after answering or journaling a request without a usable one.
  bool ReadBody(Stream& stream, HttpReader& reader, Exchange& exchange);

  const Options& options_;
  const Parts parts_;
  std::atomic<uint64_t> requests_ = 0;
  std::atomic<uint64_t> in_progress_ = 0;
};

// Answers a request that could not be read, and ends the connection so that the answer arrives.
void AnswerUnreadable(Stream& stream, ReadEnd end);

}  // namespace snapledger::emulator
