#include "tests/services/cli/run_command.h"

#include <CLI/CLI.hpp>
#include <functional>
#include <iostream>
#include <memory>
#include <sstream>

#include "services/cli/command.h"
#include "services/cli/manual.h"
#include "services/cli/manual_commands.h"

namespace snapledger::cli {
namespace {

// Keeps what is written to a stream of the program's.
class Capture {
 public:
  explicit Capture(std::ostream& stream) : stream_(stream), own_(stream.rdbuf(text_.rdbuf())) {}
  ~Capture() { stream_.rdbuf(own_); }

  std::string Text() const { return text_.str(); }

 private:
  std::ostringstream text_;
  std::ostream& stream_;
  std::streambuf* const own_;
};

// Nothing listens on this port.
ClientSettings NoService() { return {.server = "127.0.0.1:1", .insecure = true}; }

}  // namespace

Ran RunCommand(const std::vector<std::string>& arguments) {
  CLI::App program("Snapledger", "snapledger");
  program.formatter(std::make_shared<HelpFormatter>());
  program.require_subcommand(1);
  std::function<int()> run;
  AddClientCommands(program, {.run = &run,
                              .add_client_flags = [](CLI::App&) {},
                              .client_settings = [] { return NoService(); }});
  AddManualCommands(program, &run);
  try {
    // The parser takes them from the end.
    program.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));
  } catch (const CLI::ParseError& error) {
    return {.exit_code = kUsageError, .output = "", .error = error.what()};
  }
  const Capture output(std::cout);
  const Capture error(std::cerr);
  const int code = run ? run() : kDone;
  return {.exit_code = code, .output = output.Text(), .error = error.Text()};
}

}  // namespace snapledger::cli
