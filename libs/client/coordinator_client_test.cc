#include "libs/client/coordinator_client.h"

#include <algorithm>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "libs/base/error.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"
#include "libs/rpc/request_id.h"
#include "libs/rpc/server.h"
#include "libs/rpc/status.h"

namespace niwaki::client {
namespace {

// One job whose list, candidates and front have `size` items; fails as told.
class FakeJobService final : public v1::JobService::Service {
 public:
  grpc::Status CreateJob(grpc::ServerContext*, const v1::CreateJobRequest* request,
                         v1::CreateJobResponse* response) override {
    request_ids.insert(request->request_id());
    if (failures-- > 0) return grpc::Status(failure, "as told");
    response->mutable_job()->set_name("jobs/a");
    return grpc::Status::OK;
  }

  grpc::Status CancelJob(grpc::ServerContext*, const v1::CancelJobRequest* request,
                         v1::CancelJobResponse* response) override {
    request_ids.insert(request->request_id());
    response->mutable_job()->set_name(request->name());
    response->mutable_job()->set_state(v1::JOB_STATE_CANCELLED);
    return grpc::Status::OK;
  }

  grpc::Status TestFront(grpc::ServerContext*, const v1::TestFrontRequest* request,
                         v1::TestFrontResponse* response) override {
    request_ids.insert(request->request_id());
    if (failures-- > 0) return grpc::Status(failure, "as told");
    response->mutable_job()->set_name(request->name() + ".test");
    return grpc::Status::OK;
  }

  grpc::Status ListJobs(grpc::ServerContext*, const v1::ListJobsRequest* request,
                        v1::ListJobsResponse* response) override {
    const int begin = Offset(request->page_token());
    for (int i = begin; i < std::min(size, begin + std::min(page, request->page_size())); ++i) {
      response->add_jobs()->set_name(absl::StrCat("jobs/", i));
    }
    response->set_next_page_token(NextToken(begin + response->jobs_size()));
    return grpc::Status::OK;
  }

  grpc::Status WatchJob(grpc::ServerContext*, const v1::WatchJobRequest*,
                        grpc::ServerWriter<v1::WatchJobResponse>* writer) override {
    ++watches;
    if (watches > streams.size()) return grpc::Status(grpc::StatusCode::UNAVAILABLE, "gone");
    for (v1::JobState state : streams[watches - 1].states) {
      v1::WatchJobResponse response;
      response.mutable_job()->set_name("jobs/a");
      response.mutable_job()->set_state(state);
      writer->Write(response);
    }
    return grpc::Status(streams[watches - 1].end, "end of stream");
  }

  grpc::Status ListCandidates(grpc::ServerContext*, const v1::ListCandidatesRequest* request,
                              v1::ListCandidatesResponse* response) override {
    const int begin = Offset(request->page_token());
    for (int i = begin; i < std::min(size, begin + page); ++i) {
      response->add_candidates()->set_slot(i);
    }
    response->set_next_page_token(NextToken(begin + response->candidates_size()));
    return grpc::Status::OK;
  }

  grpc::Status GetFront(grpc::ServerContext*, const v1::GetFrontRequest* request,
                        v1::GetFrontResponse* response) override {
    const int begin = Offset(request->page_token());
    if (begin > 0 && front_changes-- > 0) {
      return grpc::Status(grpc::StatusCode::ABORTED, "the front changed");
    }
    for (int i = begin; i < std::min(size, begin + page); ++i) {
      response->add_candidates()->set_slot(i);
    }
    response->add_objectives(v1::METRIC_TOP1);
    response->set_etag("e1");
    response->set_next_page_token(NextToken(begin + response->candidates_size()));
    return grpc::Status::OK;
  }

  struct Stream {
    std::vector<v1::JobState> states;
    grpc::StatusCode end = grpc::StatusCode::OK;
  };
  int size = 10;
  int page = 4;
  int failures = 0;
  grpc::StatusCode failure = grpc::StatusCode::UNAVAILABLE;
  int front_changes = 0;
  std::vector<Stream> streams;
  size_t watches = 0;
  std::set<std::string> request_ids;

 private:
  static int Offset(const std::string& token) {
    int offset = 0;
    EXPECT_TRUE(token.empty() || absl::SimpleAtoi(token, &offset));
    return offset;
  }
  std::string NextToken(int next) const { return next < size ? absl::StrCat(next) : ""; }
};

// Five workers in pages of two; "workers/0" is drained once.
class FakeWorkerService final : public v1::WorkerService::Service {
 public:
  grpc::Status ListWorkers(grpc::ServerContext*, const v1::ListWorkersRequest* request,
                           v1::ListWorkersResponse* response) override {
    int begin = 0;
    EXPECT_TRUE(request->page_token().empty() || absl::SimpleAtoi(request->page_token(), &begin));
    for (int i = begin; i < std::min(5, begin + 2); ++i) {
      response->add_workers()->set_name(absl::StrCat("workers/", i));
    }
    if (begin + 2 < 5) response->set_next_page_token(absl::StrCat(begin + 2));
    return grpc::Status::OK;
  }

