#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <pty.h>
#include <unistd.h>

#include <iostream>
#include <string_view>

#include "tests/services/cli/run_command.h"

namespace snapledger::cli {
namespace {

// Puts another file in the place of standard input and standard error.
class Redirected {
 public:
  explicit Redirected(int file) : input_(dup(STDIN_FILENO)), error_(dup(STDERR_FILENO)) {
    dup2(file, STDIN_FILENO);
    dup2(file, STDERR_FILENO);
    std::cin.clear();
  }
  ~Redirected() {
    dup2(input_, STDIN_FILENO);
    dup2(error_, STDERR_FILENO);
    close(input_);
    close(error_);
  }

 private:
  const int input_, error_;
};

TEST(DestinationDeleteTest, WithoutATerminalItSaysSo) {
  const int nothing = open("/dev/null", O_RDWR | O_CLOEXEC);
  Ran ran;
  {
    const Redirected redirected(nothing);
    ran = RunCommand({"destination", "delete", "p"});
  }
  close(nothing);
  EXPECT_EQ(ran.exit_code, 2);
  EXPECT_EQ(ran.error, "snapledger: there is no terminal to ask on: give --yes\n");
}

TEST(DestinationDeleteTest, ANoIsAFailureThatChangesNothing) {
  int keyboard = 0, terminal = 0;
  ASSERT_EQ(openpty(&keyboard, &terminal, nullptr, nullptr, nullptr), 0);
  constexpr std::string_view kNo = "n\n";
  ASSERT_EQ(write(keyboard, kNo.data(), kNo.size()), static_cast<ssize_t>(kNo.size()));
  Ran ran;
  {
    const Redirected redirected(terminal);
    ran = RunCommand({"destination", "delete", "p"});
  }
  close(keyboard);
  close(terminal);
  EXPECT_EQ(ran.exit_code, 1);
  EXPECT_EQ(ran.error, "Delete destination p? [y/N] Nothing was changed.\n");
}

}  // namespace
}  // namespace snapledger::cli
