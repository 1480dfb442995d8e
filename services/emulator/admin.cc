#include "services/emulator/admin.h"

#include <unistd.h>

#include "absl/strings/str_cat.h"
#include "services/emulator/pixel_events.h"
#include "services/emulator/snap_answers.h"

namespace snapledger::emulator {
namespace {

constexpr absl::Duration kWriteStep = absl::Seconds(30);

HttpAnswer JsonAnswer(std::string body) {
  HttpAnswer answer;
  answer.body = std::move(body);
  return answer;
}

HttpAnswer ErrorAnswer(int status, absl::string_view message) {
  HttpAnswer answer;
  answer.status = status;
  answer.body = R"({"error":)";
  AppendJsonText(message, &answer.body);
  answer.body.push_back('}');
  return answer;
}

}  // namespace

void Admin::Serve(Stream& stream) {
  HttpReader::Limits limits;
  limits.body_bytes_max = 64 << 20;
  HttpReader reader(stream, limits);
  HttpRequest request;
  bool more = true;
  while (more) {
    ReadEnd end = reader.ReadHead(request);
    if (end == ReadEnd::kOk) end = reader.ReadBody(request);
    if (end == ReadEnd::kClosed) return;
    if (end != ReadEnd::kOk) return AnswerUnreadable(stream, end);
    HttpAnswer answer = Handle(request);
    answer.body.push_back('\n');
    const std::string head = RenderHead(answer, answer.body.size(), request.keep_alive);
    more = stream.Write(absl::StrCat(head, answer.body), kWriteStep).ok() && request.keep_alive;
  }
}

HttpAnswer Admin::Handle(const HttpRequest& request) {
  const bool get = request.method == "GET";
  const bool post = request.method == "POST";
  if (!get && !post) return ErrorAnswer(405, "only GET and POST are taken");
  if (request.path == "/health" && get) return Health();
  if (request.path == "/faults") {
    return post ? ReplaceFaults(request) : JsonAnswer(parts_.faults.Report());
  }
  if (request.path == "/conversions" && get) {
    const bool detail = QueryParameter(request.query, "detail").value_or("0") == "1";
    return JsonAnswer(parts_.conversions.Report(detail));
  }
  if (request.path == "/pixel-events" && post) return AddPixelEvents(request);
  if (request.path == "/tokens" && post) {
    const absl::Status status = parts_.tokens.Replace(request.body);
    return status.ok() ? JsonAnswer("{}") : ErrorAnswer(400, status.message());
  }
  return ErrorAnswer(404,
                     "want GET /health, GET or POST /faults, POST /pixel-events, POST /tokens, "
                     "GET /conversions[?detail=1]");
}

HttpAnswer Admin::ReplaceFaults(const HttpRequest& request) {
  absl::StatusOr<std::vector<Fault>> faults = ParseFaults(request.body);
  if (!faults.ok()) return ErrorAnswer(400, faults.status().message());
  parts_.faults.Replace(*std::move(faults));
  return JsonAnswer(parts_.faults.Report());
}

HttpAnswer Admin::AddPixelEvents(const HttpRequest& request) {
  const absl::StatusOr<std::vector<PixelEvent>> events =
      ParsePixelEvents(request.body, options_.clock->Now());
  if (!events.ok()) return ErrorAnswer(400, events.status().message());
  size_t counted = 0;
  for (const PixelEvent& event : *events) {
    Arrival arrival;
    arrival.pixel = true;
    arrival.asset = event.asset;
    arrival.event_name = event.event_name;
    arrival.event_id = event.client_dedup_id;
    arrival.order_id = event.transaction_id;
    arrival.time = event.time;
    counted += parts_.conversions.Add(arrival) ? 1 : 0;
    parts_.activity.NotePixel(event.asset, event.event_name);
  }
  return JsonAnswer(absl::StrCat(R"({"events":)", events->size(), R"(,"counted":)", counted, "}"));
}

HttpAnswer Admin::Health() const {
  return JsonAnswer(absl::StrCat(R"({"status":"ok","pid":)", getpid(), R"(,"requests":)",
                                 parts_.server.requests(), R"(,"in_progress":)",
                                 parts_.server.in_progress(), "}"));
}

}  // namespace snapledger::emulator
