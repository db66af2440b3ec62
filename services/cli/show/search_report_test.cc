#include "services/cli/show/search_report.h"

#include <string>
#include <utility>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/arch/catalogue.h"
#include "libs/arch/space.h"
#include "libs/arch/subnet.h"
#include "libs/base/json.h"
#include "libs/search/in_process_search.h"
#include "libs/search/metric.h"
#include "services/cli/show/plots/svg_plot.h"

namespace niwaki::cli {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

class SearchReportTest : public ::testing::Test {
 protected:
  SearchReportTest() {
    options_.objectives = {search::Metric::kTop1, search::Metric::kMacs};
    Add(arch::MinSubnet(space_), 0.8125, 1e6);
  }

  // One more network of the front.
  void Add(arch::Subnet subnet, double top1, double macs) {
    search::EvaluatedSubnet one;
    one.slot = static_cast<int64_t>(result_.evaluated.size());
    one.subnet = std::move(subnet);
    one.metrics.top1 = top1;
    one.metrics.macs = macs;
    result_.front.push_back(result_.evaluated.size());
    result_.evaluated.push_back(std::move(one));
  }

  SearchReport report() const { return {space_, options_, result_, "", {}}; }

  const arch::SearchSpace space_ = *arch::CatalogueSpace("kws");
  search::InProcessOptions options_;
  search::InProcessResult result_;
};

TEST_F(SearchReportTest, AccuraciesWithinTheirRangeStandAsTheyAre) {
  EXPECT_THAT(SearchTable(report()), AllOf(HasSubstr("81.25 %"), Not(HasSubstr("*"))));
  EXPECT_THAT(SearchCsv(report()), AllOf(StartsWith("slot,top1,macs,subnet_id,subnet\r\n"),
                                         HasSubstr("0,0.8125,1000000,")));
  const Json json = SearchJson(report());
  EXPECT_EQ(json["front"][0]["top1"], 0.8125);
  EXPECT_FALSE(json["front"][0].contains("top1_uncut"));
}

TEST_F(SearchReportTest, AccuraciesOutsideTheirRangeAreCutAndMarked) {
  Add(arch::MaxSubnet(space_), 1.0125, 2e6);

  EXPECT_THAT(SearchTable(report()),
              AllOf(HasSubstr("81.25 %"), HasSubstr("100.00 % *"), Not(HasSubstr("101.25")),
                    HasSubstr("* 1 prediction outside 0 to 100 %, cut")));
  EXPECT_THAT(SearchCsv(report()),
              AllOf(StartsWith("slot,top1,macs,subnet_id,subnet,top1_uncut\r\n"),
                    HasSubstr("1,1,2000000,"), HasSubstr(",1.0125\r\n")));
  const Json json = SearchJson(report());
  EXPECT_EQ(json["front"][1]["top1"], 1);
  EXPECT_EQ(json["front"][1]["top1_uncut"], 1.0125);
  EXPECT_FALSE(json["front"][0].contains("top1_uncut"));
}

TEST_F(SearchReportTest, SchedulesStandBesideTheirNetworks) {
  Add(arch::MaxSubnet(space_), 0.9, 2e6);
  SearchReport scheduled = report();
  scheduled.schedules = {"whole", "streamed"};

  EXPECT_THAT(SearchTable(scheduled), AllOf(HasSubstr("SCHEDULE"), HasSubstr("streamed")));
  EXPECT_THAT(SearchCsv(scheduled),
              AllOf(StartsWith("slot,top1,macs,schedule,subnet_id,subnet\r\n"),
                    HasSubstr("0,0.8125,1000000,whole,"), HasSubstr("1,0.9,2000000,streamed,")));
  EXPECT_EQ(SearchJson(scheduled)["front"][1]["schedule"], "streamed");
  EXPECT_THAT(SearchTable(report()), Not(HasSubstr("SCHEDULE")));
  EXPECT_FALSE(SearchJson(report())["front"][0].contains("schedule"));
}

TEST_F(SearchReportTest, ThePlotKeepsToTheRange) {
  Add(arch::MaxSubnet(space_), 1.5, 2e6);

  const std::string svg = RenderSvg(SearchPlot(report()));

  EXPECT_THAT(svg, Not(HasSubstr("150")));
}

}  // namespace
}  // namespace niwaki::cli
