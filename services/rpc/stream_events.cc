#include "services/rpc/stream_events.h"

#include <utility>

#include "services/rpc/status_mapping.h"
#include "services/rpc/verdict_counts.h"

namespace snapledger::rpc {

StreamEventsReactor::StreamEventsReactor(ingest::Ingest& ingest, Readiness& readiness,
                                         base::Metrics& metrics)
    : ingest_(ingest), readiness_(readiness), metrics_(metrics) {
  absl::MutexLock lock(&mutex_);
  Advance();
}

bool StreamEventsReactor::Advance() {
  // Answers that reach nobody need not be written, but what is on its way to the ledger still
  // points into its exchange.
  while (broken_ && !writing_ && !exchanges_.empty() && exchanges_.front()->answered) {
    exchanges_.pop_front();
  }
  if (!reading_ && !half_closed_ && exchanges_.size() < kWindow) {
    reading_ = true;
    exchanges_.push_back(std::make_unique<Exchange>());
    StartRead(&exchanges_.back()->request);
  }
  if (!broken_ && !writing_ && !exchanges_.empty() && exchanges_.front()->answered) {
    writing_ = true;
    StartWrite(&exchanges_.front()->response);
  }
  if (!half_closed_ || !exchanges_.empty() || finished_) return false;
  finished_ = true;
  return true;
}

void StreamEventsReactor::End() { Finish(broken_ ? grpc::Status::CANCELLED : grpc::Status::OK); }

void StreamEventsReactor::OnReadDone(bool ok) {
  Exchange* exchange = nullptr;
  bool end = false;
  {
    absl::MutexLock lock(&mutex_);
    reading_ = false;
    if (ok) {
      exchange = exchanges_.back().get();
    } else {
      half_closed_ = true;
      exchanges_.pop_back();
    }
    end = Advance();
  }
  if (end) End();
  if (exchange == nullptr) return;
  ingest_.Record(exchange->request.record(), &exchange->recorded,
                 [this, exchange](const absl::Status& status) { Recorded(exchange, status); });
}

void StreamEventsReactor::Recorded(Exchange* exchange, const absl::Status& status) {
  readiness_.NoteWrite(status);
  if (status.ok()) CountVerdicts(exchange->recorded, metrics_);
  exchange->response.set_sequence(exchange->request.sequence());
  // Its memory counts as taken in until now; a caller who reads no answers must not hold it.
  v1::StreamEventsRequest().Swap(&exchange->request);
  if (status.ok()) {
    exchange->response.mutable_verdicts()->Swap(exchange->recorded.mutable_verdicts());
  } else {
    const grpc::Status refused = ToGrpcStatus(status, "StreamEvents");
    exchange->response.set_error_code(refused.error_code());
    exchange->response.set_error_message(refused.error_message());
  }
  bool end = false;
  {
    absl::MutexLock lock(&mutex_);
    exchange->answered = true;
    end = Advance();
  }
  if (end) End();
}

void StreamEventsReactor::OnWriteDone(bool ok) {
  bool end = false;
  {
    absl::MutexLock lock(&mutex_);
    writing_ = false;
    if (!ok) broken_ = true;
    exchanges_.pop_front();
    end = Advance();
  }
  if (end) End();
}

void StreamEventsReactor::OnDone() { delete this; }

}  // namespace snapledger::rpc
