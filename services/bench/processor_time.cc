#include "services/bench/processor_time.h"

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string_view>

#include "absl/strings/numbers.h"
#include "services/base/text.h"

namespace snapledger::bench {
namespace {

// Fields of stat after the closing bracket of the program's name, counted from 0: the state.
constexpr int kParentField = 1;
constexpr int kOwnUserField = 11;
constexpr int kChildrenSystemField = 14;

double Seconds(int64_t ticks) {
  return static_cast<double>(ticks) / static_cast<double>(sysconf(_SC_CLK_TCK));
}

std::string ReadText(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

int64_t RunningChildren(pid_t parent) {
  int64_t ticks = 0;
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator("/proc", ignored)) {
    pid_t pid = 0;
    if (!absl::SimpleAtoi(entry.path().filename().string(), &pid)) continue;
    const std::optional<ProcessTimes> times = ReadProcessTimes(pid);
    if (times && times->parent == parent) ticks += times->own + times->children;
  }
  return ticks;
}

int64_t MemoryOf(pid_t pid, std::string_view name) {
  std::ifstream file(base::Concat("/proc/", pid, "/status"));
  for (std::string word; file >> word;) {
    if (word != name) continue;
    int64_t kibibytes = 0;
    file >> kibibytes;
    return kibibytes * 1024;
  }
  return 0;
}

}  // namespace

std::optional<ProcessTimes> ParseProcessStat(const std::string& text) {
  // The name may hold anything, brackets and blanks too.
  const size_t name_end = text.rfind(')');
  if (name_end == std::string::npos) return std::nullopt;
  std::istringstream fields(text.substr(name_end + 1));
  ProcessTimes times;
  std::string field;
  for (int number = 0; number <= kChildrenSystemField; ++number) {
    if (!(fields >> field)) return std::nullopt;
    if (number != kParentField && number < kOwnUserField) continue;
    int64_t value = 0;
    if (!absl::SimpleAtoi(field, &value)) return std::nullopt;
    if (number == kParentField) {
      times.parent = static_cast<pid_t>(value);
    } else {
      (number < kOwnUserField + 2 ? times.own : times.children) += value;
    }
  }
  return times;
}

std::optional<ProcessTimes> ReadProcessTimes(pid_t pid) {
  return ParseProcessStat(ReadText(base::Concat("/proc/", pid, "/stat")));
}

bool IsPostgres(pid_t pid) {
  return ReadText(base::Concat("/proc/", pid, "/comm")) == "postgres\n";
}

double ProcessSeconds(pid_t pid) {
  const std::optional<ProcessTimes> times = ReadProcessTimes(pid);
  return times ? Seconds(times->own) : 0;
}

double FamilySeconds(pid_t pid) {
  std::optional<ProcessTimes> before = ReadProcessTimes(pid);
  while (before) {
    const int64_t running = RunningChildren(pid);
    const std::optional<ProcessTimes> after = ReadProcessTimes(pid);
    if (after && after->children == before->children) {
      return Seconds(after->own + after->children + running);
    }
    before = after;
  }
  return 0;
}

double MachineSeconds() {
  std::ifstream file("/proc/stat");
  std::string label;
  int64_t user = 0;
  int64_t nice = 0;
  int64_t system = 0;
  int64_t idle = 0;
  int64_t disk_wait = 0;
  int64_t interrupts = 0;
  int64_t soft_interrupts = 0;
  file >> label >> user >> nice >> system >> idle >> disk_wait >> interrupts >> soft_interrupts;
  return Seconds(user + nice + system + interrupts + soft_interrupts);
}

int64_t PeakResidentBytes(pid_t pid) { return MemoryOf(pid, "VmHWM:"); }

int64_t ResidentBytes(pid_t pid) { return MemoryOf(pid, "VmRSS:"); }

}  // namespace snapledger::bench
