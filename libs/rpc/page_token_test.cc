#include "libs/rpc/page_token.h"

#include <string>

#include "absl/strings/escaping.h"
#include "gtest/gtest.h"
#include "libs/base/random.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"

namespace niwaki::rpc {
namespace {

constexpr char kList[] = "ListCandidates/jobs/a/SCORED";

MATCHER(IsRefused, "is refused as a page token") {
  return ::testing::ExplainMatchResult(
      HasReason(absl::StatusCode::kInvalidArgument, reason::kPageTokenInvalid), arg,
      result_listener);
}

TEST(PageTokenTest, KeyComesBack) {
  for (const std::string& key : {std::string("17"), std::string(), std::string("\0\xff\n", 3)}) {
    const std::string token = MakePageToken(kList, key);

    EXPECT_THAT(ReadPageToken(kList, token), IsOkAndHolds(key));
    EXPECT_EQ(token.find_first_of("+/="), std::string::npos) << token;
  }
}

TEST(PageTokenTest, EmptyTokenIsTheFirstPage) {
  EXPECT_THAT(ReadPageToken(kList, ""), IsOkAndHolds(std::string()));
}

TEST(PageTokenTest, TokenOfAnotherListIsRefused) {
  EXPECT_THAT(ReadPageToken("ListCandidates/jobs/b/SCORED", MakePageToken(kList, "17")),
              IsRefused());
}

TEST(PageTokenTest, MadeUpTokensAreRefused) {
  for (const std::string& token :
       {std::string("17"), std::string("next"), std::string("AAAA"), std::string(100, 'A'),
        std::string(1 << 20, 'A'), std::string("\xff\x00 ?", 4),
        absl::WebSafeBase64Escape("offset=100")}) {
    EXPECT_THAT(ReadPageToken(kList, token), IsRefused()) << absl::CHexEscape(token.substr(0, 40));
  }
}

TEST(PageTokenTest, EveryFlippedBitIsRefused) {
  std::string bytes;
  ASSERT_TRUE(absl::WebSafeBase64Unescape(MakePageToken(kList, "candidate 17"), &bytes));
  for (size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    std::string damaged = bytes;
    damaged[bit / 8] ^= static_cast<char>(1 << (bit % 8));

    EXPECT_THAT(ReadPageToken(kList, absl::WebSafeBase64Escape(damaged)), IsRefused()) << bit;
  }
}

TEST(PageTokenTest, RandomBytesAreRefused) {
  const uint64_t seed = 20260101;
  SCOPED_TRACE(seed);
  Random random(seed);
  for (int round = 0; round < 10000; ++round) {
    std::string bytes(1 + random.Uniform(60), '\0');
    for (char& byte : bytes) byte = static_cast<char>(random.Next());

    EXPECT_THAT(ReadPageToken(kList, bytes), IsRefused());
    EXPECT_THAT(ReadPageToken(kList, absl::WebSafeBase64Escape(bytes)), IsRefused());
  }
}

TEST(PageSizeTest, SizesAreClamped) {
  EXPECT_THAT(ClampPageSize(0, 50, 1000), IsOkAndHolds(50));
  EXPECT_THAT(ClampPageSize(7, 50, 1000), IsOkAndHolds(7));
  EXPECT_THAT(ClampPageSize(1001, 50, 1000), IsOkAndHolds(1000));
  EXPECT_THAT(ClampPageSize(-1, 50, 1000), StatusIs(absl::StatusCode::kInvalidArgument, "-1"));
}

}  // namespace
}  // namespace niwaki::rpc
