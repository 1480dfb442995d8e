#pragma once

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "services/emulator/options.h"

namespace snapledger::emulator {

// A switch with two answers: `usual` is the default, `other` sets the member.
struct ChoiceSwitch {
  absl::string_view name;
  bool Rules::*member;
  absl::string_view usual;
  absl::string_view other;
  absl::string_view question;
};

// A switch that is a number within [low, high].
struct NumberSwitch {
  absl::string_view name;
  int64_t Rules::*member;
  int64_t low;
  int64_t high;
  absl::string_view question;
};

// Every unverified choice of the emulator.
absl::Span<const ChoiceSwitch> ChoiceSwitches();
absl::Span<const NumberSwitch> NumberSwitches();

// One line per switch: name, value in force, and what is unverified about it.
std::string DescribeSwitches(const Rules& rules);

}  // namespace snapledger::emulator
