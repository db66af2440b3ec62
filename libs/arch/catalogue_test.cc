#include "libs/arch/catalogue.h"

#include <algorithm>
#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/arch/graph.h"
#include "libs/arch/subnet.h"
#include "libs/base/error.h"
#include "libs/base/file.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"

namespace niwaki::arch {
namespace {

using ::testing::HasSubstr;
using ::testing::IsSupersetOf;

TEST(CatalogueTest, NamesAreSortedAndComplete) {
  const std::vector<std::string> names = CatalogueNames();

  EXPECT_TRUE(std::is_sorted(names.begin(), names.end()));
  EXPECT_THAT(
      names, IsSupersetOf({"cifar32", "kws", "mcunet", "mcunet_mix", "ofa_mbv2_w10", "ofa_mbv3_w10",
                           "ofa_mbv3_w12", "ofa_proxyless_w13", "ofa_resnet50"}));
}

TEST(CatalogueTest, EverySpaceIsValidAndCarriesItsName) {
  for (const std::string& name : CatalogueNames()) {
    NIWAKI_ASSERT_OK_AND_ASSIGN(const SearchSpace space, CatalogueSpace(name));
    EXPECT_EQ(space.name(), name);
    EXPECT_FALSE(space.description().empty());
  }
}

TEST(CatalogueTest, UnknownNameListsTheNames) {
  const auto space = CatalogueSpace("mcunett");

  EXPECT_THAT(space, HasReason(absl::StatusCode::kNotFound, reason::kSpaceUnknown));
  EXPECT_EQ(GetErrorDetail(space.status())->value, "mcunett");
  EXPECT_THAT(std::string(space.status().message()), HasSubstr("cifar32, kws, mcunet"));
}

TEST(CatalogueTest, LoadsFromAFile) {
  const std::string path = absl::StrCat(::testing::TempDir(), "/mine.textproto");
  NIWAKI_ASSERT_OK(WriteFileAtomically(path, CatalogueSpace("kws")->ToTextproto()));

  NIWAKI_ASSERT_OK_AND_ASSIGN(const SearchSpace space, LoadSpace(path));

  EXPECT_EQ(space.structure(), CatalogueSpace("kws")->structure());
}

TEST(CatalogueTest, ErrorOfAFileNamesTheFile) {
  const std::string path = absl::StrCat(::testing::TempDir(), "/bad.textproto");
  NIWAKI_ASSERT_OK(WriteFileAtomically(path, "nome: 'x'"));

  const auto space = LoadSpace(path);

  EXPECT_THAT(space, HasReason(absl::StatusCode::kInvalidArgument, reason::kSpaceInvalid));
  EXPECT_THAT(std::string(space.status().message()), HasSubstr("bad.textproto: line 1, column "));
}

TEST(CatalogueTest, MissingFileIsNotFound) {
  EXPECT_THAT(LoadSpace("no/such.textproto"), StatusIs(absl::StatusCode::kNotFound, "no/such"));
}

TEST(CatalogueTest, NameWithoutSlashIsACatalogueName) {
  EXPECT_THAT(LoadSpace("kws"), IsOk());
  EXPECT_THAT(LoadSpace("sound"), HasReason(absl::StatusCode::kNotFound, reason::kSpaceUnknown));
}

struct KnownIds {
  const char* name;
  const char* smallest;
  const char* largest;
};

// Databases and caches hold these: a change here is a change of format.
TEST(CatalogueTest, IdentitiesStay) {
  for (const KnownIds& known :
       {KnownIds{"kws", "ba172a0dbd532f9ba4c5973f66972b10", "2e38de04fb859fa2fbab95138ebe4e5c"},
        KnownIds{"cifar32", "fbf8528954bf9d8203fe93a9e1c8bedf", "a4c7e1daf16561e662838489b483004e"},
        KnownIds{"mcunet", "e0a6b673454f7cfb71dd73d6aa94a82e", "1c62716648d12c0c6cb1280dbac0d216"},
        KnownIds{"mcunet_mix", "b941d3b3d340a614a615618c2e95b3b6",
                 "b0d26b41ed4bccc7bd67ed14188855a4"},
        KnownIds{"ofa_mbv3_w10", "6de8cbcf2cb7ac2c52b677169d3eb12f",
                 "6b95c6f3167cf3776ed1245d2bc24f5a"},
        KnownIds{"ofa_mbv3_w12", "eff82356fb5da0376df5c69008b4850d",
                 "2c6ef4078e579a7ea7a86ada2f872ef4"},
        KnownIds{"ofa_proxyless_w13", "7e80c4e79f389ad905170d85845c3ff3",
                 "5b1e03f92cbb1194fc9742793e055cbf"}}) {
    NIWAKI_ASSERT_OK_AND_ASSIGN(const SearchSpace space, CatalogueSpace(known.name));
    EXPECT_EQ(IdOf(space, MinSubnet(space)).ToHex(), known.smallest) << known.name;
    EXPECT_EQ(IdOf(space, MaxSubnet(space)).ToHex(), known.largest) << known.name;
  }
}

// As an editor of another system saves it.
TEST(CatalogueTest, FilesMayHaveAByteOrderMark) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const SearchSpace kws, CatalogueSpace("kws"));
  const std::string path = ::testing::TempDir() + "/marked.textproto";
  ASSERT_THAT(WriteFileAtomically(path, "\xEF\xBB\xBF" + kws.ToTextproto()), IsOk());

  NIWAKI_ASSERT_OK_AND_ASSIGN(const SearchSpace read, LoadSpace(path));

  EXPECT_EQ(read.structure(), kws.structure());
}

struct Extent {
  const char* name;
  double min_macs_below;
  double max_macs_from;
  double max_macs_to;
  double max_params_from;
  double max_params_to;
};

// What the small spaces are sized for.
TEST(CatalogueTest, SmallSpacesSpanWhatTheyAreFor) {
  for (const Extent& extent : {Extent{"cifar32", 2e6, 25e6, 35e6, 400e3, 600e3},
                               Extent{"kws", 0.9e6, 12e6, 17e6, 300e3, 450e3}}) {
    NIWAKI_ASSERT_OK_AND_ASSIGN(const SearchSpace space, CatalogueSpace(extent.name));
    const Graph least = BuildGraph(space, MinSubnet(space));
    const Graph most = BuildGraph(space, MaxSubnet(space));

    EXPECT_LT(CountMacs(least), extent.min_macs_below) << extent.name;
    EXPECT_GE(CountMacs(most), extent.max_macs_from) << extent.name;
    EXPECT_LE(CountMacs(most), extent.max_macs_to) << extent.name;
    EXPECT_GE(CountParams(most), extent.max_params_from) << extent.name;
    EXPECT_LE(CountParams(most), extent.max_params_to) << extent.name;
  }
}

}  // namespace
}  // namespace niwaki::arch
