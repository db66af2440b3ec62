#include "libs/data/gzip.h"

#include <zlib.h>

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"

namespace niwaki::data {
namespace {

std::string Gzip(const std::string& text) {
  z_stream stream = {};
  EXPECT_EQ(deflateInit2(&stream, 9, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY), Z_OK);
  std::string out(deflateBound(&stream, text.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = text.size();
  stream.next_out = reinterpret_cast<Bytef*>(&out[0]);
  stream.avail_out = out.size();
  EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

TEST(GunzipTest, UnpacksWhatWasPacked) {
  for (size_t size : {0, 1, 1000, 1 << 20, 3000000}) {
    std::string text(size, 'a');
    for (size_t i = 0; i < size; i += 7) text[i] = static_cast<char>(i * 31 >> 3);
    EXPECT_THAT(Gunzip(Gzip(text), size, "x.gz"), IsOkAndHolds(text)) << size;
  }
}

TEST(GunzipTest, EveryTruncationIsMalformed) {
  const std::string packed = Gzip("some text that is packed, some text that is packed");
  for (size_t n = 0; n < packed.size(); ++n) {
    EXPECT_THAT(Gunzip(packed.substr(0, n), 1000, "x.gz"),
                HasReason(absl::StatusCode::kInvalidArgument, reason::kFileMalformed))
        << n;
  }
}

TEST(GunzipTest, DamageAndTrailingBytesAreMalformed) {
  std::string packed = Gzip("some text");
  EXPECT_THAT(Gunzip(packed + "x", 1000, "x.gz"), StatusIs(absl::StatusCode::kInvalidArgument, ""));
  packed[packed.size() - 6] ^= 1;
  EXPECT_THAT(Gunzip(packed, 1000, "x.gz"), StatusIs(absl::StatusCode::kInvalidArgument, ""));
}

TEST(GunzipTest, BombIsResourceExhausted) {
  EXPECT_THAT(Gunzip(Gzip(std::string(50000000, '\0')), 1000000, "bomb.gz"),
              HasReason(absl::StatusCode::kResourceExhausted, reason::kMessageTooLarge));
}

TEST(IsGzipTest, LooksAtTheFirstBytes) {
  EXPECT_TRUE(IsGzip(Gzip("a")));
  EXPECT_FALSE(IsGzip("\x1f"));
  EXPECT_FALSE(IsGzip(""));
}

}  // namespace
}  // namespace niwaki::data
