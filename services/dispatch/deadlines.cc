#include "services/dispatch/deadlines.h"

#include <algorithm>

namespace snapledger::dispatch {
namespace {

absl::Duration MaxAge(const storage::DestinationSettings& settings, event::ActionSource source) {
  switch (source) {
    case event::ActionSource::kWeb:
      return settings.max_age_web;
    case event::ActionSource::kMobileApp:
      return settings.max_age_mobile_app;
    case event::ActionSource::kOffline:
      return settings.max_age_offline;
  }
  return settings.max_age_web;
}

}  // namespace

SendVerdict MaySend(const event::FrameHeader& header, bool doubted,
                    std::optional<absl::Time> first_sent_time,
                    const storage::DestinationSettings& settings, absl::Time now) {
  const absl::Time event_time = absl::FromUnixSeconds(header.event_time_seconds);
  if (now >= event_time + MaxAge(settings, header.action_source)) return SendVerdict::kTooOld;
  if (!doubted) return SendVerdict::kSend;
  const absl::Duration window =
      header.purchase_with_order_id ? settings.purchase_dedup_window : settings.dedup_window;
  // Doubt without a first send: an operator let its window begin with the next one.
  const bool closed =
      first_sent_time.has_value() && now >= *first_sent_time + window - kWindowMargin;
  return closed ? SendVerdict::kWindowClosed : SendVerdict::kSend;
}

bool WholeSliceMaySend(const storage::ClaimedSlice& slice,
                       const storage::DestinationSettings& settings, absl::Time now) {
  const absl::Duration age =
      std::min({settings.max_age_web, settings.max_age_mobile_app, settings.max_age_offline});
  if (now >= slice.oldest_event_time + age) return false;
  if (!slice.doubted) return true;
  const absl::Duration window = std::min(settings.dedup_window, settings.purchase_dedup_window);
  return !slice.first_sent_time.has_value() ||
         now < *slice.first_sent_time + window - kWindowMargin;
}

}  // namespace snapledger::dispatch
