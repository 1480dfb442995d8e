#include "services/security/key_file.h"

#include <fcntl.h>
#include <openssl/crypto.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/cleanup/cleanup.h"
#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "services/base/status_macros.h"
#include "services/base/text.h"
#include "services/security/aes_gcm.h"

namespace snapledger::security {
namespace {

constexpr off_t kFileBytesMax = 64 << 10;
constexpr mode_t kOthersMask = 077;

void Wipe(std::string& text) { OPENSSL_cleanse(text.data(), text.size()); }

absl::Status MissingKey(std::string_view name) {
  return absl::InvalidArgumentError(base::Concat("the key file has no ", name, " line"));
}

absl::Status CheckFile(int file, const std::string& path) {
  struct stat info {};
  if (fstat(file, &info) != 0) return absl::ErrnoToStatus(errno, base::Concat("stat ", path));
  if (!S_ISREG(info.st_mode)) {
    return absl::FailedPreconditionError(base::Concat(path, " is not a regular file"));
  }
  if ((info.st_mode & kOthersMask) != 0) {
    return absl::FailedPreconditionError(
        base::Concat("others than its owner have rights to ", path, ": chmod 600 it"));
  }
  if (info.st_size > kFileBytesMax) {
    return absl::InvalidArgumentError(base::Concat(path, " is too large for a key file"));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> ReadWhole(const std::string& path) {
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (file < 0) return absl::ErrnoToStatus(errno, base::Concat("open ", path));
  const absl::Cleanup close_file = [file] { close(file); };
  SNAPLEDGER_RETURN_IF_ERROR(CheckFile(file, path));
  std::string text(kFileBytesMax, '\0');
  size_t size = 0;
  while (size < text.size()) {
    const ssize_t got = read(file, text.data() + size, text.size() - size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return absl::ErrnoToStatus(errno, base::Concat("read ", path));
    if (got == 0) break;
    size += static_cast<size_t>(got);
  }
  text.resize(size);
  return text;
}

std::optional<base::Secret> ParseKey(absl::string_view hex) {
  if (hex.size() != 2 * kAesKeyBytes ||
      !std::all_of(hex.begin(), hex.end(), absl::ascii_isxdigit)) {
    return std::nullopt;
  }
  return base::Secret(absl::HexStringToBytes(hex));
}

// Puts one line's key into the ring. Says what is wrong with the line, without its value.
absl::Status ParseLine(const std::vector<absl::string_view>& words, KeyRing* keys) {
  const bool encrypts = words[0] == "key-encryption";
  if (!encrypts && words[0] != "lookup" && words[0] != "page-token") {
    return absl::InvalidArgumentError("unknown kind of key");
  }
  if (words.size() != (encrypts ? 3 : 2)) {
    return absl::InvalidArgumentError("wrong number of words");
  }
  std::optional<base::Secret> key = ParseKey(words.back());
  if (!key.has_value()) return absl::InvalidArgumentError("the key is not 64 hexadecimal digits");
  if (encrypts) {
    int id = 0;
    if (!absl::SimpleAtoi(words[1], &id) || id < 1) {
      return absl::InvalidArgumentError("the ID is not a positive number");
    }
    if (keys->key_encryption_keys.emplace(id, *std::move(key)).second) return absl::OkStatus();
    return absl::InvalidArgumentError("this ID was given before");
  }
  base::Secret& place = words[0] == "lookup" ? keys->lookup_key : keys->page_token_key;
  if (!place.empty()) return absl::InvalidArgumentError("this key was given before");
  place = *std::move(key);
  return absl::OkStatus();
}

absl::StatusOr<KeyRing> ParseKeyFile(std::string_view text) {
  KeyRing keys;
  int line_number = 0;
  for (const absl::string_view line : absl::StrSplit(base::AsAbsl(text), '\n')) {
    ++line_number;
    const std::vector<absl::string_view> words =
        absl::StrSplit(line.substr(0, line.find('#')), absl::ByAnyChar(" \t\r"), absl::SkipEmpty());
    if (words.empty()) continue;
    const absl::Status parsed = ParseLine(words, &keys);
    if (!parsed.ok()) {
      return absl::InvalidArgumentError(
          base::Concat("key file, line ", line_number, ": ", parsed.message()));
    }
  }
  if (keys.key_encryption_keys.empty()) return MissingKey("key-encryption");
  if (keys.lookup_key.empty()) return MissingKey("lookup");
  if (keys.page_token_key.empty()) return MissingKey("page-token");
  return keys;
}

absl::Status AppendRandomKey(std::string_view words, std::string* text) {
  std::string key(kAesKeyBytes, '\0');
  SNAPLEDGER_RETURN_IF_ERROR(FillRandom(key.data(), key.size()));
  std::string hex = absl::BytesToHexString(key);
  text->append(words).append(" ").append(hex).append("\n");
  Wipe(key);
  Wipe(hex);
  return absl::OkStatus();
}

absl::Status WriteDurably(int file, std::string_view text, const std::string& path) {
  while (!text.empty()) {
    const ssize_t written = write(file, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return absl::ErrnoToStatus(errno, base::Concat("write ", path));
    text.remove_prefix(static_cast<size_t>(written));
  }
  if (fsync(file) != 0) return absl::ErrnoToStatus(errno, base::Concat("fsync ", path));
  return absl::OkStatus();
}

void SyncFolderOf(const std::string& path) {
  const size_t slash = path.rfind('/');
  const std::string folder = slash == std::string::npos ? "." : path.substr(0, slash + 1);
  const int file = open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (file < 0) return;
  fsync(file);
  close(file);
}

// Makes `path` with `text`, whole or not at all: a link to a finished file, which unlike a rename
// never replaces one that is there.
absl::Status CreateWhole(const std::string& path, std::string_view text) {
  std::string draft = path + ".XXXXXX";
  const int file = mkostemp(draft.data(), O_CLOEXEC);  // mode 0600
  if (file < 0) return absl::ErrnoToStatus(errno, base::Concat("create ", path));
  const absl::Cleanup remove_draft = [file, &draft] {
    close(file);
    unlink(draft.c_str());
  };
  SNAPLEDGER_RETURN_IF_ERROR(WriteDurably(file, text, path));
  if (link(draft.c_str(), path.c_str()) != 0) {
    return absl::ErrnoToStatus(errno, base::Concat("create ", path));
  }
  SyncFolderOf(path);
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<KeyRing> LoadKeyFile(const std::string& path) {
  SNAPLEDGER_ASSIGN_OR_RETURN(std::string text, ReadWhole(path));
  absl::StatusOr<KeyRing> keys = ParseKeyFile(text);
  Wipe(text);
  return keys;
}

absl::Status CreateKeyFile(const std::string& path) {
  // Reserved, so that growing leaves no copy behind.
  std::string text;
  text.reserve(1024);
  text =
      "# The secrets of this deployment. Without them nothing stored can be read: keep a copy "
      "apart\n"
      "# from the database's backups.\n";
  absl::Status status;
  for (const std::string_view words : {"key-encryption 1", "lookup", "page-token"}) {
    status.Update(AppendRandomKey(words, &text));
  }
  if (status.ok()) status = CreateWhole(path, text);
  Wipe(text);
  return status;
}

}  // namespace snapledger::security
