#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "snapledger/v1/admin_service.pb.h"

namespace snapledger::cli {

// The flags that set a destination's settings, the same for `destination add` and `update`.
class SettingsFlags {
 public:
  // This must outlive the parse.
  void AddTo(CLI::App& command);

  // Changes in `settings` what flags were given for. INVALID_ARGUMENT where one cannot be read.
  absl::Status Apply(v1::DestinationSettings* settings) const;

 private:
  absl::Status ApplyDurations(v1::DestinationSettings* settings) const;
  absl::Status ApplyEventAges(v1::DestinationSettings* settings) const;
  bool Given(const std::string& flag) const { return command_->count(flag) > 0; }

  CLI::App* command_ = nullptr;
  double max_requests_per_second_ = 0;
  int max_events_per_request_ = 0, max_in_flight_requests_ = 0, lane_count_ = 0;
  std::string default_phone_region_, limited_data_literal_, test_event_code_;
  std::string dedup_window_, purchase_dedup_window_, request_timeout_;
  std::vector<std::string> max_event_ages_;
  v1::Consent unspecified_consent_ = v1::CONSENT_UNSPECIFIED;
  bool gzip_ = false;
};

}  // namespace snapledger::cli