  grpc::Status DrainWorker(grpc::ServerContext*, const v1::DrainWorkerRequest* request,
                           v1::DrainWorkerResponse* response) override {
    request_ids.push_back(request->request_id());
    if (request_ids.size() == 1) return grpc::Status(grpc::StatusCode::UNAVAILABLE, "away");
    response->mutable_worker()->set_name(request->name());
    response->mutable_worker()->set_state(request->undo() ? v1::WORKER_STATE_IDLE
                                                          : v1::WORKER_STATE_DRAINED);
    return grpc::Status::OK;
  }

  std::vector<std::string> request_ids;
};

class CoordinatorClientTest : public ::testing::Test {
 protected:
  CoordinatorClientTest() {
    rpc::ServerOptions options;
    options.services = {&service_, &workers_};
    auto server = rpc::Server::Start(options);
    EXPECT_THAT(server, IsOk());
    server_ = *std::move(server);
    ClientOptions client_options;
    client_options.retry.backoff.initial = absl::Milliseconds(1);
    client_options.retry.deadline = absl::Milliseconds(200);
    client_ = std::make_unique<CoordinatorClient>(server_->address(), client_options);
  }

  FakeJobService service_;
  FakeWorkerService workers_;
  std::unique_ptr<rpc::Server> server_;
  std::unique_ptr<CoordinatorClient> client_;
};

TEST_F(CoordinatorClientTest, RepeatedCallKeepsItsRequestId) {
  service_.failures = 3;

  EXPECT_THAT(client_->CreateJob(v1::CreateJobRequest()), IsOk());

  ASSERT_EQ(service_.request_ids.size(), 1u);
  EXPECT_TRUE(rpc::IsUuid(*service_.request_ids.begin()));
}

TEST_F(CoordinatorClientTest, CallsHaveIdsOfTheirOwn) {
  EXPECT_THAT(client_->CreateJob(v1::CreateJobRequest()), IsOk());
  EXPECT_THAT(client_->CreateJob(v1::CreateJobRequest()), IsOk());
  EXPECT_THAT(client_->CancelJob("jobs/a"), IsOk());

  EXPECT_EQ(service_.request_ids.size(), 3u);
}

TEST_F(CoordinatorClientTest, TestOfAFrontIsRepeatedUnderItsId) {
  service_.failures = 2;

  NIWAKI_ASSERT_OK_AND_ASSIGN(const v1::Job job, client_->TestFront("jobs/a"));

  EXPECT_EQ(job.name(), "jobs/a.test");
  EXPECT_EQ(service_.request_ids.size(), 1u);
}

TEST_F(CoordinatorClientTest, RefusalIsNotRepeated) {
  service_.failures = 1;
  service_.failure = grpc::StatusCode::FAILED_PRECONDITION;

  EXPECT_THAT(client_->CreateJob(v1::CreateJobRequest()),
              StatusIs(absl::StatusCode::kFailedPrecondition, "as told"));
}

TEST_F(CoordinatorClientTest, ListsAreReadToTheEnd) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const std::vector<v1::Job> all, client_->ListJobs());
  NIWAKI_ASSERT_OK_AND_ASSIGN(const std::vector<v1::Job> some, client_->ListJobs(/*limit=*/6));

  EXPECT_EQ(all.size(), 10u);
  EXPECT_EQ(all.back().name(), "jobs/9");
  EXPECT_EQ(some.size(), 6u);
}

TEST_F(CoordinatorClientTest, WorkersAreReadToTheEnd) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const std::vector<v1::Worker> workers, client_->ListWorkers());

  ASSERT_EQ(workers.size(), 5u);
  EXPECT_EQ(workers.back().name(), "workers/4");
}

TEST_F(CoordinatorClientTest, DrainIsRepeatedUnderItsId) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const v1::Worker drained, client_->DrainWorker("workers/0", false));
  NIWAKI_ASSERT_OK_AND_ASSIGN(const v1::Worker undone, client_->DrainWorker("workers/0", true));

  EXPECT_EQ(drained.state(), v1::WORKER_STATE_DRAINED);
  EXPECT_EQ(undone.state(), v1::WORKER_STATE_IDLE);
  ASSERT_EQ(workers_.request_ids.size(), 3u);
  EXPECT_EQ(workers_.request_ids[0], workers_.request_ids[1]);
  EXPECT_NE(workers_.request_ids[1], workers_.request_ids[2]);
}

