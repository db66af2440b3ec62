#include "services/coordinator/jobs/job_service.h"

#include <array>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/base/digest.h"
#include "libs/base/file.h"
#include "libs/base/random.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"
#include "libs/data/prepared/metadata.h"
#include "libs/data/prepared/prepared.h"
#include "libs/jobs/proposer/fake_cost_source.h"
#include "libs/rpc/call.h"
#include "libs/rpc/status.h"
#include "services/coordinator/convert.h"
#include "services/coordinator/test_coordinator.h"

namespace niwaki::coordinator {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr absl::Duration kTimeout = absl::Seconds(30);

class JobServiceTest : public ::testing::Test {
 protected:
  void SetUp() override { coordinator_.RegisterSupernet(); }

  static v1::CreateJobRequest Request(const std::string& id, int candidates = 10) {
    v1::CreateJobRequest request;
    *request.mutable_spec() = TestCoordinator::Spec(candidates);
    request.set_job_id(id);
    return request;
  }

  template <typename Method, typename Req>
  auto Call(Method method, const Req& request) {
    return rpc::Call(coordinator_.jobs(), method, request, kTimeout);
  }

  template <typename Req>
  static Req Named(const std::string& id) {
    Req request;
    request.set_name("jobs/" + id);
    return request;
  }

