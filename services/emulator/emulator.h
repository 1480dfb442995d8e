#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "services/emulator/activity.h"
#include "services/emulator/admin.h"
#include "services/emulator/certificates.h"
#include "services/emulator/conversions.h"
#include "services/emulator/fault_list.h"
#include "services/emulator/journal.h"
#include "services/emulator/listener.h"
#include "services/emulator/options.h"
#include "services/emulator/snap_api.h"
#include "services/emulator/snap_server.h"
#include "services/emulator/stop_signal.h"
#include "services/emulator/tokens.h"

namespace snapledger::emulator {

// A local stand-in for Snap: it serves from Start() until it is destroyed, on threads of its own.
class Emulator {
 public:
  static absl::StatusOr<std::unique_ptr<Emulator>> Start(const Options& options);
  // Ends every connection and wait at once.
  ~Emulator();

  // https://127.0.0.1:PORT and http://127.0.0.1:PORT, for the addresses in use.
  std::string url() const;
  std::string admin_url() const;
  // The certificate clients must trust.
  const std::string& ca_pem() const { return certificates_->ca_pem(); }

 private:
  explicit Emulator(const Options& options);
  absl::Status Load();
  absl::Status Listen();

  const Options options_;
  StopSignal stop_;
  Tokens tokens_;
  FaultList faults_;
  Conversions conversions_;
  Activity activity_;
  SnapApi api_;
  std::unique_ptr<Certificates> certificates_;
  std::unique_ptr<Journal> journal_;
  std::unique_ptr<SnapServer> server_;
  std::unique_ptr<Admin> admin_;
  std::unique_ptr<Listener> listener_;
  std::unique_ptr<Listener> admin_listener_;
};

}  // namespace snapledger::emulator
