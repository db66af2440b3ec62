#include "libs/interchange/tflite/model_reader.h"

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/arch/graph.h"
#include "libs/base/status_matchers.h"
#include "libs/interchange/tflite/model_generated.h"
#include "libs/interchange/tflite/test_model.h"

namespace niwaki::interchange {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

// The parts of a reader, each by itself.
class Parts : public ModelReader {
 public:
  Parts(const schema::Model& model, const schema::SubGraph& subgraph)
      : ModelReader(model, subgraph) {}

  using ModelReader::Integers;
  using ModelReader::NewTensor;
  using ModelReader::SetAxis;
  using ModelReader::ShapeOf;
  using ModelReader::tensor;

  void StandAt(int index) { operator_ = subgraph_.operators()->Get(index); }
};

class ModelReaderTest : public ::testing::Test {
 protected:
  Parts Read(const TestModel& model) {
    bytes_ = model.Pack();
    const schema::Model& root = *schema::GetModel(bytes_.data());
    return Parts(root, *root.subgraphs()->Get(0));
  }

  std::string ShapeText(const std::vector<int32_t>& axes) {
    TestModel model = ConvolutionModel();
    model.tensor(0).shape = axes;
    Parts parts = Read(model);
    const auto shape = parts.ShapeOf("input", parts.tensor(0));
    if (!shape.ok()) return std::string(shape.status().message());
    return absl::StrCat(shape->height, "x", shape->width, "x", shape->channels);
  }

  std::string bytes_;
};

TEST_F(ModelReaderTest, LastAxesAreHeightWidthAndChannels) {
  EXPECT_EQ(ShapeText({}), "1x1x1");
  EXPECT_EQ(ShapeText({5}), "1x1x5");
  EXPECT_EQ(ShapeText({1, 5}), "1x1x5");
  EXPECT_EQ(ShapeText({1, 4, 5}), "1x4x5");
  EXPECT_EQ(ShapeText({1, 3, 4, 5}), "3x4x5");
  EXPECT_THAT(ShapeText({1, 1, 3, 4, 5}), HasSubstr("too many axes (input [1,1,3,4,5]"));
  EXPECT_THAT(ShapeText({2, 5}), HasSubstr("more than one image"));
  EXPECT_THAT(ShapeText({1, 65536, 65536, 65536}), HasSubstr("no usable size"));
}

// TensorFlow's rule: what the last window needs, the smaller half before.
TEST_F(ModelReaderTest, SamePaddingIsSmallerBefore) {
  Parts parts = Read(ConvolutionModel());
  const auto sides = [&](int in, int out, int kernel, int stride) {
    uint8_t before = 99;
    uint8_t after = 99;
    NIWAKI_EXPECT_OK(
        parts.SetAxis("height", in, out, kernel, stride, schema::Padding_SAME, before, after));
    return std::vector<int>{before, after};
  };

  EXPECT_THAT(sides(96, 96, 3, 1), ElementsAre(1, 1));
  EXPECT_THAT(sides(96, 48, 3, 2), ElementsAre(0, 1));
  EXPECT_THAT(sides(49, 25, 10, 2), ElementsAre(4, 5));
  EXPECT_THAT(sides(4, 2, 1, 2), ElementsAre(0, 0));
}

TEST_F(ModelReaderTest, OutputThatDoesNotFollowIsRefused) {
  Parts parts = Read(ConvolutionModel());
  uint8_t before = 0;
  uint8_t after = 0;

  EXPECT_THAT(parts.SetAxis("height", 5, 3, 3, 2, schema::Padding_VALID, before, after),
              StatusIs(absl::StatusCode::kInvalidArgument, "output height 3, read: 2"));
  EXPECT_THAT(parts.SetAxis("width", 2, 1, 3, 1, schema::Padding_VALID, before, after),
              StatusIs(absl::StatusCode::kInvalidArgument, "the kernel is larger than its input"));
  EXPECT_THAT(parts.SetAxis("width", 600, 600, 601, 1, schema::Padding_SAME, before, after),
              StatusIs(absl::StatusCode::kInvalidArgument, "padding of the width 600"));
}

TEST_F(ModelReaderTest, TensorIsMadeOnce) {
  Parts parts = Read(ConvolutionModel());

  EXPECT_THAT(parts.NewTensor("input", 0), IsOkAndHolds(0));
  EXPECT_THAT(parts.NewTensor("input", 3), IsOkAndHolds(1));
  EXPECT_THAT(parts.NewTensor("input", 0),
              StatusIs(absl::StatusCode::kInvalidArgument, "the tensor is written twice"));
}

TEST_F(ModelReaderTest, ConstantIntegersStandInTheFile) {
  Parts parts = Read(ConvolutionModel());
  parts.StandAt(0);

  EXPECT_THAT(parts.Integers(2), IsOkAndHolds(ElementsAre(10, 20)));
  EXPECT_THAT(parts.Integers(0), StatusIs(absl::StatusCode::kInvalidArgument,
                                          "this input must stand in the file (input 0 INT8"));
  EXPECT_THAT(parts.Integers(3),
              StatusIs(absl::StatusCode::kInvalidArgument, "an input is missing"));
}

}  // namespace
}  // namespace niwaki::interchange