  TestCoordinator coordinator_;
};

TEST_F(JobServiceTest, DefaultsAreFilledIn) {
  v1::CreateJobRequest request;
  request.mutable_spec()->set_supernet("supernets/kws");
  request.mutable_spec()->set_device("devices/fake");

  NIWAKI_ASSERT_OK_AND_ASSIGN(const v1::CreateJobResponse response, coordinator_.Create(request));

  const v1::JobSpec& spec = response.job().spec();
  EXPECT_THAT(response.job().name(), ::testing::StartsWith("jobs/job-"));
  EXPECT_EQ(spec.max_candidates(), 200);
  EXPECT_EQ(spec.max_parallel(), 32);
  EXPECT_EQ(spec.seed(), 1);
  EXPECT_EQ(spec.predictor_nsga2().initial(), 48);
  EXPECT_EQ(spec.objectives_size(), 2);
  EXPECT_EQ(spec.evaluation().calibration_images(), 512);
  EXPECT_EQ(spec.evaluation().data_digest().size(), 64);
  EXPECT_EQ(response.feasible_share(), 1);
}

TEST_F(JobServiceTest, LimitOnAnUnknownFigureIsRefusedAtOnce) {
  v1::CreateJobRequest request = Request("energy");
  v1::Constraint& constraint = *request.mutable_spec()->add_constraints();
  constraint.set_metric(v1::METRIC_ENERGY_MJ);
  constraint.set_max(1e9);
  const int index = request.spec().constraints_size() - 1;

  const absl::Status status = coordinator_.Create(request).status();

  EXPECT_THAT(status, HasReason(absl::StatusCode::kInvalidArgument, reason::kArgumentInvalid));
  EXPECT_EQ(GetErrorDetail(status)->field, absl::StrCat("spec.constraints[", index, "].metric"));
  EXPECT_EQ(GetErrorDetail(status)->value, "energy_mj");
  EXPECT_THAT(status.message(), HasSubstr("device 'fake' has no figure for energy_mj, which the "
                                          "job limits"));
  EXPECT_THAT(status.message(), HasSubstr("active_power_mw"));
}

TEST_F(JobServiceTest, WrongSpecsNameReasonAndField) {
  struct Case {
    std::function<void(v1::CreateJobRequest&)> spoil;
    absl::StatusCode code;
    std::string reason;
    std::string field;
  };
  const auto kInvalid = absl::StatusCode::kInvalidArgument;
  const std::vector<Case> cases = {
      {[](auto& r) { r.mutable_spec()->set_supernet("kws"); }, kInvalid, reason::kArgumentInvalid,
       "spec.supernet"},
      {[](auto& r) { r.mutable_spec()->set_supernet("supernets/nope"); },
       absl::StatusCode::kNotFound, reason::kSupernetUnknown, "spec.supernet"},
      {[](auto& r) { r.mutable_spec()->set_device("devices/nope"); }, absl::StatusCode::kNotFound,
       reason::kDeviceUnknown, "spec.device"},
      {[](auto& r) { r.mutable_spec()->add_objectives(v1::METRIC_UNSPECIFIED); }, kInvalid,
       reason::kArgumentInvalid, "spec.objectives[0]"},
      {[](auto& r) { r.mutable_spec()->add_objectives(v1::METRIC_ENERGY_MJ); }, kInvalid,
       reason::kArgumentInvalid, "spec.objectives[0]"},
      {[](auto& r) {
         v1::Constraint& c = *r.mutable_spec()->add_constraints();
         c.set_metric(v1::METRIC_SRAM_BYTES);
         c.set_max(-1);
       },
       kInvalid, reason::kArgumentInvalid, "spec.constraints[0].max"},
      {[](auto& r) { r.mutable_spec()->set_max_candidates(-1); }, kInvalid,
       reason::kArgumentInvalid, "spec.max_candidates"},
      {[](auto& r) { r.mutable_spec()->mutable_evolution(); }, kInvalid, reason::kArgumentInvalid,
       "spec.objectives"},
      {[](auto& r) { r.set_job_id("Not Good"); }, kInvalid, reason::kArgumentInvalid, "job_id"},
      {[](auto& r) { r.set_request_id("x"); }, kInvalid, reason::kArgumentInvalid, "request_id"},
      {[](auto& r) {
         r.mutable_spec()->mutable_evaluation()->set_data_digest(std::string(64, '0'));
       },
       absl::StatusCode::kNotFound, reason::kArtifactUnknown, "spec.evaluation.data_digest"},
  };

  for (const Case& bad : cases) {
    v1::CreateJobRequest request = Request("job");
    bad.spoil(request);
    const absl::Status status = coordinator_.Create(request).status();
    EXPECT_THAT(status, HasReason(bad.code, bad.reason)) << bad.field;
    EXPECT_EQ(GetErrorDetail(status).value_or(ErrorDetail()).field, bad.field);
  }
}

TEST_F(JobServiceTest, UnknownSupernetSuggestsAKnownOne) {
  v1::CreateJobRequest request = Request("job");
  request.mutable_spec()->set_supernet("supernets/kwz");
  EXPECT_EQ(coordinator_.Create(request).status().message(),
            "supernet 'kwz' is not registered; did you mean 'kws'?");

  request.mutable_spec()->set_supernet("supernets/resnet");
  EXPECT_THAT(std::string(coordinator_.Create(request).status().message()),
              HasSubstr("'resnet' is not registered; niwaki supernet list"));
}

TEST_F(JobServiceTest, ImpossibleBudgetNamesWhatTheSmallestNeeds) {
  v1::CreateJobRequest request = Request("job");
  v1::Constraint& constraint = *request.mutable_spec()->add_constraints();
  constraint.set_metric(v1::METRIC_SRAM_BYTES);
  constraint.set_max(10);

  const absl::Status status = coordinator_.Create(request).status();

  EXPECT_THAT(status,
              HasReason(absl::StatusCode::kFailedPrecondition, reason::kBudgetUnsatisfiable));
  EXPECT_THAT(std::string(status.message()), HasSubstr("SRAM 1000 B over 10 B"));
  EXPECT_THAT(Call(&v1::JobService::Stub::GetJob, Named<v1::GetJobRequest>("job")),
              HasReason(absl::StatusCode::kNotFound, reason::kJobUnknown));
}

TEST_F(JobServiceTest, MemoryOfTheDeviceIsALimitUnlessTheJobHasOneOrLiftsIt) {
  coordinator_.costs().SetMemory(/*sram_bytes=*/4000, /*flash_bytes=*/1 << 20);
  v1::CreateJobRequest request = Request("job");
  request.set_validate_only(true);
  const auto limits = [&]() -> std::vector<std::string> {
    const absl::StatusOr<v1::CreateJobResponse> response = coordinator_.Create(request);
    if (!response.ok()) return {std::string(response.status().message())};
    std::vector<std::string> texts;
    for (const v1::Constraint& limit : response->job().spec().constraints()) {
      texts.push_back(
          absl::StrCat(v1::Metric_Name(limit.metric()), " ", static_cast<int64_t>(limit.max())));
    }
    return texts;
  };

  EXPECT_THAT(limits(), ElementsAre("METRIC_SRAM_BYTES 4000", "METRIC_FLASH_BYTES 1048576"));
  request.mutable_spec()->add_unlimited(v1::METRIC_SRAM_BYTES);
  EXPECT_THAT(limits(), ElementsAre("METRIC_FLASH_BYTES 1048576"));
  v1::Constraint& own = *request.mutable_spec()->add_constraints();
  own.set_metric(v1::METRIC_FLASH_BYTES);
  own.set_max(50000);
  EXPECT_THAT(limits(), ElementsAre("METRIC_FLASH_BYTES 50000"));
}

TEST_F(JobServiceTest, DeviceThatNothingFitsSaysThatItIsItsMemory) {
  coordinator_.costs().SetMemory(/*sram_bytes=*/10, /*flash_bytes=*/1 << 20);

  const absl::Status status = coordinator_.Create(Request("job")).status();

  EXPECT_THAT(status,
              HasReason(absl::StatusCode::kFailedPrecondition, reason::kBudgetUnsatisfiable));
  EXPECT_THAT(std::string(status.message()),
              HasSubstr("the device 'fake' has no more memory: constraints: {sram: none}"));
}

TEST_F(JobServiceTest, JobGoesOnWithTheDeviceThatItBeganWith) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const v1::CreateJobResponse response,
                              coordinator_.Create(Request("job", /*candidates=*/30)));
  EXPECT_EQ(response.job().table_version(), 1);
  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto leases, coordinator_.Lease("w", 1));
  coordinator_.costs().ChangeDevice();
  NIWAKI_ASSERT_OK(coordinator_.Report("w", leases));

  const v1::Job job = coordinator_.Work("job");

  EXPECT_EQ(job.state(), v1::JOB_STATE_SUCCEEDED);
  EXPECT_EQ(job.device_revision(), "revision 0");
  EXPECT_EQ(job.table_version(), 1);
}

