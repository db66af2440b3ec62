#include "services/worker/fake_network.h"

#include <cstdint>
#include <set>
#include <vector>

#include "gtest/gtest.h"
#include "libs/base/random.h"
#include "libs/base/status_matchers.h"
#include "libs/engine/host/runner.h"
#include "libs/interchange/tflite/write_model.h"

namespace niwaki::worker {
namespace {

TEST(FakeNetworkTest, EqualTextsGiveEqualFilesOthersOthers) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const std::string one, interchange::WriteModel(FakeNetwork("one")));
  NIWAKI_ASSERT_OK_AND_ASSIGN(const std::string two, interchange::WriteModel(FakeNetwork("two")));

  EXPECT_EQ(one, *interchange::WriteModel(FakeNetwork("one")));
  EXPECT_NE(one, two);
}

TEST(FakeNetworkTest, AnswersDifferByInput) {
  const engine::QuantisedNetwork network = FakeNetwork("net");
  NIWAKI_ASSERT_OK_AND_ASSIGN(engine::HostRunner runner, engine::HostRunner::Create(&network));
  Random random(1);
  std::set<std::vector<int8_t>> answers;
  for (int i = 0; i < 16; ++i) {
    std::vector<int8_t> input(16 * 16);
    for (int8_t& level : input) level = static_cast<int8_t>(random.Next());
    NIWAKI_ASSERT_OK_AND_ASSIGN(const auto output, runner.Run(input));
    answers.insert(std::vector<int8_t>(output.begin(), output.end()));
  }

  EXPECT_EQ(answers.size(), 16u);
}

}  // namespace
}  // namespace niwaki::worker
