#include "libs/train/train_options.h"

#include <cmath>
#include <functional>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/base/file.h"
#include "libs/base/random.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"

namespace niwaki::train {
namespace {

TrainOptions Valid() {
  TrainOptions options;
  options.output = "supernet.safetensors";
  return options;
}

TEST(TrainOptionsTest, DefaultsAreValidOnceThereIsAnOutput) {
  EXPECT_THAT(Valid().Validate(), IsOk());
  EXPECT_THAT(TrainOptions().Validate(),
              HasReason(absl::StatusCode::kInvalidArgument, reason::kArgumentInvalid));
}

TEST(TrainOptionsTest, ValuesOutOfRangeAreNamed) {
  struct Case {
    const char* field;
    std::function<void(TrainOptions&)> change;
  };
  for (const Case& bad : {
           Case{"minutes", [](TrainOptions& o) { o.minutes = -1; }},
           Case{"minutes", [](TrainOptions& o) { o.minutes = std::nan(""); }},
           Case{"minutes", [](TrainOptions& o) { o.minutes = 60 * 24 * 366; }},
           Case{"threads", [](TrainOptions& o) { o.threads = -1; }},
           Case{"evaluations", [](TrainOptions& o) { o.evaluations = -1; }},
           Case{"checkpoint_seconds", [](TrainOptions& o) { o.checkpoint_seconds = 0; }},
           Case{"checkpoint_seconds", [](TrainOptions& o) { o.checkpoint_seconds = std::nan(""); }},
           Case{"precision", [](TrainOptions& o) { o.precision = "f64"; }},
           Case{"precision", [](TrainOptions& o) { o.precision = "f16"; }},
           Case{"device", [](TrainOptions& o) { o.device = "tpu"; }},
           Case{"batch_size", [](TrainOptions& o) { o.recipe.batch_size = 0; }},
       }) {
    SCOPED_TRACE(bad.field);
    TrainOptions options = Valid();
    bad.change(options);

    const absl::Status status = options.Validate();

    EXPECT_THAT(status, HasReason(absl::StatusCode::kInvalidArgument, reason::kArgumentInvalid));
    EXPECT_THAT(status, StatusIs(absl::StatusCode::kInvalidArgument, bad.field));
  }
}

TEST(TrainOptionsTest, ThreadsAreThoseAskedForOrOneForEachCore) {
  TrainOptions options;
  EXPECT_GE(options.work_threads(), 1);

  options.threads = 3;

  EXPECT_EQ(options.work_threads(), 3);
}

TEST(TrainOptionsTest, CompanionsLieBesideTheOutput) {
  EXPECT_EQ(CheckpointPath("a/b.safetensors"), "a/b.safetensors.checkpoint");
  EXPECT_EQ(LogPath("a/b.safetensors"), "a/b.safetensors.log.jsonl");
}

TEST(TrainOptionsTest, OutputsAreCheckedBeforeTheWork) {
  const std::string folder = ::testing::TempDir() + "/" + NewUuid();
  TrainOptions options;
  options.output = folder + "/supernet";
  EXPECT_THAT(options.CheckOutputs(), StatusIs(absl::StatusCode::kNotFound, folder));
  NIWAKI_ASSERT_OK(MakeFolders(folder));
  EXPECT_THAT(options.CheckOutputs(), IsOk());

  options.output = folder;
  EXPECT_THAT(options.CheckOutputs(), StatusIs(absl::StatusCode::kInvalidArgument, folder));
  options.output = "/dev/full";
  EXPECT_THAT(options.CheckOutputs(),
              HasReason(absl::StatusCode::kResourceExhausted, reason::kDiskFull));
  // Its checkpoints would go nowhere.
  NIWAKI_ASSERT_OK(MakeFolders(folder + "/taken.checkpoint"));
  options.output = folder + "/taken";
  EXPECT_THAT(options.CheckOutputs(),
              StatusIs(absl::StatusCode::kInvalidArgument, "taken.checkpoint"));
}

TEST(TrainOptionsTest, DeviceHasNoCompanions) {
  TrainOptions options;
  options.output = "/dev/null";

  EXPECT_THAT(options.CheckOutputs(), IsOk());
  EXPECT_FALSE(HasCompanions(options.output));
  EXPECT_TRUE(HasCompanions("supernet.safetensors"));
}

}  // namespace
}  // namespace niwaki::train