TEST_F(JobServiceTest, JobWhoseDeviceIsGoneFailsAndSaysSo) {
  v1::CreateJobRequest request = Request("job", /*candidates=*/30);
  NIWAKI_ASSERT_OK_AND_ASSIGN(const v1::CreateJobResponse response, coordinator_.Create(request));
  EXPECT_EQ(response.job().device_revision(), "revision 0");
  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto leases, coordinator_.Lease("w", 1));
  coordinator_.costs().ChangeDevice();
  coordinator_.costs().ForgetVersions();
  NIWAKI_ASSERT_OK(coordinator_.Report("w", leases));

  const v1::Job job = coordinator_.Work("job");

  EXPECT_EQ(job.state(), v1::JOB_STATE_FAILED);
  EXPECT_THAT(job.state_reason(), HasSubstr("version 1 is gone"));
  // What was scored stays, and the next job is of the device as it is.
  EXPECT_GE(job.progress().scored(), 1);
  request.set_job_id("again");
  NIWAKI_ASSERT_OK_AND_ASSIGN(const v1::CreateJobResponse again, coordinator_.Create(request));
  EXPECT_EQ(again.job().device_revision(), "revision 1");
  EXPECT_EQ(coordinator_.Work("again").state(), v1::JOB_STATE_SUCCEEDED);
}

// Prepared data of one-pixel pictures, so many in each split; uploaded. Its digest.
std::string UploadToy(TestCoordinator& coordinator,
                      const std::array<int64_t, data::kSplitCount>& sizes) {
  data::Metadata metadata;
  metadata.name = "toy";
  metadata.class_names = {"a", "b"};
  metadata.channels = metadata.height = metadata.width = 1;
  metadata.mean = {0};
  metadata.stddev = {1};
  metadata.sizes = sizes;
  std::array<data::SplitColumns, data::kSplitCount> columns;
  std::array<data::SplitView, data::kSplitCount> views;
  for (int i = 0; i < data::kSplitCount; ++i) {
    columns[i].examples.resize(metadata.sizes[i]);
    columns[i].labels.resize(metadata.sizes[i]);
    views[i] = columns[i].View();
  }
  const std::string path = absl::StrCat(::testing::TempDir(), "/toy.nwd");
  NIWAKI_EXPECT_OK(data::WritePrepared(path, metadata, views));
  const std::string content = ReadFile(path).value_or("");
  NIWAKI_EXPECT_OK(coordinator.Upload(Sha256Hex(content), content.size(), content).status());
  return Sha256Hex(content);
}

