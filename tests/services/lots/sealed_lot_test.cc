#include "services/lots/sealed_lot.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/event/lot_codec.h"
#include "services/lots/open_lot.h"
#include "tests/support/fake_clock.h"
#include "tests/support/fake_data_key_store.h"
#include "tests/support/status_matchers.h"

namespace snapledger::lots {
namespace {

using support::StatusIs;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr security::LotPlace kPlace = {.shard = 3, .lot_id = 77};

class SealedLotTest : public ::testing::Test {
 protected:
  SealedLotTest() { keys_.key_encryption_keys[1] = base::Secret(std::string(32, 'k')); }

  // Each piece holds its number, as many times as its number says.
  SealedLot SealPieces(int count) {
    std::vector<std::string> pieces(static_cast<size_t>(count));
    for (int piece = 0; piece < count; ++piece) {
      for (int frame = 0; frame <= piece; ++frame) {
        event::AppendFrame({}, std::to_string(piece), &pieces[static_cast<size_t>(piece)]);
      }
    }
    absl::StatusOr<SealedLot> sealed = Seal(envelope_, pieces, kPlace);
    EXPECT_OK(sealed);
    return *std::move(sealed);
  }

  absl::StatusOr<std::shared_ptr<const OpenLot>> Open(std::string_view payload) {
    return OpenLot::Open(envelope_, payload, kPlace);
  }

  support::FakeClock clock_{absl::FromUnixSeconds(1'800'000'000)};
  support::FakeDataKeyStore data_keys_;
  security::KeyRing keys_;
  security::Envelope envelope_{keys_, data_keys_, clock_};
};

TEST_F(SealedLotTest, APayloadOfOnePieceIsWhatTheEnvelopeSeals) {
  const SealedLot sealed = SealPieces(1);
  EXPECT_THAT(sealed.piece_bounds, IsEmpty());
  ASSERT_OK_AND_ASSIGN(const std::string raw, envelope_.OpenLot(sealed.payload, kPlace));
  EXPECT_OK(event::ParseLot(raw));
  ASSERT_OK_AND_ASSIGN(const auto lot, Open(sealed.payload));
  EXPECT_THAT(lot->frames(), SizeIs(1));
}

TEST_F(SealedLotTest, OpensWhole) {
  ASSERT_OK_AND_ASSIGN(const auto lot, Open(SealPieces(3).payload));
  ASSERT_THAT(lot->frames(), SizeIs(6));
  EXPECT_EQ(lot->frames()[0].json, "0");
  EXPECT_EQ(lot->frames()[2].json, "1");
  EXPECT_EQ(lot->frames()[5].json, "2");
}

TEST_F(SealedLotTest, OpensByPieceBetweenItsBounds) {
  const SealedLot sealed = SealPieces(3);
  ASSERT_THAT(sealed.piece_bounds, SizeIs(4));
  for (size_t i = 0; i < 3; ++i) {
    const auto begin = static_cast<size_t>(sealed.piece_bounds[i]);
    const auto end = static_cast<size_t>(sealed.piece_bounds[i + 1]);
    const std::string piece = sealed.payload.substr(begin, end - begin);
    ASSERT_OK_AND_ASSIGN(const auto open,
                         OpenLot::OpenPiece(envelope_, piece, kPlace, PieceOf(i, 3)));
    EXPECT_THAT(open->frames(), SizeIs(i + 1));
    EXPECT_THAT(OpenLot::OpenPiece(envelope_, piece, kPlace, PieceOf(i, 4)),
                StatusIs(absl::StatusCode::kDataLoss));
  }
}

TEST_F(SealedLotTest, AnyChangedByteIsDataLoss) {
  const std::string payload = SealPieces(3).payload;
  for (size_t i = 0; i < payload.size(); ++i) {
    for (const int bit : {0x01, 0x80}) {
      std::string changed = payload;
      changed[i] = static_cast<char>(changed[i] ^ bit);
      EXPECT_THAT(Open(changed), StatusIs(absl::StatusCode::kDataLoss)) << i;
    }
  }
}

TEST_F(SealedLotTest, AnyOtherLengthIsDataLoss) {
  const std::string payload = SealPieces(3).payload;
  for (size_t size = 0; size < payload.size(); ++size) {
    EXPECT_THAT(Open(payload.substr(0, size)), StatusIs(absl::StatusCode::kDataLoss)) << size;
  }
  EXPECT_THAT(Open(payload + "x"), StatusIs(absl::StatusCode::kDataLoss));
}

}  // namespace
}  // namespace snapledger::lots
