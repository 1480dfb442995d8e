#include "services/app/serve.h"

#include <cstdio>
#include <memory>
#include <string>

#include "services/app/config.h"
#include "services/app/exit_codes.h"
#include "services/app/flags.h"
#include "services/app/ready_file.h"
#include "services/app/serve_rules.h"
#include "services/app/stop_signal.h"
#include "services/app/wiring.h"
#include "services/base/log.h"

namespace snapledger::app {
namespace {

constexpr absl::Duration kDrainPatience = absl::Seconds(10);

constexpr char kFooter[] = R"(
SIGTERM ends it in order: health says NOT_SERVING, what is in flight is finished, the dispatcher
records its outcomes, then it exits 0. A second SIGTERM ends it at once.

This release has neither TLS nor callers with permissions: it serves with --insecure on loopback
addresses only.

Examples:
  snapledger serve --insecure
  snapledger serve --insecure --listen 127.0.0.1:0 --ready-file /run/snapledger/ready.json
  snapledger serve --insecure --roles ingest,query --database postgresql://ledger@db/ledger \
      --key-file /etc/snapledger/keys)";

bool SetLogLevel(const std::string& level) {
  if (level == "debug") {
    base::SetLogThreshold(base::Severity::kDebug);
  } else if (level == "info") {
    base::SetLogThreshold(base::Severity::kInfo);
  } else if (level == "warning") {
    base::SetLogThreshold(base::Severity::kWarning);
  } else if (level == "error") {
    base::SetLogThreshold(base::Severity::kError);
  } else {
    return false;
  }
  return true;
}

int ServeUntilStopped(const Config& config, const Roles& roles, const Seams& seams) {
  StopSignal stop;
  auto wiring = Wiring::Start(config, roles, seams);
  if (!wiring.ok()) {
    const bool usage = absl::IsInvalidArgument(wiring.status());
    return Complain(wiring.status(), usage ? kUsageError : kFailed);
  }
  const ReadyNotice notice = (*wiring)->notice();
  if (!config.ready_file.empty()) {
    const absl::Status written = WriteReadyFile(config.ready_file, notice);
    if (!written.ok()) return Complain(written, kUsageError);
  }
  base::Log(base::Severity::kInfo, "serving",
            {{"grpc", notice.grpc_address},
             {"http", notice.http_address},
             {"database", notice.database_url},
             {"roles", config.roles}});
  stop.Wait();
  base::Log(base::Severity::kInfo, "stopping: finishing what is in flight");
  (*wiring)->Drain(kDrainPatience);
  wiring->reset();
  if (!config.ready_file.empty()) std::remove(config.ready_file.c_str());
  base::Log(base::Severity::kInfo, "stopped");
  return kDone;
}

int Serve(const Flags& flags, const Seams& seams) {
  const absl::StatusOr<Config> config = LoadConfig(flags.Given());
  if (!config.ok()) return Complain(config.status(), kUsageError);
  if (!SetLogLevel(config->log_level)) {
    return Complain(absl::InvalidArgumentError("--log-level must be debug, info, warning or error"),
                    kUsageError);
  }
  const absl::StatusOr<Roles> roles = ParseRoles(config->roles);
  if (!roles.ok()) return Complain(roles.status(), kUsageError);
  absl::Status rules = CheckServeRules(*config);
  if (rules.ok() && !config->ready_file.empty()) rules = CheckReadyFile(config->ready_file);
  if (!rules.ok()) return Complain(rules, kUsageError);
  return ServeUntilStopped(*config, *roles, seams);
}

}  // namespace

void AddServe(CLI::App& program, const Seams& seams, std::function<int()>* run) {
  CLI::App* const command = program.add_subcommand(
      "serve", "Run the service: take events in over gRPC and deliver them to Snap");
  const auto flags = std::make_shared<Flags>();
  flags->AddTo(*command, "Settings",
               {"roles", "listen", "http-listen", "database", "unprepared-statements", "key-file",
                "snap-url", "snap-ca", "snap-quality-url", "snap-quality-interval",
                "receipt-interval", "identity-filter-mib", "tls-cert", "tls-key", "tls-client-ca",
                "insecure", "ready-file", "log-level"});
  command->footer(kFooter);
  command->callback(
      [flags, &seams, run] { *run = [flags, &seams] { return Serve(*flags, seams); }; });
}

}  // namespace snapledger::app
