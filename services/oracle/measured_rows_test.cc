#include "services/oracle/measured_rows.h"

#include <functional>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "libs/base/clock.h"
#include "libs/base/file.h"
#include "libs/base/random.h"
#include "libs/base/status_matchers.h"
#include "libs/measure/measure_engine.h"
#include "libs/measure/test_boards.h"

namespace niwaki::oracle {
namespace {

using measure::MeasureEngine;

constexpr char kBoard[] = "boards/a";

class MeasuredRowsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    NIWAKI_ASSERT_OK(MakeFolders(folder_));
    Open();
    Do([](MeasureEngine& engine, absl::Time now) {
      NIWAKI_EXPECT_OK(
          engine.Register(measure::kService, measure::kInstance, measure::DescriptionOf("a"), now));
    });
    RunCanary(100);
  }

  // Also again, as after a kill.
  void Open() {
    rows_ = nullptr;
    store_ = nullptr;
    table_ = nullptr;
    const std::string path = absl::StrCat(folder_, "/oracle.db");
    NIWAKI_ASSERT_OK_AND_ASSIGN(table_, latency::LookupTable::Open(path));
    measure::MeasureStoreOptions options;
    options.clock = &clock_;
    NIWAKI_ASSERT_OK_AND_ASSIGN(store_, measure::MeasureStore::Open(path, options));
    rows_ = std::make_unique<MeasuredRows>(store_.get(), table_.get());
  }

  void Do(const std::function<void(MeasureEngine&, absl::Time)>& work) {
    measure::MeasureCall call;
    call.work = [&work](MeasureEngine& engine, absl::Time now) {
      work(engine, now);
      return std::string();
    };
    NIWAKI_ASSERT_OK(store_->Run(call));
  }

  // What the board leases next gives this; the verdict.
  v1::MeasurementVerdict Next(const v1::MeasurementResult& result) {
    v1::MeasurementVerdict verdict = v1::MEASUREMENT_VERDICT_UNSPECIFIED;
    Do([&](MeasureEngine& engine, absl::Time now) {
      const auto lease = engine.Lease(kBoard, measure::kInstance, now);
      ASSERT_TRUE(lease.ok() && lease->grant.has_value());
      measured_ = lease->grant->measurement;
      verdict = engine.Report(kBoard, lease->grant->lease_id, result, nullptr, now).verdict;
    });
    return verdict;
  }

  void RunCanary(int64_t count) {
    clock_.Advance(absl::Hours(1));
    EXPECT_EQ(Next(measure::ResultOf(count)), v1::MEASUREMENT_VERDICT_ACCEPTED);
  }

  v1::MeasurementVerdict Measure(const v1::MeasurementResult& result) {
    Do([](MeasureEngine& engine, absl::Time now) {
      NIWAKI_EXPECT_OK(engine.Create(measure::OperatorsSpec(), now));
    });
    clock_.Advance(absl::Seconds(1));
    return Next(result);
  }

  size_t Rows() const { return table_->snapshot()->entries().size(); }

  const std::string folder_ = absl::StrCat(::testing::TempDir(), "/", NewUuid());
  FakeClock clock_{absl::FromUnixSeconds(1'000'000)};
  std::unique_ptr<latency::LookupTable> table_;
  std::unique_ptr<measure::MeasureStore> store_;
  std::unique_ptr<MeasuredRows> rows_;
  std::string measured_;
};

TEST_F(MeasuredRowsTest, WhatIsMeasuredIsInTheTableWithWhatItIsOf) {
  ASSERT_EQ(Measure(measure::OperatorsResultOf(2160)), v1::MEASUREMENT_VERDICT_ACCEPTED);
  NIWAKI_ASSERT_OK(rows_->Settle());

  // The third could not run.
  ASSERT_EQ(Rows(), 2u);
  for (const auto& [key, row] : table_->snapshot()->entries()) {
    const bool conv = row.signature[0] == 'c';
    EXPECT_EQ(row.device, "stm32f746");
    EXPECT_EQ(row.form, "whole");
    EXPECT_EQ(row.build.firmware_digest, std::string(64, 'f'));
    EXPECT_EQ(row.build.compiler_digest, std::string(64, 'c'));
    EXPECT_EQ(row.build.engine_version, "0123456789abcdef");
    EXPECT_EQ(row.build.kernel_set, "fast");
    EXPECT_EQ(row.build.placement, "ram/flash");
    EXPECT_EQ(row.provenance, cost::Provenance::kMeasured);
    EXPECT_EQ(row.unit, "cycles");
    EXPECT_EQ(row.clock_hz, measure::kClockHz);
    EXPECT_EQ(row.counted, conv ? 2160 : 4320);
    EXPECT_DOUBLE_EQ(row.latency_us, conv ? 10 : 20);
    EXPECT_EQ(row.count, 4);
    EXPECT_EQ(row.board, kBoard);
    EXPECT_EQ(row.measurement, measured_);
    EXPECT_GT(row.time, absl::InfinitePast());
  }
}

