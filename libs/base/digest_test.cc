#include "libs/base/digest.h"

#include <fstream>

#include "gtest/gtest.h"
#include "libs/base/status_matchers.h"

namespace niwaki {
namespace {

// FIPS 180-2, appendix B.1.
constexpr char kSha256OfAbc[] = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

TEST(DigestTest, Sha256OfKnownText) { EXPECT_EQ(Sha256Hex("abc"), kSha256OfAbc); }

TEST(DigestTest, PiecesEqualTheWhole) {
  Sha256 sha;
  sha.Update("a");
  sha.Update("bc");

  EXPECT_EQ(sha.FinishHex(), kSha256OfAbc);
}

TEST(DigestTest, FileEqualsItsBytes) {
  const std::string path = ::testing::TempDir() + "/abc";
  std::ofstream(path) << "abc";

  EXPECT_THAT(Sha256HexOfFile(path), IsOkAndHolds(std::string(kSha256OfAbc)));
  EXPECT_THAT(Sha256HexOfFile(path + ".no"), StatusIs(absl::StatusCode::kNotFound, ".no"));
}

TEST(DigestTest, FingerprintSurvivesHex) {
  const Fingerprint fingerprint = FingerprintOf("abc", 3);

  EXPECT_THAT(Fingerprint::FromHex(fingerprint.ToHex()), IsOkAndHolds(fingerprint));
  EXPECT_NE(fingerprint, FingerprintOf("abd", 3));
  EXPECT_THAT(Fingerprint::FromHex("zz"), StatusIs(absl::StatusCode::kInvalidArgument, "zz"));
}

}  // namespace
}  // namespace niwaki
