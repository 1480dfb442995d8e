#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "tests/e2e/emulator_client.h"
#include "tests/support/running_program.h"

namespace snapledger::chaos {

// The emulator of one run, which deduplicates; it lives as long as the run, for its journal is the
// witness. Thread-safe.
class Emulator {
 public:
  Emulator(const std::string& program, const std::string& folder, uint64_t seed);

  // HOST:PORT, for a relay.
  std::string target() const;
  std::string ca_file() const { return folder_ + "/ca.pem"; }
  std::string journal() const { return folder_ + "/journal.jsonl"; }
  const std::string& admin_url() const { return admin_url_; }
  e2e::EmulatorClient& client() { return *client_; }

 private:
  const std::string folder_;
  std::unique_ptr<support::RunningProgram> program_;
  std::string url_;
  std::string admin_url_;
  std::unique_ptr<e2e::EmulatorClient> client_;
};

}  // namespace snapledger::chaos
