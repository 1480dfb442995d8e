#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "services/base/error_details.h"
#include "services/event/event_key.h"
#include "services/operators/operator_act.h"
#include "snapledger/v1/admin_service.pb.h"
#include "storage/listing_store.h"

namespace snapledger::operators {

inline constexpr int kSelectionIdsMax = 2000;
inline constexpr int kSelectionNamesMax = 1000;
inline constexpr size_t kReasonBytesMax = 256;

// Which events of a destination an operator means, checked: those of `keys` where there are any,
// else all that pass the filter and have one of the names.
struct EventSelection {
  std::vector<event::EventKey> keys;  // each once
  storage::SliceFilter filter;        // states are always set; labels are not
  std::vector<std::string> event_names;
};

// Reads a request's selection for an act and adds what is wrong with it.
EventSelection ReadSelection(OperatorAct act, const v1::EventSelection& selection,
                             std::vector<base::FieldViolation>* violations);

// Checks the text an operator gives as the reason.
void CheckReason(std::string_view reason, std::vector<base::FieldViolation>* violations);

}  // namespace snapledger::operators