TEST_F(CoordinatorClientTest, CandidatesAreVisitedBySlotUntilEnough) {
  std::vector<int64_t> slots;
  NIWAKI_ASSERT_OK(client_->ForEachCandidate("jobs/a", v1::CANDIDATE_STATE_UNSPECIFIED,
                                             [&slots](const v1::Candidate& candidate) {
                                               slots.push_back(candidate.slot());
                                               return slots.size() < 6;
                                             }));

  EXPECT_EQ(slots, (std::vector<int64_t>{0, 1, 2, 3, 4, 5}));
  EXPECT_THAT(client_->GetCandidate("jobs/a", 9), IsOk());
  EXPECT_THAT(client_->GetCandidate("jobs/a", 10),
              HasReason(absl::StatusCode::kNotFound, reason::kCandidateUnknown));
}

TEST_F(CoordinatorClientTest, FrontStartsOverWhenItChanges) {
  service_.front_changes = 2;

  NIWAKI_ASSERT_OK_AND_ASSIGN(const Front front, client_->GetFront("jobs/a"));

  EXPECT_EQ(front.candidates.size(), 10u);
  EXPECT_EQ(front.objectives, std::vector<v1::Metric>{v1::METRIC_TOP1});
  EXPECT_EQ(front.etag, "e1");
}

TEST_F(CoordinatorClientTest, WatchConnectsAgainUntilTheJobIsFinal) {
  service_.streams = {{{v1::JOB_STATE_QUEUED}, grpc::StatusCode::UNAVAILABLE},
                      {{}, grpc::StatusCode::OK},
                      {{v1::JOB_STATE_RUNNING}, grpc::StatusCode::CANCELLED},
                      {{v1::JOB_STATE_RUNNING, v1::JOB_STATE_SUCCEEDED}, grpc::StatusCode::OK}};
  std::vector<v1::JobState> seen;

  NIWAKI_ASSERT_OK_AND_ASSIGN(const v1::Job job, client_->WatchJob("jobs/a", [&](const auto& job) {
    seen.push_back(job.state());
    return true;
  }));

  EXPECT_EQ(job.state(), v1::JOB_STATE_SUCCEEDED);
  EXPECT_EQ(seen, (std::vector<v1::JobState>{v1::JOB_STATE_QUEUED, v1::JOB_STATE_RUNNING,
                                             v1::JOB_STATE_RUNNING, v1::JOB_STATE_SUCCEEDED}));
}

TEST_F(CoordinatorClientTest, WatchEndsWhenTheCallerHasSeenEnough) {
  service_.streams = {{{v1::JOB_STATE_RUNNING, v1::JOB_STATE_RUNNING}, grpc::StatusCode::OK}};

  NIWAKI_ASSERT_OK_AND_ASSIGN(const v1::Job job,
                              client_->WatchJob("jobs/a", [](const auto&) { return false; }));

  EXPECT_EQ(job.state(), v1::JOB_STATE_RUNNING);
  EXPECT_EQ(service_.watches, 1u);
}

TEST_F(CoordinatorClientTest, WatchGivesUpWhenTheCoordinatorStaysAway) {
  size_t away = 0;

  EXPECT_THAT(client_->WatchJob(
                  "jobs/a", [](const auto&) { return true; },
                  [&away](const absl::Status& status) { away += absl::IsUnavailable(status); }),
              StatusIs(absl::StatusCode::kUnavailable, "gone"));

  EXPECT_GT(service_.watches, 1u);
  // Before each new try.
  EXPECT_EQ(away, service_.watches - 1);
}

TEST_F(CoordinatorClientTest, WatchOfUnknownJobIsNotRepeated) {
  service_.streams = {{{}, grpc::StatusCode::NOT_FOUND}};

  EXPECT_THAT(client_->WatchJob("jobs/a", [](const auto&) { return true; }),
              StatusIs(absl::StatusCode::kNotFound, ""));
  EXPECT_EQ(service_.watches, 1u);
}

TEST_F(CoordinatorClientTest, GoneCoordinatorIsNamed) {
  EXPECT_THAT(client_->WaitUntilServing(absl::Seconds(10)), IsOk());
  server_->Shutdown(absl::ZeroDuration());

  EXPECT_THAT(client_->GetJob("jobs/a"),
              HasReason(absl::StatusCode::kUnavailable, reason::kServiceUnavailable));
  EXPECT_THAT(client_->WaitUntilServing(absl::Milliseconds(50)),
              StatusIs(absl::StatusCode::kUnavailable, server_->address()));
}

}  // namespace
}  // namespace niwaki::client
