#pragma once

#include <string>
#include <thread>

#include "absl/synchronization/notification.h"
#include "absl/time/time.h"

namespace snapledger::storage {

// Has the kernel write changed files of a database soon after they change. Left to itself it keeps
// what PostgreSQL writes to tables for half a minute and then writes it all at once, and each
// commit waits behind that (docs/decisions/0036). Only starts writes, waits for none, and changes
// nothing of what is durable when: that is PostgreSQL's. What cannot be written is left to
// PostgreSQL, whose fsync tells of it. A thread of its own.
class WriteBack {
 public:
  // `folder` holds a folder for each database, as `base` of a data folder does.
  explicit WriteBack(std::string folder);
  ~WriteBack();
  WriteBack(const WriteBack&) = delete;
  WriteBack& operator=(const WriteBack&) = delete;

 private:
  void Run();

  const std::string folder_;
  absl::Notification stopping_;
  std::thread thread_;
};

// One turn: starts writing the files below `folder` that changed since `since`, a second's grace
// before it included, and gives their number.
int StartWritingChanged(const std::string& folder, absl::Time since);

}  // namespace snapledger::storage
