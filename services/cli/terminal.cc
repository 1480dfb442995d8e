#include "services/cli/terminal.h"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <iostream>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "services/base/text.h"
#include "services/cli/table.h"

namespace snapledger::cli {
namespace {

constexpr int kBarWidth = 30;
constexpr absl::Duration kDrawInterval = absl::Milliseconds(100);
constexpr std::string_view kRed = "\x1b[31m";
constexpr std::string_view kGreen = "\x1b[32m";
constexpr std::string_view kYellow = "\x1b[33m";
constexpr char kEraseLine[] = "\r\x1b[K";

bool LocaleIsUtf8() {
  for (const char* const name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
    const char* const value = std::getenv(name);
    if (value == nullptr || *value == '\0') continue;
    const std::string lower = absl::AsciiStrToLower(value);
    return absl::StrContains(lower, "utf-8") || absl::StrContains(lower, "utf8");
  }
  return false;
}

std::string_view ColourOf(std::string_view state) {
  for (const std::string_view good : {"DELIVERED", "ACCEPTED", "DUPLICATE"}) {
    if (state == good) return kGreen;
  }
  for (const std::string_view open : {"PENDING", "IN_FLIGHT", "IN_DOUBT", "SUPPRESSED"}) {
    if (state == open) return kYellow;
  }
  return kRed;
}

}  // namespace

Display StandardOutput() {
  const bool terminal = isatty(STDOUT_FILENO) == 1;
  return {.colour = terminal && std::getenv("NO_COLOR") == nullptr, .blocks = LocaleIsUtf8()};
}

std::string ColouredState(std::string_view text, const Display& display) {
  if (!display.colour) return std::string(text);
  return base::Concat(ColourOf(text.substr(0, text.find(' '))), text, kPlain);
}

bool CanAsk() { return isatty(STDIN_FILENO) == 1 && isatty(STDERR_FILENO) == 1; }

bool Confirm(std::string_view question) {
  std::cerr << question << " [y/N] " << std::flush;
  std::string answer;
  std::getline(std::cin, answer);
  answer = absl::AsciiStrToLower(absl::StripAsciiWhitespace(answer));
  return answer == "y" || answer == "yes";
}

ProgressBar::ProgressBar(int64_t total)
    : shown_(isatty(STDERR_FILENO) == 1), total_(total), begin_(absl::Now()) {}

ProgressBar::~ProgressBar() { Hide(); }

void ProgressBar::Update(int64_t done, int64_t events) {
  const absl::Time now = absl::Now();
  if (!shown_ || (drawn_ && now - last_draw_ < kDrawInterval)) return;
  last_draw_ = now;
  drawn_ = true;
  const double seconds = std::max(absl::ToDoubleSeconds(now - begin_), 0.001);
  std::string line = kEraseLine;
  if (total_ > 0) {
    const double share = static_cast<double>(done) / static_cast<double>(total_);
    line += base::Concat("[", Bar(share, kBarWidth, LocaleIsUtf8()), "] ", Percent(share), "  ");
  }
  line += base::Concat(Grouped(events), " events, ",
                       Grouped(static_cast<int64_t>(static_cast<double>(events) / seconds)), "/s");
  std::cerr << line << std::flush;
}

void ProgressBar::Hide() {
  if (drawn_) std::cerr << kEraseLine << std::flush;
  drawn_ = false;
}

}  // namespace snapledger::cli
