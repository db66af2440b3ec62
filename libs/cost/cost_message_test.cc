#include "libs/cost/cost_message.h"

#include <cmath>
#include <limits>
#include <string>
#include <utility>

#include "gtest/gtest.h"
#include "libs/base/error.h"
#include "libs/base/random.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"

namespace niwaki::cost {
namespace {

v1::Cost SomeMessage() {
  v1::Cost message;
  message.set_sram_bytes(1);
  message.set_flash_bytes(2);
  message.set_macs(3);
  message.set_params(4);
  message.mutable_latency_us()->set_value(5);
  message.mutable_latency_us()->set_low(4);
  message.mutable_latency_us()->set_high(6);
  message.mutable_latency_us()->set_provenance(v1::PROVENANCE_PREDICTED);
  return message;
}

void ExpectRefused(const v1::Cost& message, const char* field) {
  const auto cost = CostFromMessage(message);
  ASSERT_THAT(cost, HasReason(absl::StatusCode::kInvalidArgument, reason::kArgumentInvalid))
      << field;
  EXPECT_EQ(GetErrorDetail(cost.status())->field, field);
}

TEST(CostMessageTest, CostsReadBack) {
  const uint64_t seed = 7;
  SCOPED_TRACE(seed);
  Random random(seed);
  const auto figure = [&]() -> Figure {
    const double value = random.UniformDouble();
    const auto provenance = *ProvenanceFromNumber(random.Uniform(5));
    return Figure::Of(value, value / 2, value * 3, provenance);
  };
  for (int i = 0; i < 200; ++i) {
    const Cost cost{static_cast<int64_t>(random.Uniform(1000)),
                    static_cast<int64_t>(random.Uniform(1000)),
                    static_cast<int64_t>(random.Uniform(1000)),
                    static_cast<int64_t>(random.Uniform(1000)),
                    figure(),
                    figure(),
                    i % 3 == 0 ? "" : "streamed_75"};
    v1::Cost message;
    ToMessage(cost, message);

    EXPECT_THAT(CostFromMessage(message), IsOkAndHolds(cost));
  }
}

TEST(CostMessageTest, UnknownFigureIsAbsent) {
  Cost cost;
  cost.latency_us = Figure::Of(5, 4, 6, Provenance::kMeasured);
  v1::Cost message;
  ToMessage(cost, message);

  EXPECT_TRUE(message.has_latency_us());
  EXPECT_FALSE(message.has_energy_mj());
  NIWAKI_ASSERT_OK_AND_ASSIGN(const Cost read, CostFromMessage(message));
  EXPECT_FALSE(read.energy_mj.known());
}

TEST(CostMessageTest, EmptyFigureOfBeforeIsUnknown) {
  v1::Cost message = SomeMessage();
  message.mutable_energy_mj();

  NIWAKI_ASSERT_OK_AND_ASSIGN(const Cost cost, CostFromMessage(message));

  EXPECT_FALSE(cost.energy_mj.known());
}

TEST(CostMessageTest, ProvenancesHaveTheSameNumbersOnBothSides) {
  for (int number = 1; number <= 4; ++number) {
    NIWAKI_ASSERT_OK_AND_ASSIGN(const Provenance provenance, ProvenanceFromMessage(number, "p"));
    EXPECT_EQ(static_cast<int>(provenance), number);
    EXPECT_EQ(static_cast<int>(ToMessage(provenance)), number);
    EXPECT_EQ(v1::Provenance_Name(ToMessage(provenance)),
              "PROVENANCE_" + std::string(ProvenanceName(provenance)));
  }
  EXPECT_EQ(ToMessage(Provenance::kUnknown), v1::PROVENANCE_UNSPECIFIED);
}

TEST(CostMessageTest, UnknownProvenanceIsRefused) {
  for (const int number : {-1, 0, 5, 99}) {
    v1::Cost message = SomeMessage();
    message.mutable_latency_us()->set_provenance(static_cast<v1::Provenance>(number));

    const absl::Status status = CostFromMessage(message).status();

    ASSERT_THAT(status, HasReason(absl::StatusCode::kInvalidArgument, reason::kArgumentInvalid));
    const ErrorDetail detail = *GetErrorDetail(status);
    EXPECT_EQ(detail.field, "latency_us.provenance");
    EXPECT_EQ(detail.value, std::to_string(number));
    EXPECT_EQ(detail.limit, "EXACT (1), MEASURED (2), EMULATED (3) or PREDICTED (4)");
  }
}

TEST(CostMessageTest, NonsenseIsRefused) {
  for (const double bad : {std::nan(""), std::numeric_limits<double>::infinity(), -1.0}) {
    v1::Cost message = SomeMessage();
    message.mutable_latency_us()->set_value(bad);
    ExpectRefused(message, "latency_us.value");
  }
  v1::Cost message = SomeMessage();
  message.mutable_latency_us()->set_low(5.5);
  ExpectRefused(message, "latency_us.low");
  message = SomeMessage();
  message.mutable_latency_us()->set_high(4.5);
  ExpectRefused(message, "latency_us.high");
  message = SomeMessage();
  message.set_macs(-1);
  ExpectRefused(message, "macs");
  for (const std::string& bad : {std::string("Whole"), std::string("a b"), std::string(64, 'a')}) {
    message = SomeMessage();
    message.set_schedule(bad);
    ExpectRefused(message, "schedule");
  }
}

TEST(CostMessageTest, ScheduleIsWrittenWithItsFigures) {
  ScheduleCost cost;
  cost.name = "streamed";
  cost.sram_bytes = 20000;
  cost.flash_bytes = 500000;
  cost.slowdown = 1.0625;
  v1::ScheduleCost message;
  ToMessage(cost, message);

  EXPECT_EQ(message.name(), "streamed");
  EXPECT_EQ(message.sram_bytes(), 20000);
  EXPECT_EQ(message.flash_bytes(), 500000);
  EXPECT_EQ(message.slowdown(), 1.0625);
  EXPECT_FALSE(message.has_latency_us());
  cost.latency_us = Figure::Of(5, 4, 6, Provenance::kMeasured);
  ToMessage(cost, message);
  EXPECT_EQ(message.latency_us().value(), 5);
  EXPECT_EQ(message.latency_us().provenance(), v1::PROVENANCE_MEASURED);
}

}  // namespace
}  // namespace niwaki::cost
