#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "snapledger/v1/delivery.pb.h"

namespace snapledger::cli {

// Adds --state, which may be repeated or given as a list with commas; `help` ends with its default
// in brackets. `states` must outlive the parse.
CLI::Option* AddStateFlag(CLI::App& command, std::vector<v1::DeliveryState>* states,
                          const std::string& help);

}  // namespace snapledger::cli
