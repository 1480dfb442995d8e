#include "storage/postgres_labels.h"

#include <cstdint>
#include <optional>

#include "storage/transaction.h"

namespace snapledger::storage {
namespace {

constexpr Statement kFind = {"label_find",
                             "select label_number from label where kind = $1 and label_text = $2"};

// The first standard name stands for the table: who inserts holds it, so numbers are given and
// committed in one order.
constexpr Statement kTakeTurn = {
    "label_take_turn", "select label_number from label where label_number = 1 for update"};

constexpr Statement kCount = {"label_count", "select count(*) from label where kind = $1"};

constexpr Statement kInsert = {
    "label_insert", "insert into label (kind, label_text) values ($1, $2) returning label_number"};

constexpr Statement kListAfter = {
    "label_list_after",
    "select label_number, kind, label_text from label where label_number > $1"
    " order by label_number"};

std::optional<int32_t> Find(Connection& connection, LabelKind kind, std::string_view text) {
  const Result found =
      connection.Execute(kFind, Parameters().Int2(static_cast<int16_t>(kind)).Text(text));
  if (found.row_count() == 0) return std::nullopt;
  return found.Int4(0, 0);
}

int32_t Insert(Connection& connection, LabelKind kind, std::string_view text) {
  connection.Execute(kTakeTurn);
  if (const std::optional<int32_t> number = Find(connection, kind, text)) return *number;
  const Parameters of_kind = Parameters().Int2(static_cast<int16_t>(kind));
  if (connection.Execute(kCount, of_kind).Int8(0, 0) >= kLabelsMax) {
    throw StatusError(absl::ResourceExhaustedError(
        "there are as many event names or sources as the ledger tells apart"));
  }
  return connection.Execute(kInsert, Parameters().Int2(static_cast<int16_t>(kind)).Text(text))
      .Int4(0, 0);
}

}  // namespace

absl::StatusOr<int32_t> PostgresLabelStore::FindOrInsert(LabelKind kind, std::string_view text) {
  const absl::StatusOr<std::optional<int32_t>> found =
      WithConnection(pool_, [&](Connection& connection) { return Find(connection, kind, text); });
  if (!found.ok()) return found.status();
  if (found->has_value()) return **found;
  return RunTransaction(pool_, TransactionKind::kReadWrite,
                        [&](Connection& connection) { return Insert(connection, kind, text); });
}

absl::StatusOr<std::vector<Label>> PostgresLabelStore::ListAfter(int32_t after_number) {
  return WithConnection(pool_, [&](Connection& connection) {
    const Result rows = connection.Execute(kListAfter, Parameters().Int4(after_number));
    std::vector<Label> labels;
    for (int row = 0; row < rows.row_count(); ++row) {
      labels.push_back(
          {rows.Int4(row, 0), static_cast<LabelKind>(rows.Int2(row, 1)), rows.Text(row, 2)});
    }
    return labels;
  });
}

}  // namespace snapledger::storage
