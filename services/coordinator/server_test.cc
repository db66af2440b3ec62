#include "services/coordinator/server.h"

#include <grpcpp/client_context.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <algorithm>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/base/clock.h"
#include "libs/base/file.h"
#include "libs/base/random.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"
#include "libs/rpc/health.h"
#include "libs/store/connection.h"
#include "services/coordinator/test_coordinator.h"

namespace niwaki::coordinator {
namespace {

using ::testing::HasSubstr;

// What promise 4 is about: everything that does not tell who scored when.
std::vector<std::string> Fingerprints(TestCoordinator& coordinator, const std::string& job_id) {
  std::vector<std::string> lines;
  for (v1::Candidate candidate : coordinator.Candidates(job_id)) {
    candidate.clear_attempts();
    candidate.clear_name();
    lines.push_back(candidate.ShortDebugString());
  }
  const v1::GetFrontResponse front = coordinator.Front(job_id);
  for (const v1::Candidate& candidate : front.candidates()) {
    lines.push_back("front " + candidate.subnet_id());
  }
  return lines;
}

TEST(ServerTest, JobRunsToItsEndAndHasAFront) {
  TestCoordinator coordinator;
  coordinator.RegisterSupernet();
  coordinator.CreateJob(TestCoordinator::Spec(30), "first");

  const v1::Job job = coordinator.Work("first");

  EXPECT_EQ(job.state(), v1::JOB_STATE_SUCCEEDED);
  EXPECT_EQ(job.progress().scored(), 30);
  EXPECT_EQ(job.progress().pending(), 0);
  EXPECT_EQ(job.progress().leased(), 0);
  const v1::GetFrontResponse front = coordinator.Front("first");
  EXPECT_EQ(front.total_size(), job.progress().front_size());
  ASSERT_GT(front.candidates_size(), 0);
  for (int i = 1; i < front.candidates_size(); ++i) {
    EXPECT_LE(front.candidates(i).score().top1(), front.candidates(i - 1).score().top1());
    EXPECT_LE(front.candidates(i).cost().latency_us().value(),
              front.candidates(i - 1).cost().latency_us().value());
  }
  std::set<std::string> subnets;
  for (const v1::Candidate& candidate : coordinator.Candidates("first")) {
    subnets.insert(candidate.subnet_id());
  }
  EXPECT_EQ(subnets.size(), 30);
}

TEST(ServerTest, WorkersAndBatchesDoNotChangeTheResult) {
  TestCoordinator one;
  one.RegisterSupernet();
  one.CreateJob(TestCoordinator::Spec(60), "job");
  one.Work("job", "only", /*batch=*/1);
  TestCoordinator many;
  many.RegisterSupernet();
  many.CreateJob(TestCoordinator::Spec(60), "job");

  std::vector<std::thread> workers;
  for (int i = 0; i < 4; ++i) {
    workers.emplace_back([&many, i] { many.Work("job", "w" + std::to_string(i), 1 + i); });
  }
  for (std::thread& worker : workers) worker.join();

  EXPECT_EQ(Fingerprints(many, "job"), Fingerprints(one, "job"));
}

TEST(ServerTest, RestartGoesOnWithTheSameSearch) {
  TestCoordinator undisturbed;
  undisturbed.RegisterSupernet();
  undisturbed.CreateJob(TestCoordinator::Spec(50), "job");
  undisturbed.Work("job");
  const Options options = TestCoordinator::FreshOptions();
  {
    TestCoordinator first(options);
    first.RegisterSupernet();
    first.CreateJob(TestCoordinator::Spec(50), "job");
    for (int i = 0; i < 4; ++i) {
      NIWAKI_ASSERT_OK_AND_ASSIGN(const auto leases, first.Lease("w", 3));
      NIWAKI_ASSERT_OK(first.Report("w", leases));
    }
  }

  TestCoordinator second(options);
  const v1::Job job = second.Work("job");

  EXPECT_EQ(job.state(), v1::JOB_STATE_SUCCEEDED);
  EXPECT_EQ(Fingerprints(second, "job"), Fingerprints(undisturbed, "job"));
}

// Files of this process do not grow beyond `bytes`, as on a full disk.
class FullDisk {
 public:
  explicit FullDisk(const std::string& file) {
    signal(SIGXFSZ, SIG_IGN);
    struct stat info;
    EXPECT_EQ(stat(file.c_str(), &info), 0);
    getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit limit = {static_cast<rlim_t>(info.st_size), before_.rlim_max};
    setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~FullDisk() { setrlimit(RLIMIT_FSIZE, &before_); }

 private:
  rlimit before_;
};

TEST(ServerTest, FullDiskIsSaidToEverybodyAndGoesByItself) {
  const Options options = TestCoordinator::FreshOptions();
  TestCoordinator coordinator(options);
  coordinator.RegisterSupernet();
  coordinator.CreateJob(TestCoordinator::Spec(5), "job");
  grpc::ClientContext context;
  v1::WatchJobRequest watch;
  watch.set_name("jobs/job");
  const auto stream = coordinator.jobs().WatchJob(&context, watch);
  v1::WatchJobResponse seen;
  ASSERT_TRUE(stream->Read(&seen));
  v1::CreateJobRequest request;
  *request.mutable_spec() = TestCoordinator::Spec(5);
  {
    const FullDisk full(options.data_dir + "/coordinator.db-wal");
    const absl::Status refused = coordinator.Create(request).status();

    EXPECT_THAT(refused, HasReason(absl::StatusCode::kResourceExhausted, reason::kDiskFull));
    EXPECT_THAT(std::string(refused.message()), HasSubstr("free some space there"));
    EXPECT_EQ(coordinator.Get("job").state_reason(), refused.message());
    v1::ListJobsResponse list;
    grpc::ClientContext listing;
    ASSERT_TRUE(coordinator.jobs().ListJobs(&listing, {}, &list).ok());
    EXPECT_EQ(list.trouble(), refused.message());
    while (seen.job().state_reason() != refused.message()) ASSERT_TRUE(stream->Read(&seen));
    absl::Status health;
    while (health.ok()) health = rpc::CheckHealth(coordinator.channel(), "", absl::Seconds(10));
    EXPECT_TRUE(absl::IsUnavailable(health)) << health;
  }

  // The watch tells that it is over.
  while (absl::StrContains(seen.job().state_reason(), "disk")) ASSERT_TRUE(stream->Read(&seen));
  context.TryCancel();
  NIWAKI_EXPECT_OK(coordinator.Create(request).status());
  EXPECT_EQ(coordinator.Work("job").state(), v1::JOB_STATE_SUCCEEDED);
}

TEST(ServerTest, LeaseSurvivesARestartOfTheCoordinator) {
  const Options options = TestCoordinator::FreshOptions();
  v1::LeaseCandidatesResponse leases;
  {
    TestCoordinator first(options);
    first.RegisterSupernet();
    first.CreateJob(TestCoordinator::Spec(5), "job");
    NIWAKI_ASSERT_OK_AND_ASSIGN(leases, first.Lease("w", 1));
  }

  TestCoordinator second(options);
  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto verdicts, second.Report("w", leases));

