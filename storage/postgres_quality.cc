#include "storage/postgres_quality.h"

#include <openssl/evp.h>

#include "storage/transaction.h"

namespace snapledger::storage {
namespace {

constexpr Statement kTakeTurn = {
    "quality_take_turn",
    "insert into quality_turn (destination_number, next_time) values ($1, now() + $2)"
    " on conflict (destination_number) do update set next_time = excluded.next_time"
    "   where quality_turn.next_time <= now()"
    " returning destination_number"};

constexpr Statement kRepeat = {
    "quality_repeat",
    "update quality_answer set last_fetched_time = now()"
    " where destination_number = $1 and http_status = $2 and parser_version = $3"
    "   and understood = $4 and answer_sha256 = $5 and error = $6"
    "   and first_fetched_time = (select max(first_fetched_time) from quality_answer"
    "     where destination_number = $1)"};

constexpr Statement kInsert = {
    "quality_insert",
    "insert into quality_answer (destination_number, http_status, parser_version, understood,"
    "   answer_sha256, error, answer) values ($1, $2, $3, $4, $5, $6, $7)"
    " returning first_fetched_time"};

constexpr Statement kInsertScores = {
    "quality_insert_scores",
    "insert into quality_score (destination_number, first_fetched_time, place, event_name,"
    "   event_source, score, priority, recommendation_code, title)"
    " select $1, $2, k.place, k.event_name, k.event_source, k.score, k.priority,"
    "   k.recommendation_code, k.title"
    " from unnest($3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[])"
    "   with ordinality k (event_name, event_source, score, priority, recommendation_code, title,"
    "     place)"};

constexpr Statement kForget = {
    "quality_forget",
    "delete from quality_answer"
    " where destination_number = $1 and last_fetched_time < now() - interval '366 days'"};

constexpr Statement kUnderstood = {
    "quality_understood",
    "select first_fetched_time, last_fetched_time from quality_answer"
    " where destination_number = $1 and understood order by first_fetched_time desc limit 1"};

constexpr Statement kScores = {
    "quality_scores",
    "select event_name, event_source, score, priority, recommendation_code, title"
    " from quality_score where destination_number = $1 and first_fetched_time = $2"
    " order by place"};

// The first answer after those that were understood, and the error of the last.
constexpr Statement kFailing = {
    "quality_failing",
    "select first_fetched_time, error from quality_answer"
    " where destination_number = $1 and first_fetched_time > $2 order by first_fetched_time"};

std::string Sha256(std::string_view text) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  EVP_Digest(text.data(), text.size(), digest, &size, EVP_sha256(), nullptr);
  return {reinterpret_cast<const char*>(digest), size};
}

Parameters KeyOf(int32_t destination_number, const QualityAnswer& answer) {
  Parameters parameters;
  parameters.Int4(destination_number).Int2(static_cast<int16_t>(answer.http_status));
  parameters.Int2(static_cast<int16_t>(answer.parser_version)).Bool(answer.understood);
  parameters.Bytes(Sha256(answer.answer)).Text(answer.error);
  return parameters;
}

void InsertScores(Connection& connection, int32_t destination_number, absl::Time fetched_time,
                  const std::vector<QualityScoreRow>& scores) {
  std::vector<std::string> names, sources, levels, priorities, codes, titles;
  for (const QualityScoreRow& score : scores) {
    names.push_back(score.event_name);
    sources.push_back(score.event_source);
    levels.push_back(score.score);
    priorities.push_back(score.priority);
    codes.push_back(score.recommendation_code);
    titles.push_back(score.title);
  }
  Parameters parameters;
  parameters.Int4(destination_number).Time(fetched_time).TextArray(names).TextArray(sources);
  parameters.TextArray(levels).TextArray(priorities).TextArray(codes).TextArray(titles);
  connection.Execute(kInsertScores, parameters);
}

}  // namespace

absl::StatusOr<bool> PostgresQualityStore::TakeTurn(int32_t destination_number,
                                                    absl::Duration interval) {
  return WithConnection(pool_, [&](Connection& connection) {
    return connection.Execute(kTakeTurn, Parameters().Int4(destination_number).Interval(interval))
               .row_count() == 1;
  });
}

absl::Status PostgresQualityStore::Add(int32_t destination_number, const QualityAnswer& answer) {
  return RunTransaction(
             pool_, TransactionKind::kReadWrite,
             [&](Connection& connection) {
               const Parameters key = KeyOf(destination_number, answer);
               if (connection.Execute(kRepeat, key).affected_rows() > 0) return true;
               Parameters all = key;
               const Result inserted = connection.Execute(kInsert, all.Text(answer.answer));
               if (!answer.scores.empty()) {
                 InsertScores(connection, destination_number, inserted.Time(0, 0), answer.scores);
               }
               connection.Execute(kForget, Parameters().Int4(destination_number));
               return true;
             })
      .status();
}

absl::StatusOr<QualityStanding> PostgresQualityStore::Standing(int32_t destination_number) {
  return RunTransaction(pool_, TransactionKind::kSnapshot, [&](Connection& connection) {
    QualityStanding standing;
    absl::Time understood = absl::InfinitePast();
    const Result latest = connection.Execute(kUnderstood, Parameters().Int4(destination_number));
    if (latest.row_count() > 0) {
      understood = latest.Time(0, 0);
      standing.fetched_time = latest.Time(0, 1);
      const Result scores =
          connection.Execute(kScores, Parameters().Int4(destination_number).Time(understood));
      for (int row = 0; row < scores.row_count(); ++row) {
        standing.scores.push_back({scores.Text(row, 0), scores.Text(row, 1), scores.Text(row, 2),
                                   scores.Text(row, 3), scores.Text(row, 4), scores.Text(row, 5)});
      }
    }
    const Result failing =
        connection.Execute(kFailing, Parameters().Int4(destination_number).Time(understood));
    if (failing.row_count() > 0) {
      standing.failing_since = failing.Time(0, 0);
      standing.error = failing.Text(failing.row_count() - 1, 1);
    }
    return standing;
  });
}

}  // namespace snapledger::storage
