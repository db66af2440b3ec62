#include "services/trainer/quantisation_record.h"

#include <memory>

#include "gtest/gtest.h"
#include "libs/arch/catalogue.h"
#include "libs/arch/graph.h"
#include "libs/arch/space.h"
#include "libs/arch/subnet.h"
#include "libs/base/digest.h"
#include "libs/base/json.h"
#include "libs/base/status_matchers.h"
#include "libs/data/prepared/prepared.h"
#include "libs/int8/keyword_data_for_test.h"
#include "libs/supernet/supernet.h"

namespace niwaki::trainer {
namespace {

constexpr int kClasses = 3;
constexpr int64_t kImages = 12;

TEST(QuantisationRecordTest, RecordSaysWhatTheNetworkIsMadeFrom) {
  const arch::SearchSpace space = arch::CatalogueSpace("kws")->WithNumClasses(kClasses);
  const auto supernet = supernet::Supernet::Random(space, /*seed=*/3);
  const auto data = int8::KeywordData(kClasses, {kClasses, kImages, kClasses, kClasses});
  int8::QuantiseSubnetOptions options;
  options.supernet_digest = "5eed";
  NIWAKI_ASSERT_OK_AND_ASSIGN(
      const int8::QuantisedSubnet subnet,
      int8::QuantiseSubnet(*supernet, arch::MinSubnet(space), *data, options));
  train::Manifest manifest;
  manifest.data_digest = data->digest();
  manifest.data = data->metadata();

  NIWAKI_ASSERT_OK_AND_ASSIGN(const Json record,
                              ParseJson(QuantisationRecord(subnet, manifest, "file"), "record"));

  EXPECT_EQ(record["key"], subnet.key.Digest());
  EXPECT_EQ(record["supernet"]["digest"], "5eed");
  EXPECT_EQ(record["calibration"]["data_digest"], data->digest());
  EXPECT_EQ(record["calibration"]["images"], kImages);
  EXPECT_EQ(record["calibration"]["statistics"], "recalibrated");
  EXPECT_EQ(record["file"]["digest"], Sha256Hex("file"));
  EXPECT_EQ(record["file"]["bytes"], 4);
  EXPECT_EQ(record["output"]["channels"], kClasses);
  EXPECT_EQ(record["macs"], arch::CountMacs(subnet.network.graph));
}

}  // namespace
}  // namespace niwaki::trainer
