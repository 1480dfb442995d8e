#include "services/query/audit_log.h"

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "services/base/check.h"
#include "services/base/status_macros.h"
#include "services/query/filter_text.h"
#include "services/query/proto_time.h"
#include "services/query/time_range.h"

namespace snapledger::query {
namespace {

using storage::AuditPlace;

std::string PlaceToText(const AuditPlace& place) {
  return absl::StrCat(absl::ToUnixMicros(place.time), "/", place.sequence);
}

// Of a text made above: the token is authenticated.
std::optional<AuditPlace> PlaceFromText(const std::string& text) {
  if (text.empty()) return std::nullopt;
  const std::vector<std::string> parts = absl::StrSplit(text, '/');
  AuditPlace place;
  int64_t micros = 0;
  SNAPLEDGER_CHECK(parts.size() == 2 && absl::SimpleAtoi(parts[0], &micros) &&
                   absl::SimpleAtoi(parts[1], &place.sequence));
  place.time = absl::FromUnixMicros(micros);
  return place;
}

void ToProto(const storage::AuditRow& entry, v1::AuditEntry* message) {
  message->set_sequence(entry.sequence);
  *message->mutable_time() = TimeToProto(entry.time);
  message->set_actor(entry.record.actor);
  message->set_action(entry.record.action);
  message->set_target(entry.record.target);
  message->set_detail_json(entry.record.detail_json);
  message->set_previous_hash(absl::BytesToHexString(entry.previous_hash));
  message->set_hash(absl::BytesToHexString(entry.hash));
}

}  // namespace

absl::Status AuditLog::List(const v1::ListAuditEntriesRequest& request,
                            v1::ListAuditEntriesResponse* response) {
  SNAPLEDGER_ASSIGN_OR_RETURN(const int page_size, PageSize(request.page_size()));
  SNAPLEDGER_ASSIGN_OR_RETURN(const ReadRange range, ReadTimeRange(request.range(), "range"));
  FilterText filter_text("ListAuditEntries");
  filter_text.Add("actor", request.actor()).Add("action", request.action());
  if (range.start) filter_text.Add("start", absl::StrCat(absl::ToUnixMicros(*range.start)));
  if (range.end) filter_text.Add("end", absl::StrCat(absl::ToUnixMicros(*range.end)));
  SNAPLEDGER_ASSIGN_OR_RETURN(const std::string position,
                              page_tokens_.Read(filter_text.text(), request.page_token()));
  SNAPLEDGER_ASSIGN_OR_RETURN(const storage::AuditPage page,
                              store_.List({.start = range.start,
                                           .end = range.end,
                                           .actor = request.actor(),
                                           .action = request.action()},
                                          PlaceFromText(position), page_size));
  for (const storage::AuditRow& entry : page.entries) ToProto(entry, response->add_entries());
  if (page.stopped_at.has_value()) {
    response->set_next_page_token(
        page_tokens_.Make(filter_text.text(), PlaceToText(*page.stopped_at)));
  }
  return absl::OkStatus();
}

absl::Status AuditLog::Verify(v1::VerifyAuditLogResponse* response) {
  SNAPLEDGER_ASSIGN_OR_RETURN(const storage::AuditVerification verification, store_.Verify());
  response->set_intact(verification.first_broken_sequence == 0);
  response->set_entries_checked(verification.entries_checked);
  response->set_first_broken_sequence(verification.first_broken_sequence);
  if (verification.head_time.has_value()) {
    *response->mutable_last_checkpoint_time() = TimeToProto(*verification.head_time);
  }
  return absl::OkStatus();
}

}  // namespace snapledger::query
