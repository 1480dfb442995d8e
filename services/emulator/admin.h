#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "services/emulator/activity.h"
#include "services/emulator/conversions.h"
#include "services/emulator/fault_list.h"
#include "services/emulator/http.h"
#include "services/emulator/options.h"
#include "services/emulator/snap_server.h"
#include "services/emulator/stream.h"
#include "services/emulator/tokens.h"

namespace snapledger::emulator {

// The plain HTTP side that tests steer the emulator with. Thread-safe.
class Admin {
 public:
  // All must outlive this.
  struct Parts {
    Tokens& tokens;
    FaultList& faults;
    Conversions& conversions;
    Activity& activity;
    const SnapServer& server;
  };

  Admin(const Options& options, const Parts& parts) : options_(options), parts_(parts) {}

  // Serves one connection until it ends.
  void Serve(Stream& stream);

 private:
  HttpAnswer Handle(const HttpRequest& request);
  HttpAnswer ReplaceFaults(const HttpRequest& request);
  HttpAnswer AddPixelEvents(const HttpRequest& request);
  HttpAnswer Health() const;

  const Options& options_;
  const Parts parts_;
};

}  // namespace snapledger::emulator
