#include "services/bench/report.h"

#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <cmath>

namespace snapledger::bench {
namespace {

using Writer = rapidjson::Writer<rapidjson::StringBuffer>;

void Number(Writer* writer, const char* name, double value) {
  constexpr double kThousandths = 1000;
  writer->Key(name);
  writer->Double(std::round(value * kThousandths) / kThousandths);
}

void Count(Writer* writer, const char* name, int64_t value) {
  writer->Key(name);
  writer->Int64(value);
}

void Text(Writer* writer, const char* name, const std::string& value) {
  writer->Key(name);
  writer->String(value.c_str());
}

void WriteCost(const Report& report, Writer* writer) {
  Number(writer, "cpu_us_per_event_service", report.service_us);
  if (report.postgres_us) {
    Number(writer, "cpu_us_per_event_postgres", *report.postgres_us);
  } else {
    writer->Key("cpu_us_per_event_postgres");
    writer->Null();
  }
  Number(writer, "cpu_us_per_event_client", report.client_us);
  if (report.sink_us) Number(writer, "cpu_us_per_event_sink", *report.sink_us);
  if (report.postgres_us) {
    Number(writer, "cpu_us_per_event_total",
           report.service_us + *report.postgres_us + report.client_us + report.sink_us.value_or(0));
  }
  Number(writer, "cpu_us_per_event_machine", report.machine_us);
}

}  // namespace

std::string ToJson(const Options& options, const Report& report) {
  rapidjson::StringBuffer buffer;
  Writer writer(buffer);
  writer.StartObject();
  Text(&writer, "workload", options.name);
  Count(&writer, "events", options.events);
  Number(&writer, "seconds", report.seconds);
  Number(&writer, "events_per_second",
         report.seconds > 0 ? static_cast<double>(options.events) / report.seconds : 0);
  Number(&writer, "p50_ms", report.latency.p50_ms);
  Number(&writer, "p95_ms", report.latency.p95_ms);
  Number(&writer, "p99_ms", report.latency.p99_ms);
  WriteCost(report, &writer);
  Number(&writer, "wal_bytes_per_event", report.wal_bytes);
  Count(&writer, "peak_rss_bytes", report.peak_resident_bytes);
  if (report.companions) {
    Number(&writer, "noop_per_second", report.companions->noop_per_second);
    Number(&writer, "noop_p50_ms", report.companions->noop.p50_ms);
    Number(&writer, "noop_p99_ms", report.companions->noop.p99_ms);
    Number(&writer, "fdatasync_ms", report.companions->flush_ms);
  }
  if (report.steadiness) {
    Count(&writer, "rss_bytes_early", report.steadiness->resident_bytes_early);
    Count(&writer, "rss_bytes_end", report.steadiness->resident_bytes_end);
    Count(&writer, "backlog_first_half", report.steadiness->backlog_first_half);
    Count(&writer, "backlog_second_half", report.steadiness->backlog_second_half);
  }
  if (report.drift) {
    Number(&writer, "p50_first_tenth_ms", report.drift->first_tenth_ms);
    Number(&writer, "p50_last_tenth_ms", report.drift->last_tenth_ms);
  }
  Number(&writer, "events_per_lot", report.lot_events);
  Number(&writer, "snap_json_bytes_per_event", report.snap_bytes);
  if (report.sink_us) Number(&writer, "requests_to_sink", report.requests);
  Count(&writer, "concurrency", options.concurrency);
  Count(&writer, "events_per_call", options.events_per_call);
  Count(&writer, "backlog", options.backlog);
  Count(&writer, "history", options.history);
  writer.Key("seed");
  writer.Uint64(options.seed);
  Text(&writer, "payload", options.payload);
  Text(&writer, "postgres", report.server_version);
  writer.EndObject();
  return buffer.GetString();
}

}  // namespace snapledger::bench
