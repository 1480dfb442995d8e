#include "services/cli/state_flag.h"

#include "services/cli/choice.h"

namespace snapledger::cli {

CLI::Option* AddStateFlag(CLI::App& command, std::vector<v1::DeliveryState>* states,
                          const std::string& help) {
  const Choices<v1::DeliveryState> words = {
      {"pending", v1::DELIVERY_STATE_PENDING},
      {"in-flight", v1::DELIVERY_STATE_IN_FLIGHT},
      {"in-doubt", v1::DELIVERY_STATE_IN_DOUBT},
      {"delivered", v1::DELIVERY_STATE_DELIVERED},
      {"rejected", v1::DELIVERY_STATE_REJECTED},
      {"expired", v1::DELIVERY_STATE_EXPIRED},
      {"expired-in-doubt", v1::DELIVERY_STATE_EXPIRED_IN_DOUBT},
      {"exhausted", v1::DELIVERY_STATE_EXHAUSTED},
      {"canceled", v1::DELIVERY_STATE_CANCELED},
      {"suppressed", v1::DELIVERY_STATE_SUPPRESSED}};
  return AddChoice(command, "--state", states, words, help)->delimiter(',');
}

}  // namespace snapledger::cli
