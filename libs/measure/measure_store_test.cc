#include "libs/measure/measure_store.h"

#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/base/random.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"
#include "libs/measure/test_boards.h"
#include "libs/store/commit_fault.h"

namespace niwaki::measure {
namespace {

constexpr char kA[] = "boards/a";

class MeasureStoreTest : public ::testing::Test {
 protected:
  MeasureStoreTest() {
    options_.clock = &clock_;
    options_.connection.before_commit = fault_.Hook();
    Open();
  }

  void Open() {
    store_ = nullptr;
    auto store = MeasureStore::Open(path_, options_);
    NIWAKI_ASSERT_OK(store);
    store_ = *std::move(store);
  }

  absl::StatusOr<std::string> Run(
      const std::function<absl::StatusOr<std::string>(MeasureEngine&, absl::Time)>& work,
      std::vector<int64_t> measurements = {}) {
    MeasureCall call;
    call.work = work;
    call.measurements = std::move(measurements);
    return store_->Run(call);
  }

  absl::Status Register() {
    return Run([](MeasureEngine& engine, absl::Time now) -> absl::StatusOr<std::string> {
             const auto board = engine.Register(kService, kInstance, DescriptionOf("a"), now);
             return board.ok() ? absl::StatusOr<std::string>("") : board.status();
           })
        .status();
  }
  std::string Create() {
    return Run([](MeasureEngine& engine, absl::Time now) -> absl::StatusOr<std::string> {
             return engine.Create(NetworkSpec(), now)->name();
           })
        .value_or("");
  }
  std::string Lease() {
    return Run([](MeasureEngine& engine, absl::Time now) -> absl::StatusOr<std::string> {
             const auto answer = engine.Lease(kA, kInstance, now);
             if (!answer.ok()) return answer.status();
             return answer->grant.has_value() ? answer->grant->lease_id : "none";
           })
        .value_or("");
  }
  v1::MeasurementVerdict Report(const std::string& lease_id, int64_t uid, int64_t count = 100) {
    v1::MeasurementVerdict verdict = v1::MEASUREMENT_VERDICT_UNSPECIFIED;
    NIWAKI_EXPECT_OK(Run(
        [&](MeasureEngine& engine, absl::Time now) -> absl::StatusOr<std::string> {
          verdict = engine.Report(kA, lease_id, ResultOf(count), nullptr, now).verdict;
          return "";
        },
        {uid}));
    return verdict;
  }
  v1::Board Board() {
    v1::Board board;
    NIWAKI_EXPECT_OK(
        Run([&board](MeasureEngine& engine, absl::Time now) -> absl::StatusOr<std::string> {
          board = engine.FindBoard(kA, now).value_or(v1::Board());
          return "";
        }));
    return board;
  }