TEST_F(JobServiceTest, FrontWithoutATestSplitIsNotTested) {
  v1::CreateJobRequest request = Request("job");
  request.mutable_spec()->mutable_evaluation()->set_data_digest(
      UploadToy(coordinator_, {1, 4, 6, 0}));
  request.mutable_spec()->set_test_front(true);

  const absl::Status asked = coordinator_.Create(request).status();
  request.mutable_spec()->set_test_front(false);
  NIWAKI_ASSERT_OK(coordinator_.Create(request).status());
  coordinator_.Work("job");
  v1::TestFrontRequest test;
  test.set_name("jobs/job");
  const absl::Status tested = Call(&v1::JobService::Stub::TestFront, test).status();

  EXPECT_THAT(asked, StatusIs(absl::StatusCode::kInvalidArgument, "has no test split"));
  EXPECT_EQ(GetErrorDetail(asked)->field, "spec.test_front");
  EXPECT_THAT(tested, StatusIs(absl::StatusCode::kFailedPrecondition, "has no test split"));
}

TEST_F(JobServiceTest, MoreImagesThanTheDataHasAreRefused) {
  v1::CreateJobRequest request = Request("job");
  v1::Evaluation& evaluation = *request.mutable_spec()->mutable_evaluation();
  evaluation.set_data_digest(UploadToy(coordinator_, {1, 4, 6, 1}));
  evaluation.set_evaluation_images(7);

  const absl::Status status = coordinator_.Create(request).status();

  EXPECT_THAT(status, HasReason(absl::StatusCode::kInvalidArgument, reason::kArgumentInvalid));
  EXPECT_EQ(GetErrorDetail(status)->field, "spec.evaluation.evaluation_images");
  EXPECT_EQ(GetErrorDetail(status)->limit, "at most 6");
  evaluation.set_evaluation_images(6);
  NIWAKI_EXPECT_OK(coordinator_.Create(request).status());
}

TEST_F(JobServiceTest, JobWithoutAnyWorkerSaysSoInTheAnswer) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const v1::CreateJobResponse response,
                              coordinator_.Create(Request("job")));

  EXPECT_THAT(response.job().state_reason(), HasSubstr("none has called yet; start one"));
}

TEST_F(JobServiceTest, ValidateOnlyCreatesNothing) {
  v1::CreateJobRequest request = Request("job");
  request.set_validate_only(true);

  NIWAKI_ASSERT_OK_AND_ASSIGN(const v1::CreateJobResponse response, coordinator_.Create(request));

  EXPECT_EQ(response.job().name(), "");
  EXPECT_EQ(response.feasible_share(), 1);
  EXPECT_THAT(Call(&v1::JobService::Stub::GetJob, Named<v1::GetJobRequest>("job")),
              HasReason(absl::StatusCode::kNotFound, reason::kJobUnknown));
}

TEST_F(JobServiceTest, AbsentOracleIsUnavailableAndRepetitionStillAnswers) {
  v1::CreateJobRequest request = Request("job");
  request.set_request_id(NewUuid());
  NIWAKI_ASSERT_OK_AND_ASSIGN(const v1::CreateJobResponse first, coordinator_.Create(request));
  coordinator_.costs().SetFailure(absl::UnavailableError("oracle away"));

  NIWAKI_ASSERT_OK_AND_ASSIGN(const v1::CreateJobResponse again, coordinator_.Create(request));

  EXPECT_EQ(again.SerializeAsString(), first.SerializeAsString());
  EXPECT_THAT(coordinator_.Create(Request("other")),
              StatusIs(absl::StatusCode::kUnavailable, "oracle away"));
}

TEST_F(JobServiceTest, RequestIdOfAnotherRequestIsRefused) {
  v1::CreateJobRequest request = Request("job");
  request.set_request_id(NewUuid());
  NIWAKI_ASSERT_OK(coordinator_.Create(request));
  request.mutable_spec()->set_seed(5);
  EXPECT_THAT(coordinator_.Create(request),
              HasReason(absl::StatusCode::kInvalidArgument, reason::kRequestIdReused));
  request.set_request_id("");
  EXPECT_THAT(coordinator_.Create(request),
              HasReason(absl::StatusCode::kAlreadyExists, reason::kAlreadyExists));
}

