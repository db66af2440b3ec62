#include "libs/measure/checks.h"

#include <string>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "libs/base/error.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"
#include "libs/measure/test_boards.h"

namespace niwaki::measure {
namespace {

std::string FieldOf(const absl::Status& status) {
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << status;
  return GetErrorDetail(status).value_or(ErrorDetail{}).field;
}

TEST(ChecksTest, DescriptionsAreOfBoards) {
  NIWAKI_EXPECT_OK(CheckDescription(DescriptionOf("bench-h743")));
  const std::vector<std::pair<std::string, void (*)(v1::BoardDescription&)>> kWrong = {
      {"board.name", [](v1::BoardDescription& b) { b.set_name("Bench"); }},
      {"board.name", [](v1::BoardDescription& b) { b.set_name(""); }},
      {"board.name", [](v1::BoardDescription& b) { b.set_name(std::string(64, 'a')); }},
      {"board.type", [](v1::BoardDescription& b) { b.set_type(""); }},
      {"board.core", [](v1::BoardDescription& b) { b.set_core("a b"); }},
      {"board.clock_hz", [](v1::BoardDescription& b) { b.set_clock_hz(-1); }},
      {"board.tags", [](v1::BoardDescription& b) { b.add_tags(""); }},
      {"board.firmware_digest", [](v1::BoardDescription& b) { b.set_firmware_digest("f"); }},
      {"board.compiler_digest", [](v1::BoardDescription& b) { b.clear_compiler_digest(); }},
      {"board.provenance", [](v1::BoardDescription& b) { b.set_provenance(v1::PROVENANCE_EXACT); }},
  };
  for (const auto& [field, change] : kWrong) {
    v1::BoardDescription board = DescriptionOf("a");
    change(board);
    EXPECT_EQ(FieldOf(CheckDescription(board)), field);
  }
}

TEST(ChecksTest, SpecsAskForNetworks) {
  NIWAKI_EXPECT_OK(CheckSpec(NetworkSpec()));
  const std::vector<std::pair<std::string, void (*)(v1::MeasurementSpec&)>> kWrong = {
      {"spec.kind", [](v1::MeasurementSpec& s) { s.mutable_canary(); }},
      {"spec.kind", [](v1::MeasurementSpec& s) { s.clear_kind(); }},
      {"name", [](v1::MeasurementSpec& s) { s.set_board("a"); }},
      {"spec.core", [](v1::MeasurementSpec& s) { s.set_core("a/b"); }},
      {"spec.reservation", [](v1::MeasurementSpec& s) { s.set_reservation("a b"); }},
      {"spec.priority", [](v1::MeasurementSpec& s) { s.set_priority(1001); }},
      {"spec.network.artifact_digest",
       [](v1::MeasurementSpec& s) { s.mutable_network()->set_artifact_digest("x"); }},
      {"spec.network.inputs", [](v1::MeasurementSpec& s) { s.mutable_network()->set_inputs(65); }},
      {"spec.network.inputs_digest",
       [](v1::MeasurementSpec& s) { s.mutable_network()->set_inputs_digest("x"); }},
  };
  for (const auto& [field, change] : kWrong) {
    v1::MeasurementSpec spec = NetworkSpec();
    change(spec);
    EXPECT_EQ(FieldOf(CheckSpec(spec)), field);
  }
}

TEST(ChecksTest, FiguresAreOfTheBoardThatIsRegistered) {
  v1::BoardDescription board = DescriptionOf("a");
  NIWAKI_EXPECT_OK(CheckResult(ResultOf(1), board));
  const auto mismatch = HasReason(absl::StatusCode::kFailedPrecondition, reason::kBoardMismatch);
  v1::MeasurementResult result = ResultOf(1);
  result.set_firmware_digest(std::string(64, 'e'));
  EXPECT_THAT(CheckResult(result, board), mismatch);
  result = ResultOf(1);
  result.set_compiler_digest(std::string(64, 'e'));
  EXPECT_THAT(CheckResult(result, board), mismatch);
  result = ResultOf(1);
  result.set_provenance(v1::PROVENANCE_EMULATED);
  EXPECT_THAT(CheckResult(result, board), mismatch);
  result = ResultOf(1);
  result.set_clock_hz(kClockHz + 1);
  EXPECT_THAT(CheckResult(result, board), mismatch);
  board.set_clock_hz(0);
  NIWAKI_EXPECT_OK(CheckResult(result, board));
  for (const int64_t clock_hz : {int64_t{0}, int64_t{-1}}) {
    result.set_clock_hz(clock_hz);
    EXPECT_EQ(FieldOf(CheckResult(result, board)), "result.clock_hz");
  }
  EXPECT_EQ(FieldOf(CheckResult(ResultOf(0), board)), "result.count");
  result = ResultOf(5);
  result.set_count_low(6);
  EXPECT_EQ(FieldOf(CheckResult(result, board)), "result.count");
}

TEST(ChecksTest, NamesOfResourcesAreRead) {
  EXPECT_THAT(BoardId("boards/a-1"), IsOkAndHolds("a-1"));
  EXPECT_EQ(FieldOf(BoardId("a-1").status()), "name");
  EXPECT_EQ(FieldOf(BoardId("boards/A").status()), "name");
  EXPECT_EQ(MeasurementName(12), "measurements/12");
  EXPECT_THAT(MeasurementUid("measurements/12"), IsOkAndHolds(12));
  for (const char* name : {"measurements/", "measurements/0", "measurements/-1", "measurements/012",
                           "measurements/1x", "12", "measurements/99999999999999999999"}) {
    EXPECT_EQ(FieldOf(MeasurementUid(name).status()), "name") << name;
  }
}

}  // namespace
}  // namespace niwaki::measure
