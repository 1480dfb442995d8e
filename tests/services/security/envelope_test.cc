#include "services/security/envelope.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "tests/support/fake_clock.h"
#include "tests/support/fake_data_key_store.h"
#include "tests/support/status_matchers.h"

namespace snapledger::security {
namespace {

using support::FakeClock;
using support::FakeDataKeyStore;
using support::IsOkAndHolds;
using support::StatusIs;
using ::testing::_;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr size_t kOverhead = 12 + 12 + 16;
constexpr LotPlace kPlace{7, 1'000'001};

KeyRing OneKey(int id = 1, char fill = 'k') {
  KeyRing keys;
  keys.key_encryption_keys.emplace(id, base::Secret(std::string(32, fill)));
  return keys;
}

std::string RandomBytes(std::mt19937_64& random, size_t size) {
  std::string bytes(size, '\0');
  for (char& byte : bytes) byte = static_cast<char>(random());
  return bytes;
}

class EnvelopeTest : public ::testing::Test {
 protected:
  std::string Seal(std::string_view raw_lot, LotPlace place = kPlace) {
    absl::StatusOr<std::string> sealed = envelope_.SealLot(raw_lot, place);
    EXPECT_OK(sealed);
    return *std::move(sealed);
  }

  KeyRing keys_ = OneKey();
  FakeDataKeyStore store_;
  FakeClock clock_{
      absl::FromCivil(absl::CivilSecond(2026, 11, 23, 23, 59, 0), absl::UTCTimeZone())};
  Envelope envelope_{keys_, store_, clock_};
};

TEST_F(EnvelopeTest, OpensWhatItSealed) {
  std::mt19937_64 random(1);
  for (const size_t size : {0, 1, 100, 4095, 4096, 5000, 1'000'000}) {
    for (const std::string& raw : {RandomBytes(random, size), std::string(size, 'x')}) {
      EXPECT_THAT(envelope_.OpenLot(Seal(raw), kPlace), IsOkAndHolds(raw)) << size;
    }
  }
}

TEST_F(EnvelopeTest, CompressesOnlyWhereItPays) {
  std::mt19937_64 random(2);
  EXPECT_EQ(Seal(std::string(4095, 'x')).size(), 4095 + kOverhead);
  EXPECT_LT(Seal(std::string(4096, 'x')).size(), 200);
  EXPECT_EQ(Seal(RandomBytes(random, 10'000)).size(), 10'000 + kOverhead);
}

TEST_F(EnvelopeTest, HasTheDocumentedForm) {
  const std::string sealed = Seal(std::string(4096, 'x'));
  EXPECT_EQ(sealed.substr(0, 12), std::string("\x01\x01\0\0\x01\0\0\0\0\x10\0\0", 12));
  EXPECT_EQ(Seal("abc").substr(0, 12), std::string("\x01\0\0\0\x01\0\0\0\x03\0\0\0", 12));
}

TEST_F(EnvelopeTest, NeverSealsTwiceAlike) {
  std::set<std::string> nonces;
  for (int i = 0; i < 1000; ++i) nonces.insert(Seal("lot").substr(12, 12));
  EXPECT_EQ(nonces.size(), 1000);
}

TEST_F(EnvelopeTest, AnyChangedByteIsDataLoss) {
  for (const std::string& raw : {std::string("a short lot"), std::string(5000, 'x')}) {
    const std::string sealed = Seal(raw);
    for (size_t i = 0; i < sealed.size(); ++i) {
      for (const int bit : {0x01, 0x80}) {
        std::string changed = sealed;
        changed[i] = static_cast<char>(changed[i] ^ bit);
        EXPECT_THAT(envelope_.OpenLot(changed, kPlace), StatusIs(absl::StatusCode::kDataLoss)) << i;
      }
    }
  }
}

TEST_F(EnvelopeTest, AnyOtherLengthIsDataLoss) {
  const std::string sealed = Seal("a short lot");
  for (size_t size = 0; size < sealed.size(); ++size) {
    EXPECT_THAT(envelope_.OpenLot(sealed.substr(0, size), kPlace),
                StatusIs(absl::StatusCode::kDataLoss));
  }
  EXPECT_THAT(envelope_.OpenLot(sealed + "x", kPlace), StatusIs(absl::StatusCode::kDataLoss));
}

TEST_F(EnvelopeTest, RandomBytesAreDataLoss) {
  std::mt19937_64 random(3);
  Seal("so that there is a data key 1");
  for (int i = 0; i < 20'000; ++i) {
    std::string bytes = RandomBytes(random, random() % 100);
    if (bytes.size() >= 8 && random() % 2 == 0) bytes.replace(0, 8, "\x01\x01\0\0\x01\0\0\0", 8);
    EXPECT_THAT(envelope_.OpenLot(bytes, kPlace), StatusIs(absl::StatusCode::kDataLoss));
  }
}

TEST_F(EnvelopeTest, AnotherPlaceIsDataLoss) {
  const std::string sealed = Seal("lot");
  for (const LotPlace place : {LotPlace{7, 1'000'002}, LotPlace{8, 1'000'001}, LotPlace{}}) {
    EXPECT_THAT(envelope_.OpenLot(sealed, place), StatusIs(absl::StatusCode::kDataLoss));
  }
}

TEST_F(EnvelopeTest, AnotherPieceIsDataLoss) {
  const LotPiece second = {.number = 1, .following = 2};
  ASSERT_OK_AND_ASSIGN(const std::string sealed, envelope_.SealLot("piece", kPlace, second));
  EXPECT_THAT(envelope_.OpenLot(sealed, kPlace, second), IsOkAndHolds("piece"));
  for (const LotPiece other : {LotPiece{}, LotPiece{0, 2}, LotPiece{1, 1}, LotPiece{2, 1}}) {
    EXPECT_THAT(envelope_.OpenLot(sealed, kPlace, other), StatusIs(absl::StatusCode::kDataLoss));
    std::string renamed = sealed;
    renamed[2] = static_cast<char>(other.number);
    renamed[3] = static_cast<char>(other.following);
    EXPECT_THAT(envelope_.OpenLot(renamed, kPlace, other), StatusIs(absl::StatusCode::kDataLoss));
  }
}

TEST_F(EnvelopeTest, AsksForADayOnce) {
  for (int i = 0; i < 3; ++i) Seal("lot");
  EXPECT_EQ(store_.call_count(), 1);
  clock_.Advance(absl::Minutes(1));
  for (int i = 0; i < 3; ++i) Seal("lot");
  EXPECT_EQ(store_.call_count(), 2);
  EXPECT_EQ(store_.days(), (std::map<std::string, int32_t>{{"2026-11-23", 1}, {"2026-11-24", 2}}));
}

TEST_F(EnvelopeTest, ADestroyedKeyIsGoneADayLater) {
  const std::string sealed = Seal("lot");
  store_.Destroy(1);
  EXPECT_OK(envelope_.OpenLot(sealed, kPlace));
  clock_.Advance(absl::Hours(24));
  EXPECT_THAT(envelope_.OpenLot(sealed, kPlace),
              StatusIs(absl::StatusCode::kDataLoss, HasSubstr("data key 1 is gone")));
}

TEST_F(EnvelopeTest, OtherProcessesOpenWithTheSameKeys) {
  Envelope other(keys_, store_, clock_);
  EXPECT_THAT(other.OpenLot(Seal("mine"), kPlace), IsOkAndHolds("mine"));
  ASSERT_OK_AND_ASSIGN(const std::string sealed, other.SealLot("theirs", kPlace));
  EXPECT_THAT(envelope_.OpenLot(sealed, kPlace), IsOkAndHolds("theirs"));
  EXPECT_EQ(store_.days().size(), 1);
}

// The server that took over has not got the key of the day: what is sealed from now on must be
// opened by others.
TEST_F(EnvelopeTest, InAnotherLifeOfTheServerTheKeyIsReadAgain) {
  store_.EnterLife("first");
  envelope_.EnterLife("first");
  Seal("lot");
  store_.EnterLife("second");
  envelope_.EnterLife("second");
  const std::string sealed = Seal("lot");
  Envelope fresh(keys_, store_, clock_);
  EXPECT_THAT(fresh.OpenLot(sealed, kPlace), IsOkAndHolds("lot"));
}

TEST_F(EnvelopeTest, UnderAKeyOfAnotherLifeNothingIsSealed) {
  store_.EnterLife("first");
  envelope_.EnterLife("second");
  EXPECT_THAT(envelope_.SealLot("lot", kPlace), StatusIs(absl::StatusCode::kUnavailable));
  envelope_.EnterLife("first");
  EXPECT_OK(envelope_.SealLot("lot", kPlace));
}

// Its number may stand for another key there.
TEST_F(EnvelopeTest, AKeyOfAnotherLifeIsNotRemembered) {
  store_.EnterLife("first");
  Envelope other(keys_, store_, clock_);
  ASSERT_OK_AND_ASSIGN(const std::string sealed, other.SealLot("lot", kPlace));
  for (const char* const life : {"second", "first"}) {
    envelope_.EnterLife(life);
    EXPECT_THAT(envelope_.OpenLot(sealed, kPlace), IsOkAndHolds("lot"));
    const int asked = store_.call_count();
    EXPECT_THAT(envelope_.OpenLot(sealed, kPlace), IsOkAndHolds("lot"));
    EXPECT_EQ(store_.call_count() > asked, life == std::string("second"));
  }
}

TEST_F(EnvelopeTest, ThreadsThatStartADayTogetherShareItsKey) {
  std::vector<std::thread> threads;
  std::vector<std::string> sealed(8);
  for (std::string& each : sealed) {
    threads.emplace_back([this, &each] { each = Seal(std::string(5000, 'x')); });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(store_.days().size(), 1);
  Envelope fresh(keys_, store_, clock_);
  for (const std::string& each : sealed) EXPECT_OK(fresh.OpenLot(each, kPlace));
}

TEST_F(EnvelopeTest, TheNewestKeyWrapsAndAllUnwrap) {
  const std::string sealed = Seal("old");
  KeyRing rotated = OneKey();
  rotated.key_encryption_keys.emplace(2, base::Secret(std::string(32, 'n')));
  Envelope both(rotated, store_, clock_);
  EXPECT_THAT(both.OpenLot(sealed, kPlace), IsOkAndHolds("old"));
  clock_.Advance(absl::Hours(24));
  ASSERT_OK_AND_ASSIGN(const std::string newer, both.SealLot("new", kPlace));
  Envelope old_only(keys_, store_, clock_);
  EXPECT_THAT(old_only.OpenLot(newer, kPlace),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       HasSubstr("data key 2: sealed under key-encryption key 2, which")));
}

TEST_F(EnvelopeTest, AKeyFileOfAnotherDeploymentIsDataLoss) {
  const std::string sealed = Seal("lot");
  const KeyRing other_keys = OneKey(1, 'o');
  Envelope other(other_keys, store_, clock_);
  EXPECT_THAT(other.OpenLot(sealed, kPlace),
              StatusIs(absl::StatusCode::kDataLoss, HasSubstr("data key 1")));
}

TEST_F(EnvelopeTest, ADamagedDataKeyIsDataLoss) {
  const std::string sealed = Seal("lot");
  ASSERT_OK_AND_ASSIGN(const storage::WrappedDataKey key, store_.Get(1));
  for (size_t i = 0; i < key.wrapped.size(); ++i) {
    std::string changed = key.wrapped;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    store_.Replace(1, changed);
    EXPECT_THAT(Envelope(keys_, store_, clock_).OpenLot(sealed, kPlace), Not(support::IsOk())) << i;
  }
  store_.Replace(1, "");
  EXPECT_THAT(Envelope(keys_, store_, clock_).OpenLot(sealed, kPlace),
              StatusIs(absl::StatusCode::kDataLoss, HasSubstr("data key 1")));
}

TEST_F(EnvelopeTest, ADatabaseThatIsAwayIsNoDataLoss) {
  const std::string sealed = Seal("lot");
  store_.FailWith(absl::UnavailableError("no connection"));
  Envelope other(keys_, store_, clock_);
  EXPECT_THAT(other.OpenLot(sealed, kPlace), StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_THAT(other.SealLot("lot", kPlace), StatusIs(absl::StatusCode::kUnavailable));
  store_.FailWith(absl::OkStatus());
  EXPECT_OK(other.OpenLot(sealed, kPlace));
}

TEST_F(EnvelopeTest, SecretsAreBoundToTheirContext) {
  ASSERT_OK_AND_ASSIGN(const std::string sealed,
                       envelope_.SealSecret(base::Secret("token"), "destination 1"));
  EXPECT_EQ(sealed.find("token"), std::string::npos);
  ASSERT_OK_AND_ASSIGN(const base::Secret opened, envelope_.OpenSecret(sealed, "destination 1"));
  EXPECT_EQ(opened.Reveal(), "token");
  EXPECT_THAT(envelope_.OpenSecret(sealed, "destination 2"), StatusIs(absl::StatusCode::kDataLoss));
  for (size_t i = 0; i < sealed.size(); ++i) {
    std::string changed = sealed;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    EXPECT_THAT(envelope_.OpenSecret(changed, "destination 1"), Not(support::IsOk())) << i;
  }
  for (size_t size = 0; size < sealed.size(); ++size) {
    EXPECT_THAT(envelope_.OpenSecret(sealed.substr(0, size), "destination 1"),
                StatusIs(absl::StatusCode::kDataLoss));
  }
  EXPECT_EQ(store_.call_count(), 0);
}

TEST_F(EnvelopeTest, AnEmptySecretIsOneToo) {
  ASSERT_OK_AND_ASSIGN(const std::string sealed, envelope_.SealSecret(base::Secret(), ""));
  ASSERT_OK_AND_ASSIGN(const base::Secret opened, envelope_.OpenSecret(sealed, ""));
  EXPECT_TRUE(opened.empty());
}

TEST_F(EnvelopeTest, NeedsAKey) {
  const KeyRing none;
  Envelope envelope(none, store_, clock_);
  EXPECT_THAT(envelope.SealLot("lot", kPlace), StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_THAT(envelope.SealSecret(base::Secret("x"), ""),
              StatusIs(absl::StatusCode::kFailedPrecondition));
}

}  // namespace
}  // namespace snapledger::security
