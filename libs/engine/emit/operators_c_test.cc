#include "libs/engine/emit/operators_c.h"

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/base/status_matchers.h"
#include "libs/engine/emit/compile_for_test.h"
#include "libs/engine/emit/test_networks.h"

namespace niwaki::engine {
namespace {

using ::testing::HasSubstr;

// Runs on seed 7 and prints an operator's index where it begins (-1) and ends, then the checks.
constexpr char kMain[] = R"(
#include "ops.h"
#include <stdio.h>
static int8_t arena[OPS_ARENA_BYTES] __attribute__((aligned(4)));
static int8_t output[OPS_OUTPUT_BYTES];
static void hook(void* context, int index) { (void)context; printf("%d ", index); }
int main(void) {
  const int8_t seed[4] = {7, 0, 0, 0};
  if (ops_invoke_profiled(arena, seed, output, hook, 0) != 0) return 1;
  for (int i = 0; i < OPS_NUM_OPERATORS; ++i) {
    uint32_t value = 0;
    for (int j = 0; j < 4; ++j) value |= (uint32_t)(uint8_t)output[4 * i + j] << 8 * j;
    printf("%u ", value);
  }
  return 0;
}
)";

std::vector<LoneOperator> Operators() {
  std::vector<LoneOperator> operators(3);
  NetworkBuilder pointwise({6, 5, 8}, 1);
  operators[0].network = pointwise.Build(pointwise.Convolution(0, 12, 1, 1));
  operators[0].planar_output = true;
  NetworkBuilder depthwise({6, 5, 8}, 2);
  operators[1].network = depthwise.Build(depthwise.Depthwise(0, 8, 3, 1));
  operators[1].planar_input = true;
  operators[1].planar_output = true;
  NetworkBuilder window({7, 7, 3}, 3);
  operators[2].network = window.Build(window.Convolution(0, 4, 3, 2));
  operators[2].planar_input = true;
  return operators;
}

TEST(OperatorsCTest, EachGivesTheHostsBytesInItsOwnOrder) {
  const std::vector<LoneOperator> operators = Operators();
  EmitOptions options;
  options.prefix = "ops";
  options.profile = true;
  NIWAKI_ASSERT_OK_AND_ASSIGN(OperatorsC emitted, EmitOperators(operators, options));
  emitted.files["main.c"] = kMain;
  const std::string folder = WriteTree("operators", emitted.files);
  std::vector<std::string> argv = {"gcc",   "-std=c11",      "-O1",
                                   "-Wall", "-Werror",       "-I" + folder,
                                   "-o",    folder + "/run", folder + "/main.c"};
  for (const std::string& source : SourcesOf(emitted.files)) {
    argv.push_back(absl::StrCat(folder, "/", source));
  }
  RunOrFail(argv);
  std::string expected = "-1 0 -1 1 -1 2 ";
  int64_t arena = 0;
  for (size_t i = 0; i < operators.size(); ++i) {
    NIWAKI_ASSERT_OK_AND_ASSIGN(const uint32_t check,
                                ExpectedCheck(operators[i], static_cast<int>(i), 7));
    absl::StrAppend(&expected, check, " ");
    arena = std::max(arena, ArenaOf(operators[i]));
  }

  EXPECT_EQ(RunOrFail({folder + "/run"}), expected);
  EXPECT_EQ(emitted.arena_bytes, arena);
  // The arena is what the largest needs, and room for kernels.
  EXPECT_GT(arena, kSpareScratch);
  EXPECT_THAT(emitted.files.at("ops.h"), HasSubstr(absl::StrCat("ARENA_BYTES ", arena)));
}

TEST(OperatorsCTest, SameOperatorsAreTheSameSources) {
  EmitOptions options;
  options.prefix = "ops";
  NIWAKI_ASSERT_OK_AND_ASSIGN(const OperatorsC first, EmitOperators(Operators(), options));
  NIWAKI_ASSERT_OK_AND_ASSIGN(const OperatorsC second, EmitOperators(Operators(), options));
  EXPECT_EQ(first.files, second.files);
  EXPECT_EQ(first.digest, second.digest);
}

}  // namespace
}  // namespace niwaki::engine
