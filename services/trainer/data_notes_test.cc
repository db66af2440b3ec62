#include "services/trainer/data_notes.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/arch/catalogue.h"
#include "libs/base/status_matchers.h"

namespace niwaki::trainer {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// Notes for `cifar32`, whose largest resolution is 32.
std::vector<std::string> NotesOf(int height, int width, int64_t calibration) {
  const auto space = arch::LoadSpace("cifar32");
  EXPECT_THAT(space, IsOk());
  data::Metadata data;
  data.height = height;
  data.width = width;
  data.sizes[static_cast<int>(data::Split::kCalibration)] = calibration;
  return DataNotes(*space, data);
}

TEST(DataNotesTest, DataOfTheSpaceHasNone) { EXPECT_THAT(NotesOf(32, 32, 100), IsEmpty()); }

TEST(DataNotesTest, LargerPicturesAreSaidWithTheSizeToPrepare) {
  EXPECT_THAT(NotesOf(96, 96, 500),
              ElementsAre("the data is 96x96, networks of cifar32 see at most 32x32: what lies "
                          "between is lost; prepare it with --height 32 --width 32 or take a space "
                          "of larger pictures"));
  EXPECT_THAT(NotesOf(32, 40, 500), ElementsAre(HasSubstr("the data is 32x40")));
}

TEST(DataNotesTest, SmallerPicturesAreSaid) {
  EXPECT_THAT(NotesOf(28, 28, 500), ElementsAre(HasSubstr("28x28, networks of cifar32 see up to "
                                                          "32x32: it is enlarged")));
}

TEST(DataNotesTest, FewCalibrationExamplesAreSaid) {
  EXPECT_THAT(NotesOf(32, 32, 1),
              ElementsAre(HasSubstr("calibrated on 1 example only, and scores depend")));
  EXPECT_THAT(NotesOf(32, 32, 99), ElementsAre(HasSubstr("99 examples only")));
}

}  // namespace
}  // namespace niwaki::trainer
