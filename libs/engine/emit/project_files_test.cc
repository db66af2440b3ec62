#include "libs/engine/emit/project_files.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/engine/emit/test_networks.h"
#include "libs/engine/plan/network_plan.h"

namespace niwaki::engine {
namespace {

using ::testing::HasSubstr;

TEST(ProjectFilesTest, BuildFilesNameSourcesAndFlags) {
  EmitOptions options;
  options.prefix = "kws";
  const std::vector<std::string> files = {"libs/kernels/pooling.c", "libs/kernels/pooling.h"};
  EXPECT_THAT(Makefile(options, files), HasSubstr("SOURCES = kws.c libs/kernels/pooling.c\n"));
  EXPECT_THAT(Makefile(options, files), HasSubstr(kCompilerFlags));
  EXPECT_THAT(CMakeLists(options, files),
              HasSubstr("add_library(kws STATIC kws.c libs/kernels/pooling.c)"));
}

TEST(ProjectFilesTest, ReadmeNamesTheOperatorThatNeedsTheMost) {
  const QuantisedNetwork network = BottleneckNetwork(1);
  EXPECT_THAT(Readme(network, PlanNetwork(network.graph), {}),
              HasSubstr("| peak operator | 8 (conv2d: 6x5x20 to 6x5x8) |"));
}

}  // namespace
}  // namespace niwaki::engine
