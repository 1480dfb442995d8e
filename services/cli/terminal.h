#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/time/time.h"

namespace snapledger::cli {

// What standard output can show.
struct Display {
  bool colour = false;  // a terminal, and NO_COLOR is not set
  bool blocks = false;  // the locale is UTF-8
};
Display StandardOutput();

// `text` in the colour of its meaning where the display has colours: final and good green, waiting
// yellow, refused and lost red.
std::string ColouredState(std::string_view text, const Display& display);
inline constexpr std::string_view kBold = "\x1b[1m";
inline constexpr std::string_view kPlain = "\x1b[0m";

// There is a terminal to ask on.
bool CanAsk();
// Asks on standard error and reads the answer from standard input: true for y or yes.
bool Confirm(std::string_view question);
// What is said after a no.
inline constexpr char kNothingChanged[] = "Nothing was changed.\n";

// A line on standard error that tells how far a long command is; silent where that is no terminal.
// Not thread-safe.
class ProgressBar {
 public:
  // `total`: of what Update is told; 0 where it is not known.
  explicit ProgressBar(int64_t total);
  ~ProgressBar();

  void Update(int64_t done, int64_t events);
  // Takes the line away, so that something else can be printed; the next Update brings it back.
  void Hide();

 private:
  const bool shown_;
  const int64_t total_;
  const absl::Time begin_;
  absl::Time last_draw_;
  bool drawn_ = false;
};

}  // namespace snapledger::cli
