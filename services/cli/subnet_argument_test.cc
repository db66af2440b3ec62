#include "services/cli/subnet_argument.h"

#include <cstdlib>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "libs/arch/catalogue.h"
#include "libs/base/file.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"

namespace niwaki::cli {
namespace {

class SubnetArgumentTest : public ::testing::Test {
 protected:
  std::string WriteTemporary(const std::string& content) {
    const std::string path = absl::StrCat(std::getenv("TEST_TMPDIR"), "/subnets.jsonl");
    EXPECT_THAT(WriteFileAtomically(path, content), IsOk());
    return path;
  }

  const arch::SearchSpace space_ = *arch::CatalogueSpace("kws");
};

TEST_F(SubnetArgumentTest, WordsJsonAndFilesAreRead) {
  const std::string json = arch::ToJson(space_, arch::MaxSubnet(space_));

  EXPECT_THAT(ReadSubnetArgument(space_, "min"), IsOkAndHolds(arch::MinSubnet(space_)));
  EXPECT_THAT(ReadSubnetArgument(space_, "max"), IsOkAndHolds(arch::MaxSubnet(space_)));
  EXPECT_THAT(ReadSubnetArgument(space_, json), IsOkAndHolds(arch::MaxSubnet(space_)));
  EXPECT_THAT(ReadSubnetArgument(space_, "@" + WriteTemporary(json)),
              IsOkAndHolds(arch::MaxSubnet(space_)));
  EXPECT_THAT(ReadSubnetArgument(space_, "huge"), StatusIs(absl::StatusCode::kInvalidArgument, ""));
  EXPECT_THAT(ReadSubnetArgument(space_, "@/nowhere"), StatusIs(absl::StatusCode::kNotFound, ""));
}

TEST_F(SubnetArgumentTest, BadLineOfAFileIsNamed) {
  const std::string json = arch::ToJson(space_, arch::MinSubnet(space_));
  const std::string path = WriteTemporary(absl::StrCat(json, "\n\n", "{\"ks\":[9]}\n"));

  EXPECT_THAT(ReadSubnetFile(space_, path),
              HasReason(absl::StatusCode::kInvalidArgument, reason::kSubnetInvalid));
  EXPECT_THAT(ReadSubnetFile(space_, path), StatusIs(absl::StatusCode::kInvalidArgument, ":3: "));
}

TEST_F(SubnetArgumentTest, SpacesSurviveTheWire) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const arch::SearchSpace back, SpaceFromMessage(SpaceMessage(space_)));

  EXPECT_EQ(back.ToTextproto(), space_.ToTextproto());
}

TEST_F(SubnetArgumentTest, UnknownStructuresTravelWithTheRequest) {
  const auto known = MakeEstimateRequest(space_, "devices/d", {arch::MinSubnet(space_)});
  EXPECT_EQ(known.space_name(), "kws");
  EXPECT_EQ(known.subnets(0).genes().size(), space_.layout().num_genes);

  const auto other = MakeEstimateRequest(space_.WithNumClasses(5), "devices/d", {});
  EXPECT_EQ(other.space_definition().num_classes(), 5);
}

}  // namespace
}  // namespace niwaki::cli
