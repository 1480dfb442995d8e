#pragma once

#include <cstdint>
#include <string>

namespace snapledger::bench {

// What one run measures.
enum class Workload {
  kIngestUnary,       // RecordEvents, one event a call
  kIngestBatch,       // RecordEvents
  kIngestStream,      // StreamEvents
  kDrain,             // delivering a backlog over TLS
  kEndToEnd,          // recorded and delivered
  kStatusQueries,     // GetEvent
  kMatchRateQueries,  // GetMatchRates of a day by hour and identifier
};

struct Options {
  Workload workload = Workload::kIngestBatch;
  std::string name;      // of the subcommand
  std::string database;  // empty: a temporary embedded cluster
  int64_t events = 0;    // measured; queries, where queries are measured
  int concurrency = 0;   // calls, or messages of streams, in flight
  int events_per_call = 0;
  std::string payload = "realistic";
  int64_t backlog = 0;  // recorded beforehand and not delivered
  int64_t history = 0;  // recorded and delivered beforehand
  uint64_t seed = 1;
  int rounds = 1;              // measurements of intake, one after another on one ledger
  bool noop = false;           // also measures an empty call and a flush of the disk
  bool under_load = false;     // queries are asked while events are recorded
  double rate = 0;             // events a second; 0: as fast as answers come
  bool held_snapshot = false;  // somebody's transaction stays open all the while
  std::string emit_payloads;
  std::string service_program;
};

}  // namespace snapledger::bench