TEST_F(JobServiceTest, JobsAndCandidatesComeInPagesBoundToTheirList) {
  for (const char* id : {"a", "b", "c"}) coordinator_.CreateJob(TestCoordinator::Spec(8), id);
  coordinator_.Work("c");
  v1::ListJobsRequest jobs;
  jobs.set_page_size(2);
  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto first, Call(&v1::JobService::Stub::ListJobs, jobs));
  jobs.set_page_token(first.next_page_token());
  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto second, Call(&v1::JobService::Stub::ListJobs, jobs));
  ASSERT_EQ(first.jobs_size(), 2);
  EXPECT_EQ(first.jobs(0).name(), "jobs/c");
  ASSERT_EQ(second.jobs_size(), 1);
  EXPECT_EQ(second.jobs(0).name(), "jobs/a");
  EXPECT_EQ(second.next_page_token(), "");

  v1::ListCandidatesRequest rows;
  rows.set_parent("jobs/c");
  rows.set_page_size(3);
  rows.set_state(v1::CANDIDATE_STATE_SCORED);
  std::vector<int64_t> slots;
  do {
    NIWAKI_ASSERT_OK_AND_ASSIGN(const auto page, Call(&v1::JobService::Stub::ListCandidates, rows));
    for (const v1::Candidate& row : page.candidates()) slots.push_back(row.slot());
    rows.set_page_token(page.next_page_token());
  } while (!rows.page_token().empty());
  EXPECT_THAT(slots, ::testing::ElementsAre(0, 1, 2, 3, 4, 5, 6, 7));

  rows.set_page_token(first.next_page_token());
  EXPECT_THAT(Call(&v1::JobService::Stub::ListCandidates, rows),
              HasReason(absl::StatusCode::kInvalidArgument, reason::kPageTokenInvalid));
  jobs.set_page_token("made up");
  EXPECT_THAT(Call(&v1::JobService::Stub::ListJobs, jobs),
              HasReason(absl::StatusCode::kInvalidArgument, reason::kPageTokenInvalid));
  jobs.set_page_token("");
  jobs.set_page_size(-1);
  EXPECT_THAT(Call(&v1::JobService::Stub::ListJobs, jobs),
              HasReason(absl::StatusCode::kInvalidArgument, reason::kArgumentInvalid));
}

TEST_F(JobServiceTest, FrontPagesEndWhenTheFrontChanges) {
  coordinator_.CreateJob(TestCoordinator::Spec(60), "job");
  const v1::Job job = coordinator_.Work("job");
  ASSERT_GT(job.progress().front_size(), 1);
  v1::GetFrontRequest request;
  request.set_parent("jobs/job");
  request.set_page_size(1);
  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto first, Call(&v1::JobService::Stub::GetFront, request));
  request.set_page_token(first.next_page_token());
  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto second, Call(&v1::JobService::Stub::GetFront, request));
  EXPECT_EQ(second.etag(), first.etag());
  EXPECT_NE(second.candidates(0).slot(), first.candidates(0).slot());
  EXPECT_EQ(first.total_size(), job.progress().front_size());

  // Another job under the same name has another front.
  NIWAKI_ASSERT_OK(Call(&v1::JobService::Stub::DeleteJob, Named<v1::DeleteJobRequest>("job")));
  coordinator_.CreateJob(TestCoordinator::Spec(60), "job");
  EXPECT_FALSE(Call(&v1::JobService::Stub::GetFront, request).ok());
}

TEST_F(JobServiceTest, FrontOfALiveJobChangesItsEtag) {
  v1::JobSpec spec = TestCoordinator::Spec(60);
  spec.set_max_parallel(30);
  coordinator_.CreateJob(spec, "job");
  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto leases, coordinator_.Lease("w", 12));
  NIWAKI_ASSERT_OK(coordinator_.Report("w", leases));
  v1::GetFrontRequest request;
  request.set_parent("jobs/job");
  request.set_page_size(1);
  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto first, Call(&v1::JobService::Stub::GetFront, request));
  ASSERT_NE(first.next_page_token(), "");
  coordinator_.Work("job");
  ASSERT_NE(coordinator_.Front("job").etag(), first.etag());

  request.set_page_token(first.next_page_token());
  EXPECT_THAT(Call(&v1::JobService::Stub::GetFront, request),
              HasReason(absl::StatusCode::kAborted, reason::kEtagMismatch));
}

