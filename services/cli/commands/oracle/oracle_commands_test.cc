#include "services/cli/commands/oracle/oracle_commands.h"

#include <CLI/CLI.hpp>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/base/json.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"
#include "libs/client/oracle_client.h"
#include "services/cli/commands/run_command.h"
#include "services/oracle/server.h"

namespace niwaki::cli {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

class OracleCommandsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    oracle::Options options;
    options.listen = "127.0.0.1:0";
    options.db_path =
        absl::StrCat(::testing::TempDir(), "/",
                     ::testing::UnitTest::GetInstance()->current_test_info()->name(), "/oracle.db");
    auto server = oracle::OracleServer::Start(options);
    NIWAKI_ASSERT_OK(server);
    server_ = *std::move(server);
  }

  absl::Status Run(std::vector<std::string> arguments, bool json = false) {
    arguments.insert(arguments.begin(), "oracle");
    out_.str("");
    const std::string address = server_->address();
    return RunCommand(
        [&address](CLI::App& app, Session& session) {
          session.globals().oracle = address;
          AddOracleCommand(app, session);
        },
        std::move(arguments), json, out_, err_);
  }

  std::string out() const { return out_.str(); }

  // The first `count` of some operators, on `device`, `scale` times as slow.
  void Put(const std::string& device, int count, double scale) {
    client::OracleClient client(server_->address());
    std::vector<v1::LookupEntry> entries;
    for (int i = 0; i < count; ++i) {
      v1::LookupEntry& entry = entries.emplace_back();
      entry.set_device(absl::StrCat("devices/", device));
      const int side = 8 + i;
      entry.set_signature(
          absl::StrCat("conv2d ", side, "x", side, "x8 ", side, "x", side, "x16 k1 s1 relu6 int8"));
      entry.set_latency_us(scale * side * side);
      entry.set_count(3);
      entry.set_provenance(v1::PROVENANCE_MEASURED);
      entry.set_source("a board");
    }
    NIWAKI_ASSERT_OK(client.PutLookupEntries(entries));
  }

  std::vector<v1::LookupEntry> Predicted(const std::string& device) {
    client::OracleClient client(server_->address());
    std::vector<v1::LookupEntry> entries;
    EXPECT_THAT(client.ForEachLookupEntry(absl::StrCat("devices/", device), 0,
                                          [&](const v1::LookupEntry& entry) {
                                            if (entry.provenance() == v1::PROVENANCE_PREDICTED) {
                                              entries.push_back(entry);
                                            }
                                            return true;
                                          }),
                IsOk());
    return entries;
  }

  std::unique_ptr<oracle::OracleServer> server_;
  std::ostringstream out_;
  std::ostringstream err_;
};

TEST_F(OracleCommandsTest, CalibrationsSayWhatTheyAreWorth) {
  NIWAKI_ASSERT_OK(Run({"calibrate", "--device", "stm32f746"}));

  EXPECT_THAT(out(), AllOf(HasSubstr("HELD-OUT ERROR"), HasSubstr("cortex-m7  niwaki"),
                           HasSubstr("cortex-m7  TinyEngine"), HasSubstr("nobody has measured")));
  EXPECT_THAT(out(), ::testing::Not(HasSubstr("cortex-m4")));
}

TEST_F(OracleCommandsTest, InstructionsBecomeATimeWithAnInterval) {
  NIWAKI_ASSERT_OK(
      Run({"calibrate", "--device", "stm32f746", "--engine", "niwaki", "--instructions", "100e6"},
          /*json=*/true));

  NIWAKI_ASSERT_OK_AND_ASSIGN(const Json json, ParseJson(out(), "output"));
  ASSERT_EQ(json["calibrations"].size(), 1u);
  const Json& one = json["calibrations"][0];
  const double value = one["latency_us"]["value"];
  // At 216 MHz.
  EXPECT_DOUBLE_EQ(value, 100e6 * one["cycles_per_instruction"].get<double>() / 216);
  EXPECT_DOUBLE_EQ(one["latency_us"]["low"], value / one["interval_ratio"].get<double>());
  EXPECT_DOUBLE_EQ(one["latency_us"]["high"], value * one["interval_ratio"].get<double>());
  EXPECT_EQ(one["provenance"], "PREDICTED");
}