  const std::string path_ = absl::StrCat(::testing::TempDir(), "/", NewUuid(), ".db");
  FakeClock clock_{absl::FromUnixSeconds(1'000'000)};
  store::CommitFault fault_;
  MeasureStoreOptions options_;
  std::unique_ptr<MeasureStore> store_;
};

TEST_F(MeasureStoreTest, EverythingOutlivesARestart) {
  NIWAKI_ASSERT_OK(Register());
  EXPECT_EQ(Report(Lease(), 1), v1::MEASUREMENT_VERDICT_ACCEPTED);
  EXPECT_EQ(Create(), "measurements/2");
  const std::string lease = Lease();
  EXPECT_EQ(lease, "m2-1");

  Open();

  EXPECT_EQ(Board().health(), v1::BOARD_HEALTH_GOOD);
  EXPECT_EQ(Board().measurement(), "measurements/2");
  EXPECT_EQ(Lease(), lease);
  EXPECT_EQ(Report(lease, 2, 55), v1::MEASUREMENT_VERDICT_ACCEPTED);
  Open();
  NIWAKI_ASSERT_OK_AND_ASSIGN(const v1::Measurement measurement, store_->Find(2));
  EXPECT_EQ(measurement.state(), v1::MEASUREMENT_STATE_SUCCEEDED);
  EXPECT_EQ(measurement.result().count(), 55);
  // Numbers are never given again, those of canaries neither.
  EXPECT_EQ(Create(), "measurements/3");
}

TEST_F(MeasureStoreTest, LeaseOfASilentServiceEndsAfterARestart) {
  NIWAKI_ASSERT_OK(Register());
  Report(Lease(), 1);
  Create();
  const std::string lost = Lease();
  Open();
  clock_.Advance(options_.measure.lease.ttl);

  NIWAKI_ASSERT_OK_AND_ASSIGN(const v1::Measurement waits, store_->Find(2));

  EXPECT_EQ(waits.state(), v1::MEASUREMENT_STATE_PENDING);
  EXPECT_EQ(waits.failures_size(), 1);
  EXPECT_EQ(Report(lost, 2), v1::MEASUREMENT_VERDICT_LATE_RECORDED);
  // It has ended, and is found all the same.
  EXPECT_EQ(Report(lost, 2), v1::MEASUREMENT_VERDICT_DUPLICATE);
}

TEST_F(MeasureStoreTest, RepeatedRequestGivesTheFirstAnswer) {
  MeasureCall call;
  call.request.request_id = NewUuid();
  call.request.method = "CreateMeasurement";
  call.request.request_digest = "d";
  call.work = [](MeasureEngine& engine, absl::Time now) -> absl::StatusOr<std::string> {
    return engine.Create(NetworkSpec(), now)->name();
  };
  EXPECT_THAT(store_->Run(call), IsOkAndHolds("measurements/1"));
  EXPECT_THAT(store_->Run(call), IsOkAndHolds("measurements/1"));
  Open();
  EXPECT_THAT(store_->Run(call), IsOkAndHolds("measurements/1"));
  call.again = [](MeasureEngine&, absl::Time, const std::string& remembered) {
    return absl::StrCat("again ", remembered);
  };
  EXPECT_THAT(store_->Run(call), IsOkAndHolds("again measurements/1"));
  call.request.request_digest = "e";
  EXPECT_THAT(store_->Run(call),
              HasReason(absl::StatusCode::kInvalidArgument, reason::kRequestIdReused));
}

TEST_F(MeasureStoreTest, LostCommitIsAsIfNothingHadHappened) {
  NIWAKI_ASSERT_OK(Register());
  fault_.FailNth(1, absl::ResourceExhaustedError("disk full"));

  EXPECT_THAT(Run([](MeasureEngine& engine, absl::Time now) -> absl::StatusOr<std::string> {
                return engine.Create(NetworkSpec(), now)->name();
              }),
              StatusIs(absl::StatusCode::kResourceExhausted, "disk full"));

  EXPECT_THAT(store_->Find(1), HasReason(absl::StatusCode::kNotFound, reason::kMeasurementUnknown));
  EXPECT_EQ(Board().description().name(), "a");
  EXPECT_EQ(Create(), "measurements/1");
}

TEST_F(MeasureStoreTest, FiguresOfABoardThatTurnsOutBadAreDoubtful) {
  NIWAKI_ASSERT_OK(Register());
  Report(Lease(), 1, 100);
  for (const int64_t uid : {2, 3}) {
    Create();
    clock_.Advance(absl::Seconds(1));
    Report(Lease(), uid);
    if (uid == 3) break;
    clock_.Advance(options_.measure.health.canary_interval);
    NIWAKI_ASSERT_OK(Register());
    // A good canary in between.
    Report(Lease(), 3, 100);
    break;
  }
  Create();
  const std::string last = Lease();
  clock_.Advance(absl::Seconds(1));
  Report(last, 4);
  clock_.Advance(options_.measure.health.canary_interval);
  NIWAKI_ASSERT_OK(Register());

  Report(Lease(), 5, /*count=*/200);

  EXPECT_EQ(Board().health(), v1::BOARD_HEALTH_BAD);
  EXPECT_FALSE(store_->Find(2)->result().doubtful());
  EXPECT_TRUE(store_->Find(4)->result().doubtful());
}

TEST_F(MeasureStoreTest, WaitersAreWokenByChangesAndByTheEnd) {
  const int64_t seen = store_->changes();
  std::thread waiter([&] { store_->AwaitChange(seen, absl::InfiniteFuture()); });
  Create();
  waiter.join();
  EXPECT_EQ(store_->changes(), seen + 1);
  std::thread last([&] { store_->AwaitChange(seen + 1, absl::InfiniteFuture()); });
  store_->Stop();
  last.join();
  EXPECT_TRUE(store_->stopped());
}

}  // namespace
}  // namespace niwaki::measure
