#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "services/destinations/destination_directory.h"
#include "services/labels/label_cache.h"
#include "services/operators/act_plan.h"
#include "services/operators/event_selection.h"
#include "services/operators/selection_reader.h"
#include "services/security/envelope.h"
#include "snapledger/v1/admin_service.pb.h"
#include "storage/listing_store.h"
#include "storage/operator_store.h"

namespace snapledger::operators {

// The acts of operators on events, as AdminService describes them. `actor` is written beside every
// change. Every call blocks on the database and may take seconds; where it fails halfway, what was
// moved stays moved, and repeating it is safe. Errors carry details (base/error_details.h).
// Thread-safe.
class EventOperations {
 public:
  struct Dependencies {
    destinations::DestinationDirectory& directory;
    storage::ListingStore& listing;
    storage::OperatorStore& store;
    security::Envelope& envelope;
    labels::LabelCache& labels;
    // Tells who sends that something is due in the shards.
    std::function<void(const std::vector<int32_t>& shards)> nudge;
  };
  struct Options {
    int64_t events_max = 100'000;  // of one act
  };

  // What the dependencies refer to must outlive this.
  EventOperations(Dependencies dependencies, const Options& options)
      : dependencies_(std::move(dependencies)),
        options_(options),
        reader_(dependencies_.listing, dependencies_.labels) {}

  absl::Status Redrive(const v1::RedriveEventsRequest& request, std::string_view actor,
                       v1::RedriveEventsResponse* response);
  absl::Status ResolveInDoubt(const v1::ResolveInDoubtEventsRequest& request,
                              std::string_view actor, v1::ResolveInDoubtEventsResponse* response);
  absl::Status Cancel(const v1::CancelEventsRequest& request, std::string_view actor,
                      v1::CancelEventsResponse* response);

 private:
  // An act that was checked.
  struct Order {
    OperatorAct act = OperatorAct::kRedrive;
    std::string destination;
    EventSelection selection;
    bool dry_run = false;
    ActedOutcome outcome;
    double events_per_second = 0;
    std::string reason;
    std::string actor;
  };
  struct Counts {
    int64_t matched = 0;
    int64_t moved = 0;
  };

  absl::StatusOr<Counts> Carry(const Order& order);
  absl::StatusOr<int64_t> Move(const Order& order,
                               const destinations::ActiveDestination& destination,
                               const SelectedEvents& selected);
  absl::StatusOr<int64_t> Apply(const Order& order, int32_t shard,
                                const std::vector<storage::ActedSlice>& slices);

  const Dependencies dependencies_;
  const Options options_;
  SelectionReader reader_;
};

}  // namespace snapledger::operators
