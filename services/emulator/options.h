#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "services/base/clock.h"

namespace snapledger::emulator {

// How the emulator answers where nobody outside Snap knows what Snap does. Each member is a named
// switch (switches.h) and has the most likely or the most revealing answer as its default.
struct Rules {
  bool bearer_token_accepted = false;
  bool token_error_as_text = false;
  bool unauthorized_as_401 = false;
  bool partial_batches = false;
  bool event_index_omitted = false;
  bool flat_errors = false;
  bool only_known_codes = false;
  bool dedup_off = false;
  bool dedup_keeps_strongest = false;
  bool dedup_by_event_time = false;
  bool duplicates_noted = false;
  bool only_standard_names = false;
  bool only_listed_currencies = false;
  bool case_strict = false;
  bool url_always_required = false;
  bool external_id_is_identity = false;
  bool madid_is_identity_off_app = false;
  bool milliseconds_refused = false;
  bool offline_milliseconds_accepted = false;
  bool gzip_accepted = false;
  bool any_content_type = false;
  bool only_uuid_assets = false;
  bool v2_keys_accepted = false;
  bool empty_hash_accepted = false;
  bool negative_value_accepted = false;
  bool duplicate_members_accepted = false;
  bool empty_data_accepted = false;
  bool tracking_flag_optional = false;
  bool extinfo_lenient = false;

  int64_t invalid_status = 400;
  int64_t validate_invalid_status = 400;
  int64_t gzip_refused_status = 415;
  int64_t index_base = 1;
  int64_t age_days = 7;
  int64_t future_seconds = 300;
  int64_t events_max = 2000;
  int64_t dedup_hours = 48;
  int64_t dedup_order_days = 30;
};

struct Options {
  std::string listen = "127.0.0.1:0";
  std::string admin_listen = "127.0.0.1:0";
  std::string journal_file;  // empty: no journal
  std::string faults_file;   // empty: no faults at first
  std::string tokens_file;   // empty: any token that is not empty
  uint64_t seed = 1;         // of the faults' probabilities
  int64_t rate_limit = 0;    // requests a second and asset; 0 means none
  size_t body_bytes_max = 8 << 20;
  int64_t keepalive_seconds = 60;
  int connections_max = 1024;
  Rules rules;
  const base::Clock* clock = &base::Clock::Real();  // must outlive the emulator
};

}  // namespace snapledger::emulator