  ASSERT_EQ(verdicts.verdicts_size(), 1);
  EXPECT_EQ(verdicts.verdicts(0).verdict(), v1::VERDICT_ACCEPTED);
}

TEST(ServerTest, SecondCoordinatorOnOneFolderIsRefused) {
  const Options options = TestCoordinator::FreshOptions();
  TestCoordinator first(options);

  EXPECT_THAT(Server::Start(options),
              HasReason(absl::StatusCode::kFailedPrecondition, reason::kDatabaseLocked));
}

TEST(ServerTest, TakenPortIsNamed) {
  TestCoordinator first;
  Options options = TestCoordinator::FreshOptions();
  options.listen = first.server().address();

  const auto second = Server::Start(options);

  EXPECT_THAT(second, HasReason(absl::StatusCode::kFailedPrecondition, reason::kAddressInUse));
  EXPECT_THAT(second, StatusIs(absl::StatusCode::kFailedPrecondition, options.listen));
}

TEST(ServerTest, DamagedDatabaseIsRefused) {
  const Options options = TestCoordinator::FreshOptions();
  NIWAKI_ASSERT_OK(MakeFolders(options.data_dir));
  NIWAKI_ASSERT_OK(
      WriteFileAtomically(options.data_dir + "/coordinator.db", std::string(5000, 'x')));

  EXPECT_THAT(Server::Start(options), HasReason(absl::StatusCode::kDataLoss, reason::kDataCorrupt));
}

TEST(ServerTest, FolderThatIsAFileIsRefused) {
  Options options = TestCoordinator::FreshOptions();
  NIWAKI_ASSERT_OK(WriteFileAtomically(options.data_dir, "a file"));

  EXPECT_FALSE(Server::Start(options).ok());
}

TEST(ServerTest, DamagedAnswerIsDataLossForItsCallOnly) {
  const Options options = TestCoordinator::FreshOptions();
  v1::CreateJobRequest request;
  *request.mutable_spec() = TestCoordinator::Spec(5);
  request.set_job_id("job");
  request.set_request_id(NewUuid());
  {
    TestCoordinator first(options);
    first.RegisterSupernet();
    NIWAKI_ASSERT_OK(first.Create(request));
  }
  {
    NIWAKI_ASSERT_OK_AND_ASSIGN(const auto connection,
                                store::Connection::Open(options.data_dir + "/coordinator.db"));
    NIWAKI_ASSERT_OK(connection->Execute("UPDATE requests SET response = x'ff'"));
  }

  TestCoordinator second(options);

  const auto again = second.Create(request);
  EXPECT_THAT(again, HasReason(absl::StatusCode::kDataLoss, reason::kDataCorrupt));
  EXPECT_THAT(again, StatusIs(absl::StatusCode::kDataLoss, request.request_id()));
  request.set_request_id(NewUuid());
  request.set_job_id("other");
  NIWAKI_EXPECT_OK(second.Create(request));
}

TEST(ServerTest, IdsAndTimesComeFromTheOptions) {
  FakeClock clock(absl::FromUnixSeconds(1234567));
  Options options = TestCoordinator::FreshOptions();
  options.clock = &clock;
  options.entropy = [] { return uint64_t{0x0123456789ABCDEF}; };
  TestCoordinator coordinator(options);
  coordinator.RegisterSupernet();
  v1::CreateJobRequest request;
  *request.mutable_spec() = TestCoordinator::Spec(5);

  NIWAKI_ASSERT_OK_AND_ASSIGN(const v1::CreateJobResponse made, coordinator.Create(request));

  EXPECT_EQ(made.job().name(), "jobs/job-0123456789");
  EXPECT_EQ(made.job().create_time().seconds(), 1234567);
}

TEST(ServerTest, HealthIsServingUntilShutdown) {
  TestCoordinator coordinator;
  NIWAKI_EXPECT_OK(rpc::CheckHealth(coordinator.channel(), "", absl::Seconds(5)));
  NIWAKI_EXPECT_OK(
      rpc::CheckHealth(coordinator.channel(), "niwaki.v1.WorkerService", absl::Seconds(5)));

  coordinator.Stop();

  EXPECT_FALSE(rpc::CheckHealth(coordinator.channel(), "", absl::Seconds(1)).ok());
}

TEST(ServerTest, ShutdownAnswersWaitingWorkers) {
  TestCoordinator coordinator;
  absl::StatusOr<v1::LeaseCandidatesResponse> answer;
  std::thread waiting([&] { answer = coordinator.Lease("w", 1, /*wait_ms=*/25000); });
  const absl::Time begin = absl::Now();

  coordinator.Stop();
  waiting.join();

  EXPECT_LT(absl::Now() - begin, absl::Seconds(10));
  if (answer.ok()) {
    EXPECT_EQ(answer->leases_size(), 0);
  } else {
    EXPECT_THAT(answer, StatusIs(absl::StatusCode::kUnavailable, ""));
  }
}

}  // namespace
}  // namespace niwaki::coordinator
