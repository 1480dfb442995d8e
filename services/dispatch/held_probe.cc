#include "services/dispatch/held_probe.h"

#include <string>

#include "services/base/log.h"
#include "services/snap/encode.h"

namespace snapledger::dispatch {
namespace {

constexpr absl::Duration kConnectTimeout = absl::Seconds(3);

std::string ProbeBody(event::DestinationKind kind, absl::Time now) {
  event::ConversionEvent event;
  event.event_id = "snapledger-probe";
  event.event_name = "PAGE_VIEW";
  event.event_time = now;
  event.event_source_url = "https://example.com/";
  event.user_data.email.push_back({});
  if (kind == event::DestinationKind::kApp) {
    event.action_source = event::ActionSource::kMobileApp;
    event.event_source_url.clear();
    event.app_data.emplace();
    event.app_data->app_id = "0";
    event.app_data->extinfo[0] = "i2";
    event.app_data->extinfo[4] = "1";
  }
  std::string json;
  snap::AppendSnapEvent(event, {.test_event_code = "snapledger-probe"}, &json);
  snap::RequestBody body;
  body.Add(json);
  return std::move(body).Finish();
}

}  // namespace

bool HeldProbe::Works(const destinations::ActiveDestination& destination) const {
  const std::string body =
      ProbeBody(destination.prepare_policy.destination_kind, dependencies_.clock.Now());
  for (const TokenChoice::Token& token : destination.tokens) {
    const snap::SnapReply reply =
        dependencies_.snap.Send({.endpoint = snap::SnapRequest::Endpoint::kValidate,
                                 .asset_id = destination.stored.destination_id,
                                 .access_token = token.secret,
                                 .body = body,
                                 .timeout = destination.stored.settings.request_timeout,
                                 .connect_timeout = kConnectTimeout,
                                 .gzip = destination.stored.settings.gzip_requests});
    const Decision decision = Decide(reply, dependencies_.clock.Now());
    // What Snap says of the invented event does not matter, only that it reads it.
    if (decision.verdict == Decision::Verdict::kDelivered ||
        decision.verdict == Decision::Verdict::kRefused) {
      return true;
    }
  }
  return false;
}

int HeldProbe::RunOnce() {
  int resumed = 0;
  for (const destinations::DestinationPtr& destination : dependencies_.directory.List()) {
    if (destination->stored.pause_kind != storage::PauseKind::kHeld) continue;
    if (!Works(*destination)) continue;
    const std::string& id = destination->stored.destination_id;
    if (!dependencies_.destinations.Resume(id, storage::PauseKind::kHeld, kDispatcherActor).ok())
      continue;
    ++resumed;
    base::Log(base::Severity::kInfo, "the destination works again and is resumed",
              {{"destination", id}});
  }
  // Where it fails, the directory reads it again by itself soon.
  if (resumed > 0) dependencies_.directory.Refresh().IgnoreError();
  return resumed;
}

}  // namespace snapledger::dispatch
