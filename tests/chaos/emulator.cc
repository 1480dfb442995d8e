#include "tests/chaos/emulator.h"

#include "absl/strings/strip.h"
#include "absl/time/time.h"
#include "tests/chaos/json_member.h"

namespace snapledger::chaos {
namespace {

constexpr absl::Duration kStartMax = absl::Seconds(60);

}  // namespace

Emulator::Emulator(const std::string& program, const std::string& folder, uint64_t seed)
    : folder_(folder) {
  // clang-format off
  program_ = std::make_unique<support::RunningProgram>(
      std::vector<std::string>{
          "/usr/bin/setpriv", "--pdeathsig", "KILL", program,
          "--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0",
          "--ca-out", ca_file(), "--ready-file", folder_ + "/emulator.json",
          "--journal", journal(), "--seed", std::to_string(seed)},
      folder_ + "/emulator.log");
  // clang-format on
  const std::string ready = support::AwaitFile(folder_ + "/emulator.json", *program_, kStartMax);
  url_ = TextMember(ready, "url");
  admin_url_ = TextMember(ready, "admin");
  client_ = std::make_unique<e2e::EmulatorClient>(admin_url_);
}

std::string Emulator::target() const { return std::string(absl::StripPrefix(url_, "https://")); }

}  // namespace snapledger::chaos