TEST_F(MeasuredRowsTest, KillBetweenMeasurementAndTableLosesNothing) {
  Measure(measure::OperatorsResultOf(2160));
  ASSERT_EQ(Rows(), 0u);

  Open();
  NIWAKI_ASSERT_OK(rows_->Settle());
  EXPECT_EQ(Rows(), 2u);
  const int64_t version = table_->snapshot()->version();

  // Told, it is not told again.
  Open();
  NIWAKI_ASSERT_OK(rows_->Settle());
  EXPECT_EQ(table_->snapshot()->version(), version);
}

TEST_F(MeasuredRowsTest, RowsOfABoardThatTurnsOutBadAreWithdrawnAndItsHistoryStays) {
  Measure(measure::OperatorsResultOf(2160));
  NIWAKI_ASSERT_OK(rows_->Settle());
  RunCanary(101);
  NIWAKI_ASSERT_OK(rows_->Settle());
  // That one is from before a canary that ran well.
  ASSERT_EQ(Rows(), 2u);
  Measure(measure::OperatorsResultOf(4320));
  NIWAKI_ASSERT_OK(rows_->Settle());
  const int64_t version = table_->snapshot()->version();

  RunCanary(150);
  NIWAKI_ASSERT_OK(rows_->Settle());

  EXPECT_EQ(Rows(), 0u);
  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto before, table_->SnapshotAt(version));
  EXPECT_EQ(before->entries().size(), 2u);
}

TEST_F(MeasuredRowsTest, BoardThatIsBadBeforeTheTableIsToldWritesNothing) {
  Measure(measure::OperatorsResultOf(2160));
  RunCanary(150);

  NIWAKI_ASSERT_OK(rows_->Settle());

  EXPECT_EQ(Rows(), 0u);
  EXPECT_EQ(table_->snapshot()->version(), 1);
}

TEST_F(MeasuredRowsTest, WrongFiguresNeverReachTheTable) {
  const auto refused = [this](const std::function<void(v1::MeasurementResult&)>& spoil) {
    v1::MeasurementResult result = measure::OperatorsResultOf(2160);
    spoil(result);
    const bool rejected = Measure(result) == v1::MEASUREMENT_VERDICT_REJECTED;
    clock_.Advance(absl::Hours(1));
    NIWAKI_EXPECT_OK(rows_->Settle());
    Do([](MeasureEngine& engine, absl::Time now) {
      v1::ChangeBoardRequest clear;
      clear.set_name(kBoard);
      clear.set_action(v1::BOARD_ACTION_CLEAR);
      NIWAKI_EXPECT_OK(engine.Change(clear, now));
    });
    RunCanary(100);
    // What is tried again has its figures now.
    return rejected && Rows() == 0;
  };
  EXPECT_TRUE(refused([](v1::MeasurementResult& r) { r.clear_unit(); }));
}

TEST_F(MeasuredRowsTest, FirmwareThatIsNotTheRegisteredOneIsRefused) {
  v1::MeasurementResult result = measure::OperatorsResultOf(2160);
  result.set_firmware_digest(std::string(64, 'e'));

  EXPECT_EQ(Measure(result), v1::MEASUREMENT_VERDICT_REJECTED);
  NIWAKI_ASSERT_OK(rows_->Settle());

  EXPECT_EQ(Rows(), 0u);
}

TEST_F(MeasuredRowsTest, RowsOfAnEmulatedBoardAreAtTheDevicesClock) {
  v1::Measurement measurement;
  *measurement.mutable_result() = measure::OperatorsResultOf(2160);
  measurement.mutable_result()->set_provenance(v1::PROVENANCE_EMULATED);
  measurement.mutable_result()->set_unit("instructions");
  measurement.mutable_result()->set_clock_hz(25'000'000);
  device::Device device;
  device.name = "mine";
  device.clock_hz = 100'000'000;

  const auto rows = RowsOf(measurement, device);

  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[0].provenance, cost::Provenance::kEmulated);
  EXPECT_EQ(rows[0].clock_hz, 100'000'000);
  EXPECT_DOUBLE_EQ(rows[0].latency_us, 21.6);
}

}  // namespace
}  // namespace niwaki::oracle
