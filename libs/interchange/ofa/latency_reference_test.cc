// The Note10 tables of the once-for-all networks against latencies that the reference
// implementation computed from them. They lie in the folder that NIWAKI_SHARED names, under ofa.

#include <cstdlib>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/arch/catalogue.h"
#include "libs/arch/restrict.h"
#include "libs/arch/space.h"
#include "libs/arch/subnet.h"
#include "libs/base/file.h"
#include "libs/base/json.h"
#include "libs/base/status_matchers.h"
#include "libs/interchange/ofa/latency_table.h"
#include "libs/latency/block_signature.h"
#include "libs/latency/space_table.h"

namespace niwaki::interchange {
namespace {

constexpr int64_t kMaxFileBytes = 1 << 20;

// A file of the folder; fails the test when there is none.
std::string ReadShared(const std::string& name) {
  const char* shared = std::getenv("NIWAKI_SHARED");
  if (shared == nullptr) {
    ADD_FAILURE() << "NIWAKI_SHARED is not set: it must name the folder that holds ofa/lut_note10";
    return "";
  }
  absl::StatusOr<std::string> text = ReadFile(absl::StrCat(shared, "/", name), kMaxFileBytes);
  if (!text.ok()) ADD_FAILURE() << text.status().ToString();
  return text.ok() ? *text : "";
}

std::vector<NamedText> Note10Files() {
  std::vector<NamedText> files;
  for (int resolution = 160; resolution <= 224; resolution += 4) {
    const std::string name = absl::StrCat("ofa/lut_note10/", resolution, "_lookup_table.yaml");
    files.push_back({name, ReadShared(name)});
  }
  return files;
}

TEST(OfaReferenceTest, EveryFileCoversItsResolutionOfTheSpace) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto entries, ReadOfaTables(Note10Files()));
  NIWAKI_ASSERT_OK_AND_ASSIGN(const arch::SearchSpace space, arch::CatalogueSpace("ofa_mbv3_w12"));

  EXPECT_EQ(entries.size(), 17u * 96);
  const std::vector<int> covered = latency::CoveredResolutions(space, LatenciesOf(entries));
  EXPECT_EQ(covered.size(), 17u);
  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto small, arch::WithResolutions(space, covered));
  NIWAKI_EXPECT_OK(SpaceTableOf(small, LatenciesOf(entries)).status());
}

TEST(OfaReferenceTest, LatenciesEqualTheReferences) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto entries, ReadOfaTables(Note10Files()));
  NIWAKI_ASSERT_OK_AND_ASSIGN(const arch::SearchSpace all, arch::CatalogueSpace("ofa_mbv3_w12"));
  const latency::BlockLatencies latencies = LatenciesOf(entries);
  NIWAKI_ASSERT_OK_AND_ASSIGN(
      const auto space, arch::WithResolutions(all, latency::CoveredResolutions(all, latencies)));
  NIWAKI_ASSERT_OK_AND_ASSIGN(const latency::SpaceTable table, SpaceTableOf(space, latencies));
  NIWAKI_ASSERT_OK_AND_ASSIGN(
      const Json rows, ParseJson(ReadShared("ofa/vectors/tutorial_predictor_200.json"), "rows"));
  ASSERT_EQ(rows.size(), 200u);

  for (const Json& row : rows) {
    const Json form = {{"ks", row["ks"]}, {"e", row["e"]}, {"d", row["d"]}, {"r", row["r"]}};
    NIWAKI_ASSERT_OK_AND_ASSIGN(const auto subnet, arch::SubnetFromJson(space, form.dump()));
    const double reference_us = row["note10_latency_ms"].get<double>() * 1000;
    // The order of the sum differs.
    EXPECT_NEAR(table.CostOf(subnet), reference_us, 1e-12 * reference_us);
  }
}

}  // namespace
}  // namespace niwaki::interchange
