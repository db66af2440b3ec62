#include "libs/store/group_commit.h"

#include <atomic>

#include "absl/synchronization/blocking_counter.h"
#include "absl/synchronization/notification.h"
#include "gtest/gtest.h"
#include "libs/base/file.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"
#include "libs/base/status_matchers.h"
#include "libs/store/commit_fault.h"
#include "libs/store/connection.h"

namespace niwaki::store {
namespace {

using ::testing::ElementsAre;

GroupCommitWriter::Work Insert(int64_t key) {
  return [key](Connection& connection) -> absl::Status {
    NIWAKI_ASSIGN_OR_RETURN(Statement insert, connection.Prepare("INSERT INTO t VALUES(?1, ?2)"));
    return insert.Run(key, Blob{std::string(2000, 'x')});
  };
}

class GroupCommitTest : public ::testing::Test {
 protected:
  void SetUp() override {
    const auto* info = ::testing::UnitTest::GetInstance()->current_test_info();
    const std::string folder = ::testing::TempDir() + "/group_" + info->name();
    NIWAKI_ASSERT_OK(MakeFolders(folder));
    path_ = folder + "/a.db";
    NIWAKI_ASSERT_OK_AND_ASSIGN(reader_, Connection::Open(path_));
    NIWAKI_ASSERT_OK(reader_->Execute("CREATE TABLE t(k INTEGER PRIMARY KEY, v BLOB)"));
  }

  void Start(GroupCommitOptions options, absl::string_view pragma = "") {
    ConnectionOptions connection_options;
    connection_options.before_commit = fault_.Hook();
    NIWAKI_ASSERT_OK_AND_ASSIGN(auto connection, Connection::Open(path_, connection_options));
    NIWAKI_ASSERT_OK(connection->Execute(pragma));
    writer_ = std::make_unique<GroupCommitWriter>(std::move(connection), std::move(options));
  }

  // Holds the writer's thread so that what is submitted meanwhile forms one group. Release with
  // `gate_.Notify()`.
  void HoldWriter() {
    absl::Notification held;
    NIWAKI_ASSERT_OK(writer_->Submit(
        [&](Connection&) {
          held.Notify();
          gate_.WaitForNotification();
          return absl::OkStatus();
        },
        [](const absl::Status&) {}));
    held.WaitForNotification();
  }

  int64_t Rows() { return reader_->QueryInt("SELECT count(*) FROM t").value(); }