TEST_F(JobServiceTest, PauseResumeCancelDelete) {
  coordinator_.CreateJob(TestCoordinator::Spec(20), "job");
  NIWAKI_ASSERT_OK_AND_ASSIGN(
      const auto paused, Call(&v1::JobService::Stub::PauseJob, Named<v1::PauseJobRequest>("job")));
  EXPECT_EQ(paused.job().state(), v1::JOB_STATE_PAUSED);
  EXPECT_EQ(coordinator_.Lease("w", 1, /*wait_ms=*/50)->leases_size(), 0);
  NIWAKI_ASSERT_OK(Call(&v1::JobService::Stub::ResumeJob, Named<v1::ResumeJobRequest>("job")));
  EXPECT_EQ(coordinator_.Lease("w", 1)->leases_size(), 1);
  EXPECT_THAT(Call(&v1::JobService::Stub::DeleteJob, Named<v1::DeleteJobRequest>("job")),
              HasReason(absl::StatusCode::kFailedPrecondition, reason::kJobNotRunning));
  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto cancelled, Call(&v1::JobService::Stub::CancelJob,
                                                         Named<v1::CancelJobRequest>("job")));
  EXPECT_EQ(cancelled.job().state(), v1::JOB_STATE_CANCELLED);
  EXPECT_THAT(Call(&v1::JobService::Stub::ResumeJob, Named<v1::ResumeJobRequest>("job")),
              HasReason(absl::StatusCode::kFailedPrecondition, reason::kJobNotRunning));

  v1::DeleteJobRequest deletion = Named<v1::DeleteJobRequest>("job");
  deletion.set_etag("0-0");
  EXPECT_THAT(Call(&v1::JobService::Stub::DeleteJob, deletion),
              HasReason(absl::StatusCode::kAborted, reason::kEtagMismatch));
  deletion.set_etag(cancelled.job().etag());
  NIWAKI_ASSERT_OK(Call(&v1::JobService::Stub::DeleteJob, deletion));
  EXPECT_THAT(Call(&v1::JobService::Stub::GetJob, Named<v1::GetJobRequest>("job")),
              HasReason(absl::StatusCode::kNotFound, reason::kJobUnknown));
}

TEST_F(JobServiceTest, WatchEndsWithTheFinalState) {
  coordinator_.CreateJob(TestCoordinator::Spec(60), "job");
  grpc::ClientContext context;
  const auto stream = coordinator_.jobs().WatchJob(&context, Named<v1::WatchJobRequest>("job"));
  std::thread worker([&] { coordinator_.Work("job"); });
  v1::WatchJobResponse message;
  int messages = 0;
  int64_t scored = 0;
  while (stream->Read(&message)) {
    ++messages;
    EXPECT_GE(message.job().progress().scored(), scored);
    scored = message.job().progress().scored();
  }
  worker.join();

  EXPECT_TRUE(stream->Finish().ok());
  EXPECT_GE(messages, 2);
  EXPECT_EQ(message.job().state(), v1::JOB_STATE_SUCCEEDED);
  EXPECT_EQ(message.job().progress().scored(), 60);
}

TEST_F(JobServiceTest, WatchOfAnEndedJobSendsItOnce) {
  coordinator_.CreateJob(TestCoordinator::Spec(5), "job");
  coordinator_.Work("job");
  grpc::ClientContext context;
  const auto stream = coordinator_.jobs().WatchJob(&context, Named<v1::WatchJobRequest>("job"));
  v1::WatchJobResponse message;
  EXPECT_TRUE(stream->Read(&message));
  EXPECT_FALSE(stream->Read(&message));
  EXPECT_TRUE(stream->Finish().ok());
}

TEST_F(JobServiceTest, WatchOfAnUnknownJobIsNotFound) {
  grpc::ClientContext context;
  const auto stream = coordinator_.jobs().WatchJob(&context, Named<v1::WatchJobRequest>("nope"));
  v1::WatchJobResponse message;
  EXPECT_FALSE(stream->Read(&message));
  EXPECT_THAT(rpc::FromGrpcStatus(stream->Finish()),
              HasReason(absl::StatusCode::kNotFound, reason::kJobUnknown));
}

TEST_F(JobServiceTest, WatchEndsWhenTheCoordinatorStops) {
  coordinator_.CreateJob(TestCoordinator::Spec(5), "job");
  grpc::ClientContext context;
  const auto stream = coordinator_.jobs().WatchJob(&context, Named<v1::WatchJobRequest>("job"));
  v1::WatchJobResponse message;
  ASSERT_TRUE(stream->Read(&message));
  std::thread stop([&] { coordinator_.Stop(); });
  while (stream->Read(&message)) {
  }
  stop.join();
  EXPECT_THAT(rpc::FromGrpcStatus(stream->Finish()), StatusIs(absl::StatusCode::kUnavailable, ""));
}

}  // namespace
}  // namespace niwaki::coordinator
