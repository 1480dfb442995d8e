#include "storage/write_back.h"

#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <memory>
#include <string_view>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/time/clock.h"

namespace snapledger::storage {
namespace {

constexpr absl::Duration kInterval = absl::Seconds(1);
// Times of files may be a tick of the kernel's clock behind.
constexpr absl::Duration kGrace = absl::Seconds(1);

struct CloseFolder {
  void operator()(DIR* folder) const { closedir(folder); }
};
using Folder = std::unique_ptr<DIR, CloseFolder>;

// Beside the folders of databases, which have numbers, there is one of temporary files: most end
// before they need to be written.
bool IsDatabase(std::string_view name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), absl::ascii_isdigit);
}

Folder OpenFolder(int parent, const char* name) {
  const int descriptor = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  Folder folder(descriptor < 0 ? nullptr : fdopendir(descriptor));
  if (folder == nullptr && descriptor >= 0) close(descriptor);
  return folder;
}

bool ChangedSince(int folder, const char* name, absl::Time since) {
  struct stat status {};
  return fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(status.st_mode) &&
         absl::TimeFromTimespec(status.st_mtim) >= since;
}

void StartWriting(int folder, const char* name) {
  const int file = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
  if (file < 0) return;
  sync_file_range(file, 0, 0, SYNC_FILE_RANGE_WRITE);
  close(file);
}

}  // namespace

int StartWritingChanged(const std::string& folder, absl::Time since) {
  int changed = 0;
  const Folder databases = OpenFolder(AT_FDCWD, folder.c_str());
  if (databases == nullptr) return changed;
  while (const dirent* database = readdir(databases.get())) {
    if (!IsDatabase(database->d_name)) continue;
    const Folder files = OpenFolder(dirfd(databases.get()), database->d_name);
    if (files == nullptr) continue;
    while (const dirent* file = readdir(files.get())) {
      if (!ChangedSince(dirfd(files.get()), file->d_name, since - kGrace)) continue;
      StartWriting(dirfd(files.get()), file->d_name);
      ++changed;
    }
  }
  return changed;
}

WriteBack::WriteBack(std::string folder) : folder_(std::move(folder)), thread_([this] { Run(); }) {
  pthread_setname_np(thread_.native_handle(), "write-back");
}

WriteBack::~WriteBack() {
  stopping_.Notify();
  thread_.join();
}

void WriteBack::Run() {
  absl::Time since = absl::Now();
  while (!stopping_.WaitForNotificationWithTimeout(kInterval)) {
    const absl::Time begin = absl::Now();
    StartWritingChanged(folder_, since);
    since = begin;
  }
}

}  // namespace snapledger::storage
