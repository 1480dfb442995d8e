#include "services/emulator/snap_api.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "services/emulator/gzip.h"
#include "services/emulator/snap_answers.h"
#include "services/emulator/value_forms.h"

namespace snapledger::emulator {
namespace {

bool TakesEvents(Endpoint endpoint) {
  return endpoint == Endpoint::kEvents || endpoint == Endpoint::kValidate;
}

absl::string_view BearerToken(const HttpRequest& request) {
  const absl::string_view header = request.Header("authorization");
  return absl::StartsWithIgnoreCase(header, "bearer ") ? header.substr(7) : absl::string_view();
}

bool IsGzip(const HttpRequest& request) {
  return absl::EqualsIgnoreCase(request.Header("content-encoding"), "gzip");
}

bool IsJson(const HttpRequest& request) {
  const absl::string_view type = request.Header("content-type");
  return absl::StartsWithIgnoreCase(type, "application/json") &&
         (type.size() == 16 || type[16] == ';' || type[16] == ' ');
}

}  // namespace

SnapApi::SnapApi(const Options& options, const Parts& parts)
    : options_(options), rules_(options.rules), parts_(parts), rate_limit_(options.rate_limit) {}

std::string SnapApi::TokenOf(const HttpRequest& request, const Route& route) const {
  // The quality scores live on Snap's other host, which takes the token in the header.
  if (route.endpoint == Endpoint::kQuality) return std::string(BearerToken(request));
  std::string token = QueryParameter(request.query, "access_token").value_or("");
  if (token.empty() && rules_.bearer_token_accepted) token = std::string(BearerToken(request));
  return token;
}

void SnapApi::Handle(Exchange& exchange, bool process) {
  std::optional<HttpAnswer> refusal;
  std::optional<HttpAnswer> bad_batch;
  // The events of a refused request are listed too: the journal tells all that arrived.
  if (TakesEvents(exchange.route.endpoint)) bad_batch = ReadBatch(exchange);
  if (!process) return;
  refusal = Refuse(exchange);
  if (!refusal.has_value()) refusal = std::move(bad_batch);
  if (refusal.has_value()) {
    exchange.answer = *std::move(refusal);
  } else if (TakesEvents(exchange.route.endpoint)) {
    Judge(exchange);
  } else {
    exchange.answer = Read(exchange);
  }
}

std::optional<HttpAnswer> SnapApi::Refuse(const Exchange& exchange) {
  const Route& route = exchange.route;
  if (route.endpoint == Endpoint::kOther) return RefusedAnswer(404, "Not Found");
  if (rules_.only_uuid_assets && !IsUuid(route.asset)) return RefusedAnswer(404, "Not Found");
  if (exchange.request.method != MethodOf(route.endpoint)) {
    HttpAnswer answer = RefusedAnswer(405, "Method Not Allowed");
    answer.headers.emplace_back("Allow", MethodOf(route.endpoint));
    return answer;
  }
  if (std::optional<HttpAnswer> refusal = RefuseToken(exchange); refusal.has_value()) {
    return refusal;
  }
  if (!rate_limit_.Allow(route.asset, options_.clock->Monotonic())) {
    return RefusedAnswer(429, "Too Many Requests");
  }
  return TakesEvents(route.endpoint) ? RefuseForm(exchange) : std::nullopt;
}

std::optional<HttpAnswer> SnapApi::RefuseToken(const Exchange& exchange) const {
  switch (parts_.tokens.Check(exchange.route.asset, exchange.token)) {
    case Tokens::Verdict::kAccepted:
      return std::nullopt;
    case Tokens::Verdict::kOtherAsset:
      return RefusedAnswer(rules_.unauthorized_as_401 ? 401 : 403, "Unauthorized resources");
    case Tokens::Verdict::kUnknownToken:
      break;
  }
  HttpAnswer answer = RefusedAnswer(401, "Invalid access token");
  if (rules_.token_error_as_text) {
    answer.body = "Invalid access token";
    answer.content_type = "text/plain";
  }
  return answer;
}

std::optional<HttpAnswer> SnapApi::RefuseForm(const Exchange& exchange) const {
  const HttpRequest& request = exchange.request;
  const absl::string_view encoding = request.Header("content-encoding");
  if (!encoding.empty() && !(IsGzip(request) && rules_.gzip_accepted)) {
    return RefusedAnswer(static_cast<int>(rules_.gzip_refused_status),
                         "Compressed requests are not supported.");
  }
  if (!rules_.any_content_type && !IsJson(request)) {
    return RefusedAnswer(415, "Content-Type must be application/json.");
  }
  return std::nullopt;
}

std::optional<HttpAnswer> SnapApi::ReadBatch(Exchange& exchange) const {
  absl::string_view bytes = exchange.request.body;
  if (IsGzip(exchange.request)) {
    absl::StatusOr<std::string> inflated = Gunzip(bytes, options_.body_bytes_max);
    if (!inflated.ok()) return RefusedAnswer(400, inflated.status().message());
    exchange.inflated = *std::move(inflated);
    bytes = exchange.inflated;
  }
  absl::StatusOr<std::unique_ptr<JsonBody>> body = JsonBody::Parse(bytes);
  if (!body.ok()) return RefusedAnswer(400, body.status().message());
  exchange.body = *std::move(body);
  const JsonValue* const data = exchange.body->data();
  if (data == nullptr) return RefusedAnswer(400, "The body has no list named data.");
  const std::vector<absl::string_view>& ranges = exchange.body->element_bytes();
  exchange.events.resize(ranges.size());
  for (size_t i = 0; i < ranges.size(); ++i) {
    exchange.events[i].bytes = ranges[i];
    exchange.events[i].event_id =
        TextOf(FindMember((*data)[static_cast<rapidjson::SizeType>(i)], "event_id"));
  }
  if (data->Empty() && !rules_.empty_data_accepted) {
    return RefusedAnswer(400, "The list named data is empty.");
  }
  if (static_cast<int64_t>(data->Size()) > rules_.events_max) {
    return RefusedAnswer(400, absl::StrCat("More than ", rules_.events_max, " events."));
  }
  const JsonValue* const test = FindMember(exchange.body->root(), "test_event_code");
  if (test != nullptr && TextOf(test).empty()) {
    return RefusedAnswer(400, "test_event_code is empty or no string.");
  }
  return std::nullopt;
}

std::vector<CheckedEvent> SnapApi::CheckAll(const Exchange& exchange) const {
  const bool test = FindMember(exchange.body->root(), "test_event_code") != nullptr;
  std::vector<CheckedEvent> checked;
  checked.reserve(exchange.events.size());
  for (const JsonValue& event : exchange.body->data()->GetArray()) {
    checked.push_back(CheckEvent(event, test, rules_, exchange.time));
  }
  return checked;
}

void SnapApi::RejectInjected(Exchange& exchange, std::vector<CheckedEvent>& checked) {
  std::vector<absl::string_view> ids;
  ids.reserve(checked.size());
  for (const CheckedEvent& event : checked) ids.push_back(event.facts.event_id);
  exchange.rejection = parts_.faults.TakeForEvents(exchange.route, ids);
  if (exchange.rejection == nullptr) return;
  const Fault& fault = *exchange.rejection;
  for (CheckedEvent& event : checked) {
    if (!fault.event_ids.contains(event.facts.event_id)) continue;
    event.findings.Error(ErrorCode::kInjected,
                         fault.body.value_or("The event is refused by an injected fault."));
  }
}

void SnapApi::Judge(Exchange& exchange) {
  std::vector<CheckedEvent> checked = CheckAll(exchange);
  RejectInjected(exchange, checked);
  const bool valid = std::all_of(checked.begin(), checked.end(),
                                 [](const CheckedEvent& event) { return event.findings.valid(); });
  exchange.valid = valid;
  const bool validate_only = exchange.route.endpoint == Endpoint::kValidate;
  for (size_t i = 0; i < checked.size(); ++i) {
    ReceivedEvent& event = exchange.events[i];
    const bool good = checked[i].findings.valid();
    event.test = checked[i].facts.test;
    event.accepted = !validate_only && good && (valid || rules_.partial_batches);
    // A good event that fell with its batch was never taken, so it shows nowhere.
    if (good && !event.accepted && !validate_only) continue;
    const bool test = validate_only || event.test;
    parts_.activity.Note(exchange.route.asset, checked[i], test, exchange.time);
  }
  if (validate_only) {
    exchange.answer = ValidateAnswer(checked, rules_);
    return;
  }
  const bool duplicates = Accept(exchange, checked);
  const bool name_event = exchange.rejection == nullptr || exchange.rejection->name_event;
  exchange.answer =
      valid ? ValidAnswer(duplicates, rules_) : InvalidEventsAnswer(checked, name_event, rules_);
}

bool SnapApi::Accept(Exchange& exchange, const std::vector<CheckedEvent>& checked) {
  bool duplicates = false;
  for (size_t i = 0; i < checked.size(); ++i) {
    ReceivedEvent& event = exchange.events[i];
    const EventFacts& facts = checked[i].facts;
    if (!event.accepted || event.test) continue;
    Arrival arrival;
    arrival.asset = exchange.route.asset;
    arrival.event_name = facts.name;
    arrival.event_id = facts.event_id;
    arrival.order_id = facts.order_id;
    arrival.time = rules_.dedup_by_event_time ? facts.time : exchange.time;
    arrival.signals = facts.signals;
    event.counted = parts_.conversions.Add(arrival);
    duplicates = duplicates || !event.counted;
  }
  return duplicates;
}

HttpAnswer SnapApi::Read(const Exchange& exchange) const {
  HttpAnswer answer;
  const Route& route = exchange.route;
  if (route.endpoint == Endpoint::kLogs) {
    answer.body = parts_.activity.LogsJson(route.asset, exchange.time);
  } else if (route.endpoint == Endpoint::kStats) {
    answer.body = parts_.activity.StatsJson(route.asset, exchange.time);
  } else {
    answer.body = parts_.activity.QualityJson(route.asset, route.app);
  }
  return answer;
}

}  // namespace snapledger::emulator
