#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "absl/time/time.h"
#include "services/matchrate/backtest.h"
#include "services/matchrate/fitted_model.h"

namespace snapledger::matchrate {

// What a model card tells of.
struct CardContents {
  const FittedModel& model;
  // Of the observations it learned from; the last ones where they are many.
  std::span<const BacktestStep> backtest;
  // Of the events the card judges: those of the last 90 days.
  const SetShares& shares;
  int64_t events = 0;
  absl::Time as_of;
};

// A model for people, in Markdown: what it assumes, what it was told, how well it foretold that,
// and what it says of the sets of identifiers that occur, with the bounds that hold whatever the
// identifiers' dependence. Pure.
std::string RenderModelCard(const CardContents& contents);

}  // namespace snapledger::matchrate
