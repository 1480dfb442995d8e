#include "storage/postgres_data_keys.h"

#include "absl/strings/str_cat.h"
#include "storage/transaction.h"

namespace snapledger::storage {
namespace {

constexpr Statement kFind = {
    "data_key_find",
    "select data_key_number, wrapped, server_life() from snapledger_keys.data_key"
    " where key_day = $1::date"};

constexpr Statement kInsert = {
    "data_key_insert",
    "insert into snapledger_keys.data_key (key_day, wrapped) values ($1::date, $2)"
    " on conflict (key_day) do nothing"};

constexpr Statement kGet = {
    "data_key_get",
    "select data_key_number, wrapped, server_life() from snapledger_keys.data_key"
    " where data_key_number = $1"};

WrappedDataKey ReadKey(const Result& row) {
  return {row.Int4(0, 0), row.Text(0, 1), row.Text(0, 2)};
}

}  // namespace

absl::StatusOr<WrappedDataKey> PostgresDataKeyStore::FindOrInsert(std::string_view day,
                                                                  std::string_view wrapped_if_new) {
  return WithConnection(pool_, [&](Connection& connection) {
    Result found = connection.Execute(kFind, Parameters().Text(day));
    if (found.row_count() == 0) {
      connection.Execute(kInsert, Parameters().Text(day).Bytes(wrapped_if_new));
      // Ours, or that of the process that was first.
      found = connection.Execute(kFind, Parameters().Text(day));
    }
    return ReadKey(found);
  });
}

absl::StatusOr<WrappedDataKey> PostgresDataKeyStore::Get(int32_t number) {
  return WithConnection(pool_, [&](Connection& connection) {
    const Result found = connection.Execute(kGet, Parameters().Int4(number));
    if (found.row_count() == 0) {
      throw StatusError(absl::NotFoundError(absl::StrCat("data key ", number, " was destroyed")));
    }
    return ReadKey(found);
  });
}

}  // namespace snapledger::storage
