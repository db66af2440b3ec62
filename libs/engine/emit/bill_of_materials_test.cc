#include "libs/engine/emit/bill_of_materials.h"

#include <string>

#include "absl/strings/str_replace.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/base/digest.h"
#include "libs/base/json.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"
#include "libs/engine/emit/test_networks.h"
#include "libs/engine/plan/kernel_choice.h"
#include "libs/engine/plan/network_plan.h"
#include "libs/engine/quantise/test_network.h"

namespace niwaki::engine {
namespace {

using ::testing::ElementsAre;

BillOfMaterials BillOf(const QuantisedNetwork& network, const EmitOptions& options = {}) {
  const NetworkPlan plan = PlanNetwork(network.graph);
  const auto files = EmitC(network, plan, options);
  EXPECT_TRUE(files.ok()) << files.status();
  return MakeBill(network, plan.memory, options, *files);
}

TEST(BillOfMaterialsTest, TextReadsBackTheSame) {
  BillOfMaterials bill = BillOf(BottleneckNetwork(1));
  bill.made_from = Json{{"supernet", {{"digest", "abc"}}}, {"scale", 0.1}};
  bill.compiler = "arm-none-eabi-gcc";
  const std::string text = BillToText(bill);
  const auto read = BillFromText(text, "bill");
  NIWAKI_ASSERT_OK(read);
  EXPECT_EQ(BillToText(*read), text);
  EXPECT_EQ(read->operators.size(), 15);
  EXPECT_EQ(read->operators[1].text, "conv2d: 6x5x8 to 6x5x20");
  EXPECT_EQ(read->compiler_version, "");
}

TEST(BillOfMaterialsTest, SourcesAreWhatIsLinked) {
  EmitOptions plain;
  plain.kernels = KernelSet::kPlain;
  EXPECT_THAT(BillOf(OneConvolution(), plain).sources,
              ElementsAre("libs/kernels/convolution.c", "model.c"));
  EXPECT_THAT(BillOf(OneConvolution()).sources,
              ElementsAre("libs/kernels/fast/chunk.c", "libs/kernels/fast/dot.c",
                          "libs/kernels/fast/dot_one.c", "libs/kernels/fast/pointwise.c",
                          "libs/kernels/fast/scale.c", "model.c"));
}

TEST(BillOfMaterialsTest, BillWithoutKernelsIsOfPlainOnes) {
  const std::string text = BillToText(BillOf(OneConvolution()));
  EXPECT_EQ(BillFromText(text, "bill")->kernels, "fast");
  EXPECT_EQ(BillOfMaterials().kernels, "plain");
}

TEST(BillOfMaterialsTest, DigestsFollowWhatTheyStandFor) {
  const BillOfMaterials one = BillOf(OneConvolution());
  QuantisedNetwork other = OneConvolution();
  other.weights[0].biases[0] += 1;
  EXPECT_NE(BillOf(other).network_digest, one.network_digest);
  EXPECT_EQ(BillOf(other).plan_digest, one.plan_digest);
  EXPECT_EQ(BillOf(other).kernels_digest, one.kernels_digest);
  other = OneConvolution();
  other.tensors[1].scale = 0.5F;
  EXPECT_NE(BillOf(other).network_digest, one.network_digest);
  EXPECT_NE(BillOf(BottleneckNetwork(1)).plan_digest, one.plan_digest);
  EXPECT_NE(BillOf(BottleneckNetwork(1)).kernels_digest, one.kernels_digest);
}

TEST(BillOfMaterialsTest, ChangedBillIsFound) {
  const std::string text = BillToText(BillOf(OneConvolution()));
  const std::string changed = absl::StrReplaceAll(text, {{"\"macs\": 2", "\"macs\": 3"}});
  ASSERT_NE(changed, text);
  EXPECT_THAT(BillFromText(changed, "bill"),
              HasReason(absl::StatusCode::kDataLoss, reason::kDigestMismatch));
}

TEST(BillOfMaterialsTest, DamagedBillIsRefused) {
  const std::string text = BillToText(BillOf(OneConvolution()));
  for (size_t size = 0; size + 2 < text.size(); size += 7) {
    EXPECT_THAT(BillFromText(text.substr(0, size), "bill"),
                HasReason(absl::StatusCode::kInvalidArgument, reason::kFileMalformed));
  }
  for (const char* other : {"{}", "[]", "7", "{\"format\": \"niwaki-export\"}",
                            "{\"format\": \"niwaki-export\", \"version\": 2}"}) {
    EXPECT_THAT(BillFromText(other, "bill"),
                HasReason(absl::StatusCode::kInvalidArgument, reason::kFileMalformed))
        << other;
  }
}

TEST(BillOfMaterialsTest, SensorIsKeptWhereThereIsOne) {
  BillOfMaterials bill = BillOf(OneConvolution());
  EXPECT_TRUE(BillFromText(BillToText(bill), "bill")->sensor.is_null());
  bill.sensor = Json{{"kind", "log_mel"}, {"version", 2}};
  EXPECT_EQ(BillFromText(BillToText(bill), "bill")->sensor, bill.sensor);
}

TEST(BillOfMaterialsTest, PathsStayInTheFolder) {
  BillOfMaterials bill = BillOf(OneConvolution());
  bill.files["../elsewhere"] = Sha256Hex("");
  EXPECT_THAT(BillFromText(BillToText(bill), "bill"),
              StatusIs(absl::StatusCode::kInvalidArgument, "file '../elsewhere'"));
  bill = BillOf(OneConvolution());
  bill.sources.push_back("/etc/passwd");
  EXPECT_THAT(BillFromText(BillToText(bill), "bill"),
              StatusIs(absl::StatusCode::kInvalidArgument, "source '/etc/passwd'"));
}

}  // namespace
}  // namespace niwaki::engine
