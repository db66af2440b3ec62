#include "services/cli/show/cost_text.h"

#include <google/protobuf/repeated_field.h>

#include "gmock/gmock.h"

namespace niwaki::cli {
namespace {

v1::Cost SomeCost() {
  v1::Cost cost;
  cost.set_sram_bytes(65536);
  cost.set_flash_bytes(262144);
  cost.set_macs(1250000);
  cost.set_params(83000);
  cost.mutable_latency_us()->set_value(12300);
  cost.mutable_latency_us()->set_low(10100);
  cost.mutable_latency_us()->set_high(14500);
  cost.mutable_latency_us()->set_provenance(v1::PROVENANCE_PREDICTED);
  return cost;
}

TEST(CostTextTest, FigureTellsSourceAndSpread) {
  EXPECT_EQ(FormatLatency(SomeCost().latency_us()), "12.3 ms predicted (10.1 ms to 14.5 ms)");
}

TEST(CostTextTest, ExactFigureHasNoSpread) {
  v1::Figure figure;
  figure.set_value(500);
  figure.set_low(500);
  figure.set_high(500);
  figure.set_provenance(v1::PROVENANCE_MEASURED);

  EXPECT_EQ(FormatLatency(figure), "500 us measured");
}

TEST(CostTextTest, CellsMatchColumns) {
  EXPECT_THAT(CostCells(SomeCost()), ::testing::ElementsAre("64.0 kB", "256.0 kB", "12.3 ms",
                                                            "predicted", "1.25 M", "83.0 k", ""));
  EXPECT_EQ(CostCells(SomeCost()).size(), CostColumns().size());
}

TEST(CostTextTest, EnergyHasItsColumnAndItsSource) {
  v1::Cost cost = SomeCost();
  EXPECT_THAT(CostCells(cost, /*with_energy=*/true),
              ::testing::ElementsAre("64.0 kB", "256.0 kB", "12.3 ms", "predicted", "unknown",
                                     "1.25 M", "83.0 k", ""));
  cost.mutable_energy_mj()->set_value(3.25);
  cost.mutable_energy_mj()->set_provenance(v1::PROVENANCE_MEASURED);
  EXPECT_EQ(CostCells(cost, /*with_energy=*/true)[4], "3.25 mJ measured");
  EXPECT_EQ(CostColumns(/*with_energy=*/true)[4].title, "ENERGY");
  EXPECT_EQ(CostCells(cost, true).size(), CostColumns(true).size());
}

TEST(CostTextTest, LinesSayWhatIsUnknown) {
  v1::Cost cost = SomeCost();
  EXPECT_EQ(CostLines(cost),
            "SRAM     64.0 kB\n"
            "flash    256.0 kB\n"
            "latency  12.3 ms predicted (10.1 ms to 14.5 ms)\n"
            "energy   unknown\n");

  cost.mutable_energy_mj()->set_value(3.25);
  cost.mutable_energy_mj()->set_low(3.25);
  cost.mutable_energy_mj()->set_high(3.25);
  cost.mutable_energy_mj()->set_provenance(v1::PROVENANCE_PREDICTED);
  EXPECT_THAT(CostLines(cost), ::testing::EndsWith("energy   3.25 mJ predicted\n"));
}

TEST(CostTextTest, ScheduleOfTheFiguresIsNamedAndTheOthersListed) {
  v1::Cost cost = SomeCost();
  cost.set_schedule("streamed");
  EXPECT_EQ(CostColumns().back().title, "SCHEDULE");
  EXPECT_EQ(CostCells(cost).back(), "streamed");
  EXPECT_THAT(CostLines(cost), ::testing::StartsWith("SRAM     64.0 kB, streamed\nflash    "));

  v1::ScheduleCost& whole = *cost.add_schedules();
  whole.set_name("whole");
  whole.set_sram_bytes(131072);
  whole.set_flash_bytes(262000);
  whole.set_slowdown(1);
  v1::ScheduleCost& streamed = *cost.add_schedules();
  streamed.set_name("streamed");
  streamed.set_sram_bytes(65536);
  streamed.set_flash_bytes(262144);
  streamed.set_slowdown(1.0625);
  EXPECT_THAT(CostLines(cost),
              ::testing::EndsWith(
                  "schedule whole: SRAM 128.0 kB, flash 255.9 kB, 0.0 % more instructions\n"
                  "schedule streamed: SRAM 64.0 kB, flash 256.0 kB, 6.2 % more instructions\n"));
}

TEST(CostTextTest, MissingRowsAreCounted) {
  v1::Cost cost = SomeCost();
  cost.set_latency_rows_missing(3);

  EXPECT_EQ(CostCells(cost)[3], "predicted, 3 rows missing");
  EXPECT_THAT(CostLines(cost),
              ::testing::HasSubstr("14.5 ms); the latency table lacks 3 of its operators"));
}

TEST(CostTextTest, UnknownLatencyIsNotZero) {
  v1::Cost cost = SomeCost();
  cost.clear_latency_us();

  EXPECT_EQ(FormatLatency(cost.latency_us()), "unknown");
  EXPECT_THAT(CostCells(cost),
              ::testing::ElementsAre("64.0 kB", "256.0 kB", "unknown", "", "1.25 M", "83.0 k", ""));
}

TEST(CostTextTest, NumberOfANewerProvenanceIsShown) {
  EXPECT_EQ(ProvenanceName(static_cast<v1::Provenance>(9)), "provenance 9");
}

TEST(CostTextTest, EachReasonOfAnUnknownLatencyIsSaidOnce) {
  google::protobuf::RepeatedPtrField<v1::Cost> costs;
  costs.Add();
  for (int i = 0; i < 2; ++i) costs.Add()->set_latency_unknown("no model");

  EXPECT_EQ(UnknownNotes(costs), "latency unknown: no model\n");
  EXPECT_THAT(CostLines(costs[1]), ::testing::HasSubstr("latency  unknown: no model\n"));
}

}  // namespace
}  // namespace niwaki::cli
