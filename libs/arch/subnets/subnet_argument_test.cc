#include "libs/arch/subnets/subnet_argument.h"

#include <cstdlib>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "libs/arch/catalogue.h"
#include "libs/base/file.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"

namespace niwaki::arch {
namespace {

class SubnetArgumentTest : public ::testing::Test {
 protected:
  std::string WriteTemporary(const std::string& content) {
    const std::string path = absl::StrCat(std::getenv("TEST_TMPDIR"), "/subnets.jsonl");
    EXPECT_THAT(WriteFileAtomically(path, content), IsOk());
    return path;
  }

  const SearchSpace space_ = *CatalogueSpace("kws");
};

TEST_F(SubnetArgumentTest, WordsJsonAndFilesAreRead) {
  const std::string json = ToJson(space_, MaxSubnet(space_));

  EXPECT_THAT(ReadSubnetArgument(space_, "min"), IsOkAndHolds(MinSubnet(space_)));
  EXPECT_THAT(ReadSubnetArgument(space_, "max"), IsOkAndHolds(MaxSubnet(space_)));
  EXPECT_THAT(ReadSubnetArgument(space_, "smallest"), IsOkAndHolds(MinSubnet(space_)));
  EXPECT_THAT(ReadSubnetArgument(space_, "largest"), IsOkAndHolds(MaxSubnet(space_)));
  EXPECT_THAT(ReadSubnetArgument(space_, json), IsOkAndHolds(MaxSubnet(space_)));
  EXPECT_THAT(ReadSubnetArgument(space_, "@" + WriteTemporary(json)),
              IsOkAndHolds(MaxSubnet(space_)));
  EXPECT_THAT(ReadSubnetArgument(space_, "huge"), StatusIs(absl::StatusCode::kInvalidArgument, ""));
  EXPECT_THAT(ReadSubnetArgument(space_, "@/nowhere"), StatusIs(absl::StatusCode::kNotFound, ""));
}

TEST_F(SubnetArgumentTest, FileWithoutItsSignIsToldHowToWriteIt) {
  const std::string path = WriteTemporary(ToJson(space_, MaxSubnet(space_)));

  EXPECT_THAT(ReadSubnetArgument(space_, path),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       absl::StrCat("a file is named as @", path, ": ")));
}

TEST_F(SubnetArgumentTest, BadLineOfAFileIsNamed) {
  const std::string json = ToJson(space_, MinSubnet(space_));
  const std::string path = WriteTemporary(absl::StrCat(json, "\n\n", "{\"ks\":[9]}\n"));

  EXPECT_THAT(ReadSubnetFile(space_, path),
              HasReason(absl::StatusCode::kInvalidArgument, reason::kSubnetInvalid));
  EXPECT_THAT(ReadSubnetFile(space_, path), StatusIs(absl::StatusCode::kInvalidArgument, ":3: "));
}

}  // namespace
}  // namespace niwaki::arch
