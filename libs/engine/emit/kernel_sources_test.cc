#include "libs/engine/emit/kernel_sources.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace niwaki::engine {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Key;
using ::testing::Not;

TEST(KernelSourcesTest, HoldsTheKernelsAndNoTests) {
  EXPECT_THAT(KernelSources(), Contains(Key("libs/kernels/softmax.c")));
  EXPECT_THAT(KernelSources(), Not(Contains(Key("libs/kernels/test_tensor.h"))));
  EXPECT_THAT(std::string(KernelSources().at("libs/kernels/convolution.c")),
              HasSubstr("void nw_convolution("));
}

TEST(KernelSourcesTest, HeadersComeWithWhatIncludesThem) {
  // Pools take windows from the header of convolutions, whose source they do not need.
  EXPECT_THAT(
      FilesOfKernels({"pooling"}),
      ElementsAre("libs/kernels/convolution.h", "libs/kernels/pooling.c", "libs/kernels/pooling.h",
                  "libs/kernels/requantise.h", "libs/kernels/tensor.h"));
  EXPECT_THAT(FilesOfKernels({}), ElementsAre());
}

TEST(KernelSourcesTest, FastKernelsComeWithTheirLoops) {
  EXPECT_THAT(
      FilesOfKernels({"fast/depthwise"}),
      ElementsAre("libs/kernels/convolution.h", "libs/kernels/fast/depthwise.c",
                  "libs/kernels/fast/depthwise.h", "libs/kernels/fast/depthwise_row.c",
                  "libs/kernels/fast/depthwise_row.h", "libs/kernels/fast/depthwise_weights.c",
                  "libs/kernels/fast/depthwise_weights.h", "libs/kernels/fast/scale.c",
                  "libs/kernels/fast/scale.h", "libs/kernels/fast/simd.h",
                  "libs/kernels/requantise.h", "libs/kernels/tensor.h"));
}

}  // namespace
}  // namespace niwaki::engine
