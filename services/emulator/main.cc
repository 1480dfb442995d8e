// The program snap-emulator: flags, the files it announces itself with, and signals.

#include <signal.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <iostream>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "services/base/status_macros.h"
#include "services/emulator/emulator.h"
#include "services/emulator/files.h"
#include "services/emulator/switches.h"

namespace snapledger::emulator {
namespace {

struct Arguments {
  Options options;
  std::string ca_out;
  std::string ready_file;
};

void AddFlags(CLI::App& app, Arguments& arguments) {
  Options& options = arguments.options;
  app.add_option("--listen", options.listen, "HTTPS address, loopback only; port 0 picks one")
      ->capture_default_str();
  app.add_option("--admin-listen", options.admin_listen,
                 "plain HTTP address for tests, loopback only; port 0 picks one")
      ->capture_default_str();
  app.add_option("--ca-out", arguments.ca_out, "file to write the CA certificate to");
  app.add_option("--ready-file", arguments.ready_file, "file to write the addresses to when ready");
  app.add_option("--journal", options.journal_file, "file to append every request and event to");
  app.add_option("--faults", options.faults_file, "JSON file of faults in force from the start");
  app.add_option("--tokens", options.tokens_file,
                 "file of lines \"asset token\"; without it any token is taken");
  app.add_option("--seed", options.seed, "seed of the faults' probabilities")
      ->capture_default_str();
  app.add_option("--rate-limit", options.rate_limit, "requests a second and asset; 0: no limit")
      ->check(CLI::Range(int64_t{0}, int64_t{1000000}))
      ->capture_default_str();
  app.add_option("--body-bytes-max", options.body_bytes_max, "largest request body")
      ->check(CLI::Range(size_t{1}, size_t{1} << 30))
      ->capture_default_str();
  app.add_option("--keepalive-seconds", options.keepalive_seconds, "longest wait between requests")
      ->check(CLI::Range(int64_t{1}, int64_t{86400}))
      ->capture_default_str();
  app.add_option("--connections-max", options.connections_max, "most connections at a time")
      ->check(CLI::Range(1, 10000))
      ->capture_default_str();
}

void AddSwitches(CLI::App& app, Rules& rules) {
  for (const ChoiceSwitch& item : ChoiceSwitches()) {
    const std::string usual(item.usual);
    const std::string other(item.other);
    app.add_option_function<std::string>(
           absl::StrCat("--", item.name),
           [&rules, &item](const std::string& word) { rules.*item.member = word == item.other; },
           std::string(item.question))
        ->check(CLI::IsMember({usual, other}))
        ->default_str(usual)
        ->group("Unverified choices");
  }
  for (const NumberSwitch& item : NumberSwitches()) {
    app.add_option(absl::StrCat("--", item.name), rules.*item.member, std::string(item.question))
        ->check(CLI::Range(item.low, item.high))
        ->capture_default_str()
        ->group("Unverified choices");
  }
}

absl::Status Announce(const Arguments& arguments, const Emulator& emulator) {
  if (!arguments.ca_out.empty()) {
    SNAPLEDGER_RETURN_IF_ERROR(WriteFileAtomically(arguments.ca_out, emulator.ca_pem()));
  }
  std::cout << "snap-emulator: " << emulator.url() << ", admin " << emulator.admin_url()
            << "\nWhat Snap does is not known for these; set them with the flags named:\n"
            << DescribeSwitches(arguments.options.rules) << std::flush;
  if (arguments.ready_file.empty()) return absl::OkStatus();
  return WriteFileAtomically(arguments.ready_file,
                             absl::StrCat(R"({"url":")", emulator.url(), R"(","admin":")",
                                          emulator.admin_url(), R"(","pid":)", getpid(), "}\n"));
}

absl::Status Run(const Arguments& arguments) {
  // Blocked before any thread starts, so that only sigwait takes them.
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  SNAPLEDGER_ASSIGN_OR_RETURN(const std::unique_ptr<Emulator> emulator,
                              Emulator::Start(arguments.options));
  SNAPLEDGER_RETURN_IF_ERROR(Announce(arguments, *emulator));
  int signal = 0;
  sigwait(&signals, &signal);
  return absl::OkStatus();
}

int Main(int argc, char** argv) {
  CLI::App app(
      "The local stand-in for Snap's Conversions API v3. What it counts stays in memory; what it "
      "answers follows what is known of Snap, and a flag for what is not.",
      "snap-emulator");
  Arguments arguments;
  AddFlags(app, arguments);
  AddSwitches(app, arguments.options.rules);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  const absl::Status status = Run(arguments);
  if (status.ok()) return 0;
  std::cerr << "snap-emulator: " << status.message() << "\n";
  return status.code() == absl::StatusCode::kInvalidArgument ? 2 : 1;
}

}  // namespace
}  // namespace snapledger::emulator

int main(int argc, char** argv) { return snapledger::emulator::Main(argc, argv); }
