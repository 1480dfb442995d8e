#include "services/emulator/gzip.h"

#include <zlib.h>

#include <algorithm>

#include "absl/status/status.h"
#include "services/base/check.h"

namespace snapledger::emulator {
namespace {

constexpr size_t kPiece = 64 << 10;
// zlib's window bits plus 16: the gzip format.
constexpr int kGzipWindow = 15 + 16;

void Deflate(z_stream& stream, absl::string_view bytes, int flush, std::string& out) {
  char piece[kPiece];
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  do {
    stream.next_out = reinterpret_cast<Bytef*>(piece);
    stream.avail_out = kPiece;
    SNAPLEDGER_CHECK(deflate(&stream, flush) != Z_STREAM_ERROR);
    out.append(piece, kPiece - stream.avail_out);
  } while (stream.avail_out == 0);
}

}  // namespace

absl::StatusOr<std::string> Gunzip(absl::string_view compressed, size_t bytes_max) {
  z_stream stream{};
  SNAPLEDGER_CHECK(inflateInit2(&stream, kGzipWindow) == Z_OK);
  std::string out;
  char piece[kPiece];
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(compressed.data()));
  stream.avail_in = static_cast<uInt>(compressed.size());
  int result = Z_OK;
  while (result == Z_OK && out.size() <= bytes_max) {
    stream.next_out = reinterpret_cast<Bytef*>(piece);
    stream.avail_out = kPiece;
    result = inflate(&stream, Z_NO_FLUSH);
    out.append(piece, kPiece - stream.avail_out);
  }
  inflateEnd(&stream);
  if (out.size() > bytes_max) return absl::ResourceExhaustedError("inflates to too many bytes");
  if (result != Z_STREAM_END) return absl::InvalidArgumentError("not gzip");
  return out;
}

std::string GzipBomb(uint64_t bytes) {
  z_stream stream{};
  SNAPLEDGER_CHECK(
      deflateInit2(&stream, Z_BEST_SPEED, Z_DEFLATED, kGzipWindow, 8, Z_DEFAULT_STRATEGY) == Z_OK);
  std::string out;
  Deflate(stream, R"({"status":"VALID","reason":")", Z_NO_FLUSH, out);
  const std::string filling(kPiece, 'x');
  for (uint64_t left = bytes; left > 0;) {
    const size_t size = static_cast<size_t>(std::min<uint64_t>(left, filling.size()));
    Deflate(stream, absl::string_view(filling).substr(0, size), Z_NO_FLUSH, out);
    left -= size;
  }
  Deflate(stream, R"("})", Z_FINISH, out);
  deflateEnd(&stream);
  return out;
}

}  // namespace snapledger::emulator
