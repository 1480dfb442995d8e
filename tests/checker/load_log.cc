#include "tests/checker/load_log.h"

#include <fcntl.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <unordered_map>
#include <utility>

#include "absl/time/clock.h"
#include "services/base/text.h"
#include "tests/checker/json_lines.h"

namespace snapledger::checker {
namespace {

// One line of the log.
class Line {
 public:
  Line(const char* kind, int64_t number) : writer_(buffer_) {
    writer_.StartObject();
    Text("kind", kind);
    writer_.Key("number");
    writer_.Int64(number);
    writer_.Key("time");
    writer_.Double(static_cast<double>(absl::ToUnixMicros(absl::Now())) / 1e6);
  }

  void Text(const char* name, const std::string& value) {
    writer_.Key(name);
    writer_.String(value.data(), static_cast<rapidjson::SizeType>(value.size()));
  }

  void Texts(const char* name, absl::Span<const std::string> values) {
    writer_.Key(name);
    writer_.StartArray();
    for (const std::string& value : values) {
      writer_.String(value.data(), static_cast<rapidjson::SizeType>(value.size()));
    }
    writer_.EndArray();
  }

  std::string End() {
    writer_.EndObject();
    return std::string(buffer_.GetString(), buffer_.GetSize()) + "\n";
  }

 private:
  rapidjson::StringBuffer buffer_;
  rapidjson::Writer<rapidjson::StringBuffer> writer_;
};

std::vector<std::string> Texts(const rapidjson::Value& object, const char* name) {
  std::vector<std::string> texts;
  const auto member = object.FindMember(name);
  if (member == object.MemberEnd() || !member->value.IsArray()) return texts;
  for (const rapidjson::Value& value : member->value.GetArray()) {
    if (value.IsString()) texts.emplace_back(value.GetString(), value.GetStringLength());
  }
  return texts;
}

absl::Time TimeOf(const rapidjson::Value& line) {
  return absl::FromUnixMicros(static_cast<int64_t>(NumberMember(line, "time") * 1e6));
}

// Puts the lines of calls together.
class Calls {
 public:
  explicit Calls(const std::function<void(const LoadCall&)>& take_call) : take_call_(take_call) {}

  absl::Status Take(const rapidjson::Value& line) {
    const int64_t number = IntegerMember(line, "number");
    if (TextMember(line, "kind") == "call") {
      LoadCall& call = open_[number];
      if (call.number != 0) return absl::InvalidArgumentError("a second call of this number");
      call.number = number;
      call.call_time = TimeOf(line);
      call.destination = TextMember(line, "destination");
      call.event_ids = Texts(line, "event_ids");
      return absl::OkStatus();
    }
    auto ended = open_.extract(number);
    if (ended.empty()) return absl::InvalidArgumentError("the end of no call");
    return End(line, &ended.mapped());
  }

  void GiveUnended() {
    for (const auto& [number, call] : open_) take_call_(call);
  }

 private:
  absl::Status End(const rapidjson::Value& line, LoadCall* call) {
    call->end_time = TimeOf(line);
    call->failure_code = TextMember(line, "code");
    call->verdicts = Texts(line, "verdicts");
    const bool answered = TextMember(line, "kind") == "answer";
    if (answered && call->verdicts.size() != call->event_ids.size()) {
      return absl::InvalidArgumentError("other verdicts than ids");
    }
    take_call_(*call);
    return absl::OkStatus();
  }

  const std::function<void(const LoadCall&)>& take_call_;
  std::unordered_map<int64_t, LoadCall> open_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<LoadLog>> LoadLog::Open(const std::string& path) {
  int64_t last_number = 0;
  const absl::Status read = ReadLoadLog(path, [&last_number](const LoadCall& call) {
    last_number = std::max(last_number, call.number);
  });
  if (!read.ok() && !absl::IsNotFound(read)) return read;
  const int descriptor = open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644);
  if (descriptor < 0) {
    return absl::UnavailableError(base::Concat("cannot open ", path, ": ", strerror(errno)));
  }
  return std::unique_ptr<LoadLog>(new LoadLog(descriptor, last_number));
}

LoadLog::~LoadLog() { close(descriptor_); }

absl::Status LoadLog::Append(const std::string& line) {
  for (size_t written = 0; written < line.size();) {
    const ssize_t count = write(descriptor_, line.data() + written, line.size() - written);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) {
      return absl::UnavailableError(base::Concat("cannot write the load log: ", strerror(errno)));
    }
    written += static_cast<size_t>(count);
  }
  return absl::OkStatus();
}

absl::StatusOr<int64_t> LoadLog::NoteCall(const std::string& destination,
                                          absl::Span<const std::string> event_ids) {
  absl::MutexLock lock(&mutex_);
  Line line("call", ++last_number_);
  line.Text("destination", destination);
  line.Texts("event_ids", event_ids);
  const absl::Status written = Append(line.End());
  if (!written.ok()) return written;
  return last_number_;
}

absl::Status LoadLog::NoteAnswer(int64_t number, absl::Span<const std::string> verdicts) {
  Line line("answer", number);
  line.Texts("verdicts", verdicts);
  absl::MutexLock lock(&mutex_);
  return Append(line.End());
}

absl::Status LoadLog::NoteFailure(int64_t number, const std::string& code) {
  Line line("failed", number);
  line.Text("code", code);
  absl::MutexLock lock(&mutex_);
  return Append(line.End());
}

absl::Status ReadLoadLog(const std::string& path,
                         const std::function<void(const LoadCall&)>& take_call) {
  Calls calls(take_call);
  const absl::Status read =
      ReadJsonLines(path, [&calls](const rapidjson::Value& line) { return calls.Take(line); });
  if (read.ok()) calls.GiveUnended();
  return read;
}

}  // namespace snapledger::checker
