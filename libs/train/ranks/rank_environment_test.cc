#include "libs/train/ranks/rank_environment.h"

#include <map>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"

namespace niwaki::train {
namespace {

using Variables = std::map<std::string, std::string>;

absl::StatusOr<RankEnvironment> Read(const Variables& variables) {
  return RankEnvironment::Read([&](const char* name) -> const char* {
    const auto it = variables.find(name);
    return it == variables.end() ? nullptr : it->second.c_str();
  });
}

const Variables kComplete = {
    {"RANK", "1"}, {"WORLD_SIZE", "4"}, {"MASTER_ADDR", "10.0.0.7"}, {"MASTER_PORT", "29500"}};

Variables With(const std::string& name, const std::string& value) {
  Variables variables = kComplete;
  variables[name] = value;
  return variables;
}

TEST(RankEnvironmentTest, ReadsWhatLaunchersSet) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const RankEnvironment plain, Read(kComplete));
  NIWAKI_ASSERT_OK_AND_ASSIGN(const RankEnvironment torchrun,
                              Read(With("TORCHELASTIC_USE_AGENT_STORE", "True")));

  EXPECT_EQ(plain.rank, 1);
  EXPECT_EQ(plain.world_size, 4);
  EXPECT_EQ(plain.master_address, "10.0.0.7");
  EXPECT_EQ(plain.master_port, 29500);
  EXPECT_FALSE(plain.launcher_listens);
  EXPECT_TRUE(torchrun.launcher_listens);
}

TEST(RankEnvironmentTest, NothingSetIsOneProcess) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const RankEnvironment alone, Read({}));
  NIWAKI_ASSERT_OK_AND_ASSIGN(const RankEnvironment one, Read({{"WORLD_SIZE", "1"}}));

  EXPECT_EQ(alone.world_size, 1);
  EXPECT_EQ(one.rank, 0);
}

TEST(RankEnvironmentTest, EveryLocalRankHasAGpuOfItsOwn) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const RankEnvironment second, Read(With("LOCAL_RANK", "1")));
  NIWAKI_ASSERT_OK_AND_ASSIGN(const RankEnvironment unsaid, Read(kComplete));

  EXPECT_THAT(second.OwnGpu(""), IsOkAndHolds("1"));
  EXPECT_THAT(second.OwnGpu("4,7"), IsOkAndHolds("7"));
  EXPECT_THAT(second.OwnGpu("4"),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       "LOCAL_RANK 1 has no GPU: CUDA_VISIBLE_DEVICES names 1"));
  EXPECT_THAT(unsaid.OwnGpu("4,7"), IsOkAndHolds("4,7"));
}

TEST(RankEnvironmentTest, MalformedVariablesAreNamed) {
  struct Case {
    Variables variables;
    const char* message;
  };
  Variables without_port = kComplete;
  without_port.erase("MASTER_PORT");
  Variables without_address = kComplete;
  without_address.erase("MASTER_ADDR");
  for (const Case& bad : {Case{With("WORLD_SIZE", "four"), "WORLD_SIZE 'four' is not a number"},
                          Case{With("WORLD_SIZE", "0"), "WORLD_SIZE '0' is not a number from 1"},
                          Case{With("RANK", "4"), "RANK '4' is not a number from 0 to 3"},
                          Case{With("RANK", "-1"), "RANK '-1' is not a number from 0 to 3"},
                          Case{With("LOCAL_RANK", "x"), "LOCAL_RANK 'x' is not a number"},
                          Case{With("MASTER_PORT", "70000"), "MASTER_PORT '70000'"},
                          Case{without_port, "MASTER_PORT is not set"},
                          Case{without_address, "MASTER_ADDR is not set"},
                          Case{{{"RANK", "0"}}, "WORLD_SIZE is not set"}}) {
    SCOPED_TRACE(bad.message);
    EXPECT_THAT(Read(bad.variables), StatusIs(absl::StatusCode::kInvalidArgument, bad.message));
    EXPECT_THAT(Read(bad.variables),
                HasReason(absl::StatusCode::kInvalidArgument, reason::kArgumentInvalid));
  }
}

}  // namespace
}  // namespace niwaki::train
