#include "services/app/ready_file.h"

#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <fstream>

#include "services/base/text.h"

namespace snapledger::app {
namespace {

std::string JsonOf(const ReadyNotice& notice) {
  rapidjson::StringBuffer buffer;
  rapidjson::Writer<rapidjson::StringBuffer> writer(buffer);
  writer.StartObject();
  writer.Key("grpc");
  writer.String(notice.grpc_address.c_str());
  writer.Key("http");
  writer.String(notice.http_address.c_str());
  writer.Key("database");
  writer.String(notice.database_url.c_str());
  writer.Key("pid");
  writer.Int(getpid());
  writer.EndObject();
  return buffer.GetString();
}

}  // namespace

absl::Status CheckReadyFile(const std::string& path) {
  std::error_code unreadable;
  if (std::filesystem::is_directory(path, unreadable)) {
    return absl::InvalidArgumentError(
        base::Concat("--ready-file: ", path, " is a folder; name a file in it"));
  }
  const std::filesystem::path parent = std::filesystem::path(path).parent_path();
  const std::string folder = parent.empty() ? "." : parent.string();
  if (std::filesystem::is_directory(folder, unreadable) &&
      access(folder.c_str(), W_OK | X_OK) == 0) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(base::Concat("--ready-file: ", folder,
                                                 " is not a folder this process can write in; make "
                                                 "it, or name a file in another"));
}

absl::Status WriteReadyFile(const std::string& path, const ReadyNotice& notice) {
  const std::string temporary = path + ".new";
  {
    std::ofstream file(temporary, std::ios::trunc);
    file << JsonOf(notice) << '\n';
    file.close();
    if (!file) return absl::InternalError("cannot write the ready file " + temporary);
  }
  if (std::rename(temporary.c_str(), path.c_str()) != 0) {
    return absl::InternalError("cannot put the ready file in place: " + path);
  }
  return absl::OkStatus();
}

}  // namespace snapledger::app
