#pragma once

#include <string>
#include <string_view>

#include "services/base/text.h"

namespace snapledger::destinations {

// What a sealed access token is bound to.
inline std::string TokenContext(std::string_view destination_id, std::string_view token_id) {
  return base::Concat("token/", destination_id, "/", token_id);
}

}  // namespace snapledger::destinations