TEST_F(OracleCommandsTest, CalibrationThatIsNotThereIsRefused) {
  EXPECT_THAT(Run({"calibrate", "--device", "stm32f746", "--engine", "fastest"}),
              StatusIs(absl::StatusCode::kNotFound, "TinyEngine"));
  EXPECT_THAT(Run({"calibrate", "--engine", "fastest"}),
              StatusIs(absl::StatusCode::kNotFound, "TinyEngine"));
  EXPECT_THAT(Run({"calibrate", "--device", "abacus"}),
              HasReason(absl::StatusCode::kNotFound, reason::kDeviceUnknown));
  EXPECT_THAT(Run({"calibrate", "--instructions", "10"}),
              StatusIs(absl::StatusCode::kInvalidArgument, "--device"));
}

TEST_F(OracleCommandsTest, KnownTableBecomesThatOfANewDevice) {
  Put("stm32h743", 30, 1);
  Put("stm32f746", 10, 2.5);

  NIWAKI_ASSERT_OK(Run({"adapt", "--from", "stm32h743", "--to", "stm32f746"}, /*json=*/true));

  NIWAKI_ASSERT_OK_AND_ASSIGN(const Json json, ParseJson(out(), "output"));
  EXPECT_EQ(json["samples"], 10);
  EXPECT_EQ(json["adapted"], 20);
  EXPECT_EQ(json["entries"], 30);
  EXPECT_NEAR(json["ratio"].get<double>(), 2.5, 1e-6);
  EXPECT_LT(json["cross_validated_error"].get<double>(), 1e-6);
  const std::vector<v1::LookupEntry> predicted = Predicted("stm32f746");
  ASSERT_EQ(predicted.size(), 30u);
  for (const v1::LookupEntry& entry : predicted) {
    const int side = std::stoi(entry.signature().substr(7));
    EXPECT_NEAR(entry.latency_us(), 2.5 * side * side, 1e-3 * side * side) << entry.signature();
  }
  // What was adapted is no observation: the next adaptation gives the same.
  NIWAKI_ASSERT_OK(Run({"adapt", "--from", "stm32h743", "--to", "stm32f746"}, /*json=*/true));
  NIWAKI_ASSERT_OK_AND_ASSIGN(const Json again, ParseJson(out(), "output"));
  EXPECT_EQ(again["samples"], 10);
}

TEST_F(OracleCommandsTest, DryRunWritesNothing) {
  Put("stm32h743", 12, 1);
  Put("stm32f746", 4, 2);

  NIWAKI_ASSERT_OK(Run({"adapt", "--from", "stm32h743", "--to", "stm32f746", "--dry-run"}));

  EXPECT_THAT(out(), AllOf(HasSubstr("4 operators in common"), HasSubstr("cross-validated error"),
                           HasSubstr("nothing written")));
  EXPECT_TRUE(Predicted("stm32f746").empty());
}

TEST_F(OracleCommandsTest, WithoutMeasurementsNothingIsAdapted) {
  Put("stm32h743", 12, 1);
  EXPECT_THAT(Run({"adapt", "--from", "stm32h743", "--to", "stm32f746"}),
              HasReason(absl::StatusCode::kFailedPrecondition, reason::kLatencyUnknown));
  Put("stm32f746", 2, 1);
  EXPECT_THAT(Run({"adapt", "--from", "stm32h743", "--to", "stm32f746"}),
              StatusIs(absl::StatusCode::kInvalidArgument, "2 operators in common"));
  EXPECT_THAT(Run({"adapt", "--from", "stm32h743", "--to", "stm32h743"}),
              StatusIs(absl::StatusCode::kInvalidArgument, "same device"));
}

}  // namespace
}  // namespace niwaki::cli
