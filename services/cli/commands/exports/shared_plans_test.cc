// The plans of published networks, replayed by the verifier that knows nothing of the planner. The
// networks lie in the folder that NIWAKI_SHARED names, under models.

#include <cstdlib>
#include <filesystem>
#include <set>
#include <string>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "libs/base/file.h"
#include "libs/base/status_matchers.h"
#include "libs/engine/plan/network_plan.h"
#include "libs/engine/plan/verify_plan.h"
#include "libs/engine/quantise/fuse_pads.h"
#include "libs/engine/quantise/quantised_network.h"
#include "libs/interchange/tflite/read_model.h"

namespace niwaki {
namespace {

TEST(SharedPlansTest, PlanOfEveryInt8NetworkIsSafe) {
  const char* const shared = std::getenv("NIWAKI_SHARED");
  ASSERT_NE(shared, nullptr) << "NIWAKI_SHARED is not set";
  std::set<std::string> paths;
  for (const auto& entry :
       std::filesystem::recursive_directory_iterator(absl::StrCat(shared, "/models"))) {
    if (entry.path().extension() == ".tflite") paths.insert(entry.path().string());
  }
  int verified = 0;
  for (const std::string& path : paths) {
    SCOPED_TRACE(path);
    const auto bytes = ReadFile(path);
    NIWAKI_ASSERT_OK(bytes);
    const auto network = interchange::ReadTflite(*bytes);
    // Those beside them in float.
    if (!network.ok()) continue;
    const engine::QuantisedNetwork fused = engine::FusePads(*network);
    NIWAKI_EXPECT_OK(engine::VerifyPlan(network->graph, engine::PlanNetwork(network->graph)));
    NIWAKI_EXPECT_OK(engine::VerifyPlan(fused.graph, engine::PlanNetwork(fused.graph)));
    ++verified;
  }
  EXPECT_EQ(verified, 7);
}

}  // namespace
}  // namespace niwaki
