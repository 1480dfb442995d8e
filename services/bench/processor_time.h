#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>

namespace snapledger::bench {

// Processor time in clock ticks, as /proc/<pid>/stat tells it.
struct ProcessTimes {
  pid_t parent = 0;
  int64_t own = 0;       // of the process itself
  int64_t children = 0;  // of children that ended and were waited for, with theirs
};

// The text of /proc/<pid>/stat; nullopt where it is not one.
std::optional<ProcessTimes> ParseProcessStat(const std::string& text);

// The same of a running process; nullopt where there is none.
std::optional<ProcessTimes> ReadProcessTimes(pid_t pid);

// Whether a process of this machine is PostgreSQL's, by the name of its program.
bool IsPostgres(pid_t pid);

// Seconds a process has used so far, in all its threads; 0 where there is none.
double ProcessSeconds(pid_t pid);

// Seconds a process, its running children and those that have ended have used so far. Nothing is
// lost or counted twice: what a child used moves to its parent's account when the parent waits for
// it, and a reading during which that happened is repeated.
double FamilySeconds(pid_t pid);

// Seconds the whole machine has been busy since it started, idle and waiting for disks left out.
double MachineSeconds();

// The most memory a process has held (VmHWM); 0 where there is none.
int64_t PeakResidentBytes(pid_t pid);
// What it holds now (VmRSS).
int64_t ResidentBytes(pid_t pid);

}  // namespace snapledger::bench
