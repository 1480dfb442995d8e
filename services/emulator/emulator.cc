#include "services/emulator/emulator.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "services/base/status_macros.h"
#include "services/emulator/files.h"

namespace snapledger::emulator {

Emulator::Emulator(const Options& options)
    : options_(options),
      faults_(options_.seed),
      conversions_(options_.rules),
      api_(options_, {tokens_, faults_, conversions_, activity_}) {}

Emulator::~Emulator() { stop_.Raise(); }

absl::StatusOr<std::unique_ptr<Emulator>> Emulator::Start(const Options& options) {
  std::unique_ptr<Emulator> emulator(new Emulator(options));
  SNAPLEDGER_RETURN_IF_ERROR(emulator->Load());
  SNAPLEDGER_RETURN_IF_ERROR(emulator->Listen());
  return emulator;
}

absl::Status Emulator::Load() {
  if (!options_.tokens_file.empty()) {
    SNAPLEDGER_ASSIGN_OR_RETURN(const std::string text, ReadFile(options_.tokens_file));
    SNAPLEDGER_RETURN_IF_ERROR(tokens_.Replace(text));
  }
  if (!options_.faults_file.empty()) {
    SNAPLEDGER_ASSIGN_OR_RETURN(const std::string text, ReadFile(options_.faults_file));
    absl::StatusOr<std::vector<Fault>> faults = ParseFaults(text);
    if (!faults.ok()) {
      return absl::InvalidArgumentError(
          absl::StrCat(options_.faults_file, ": ", faults.status().message()));
    }
    faults_.Replace(*std::move(faults));
  }
  SNAPLEDGER_ASSIGN_OR_RETURN(journal_, Journal::Open(options_.journal_file));
  SNAPLEDGER_ASSIGN_OR_RETURN(certificates_, Certificates::Make());
  return absl::OkStatus();
}

absl::Status Emulator::Listen() {
  server_ = std::make_unique<SnapServer>(
      options_, SnapServer::Parts{*certificates_, faults_, *journal_, api_});
  admin_ = std::make_unique<Admin>(
      options_, Admin::Parts{tokens_, faults_, conversions_, activity_, *server_});
  // The admin side first: once the Snap side can be reached, everything is there.
  SNAPLEDGER_ASSIGN_OR_RETURN(
      admin_listener_, Listener::Open({options_.admin_listen, options_.connections_max}, stop_,
                                      [this](Stream& stream) { admin_->Serve(stream); }));
  SNAPLEDGER_ASSIGN_OR_RETURN(listener_,
                              Listener::Open({options_.listen, options_.connections_max}, stop_,
                                             [this](Stream& stream) { server_->Serve(stream); }));
  return absl::OkStatus();
}

std::string Emulator::url() const { return absl::StrCat("https://", listener_->address()); }

std::string Emulator::admin_url() const {
  return absl::StrCat("http://", admin_listener_->address());
}

}  // namespace snapledger::emulator
