#include "libs/engine/emit/export_folder.h"

#include <unistd.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/base/file.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"
#include "libs/engine/plan/network_plan.h"
#include "libs/engine/quantise/test_network.h"

namespace niwaki::engine {
namespace {

using ::testing::ElementsAre;

class ExportFolderTest : public ::testing::Test {
 protected:
  ExportFolderTest()
      : above_(absl::StrCat(::testing::TempDir(), "/",
                            ::testing::UnitTest::GetInstance()->current_test_info()->name())),
        folder_(above_ + "/export") {
    const QuantisedNetwork network = OneConvolution();
    const NetworkPlan plan = PlanNetwork(network.graph);
    files_ = *EmitC(network, plan, {});
    bill_ = MakeBill(network, plan.memory, {}, files_);
  }

  absl::Status Write(bool force = false) { return WriteExport(folder_, files_, bill_, force); }
  FolderDifferences Compare() {
    const auto bill = ReadBill(folder_);
    EXPECT_TRUE(bill.ok()) << bill.status();
    const auto differences = CompareWithBill(folder_, *bill);
    EXPECT_TRUE(differences.ok()) << differences.status();
    return *differences;
  }

  const std::string above_;
  const std::string folder_;
  FileTree files_;
  BillOfMaterials bill_;
};

TEST_F(ExportFolderTest, WhatWasWrittenIsWhatTheBillSays) {
  NIWAKI_ASSERT_OK(Write());
  EXPECT_TRUE(Compare().none());
  EXPECT_THAT(ListFolder(above_), IsOkAndHolds(ElementsAre("export")));
  EXPECT_THAT(ReadFile(folder_ + "/model.c"), IsOkAndHolds(files_.at("model.c")));
}

TEST_F(ExportFolderTest, FilesAloneLeaveWhatIsThere) {
  NIWAKI_ASSERT_OK(MakeFolders(folder_));
  NIWAKI_ASSERT_OK(WriteFileAtomically(folder_ + "/notes", "mine"));

  NIWAKI_ASSERT_OK(WriteFiles(folder_, files_));

  EXPECT_THAT(ReadFile(folder_ + "/libs/kernels/tensor.h"),
              IsOkAndHolds(files_.at("libs/kernels/tensor.h")));
  EXPECT_THAT(ReadFile(folder_ + "/notes"), IsOkAndHolds("mine"));
}

TEST_F(ExportFolderTest, EveryDifferenceIsNamed) {
  NIWAKI_ASSERT_OK(Write());
  NIWAKI_ASSERT_OK(WriteFileAtomically(folder_ + "/model.c", "int x;\n"));
  ASSERT_EQ(unlink((folder_ + "/libs/kernels/tensor.h").c_str()), 0);
  NIWAKI_ASSERT_OK(WriteFileAtomically(folder_ + "/notes", "mine"));
  NIWAKI_ASSERT_OK(MakeFolders(folder_ + "/build"));
  NIWAKI_ASSERT_OK(WriteFileAtomically(folder_ + "/build/model.o", "made"));

  const FolderDifferences differences = Compare();

  EXPECT_THAT(differences.changed, ElementsAre("model.c"));
  EXPECT_THAT(differences.missing, ElementsAre("libs/kernels/tensor.h"));
  EXPECT_THAT(differences.added, ElementsAre("notes"));
}

TEST_F(ExportFolderTest, ExportIsReplacedAsAWhole) {
  NIWAKI_ASSERT_OK(Write());
  files_.erase("README.md");
  bill_.files.erase("README.md");
  NIWAKI_ASSERT_OK(Write());
  EXPECT_TRUE(Compare().none());
  EXPECT_FALSE(FileExists(folder_ + "/README.md"));
  EXPECT_THAT(ListFolder(above_), IsOkAndHolds(ElementsAre("export")));
}

TEST_F(ExportFolderTest, ChangedExportIsReplacedByForceAlone) {
  NIWAKI_ASSERT_OK(Write());
  NIWAKI_ASSERT_OK(WriteFileAtomically(folder_ + "/notes", "mine"));
  EXPECT_THAT(Write(), HasReason(absl::StatusCode::kFailedPrecondition, reason::kAlreadyExists));
  EXPECT_TRUE(FileExists(folder_ + "/notes"));
  NIWAKI_EXPECT_OK(Write(/*force=*/true));
  EXPECT_FALSE(FileExists(folder_ + "/notes"));
}

TEST_F(ExportFolderTest, DamagedBillIsNoReasonToLoseTheFolder) {
  NIWAKI_ASSERT_OK(Write());
  NIWAKI_ASSERT_OK(WriteFileAtomically(folder_ + "/bill_of_materials.json", "{"));
  EXPECT_THAT(ReadBill(folder_),
              HasReason(absl::StatusCode::kInvalidArgument, reason::kFileMalformed));
  EXPECT_THAT(Write(), StatusIs(absl::StatusCode::kFailedPrecondition, "--force"));
}

TEST_F(ExportFolderTest, OtherFoldersStayAsTheyAre) {
  NIWAKI_ASSERT_OK(MakeFolders(folder_));
  NIWAKI_ASSERT_OK(WriteFileAtomically(folder_ + "/thesis.tex", "years of work"));
  EXPECT_THAT(Write(/*force=*/true),
              StatusIs(absl::StatusCode::kFailedPrecondition, "no export of niwaki"));
  EXPECT_THAT(ListFolder(folder_), IsOkAndHolds(ElementsAre("thesis.tex")));
}

TEST_F(ExportFolderTest, EmptyFolderIsTaken) {
  NIWAKI_ASSERT_OK(MakeFolders(folder_));
  NIWAKI_EXPECT_OK(WriteExport(folder_ + "/", files_, bill_, /*force=*/false));
  EXPECT_TRUE(Compare().none());
}

TEST_F(ExportFolderTest, FileInTheWayIsNamed) {
  NIWAKI_ASSERT_OK(MakeFolders(above_));
  NIWAKI_ASSERT_OK(WriteFileAtomically(folder_, "a file"));
  EXPECT_THAT(Write(), StatusIs(absl::StatusCode::kFailedPrecondition, "export is no folder"));
  const absl::Status below = WriteExport(folder_ + "/below", files_, bill_, false);
  EXPECT_EQ(below.code(), absl::StatusCode::kInvalidArgument) << below;
  EXPECT_THAT(ListFolder(above_), IsOkAndHolds(ElementsAre("export")));
}

TEST_F(ExportFolderTest, FolderWithoutBillIsNoExport) {
  EXPECT_EQ(ReadBill(folder_).status().code(), absl::StatusCode::kNotFound);
}

}  // namespace
}  // namespace niwaki::engine
