#include "services/cli/commands/exports/int8_source.h"

#include <sys/stat.h>

#include <optional>
#include <sstream>
#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/base/file.h"
#include "libs/base/json.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"
#include "libs/interchange/tflite/test_model.h"

namespace niwaki::cli {
namespace {

using ::testing::HasSubstr;

class Int8SourceTest : public ::testing::Test {
 protected:
  absl::StatusOr<Int8Network> Read(const Int8Source& source) {
    SessionOptions options;
    options.out = &err_;
    options.err = &err_;
    options.environment = [this](const std::string& name) -> std::optional<std::string> {
      if (name == "NIWAKI_BIN_DIR") return folder_;
      return std::nullopt;
    };
    Session session(std::move(options));
    return ReadInt8Network(session, source);
  }

  std::string Write(const std::string& name, const std::string& bytes) {
    const std::string path = absl::StrCat(folder_, "/", name);
    NIWAKI_EXPECT_OK(WriteFileAtomically(path, bytes));
    return path;
  }

  // A program that stands for niwaki-train.
  void PlayTrainer(const std::string& script) {
    const std::string path = Write("niwaki-train", "#!/bin/sh\n" + script);
    EXPECT_EQ(chmod(path.c_str(), 0755), 0);
  }

  const std::string folder_ = ::testing::TempDir();
  std::ostringstream err_;
};

TEST_F(Int8SourceTest, FileIsReadAndNamedByItsDigest) {
  const auto network =
      Read({Write("small.tflite", interchange::ConvolutionModel().Pack()), "", ""});
  NIWAKI_ASSERT_OK(network);
  EXPECT_EQ(network->network.graph.ops.size(), 1);
  EXPECT_EQ(network->made_from["file"]["name"], "small.tflite");
  EXPECT_EQ(network->made_from["file"]["digest"].get<std::string>().size(), 64);
  EXPECT_EQ(network->title, "Made from small.tflite.");
}

TEST_F(Int8SourceTest, FloatModelIsRefusedWithHowToQuantise) {
  interchange::TestModel model = interchange::ConvolutionModel();
  model.tensor(0).type = interchange::schema::TensorType_FLOAT32;
  EXPECT_THAT(Read({Write("float.tflite", model.Pack()), "", ""}),
              StatusIs(absl::StatusCode::kInvalidArgument, "float.tflite: "));
}

TEST_F(Int8SourceTest, SubnetIsQuantisedByTheTrainer) {
  const std::string made = Write("made.tflite", interchange::ConvolutionModel().Pack());
  PlayTrainer(absl::StrCat("echo \"$*\" > ", folder_, "/arguments\ncp ", made,
                           " $9\necho '{\"key\": \"abc\"}' > ${11}\n"));
  const auto network = Read({"max", "kws.safetensors", "words.nwd"});
  NIWAKI_ASSERT_OK(network);
  EXPECT_EQ(network->network.graph.ops.size(), 1);
  EXPECT_EQ(network->made_from["key"], "abc");
  EXPECT_EQ(network->title, "A subnet of kws.safetensors.");
  EXPECT_THAT(
      *ReadFile(folder_ + "/arguments"),
      HasSubstr("quantise --supernet kws.safetensors --subnet max --data words.nwd --out "));
}

TEST_F(Int8SourceTest, TrainersComplaintIsTold) {
  PlayTrainer("echo 'niwaki-train: no such subnet' >&2; exit 2");
  EXPECT_THAT(Read({"max", "kws.safetensors", "words.nwd"}),
              StatusIs(absl::StatusCode::kInvalidArgument, "no such subnet"));
}

TEST_F(Int8SourceTest, SubnetNeedsSupernetAndData) {
  EXPECT_THAT(Read({"max", "", "words.nwd"}),
              HasReason(absl::StatusCode::kInvalidArgument, reason::kArgumentInvalid));
  EXPECT_THAT(Read({"max", "kws.safetensors", ""}),
              StatusIs(absl::StatusCode::kInvalidArgument, "needs --supernet and --data"));
}

TEST_F(Int8SourceTest, CandidateIsAskedOfTheCoordinator) {
  // None runs.
  EXPECT_EQ(Read({"jobs/my-job/candidates/7", "", ""}).status().code(),
            absl::StatusCode::kNotFound);
}

}  // namespace
}  // namespace niwaki::cli
