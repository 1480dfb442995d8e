#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "services/destinations/destination_directory.h"
#include "services/event/lot_codec.h"
#include "services/labels/label_cache.h"
#include "services/query/lookup_value.h"
#include "services/security/blind_index.h"
#include "snapledger/v1/conversion_service.pb.h"
#include "storage/listing_store.h"

namespace snapledger::query {

// Which events a ListEvents asks for. Holds personal data: never log one.
struct EventSelection {
  // Every event that is asked for is in a slice that passes this.
  storage::SliceFilter slices;
  // What the event itself must hold.
  std::vector<LookupValue> values;
  // It names only names, or only sources, that no event has: the list is empty.
  bool nothing = false;
  // The same for the same question (PageTokens); values only as keyed hashes.
  std::string filter_text;

  // Whether it can be told of a slice's events only by opening the lot.
  bool AsksForContent() const {
    return !slices.name_labels.empty() || !slices.source_labels.empty() || !values.empty();
  }
  bool PassesHeader(const event::FrameHeader& header) const;
  bool PassesContent(const rapidjson::Document& snap_event) const;
};

// Reads and checks what a request asks for. INVALID_ARGUMENT, never with a value in it.
absl::StatusOr<EventSelection> ReadSelection(const v1::ListEventsRequest& request,
                                             const destinations::ActiveDestination& destination,
                                             const security::BlindIndex& blind_index,
                                             labels::LabelCache& labels);

}  // namespace snapledger::query