  std::string path_;
  CommitFault fault_;
  std::unique_ptr<Connection> reader_;
  absl::Notification gate_;
  std::unique_ptr<GroupCommitWriter> writer_;
};

TEST_F(GroupCommitTest, AnswerComesAfterTheCommit) {
  Start({});

  for (int key = 0; key < 20; ++key) {
    int64_t seen = -1;
    absl::Notification finished;
    NIWAKI_ASSERT_OK(writer_->Submit(Insert(key), [&](const absl::Status& status) {
      NIWAKI_EXPECT_OK(status);
      seen = Rows();
      finished.Notify();
    }));
    finished.WaitForNotification();
    EXPECT_EQ(seen, key + 1);
  }
}

TEST_F(GroupCommitTest, QueuedItemsShareOneCommit) {
  Start({});
  HoldWriter();
  constexpr int kItems = 64;
  absl::BlockingCounter done(kItems);
  for (int key = 0; key < kItems; ++key) {
    NIWAKI_ASSERT_OK(
        writer_->Submit(Insert(key), [&](const absl::Status&) { done.DecrementCount(); }));
  }

  gate_.Notify();
  done.Wait();

  constexpr int kCommits = 2;  // The gate's and the group's.
  EXPECT_EQ(fault_.commits(), kCommits);
  EXPECT_EQ(Rows(), kItems);
}

TEST_F(GroupCommitTest, FailingItemRollsBackAlone) {
  Start({});
  HoldWriter();
  std::vector<absl::StatusCode> codes;
  absl::BlockingCounter done(3);
  const auto record = [&](const absl::Status& status) {
    codes.push_back(status.code());
    done.DecrementCount();
  };
  NIWAKI_ASSERT_OK(writer_->Submit(Insert(1), record));
  NIWAKI_ASSERT_OK(writer_->Submit(
      [](Connection& connection) -> absl::Status {
        NIWAKI_RETURN_IF_ERROR(Insert(2)(connection));
        return absl::InvalidArgumentError("changed my mind");
      },
      record));
  NIWAKI_ASSERT_OK(writer_->Submit(Insert(3), record));

  gate_.Notify();
  done.Wait();

  EXPECT_THAT(codes, ElementsAre(absl::StatusCode::kOk, absl::StatusCode::kInvalidArgument,
                                 absl::StatusCode::kOk));
  EXPECT_THAT(reader_->QueryInt("SELECT sum(k) FROM t"), IsOkAndHolds(4));
}

TEST_F(GroupCommitTest, LostCommitIsEveryonesErrorAndOwnerIsToldFirst) {
  std::atomic<bool> told{false};
  GroupCommitOptions options;
  options.on_commit_failed = [&](const absl::Status& status) {
    EXPECT_THAT(status, StatusIs(absl::StatusCode::kResourceExhausted, "full"));
    told = true;
  };
  Start(std::move(options));
  HoldWriter();
  constexpr int kItems = 3;
  absl::BlockingCounter done(kItems);
  for (int key = 0; key < kItems; ++key) {
    NIWAKI_ASSERT_OK(writer_->Submit(Insert(key), [&](const absl::Status& status) {
      EXPECT_TRUE(told);
      EXPECT_THAT(status, StatusIs(absl::StatusCode::kResourceExhausted, "full"));
      done.DecrementCount();
    }));
  }
  fault_.FailNth(2, absl::ResourceExhaustedError("full"));

  gate_.Notify();
  done.Wait();

  EXPECT_EQ(Rows(), 0);
  NIWAKI_EXPECT_OK(writer_->Run(Insert(1)));
  EXPECT_EQ(Rows(), 1);
}

TEST_F(GroupCommitTest, FullDiskKeepsWhatWasAcknowledged) {
  Start({}, "PRAGMA max_page_count=40");
  int64_t acknowledged = 0;
  absl::Status status;
  for (int key = 0; key < 1000 && status.ok(); ++key) {
    status = writer_->Run(Insert(key));
    if (status.ok()) ++acknowledged;
  }

  EXPECT_THAT(status, HasReason(absl::StatusCode::kResourceExhausted, reason::kDiskFull));
  EXPECT_GT(acknowledged, 0);
  EXPECT_EQ(Rows(), acknowledged);
  NIWAKI_EXPECT_OK(
      writer_->Run([](Connection& connection) { return connection.Execute("DELETE FROM t"); }));
  NIWAKI_EXPECT_OK(writer_->Run(Insert(0)));
}

TEST_F(GroupCommitTest, QueueIsBounded) {
  Start({.max_queue = 2});
  HoldWriter();
  const auto ignore = [](const absl::Status&) {};
  NIWAKI_ASSERT_OK(writer_->Submit(Insert(1), ignore));
  NIWAKI_ASSERT_OK(writer_->Submit(Insert(2), ignore));

  EXPECT_THAT(writer_->Submit(Insert(3), ignore),
              HasReason(absl::StatusCode::kResourceExhausted, reason::kQueueFull));
  gate_.Notify();
}

TEST_F(GroupCommitTest, StopFinishesWhatIsQueued) {
  Start({.max_group = 4});
  HoldWriter();
  constexpr int kItems = 10;
  int answered = 0;
  for (int key = 0; key < kItems; ++key) {
    NIWAKI_ASSERT_OK(writer_->Submit(Insert(key), [&](const absl::Status&) { ++answered; }));
  }

  gate_.Notify();
  writer_->Stop();
  writer_->Stop();

  EXPECT_EQ(answered, kItems);
  EXPECT_EQ(Rows(), kItems);
  EXPECT_THAT(writer_->Run(Insert(99)),
              HasReason(absl::StatusCode::kUnavailable, reason::kShuttingDown));
}

TEST_F(GroupCommitTest, ManyThreadsLoseNothing) {
  Start({});
  constexpr int kThreads = 4;
  constexpr int kPerThread = 100;
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([this, t] {
      for (int i = 0; i < kPerThread; ++i) {
        NIWAKI_EXPECT_OK(writer_->Run(Insert(t * kPerThread + i)));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();

  EXPECT_EQ(Rows(), kThreads * kPerThread);
}

}  // namespace
}  // namespace niwaki::store
