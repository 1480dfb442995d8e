#include "services/app/ready_file.h"

#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>

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
