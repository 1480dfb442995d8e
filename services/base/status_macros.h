#pragma once

#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

// Returns from the enclosing function when `expression` (an absl::Status) is not OK.
#define SNAPLEDGER_RETURN_IF_ERROR(expression)                              \
  do {                                                                      \
    if (absl::Status status_ = (expression); !status_.ok()) return status_; \
  } while (false)

#define SNAPLEDGER_CONCAT_INNER_(x, y) x##y
#define SNAPLEDGER_CONCAT_(x, y) SNAPLEDGER_CONCAT_INNER_(x, y)

// SNAPLEDGER_ASSIGN_OR_RETURN(auto value, Function()): declares or assigns `value`, or returns the
// status.
#define SNAPLEDGER_ASSIGN_OR_RETURN(declaration, expression) \
  SNAPLEDGER_ASSIGN_OR_RETURN_(SNAPLEDGER_CONCAT_(status_or_, __LINE__), declaration, expression)
#define SNAPLEDGER_ASSIGN_OR_RETURN_(status_or, declaration, expression) \
  auto status_or = (expression);                                         \
  if (!status_or.ok()) return std::move(status_or).status();             \
  declaration = std::move(status_or).value()
