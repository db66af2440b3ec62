#include "libs/data/image/cifar.h"

#include <cstdlib>
#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/base/error.h"
#include "libs/base/file.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"

namespace niwaki::data {
namespace {

using ::testing::ElementsAre;

std::string Record10(int label, char pixel) {
  return std::string(1, static_cast<char>(label)) + std::string(3072, pixel);
}

TEST(AppendCifarTest, ReadsTenClasses) {
  ExampleSet set;

  NIWAKI_ASSERT_OK(
      AppendCifar(Record10(3, 'a') + Record10(9, '\xFF'), CifarKind::kCifar10, "x", set));

  EXPECT_THAT(set.labels, ElementsAre(3, 9));
  EXPECT_EQ(set.class_names[3], "cat");
  ASSERT_EQ(set.examples.size(), 2 * set.BytesPerExample());
  EXPECT_EQ(set.examples[3071], 'a');
  EXPECT_EQ(set.examples[3072], 255);
}

TEST(AppendCifarTest, UsesTheFineLabelOfHundredClasses) {
  ExampleSet set;

  NIWAKI_ASSERT_OK(AppendCifar(std::string("\x04\x63") + std::string(3072, 'b'),
                               CifarKind::kCifar100, "x", set));

  EXPECT_THAT(set.labels, ElementsAre(99));
  EXPECT_EQ(set.class_names.size(), 100);
}

TEST(AppendCifarTest, HostileFilesAreMalformedAndAddNothing) {
  const std::string good = Record10(0, 'a');
  for (const std::string& bytes :
       {std::string(), good.substr(1), good + "x", good + Record10(10, 'a'), Record10(255, 'a')}) {
    ExampleSet set;
    NIWAKI_ASSERT_OK(AppendCifar(good, CifarKind::kCifar10, "good", set));

    EXPECT_THAT(AppendCifar(bytes, CifarKind::kCifar10, "bad.bin", set),
                HasReason(absl::StatusCode::kInvalidArgument, reason::kFileMalformed));
    EXPECT_EQ(set.size(), 1);
    EXPECT_EQ(set.examples.size(), 3072);
  }
}

TEST(ReadCifarFolderTest, ReadsBatchesAndTest) {
  const std::string folder = absl::StrCat(std::getenv("TEST_TMPDIR"), "/cifar");
  NIWAKI_ASSERT_OK(MakeFolders(folder));
  NIWAKI_ASSERT_OK(WriteFileAtomically(folder + "/data_batch_2.bin", Record10(2, 'b')));
  NIWAKI_ASSERT_OK(WriteFileAtomically(folder + "/data_batch_1.bin", Record10(1, 'a')));
  EXPECT_THAT(ReadCifarFolder(folder, CifarKind::kCifar10),
              HasReason(absl::StatusCode::kNotFound, reason::kFileUnknown));
  NIWAKI_ASSERT_OK(WriteFileAtomically(folder + "/test_batch.bin", Record10(7, 'c')));

  NIWAKI_ASSERT_OK_AND_ASSIGN(const CifarFolder cifar,
                              ReadCifarFolder(folder, CifarKind::kCifar10));

  EXPECT_THAT(cifar.train.labels, ElementsAre(1, 2));
  EXPECT_THAT(cifar.test.labels, ElementsAre(7));
}

TEST(ReadCifarFolderTest, NamesAreReadAsEditorsWriteThemOrSaidToBeTheUsualOnes) {
  const std::string folder = absl::StrCat(std::getenv("TEST_TMPDIR"), "/named_cifar");
  NIWAKI_ASSERT_OK(MakeFolders(folder));
  NIWAKI_ASSERT_OK(WriteFileAtomically(folder + "/data_batch_1.bin", Record10(1, 'a')));
  NIWAKI_ASSERT_OK(WriteFileAtomically(folder + "/test_batch.bin", Record10(7, 'c')));
  const auto read = [&](const std::string& names) {
    EXPECT_THAT(WriteFileAtomically(folder + "/batches.meta.txt", names), IsOk());
    return *ReadCifarFolder(folder, CifarKind::kCifar10);
  };

  const CifarFolder own = read("\xEF\xBB\xBFp \r\nq\r\nr\ns\nt\nu\nv\nw\nx\ny\n\n");
  const CifarFolder few = read("p\nq\n");

  EXPECT_THAT(own.train.class_names, ElementsAre("p", "q", "r", "s", "t", "u", "v", "w", "x", "y"));
  EXPECT_THAT(own.report.notes, ::testing::IsEmpty());
  EXPECT_EQ(few.train.class_names, CifarClassNames(CifarKind::kCifar10));
  EXPECT_THAT(few.report.notes, ElementsAre("batches.meta.txt holds 2 names, not 10: the classes "
                                            "have the usual names"));
}

TEST(ReadCifarFolderTest, AllBadBatchesAreNamedAndMayBeLeftOut) {
  const std::string folder = absl::StrCat(std::getenv("TEST_TMPDIR"), "/bad_cifar");
  NIWAKI_ASSERT_OK(MakeFolders(folder));
  NIWAKI_ASSERT_OK(WriteFileAtomically(folder + "/data_batch_1.bin", Record10(1, 'a')));
  NIWAKI_ASSERT_OK(WriteFileAtomically(folder + "/data_batch_2.bin", "short"));
  NIWAKI_ASSERT_OK(WriteFileAtomically(folder + "/data_batch_3.bin", Record10(10, 'a')));
  NIWAKI_ASSERT_OK(WriteFileAtomically(folder + "/test_batch.bin", Record10(7, 'c')));
  NIWAKI_ASSERT_OK(WriteFileAtomically(folder + "/readme.html", "CIFAR"));

  const auto refused = ReadCifarFolder(folder, CifarKind::kCifar10);
  NIWAKI_ASSERT_OK_AND_ASSIGN(const CifarFolder cifar,
                              ReadCifarFolder(folder, CifarKind::kCifar10, /*skip_bad=*/true));

  EXPECT_THAT(refused, StatusIs(absl::StatusCode::kInvalidArgument, "2 of 5 files"));
  EXPECT_EQ(GetErrorItems(refused.status()).size(), 2);
  EXPECT_THAT(cifar.train.labels, ElementsAre(1));
  EXPECT_EQ(cifar.report.files, 5);
  EXPECT_EQ(cifar.report.used, 2);
  EXPECT_EQ(cifar.report.bad_files, 2);
  EXPECT_EQ(cifar.report.PassedOver(), 1);
}

}  // namespace
}  // namespace niwaki::data
