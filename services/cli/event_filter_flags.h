#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "snapledger/v1/conversion_service.pb.h"

namespace snapledger::cli {

// The flags that select events.
class EventFilterFlags {
 public:
  // This must outlive the parse.
  void AddTo(CLI::App& command);

  // Sets in `request` what flags were given for; reads the file of --person. INVALID_ARGUMENT or
  // NOT_FOUND where one cannot be read.
  absl::Status Apply(absl::Time now, v1::ListEventsRequest* request) const;

 private:
  absl::Status ApplyPerson(v1::ListEventsRequest* request) const;

  std::string destination_, order_id_, person_, since_, until_;
  std::vector<v1::DeliveryState> states_;
  std::vector<std::string> event_names_, sources_;
  bool hashed_ = false;
};

}  // namespace snapledger::cli
