#include "services/base/log.h"

#include <unistd.h>

#include <atomic>
#include <string>
#include <type_traits>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/string_view.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"

namespace snapledger::base {
namespace {

std::atomic<Severity> threshold{Severity::kInfo};

absl::string_view SeverityName(Severity severity) {
  switch (severity) {
    case Severity::kDebug:
      return "DEBUG";
    case Severity::kInfo:
      return "INFO";
    case Severity::kWarning:
      return "WARNING";
    case Severity::kNone:
    case Severity::kError:
      return "ERROR";
  }
  return "ERROR";
}

void AppendQuoted(std::string_view text, std::string* line) {
  line->push_back('"');
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      line->push_back('\\');
      line->push_back(c);
    } else if (static_cast<unsigned char>(c) < 0x20) {
      absl::StrAppendFormat(line, "\\u%04x", c);
    } else {
      line->push_back(c);
    }
  }
  line->push_back('"');
}

void AppendValue(const LogField& field, std::string* line) {
  std::visit(
      [line](const auto& value) {
        using Type = std::decay_t<decltype(value)>;
        if constexpr (std::is_same_v<Type, std::string_view>) {
          AppendQuoted(value, line);
        } else if constexpr (std::is_same_v<Type, bool>) {
          line->append(value ? "true" : "false");
        } else {
          absl::StrAppend(line, value);
        }
      },
      field.value);
}

}  // namespace

void SetLogThreshold(Severity severity) { threshold = severity; }

void Log(Severity severity, std::string_view message, std::initializer_list<LogField> fields) {
  if (severity < threshold.load()) return;
  std::string line = absl::StrCat(
      R"({"time":")", absl::FormatTime("%Y-%m-%dT%H:%M:%E3SZ", absl::Now(), absl::UTCTimeZone()),
      R"(","severity":")", SeverityName(severity), R"(","message":)");
  AppendQuoted(message, &line);
  for (const LogField& field : fields) {
    line.push_back(',');
    AppendQuoted(field.name, &line);
    line.push_back(':');
    AppendValue(field, &line);
  }
  line.append("}\n");
  // A log line that cannot be written has nowhere else to go.
  [[maybe_unused]] const ssize_t written = write(STDERR_FILENO, line.data(), line.size());
}

}  // namespace snapledger::base
