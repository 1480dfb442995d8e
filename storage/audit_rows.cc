#include "storage/audit_rows.h"

#include <openssl/evp.h>

#include <cstdlib>
#include <string_view>

#include "storage/sql_error.h"
#include "storage/wire_format.h"

namespace snapledger::storage {
namespace {

constexpr Statement kLockHead = {
    "audit_lock_head", "select sequence, hash, now() from audit_head where id = 1 for update"};

constexpr Statement kInsertEntry = {
    "audit_insert_entry",
    "insert into audit_entry (sequence, entry_time, actor, action, target, detail_json,"
    "  previous_hash, hash) values ($1, $2, $3, $4, $5, $6, $7, $8)"};

constexpr Statement kMoveHead = {
    "audit_move_head",
    "update audit_head set sequence = $1, hash = $2, entry_time = $3 where id = 1"};

// Changes with the encoding, so that one of another form never has the same hash.
constexpr std::string_view kEncoding = "snapledger audit entry 1";

void AppendPart(std::string_view part, std::string* bytes) {
  AppendBigEndian<int64_t>(static_cast<int64_t>(part.size()), bytes);
  bytes->append(part);
}

}  // namespace

std::string AuditHash(const AuditRow& entry) {
  std::string bytes;
  AppendPart(kEncoding, &bytes);
  AppendBigEndian<int64_t>(entry.sequence, &bytes);
  AppendBigEndian<int64_t>(ToPostgresTime(entry.time), &bytes);
  AppendPart(entry.record.actor, &bytes);
  AppendPart(entry.record.action, &bytes);
  AppendPart(entry.record.target, &bytes);
  AppendPart(entry.record.detail_json, &bytes);
  AppendPart(entry.previous_hash, &bytes);
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  // A log that cannot be continued must not let the act happen either.
  if (EVP_Digest(bytes.data(), bytes.size(), digest, &size, EVP_sha256(), nullptr) != 1) {
    std::abort();
  }
  return {reinterpret_cast<const char*>(digest), size};
}

void AppendAuditEntry(Connection& connection, const AuditRecord& record) {
  const Result head = connection.Execute(kLockHead);
  if (head.row_count() != 1) {
    throw StatusError(absl::InternalError("the head of the audit log is gone"));
  }
  AuditRow entry = {.sequence = head.Int8(0, 0) + 1,
                    .time = head.Time(0, 2),
                    .record = record,
                    .previous_hash = head.Text(0, 1)};
  entry.hash = AuditHash(entry);
  connection.Execute(kInsertEntry, Parameters()
                                       .Int8(entry.sequence)
                                       .Time(entry.time)
                                       .Text(record.actor)
                                       .Text(record.action)
                                       .Text(record.target)
                                       .Text(record.detail_json)
                                       .Bytes(entry.previous_hash)
                                       .Bytes(entry.hash));
  connection.Execute(kMoveHead,
                     Parameters().Int8(entry.sequence).Bytes(entry.hash).Time(entry.time));
}

AuditRow ReadAuditRow(const Result& rows, int row) {
  return {.sequence = rows.Int8(row, 0),
          .time = rows.Time(row, 1),
          .record = {.actor = rows.Text(row, 2),
                     .action = rows.Text(row, 3),
                     .target = rows.Text(row, 4),
                     .detail_json = rows.Text(row, 5)},
          .previous_hash = rows.Text(row, 6),
          .hash = rows.Text(row, 7)};
}

}  // namespace snapledger::storage
