#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <variant>

namespace snapledger::base {

// kNone is a threshold only: nothing is written.
enum class Severity { kDebug, kInfo, kWarning, kError, kNone };

// One named value of a log line. Only these types can be logged; secrets and personal data have
// types of their own, which do not convert.
struct LogField {
  std::string_view name;
  std::variant<std::string_view, int64_t, double, bool> value;

  LogField(std::string_view n, std::string_view v) : name(n), value(v) {}
  LogField(std::string_view n, const std::string& v) : name(n), value(std::string_view(v)) {}
  LogField(std::string_view n, const char* v) : name(n), value(std::string_view(v)) {}
  LogField(std::string_view n, bool v) : name(n), value(v) {}
  LogField(std::string_view n, int v) : name(n), value(static_cast<int64_t>(v)) {}
  LogField(std::string_view n, int64_t v) : name(n), value(v) {}
  LogField(std::string_view n, uint64_t v) : name(n), value(static_cast<int64_t>(v)) {}
  LogField(std::string_view n, double v) : name(n), value(v) {}
};

// Writes one JSON line to standard error: {"time":…,"severity":…,"message":…, fields…}. `message`
// is a constant sentence; what varies goes into fields. Thread-safe; a line is one write.
void Log(Severity severity, std::string_view message, std::initializer_list<LogField> fields = {});

// Lines below this severity are dropped. Default: kInfo.
void SetLogThreshold(Severity severity);

}  // namespace snapledger::base
