// ArtifactService and SupernetService: what goes in comes out, and nothing else goes in.

#include "services/artifacts/artifact_service.h"

#include <array>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/arch/catalogue.h"
#include "libs/base/digest.h"
#include "libs/base/error.h"
#include "libs/base/file.h"
#include "libs/base/random.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"
#include "libs/data/prepared/data_fit.h"
#include "libs/data/prepared/metadata.h"
#include "libs/data/prepared/prepared.h"
#include "libs/rpc/call.h"
#include "libs/rpc/status.h"
#include "libs/tensorfile/safetensors.h"
#include "libs/train/checkpoint/manifest.h"
#include "libs/train/checkpoint/training_state.h"
#include "services/coordinator/test_coordinator.h"

namespace niwaki::coordinator {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr absl::Duration kTimeout = absl::Seconds(30);

absl::StatusOr<std::string> Download(TestCoordinator& coordinator, const std::string& digest,
                                     int64_t offset) {
  grpc::ClientContext context;
  v1::DownloadArtifactRequest request;
  request.set_digest(digest);
  request.set_offset(offset);
  const auto stream = coordinator.artifacts().DownloadArtifact(&context, request);
  std::string content;
  v1::DownloadArtifactResponse message;
  while (stream->Read(&message)) content += message.chunk();
  const grpc::Status status = stream->Finish();
  if (!status.ok()) return rpc::FromGrpcStatus(status);
  return content;
}

TEST(ArtifactServiceTest, UploadedContentDownloadsFromAnyOffset) {
  TestCoordinator coordinator;
  std::string content;
  for (int i = 0; i < 700000; ++i) content += static_cast<char>(i * 31 >> 3);
  const std::string digest = Sha256Hex(content);
  NIWAKI_ASSERT_OK(coordinator.Upload(digest, content.size(), content, 65536));

  EXPECT_EQ(*Download(coordinator, digest, 0), content);
  EXPECT_EQ(*Download(coordinator, digest, 300001), content.substr(300001));
  EXPECT_EQ(*Download(coordinator, digest, content.size()), "");
  EXPECT_THAT(Download(coordinator, digest, content.size() + 1),
              HasReason(absl::StatusCode::kInvalidArgument, reason::kArgumentInvalid));
}

TEST(ArtifactServiceTest, RepeatedUploadIsAnsweredAtOnce) {
  TestCoordinator coordinator;
  NIWAKI_ASSERT_OK(coordinator.Upload(Sha256Hex("abc"), 3, "abc"));
  NIWAKI_ASSERT_OK_AND_ASSIGN(const v1::Artifact again,
                              coordinator.Upload(Sha256Hex("abc"), 3, ""));
  EXPECT_EQ(again.size_bytes(), 3);
}

TEST(ArtifactServiceTest, WrongContentIsRefusedAndNotKept) {
  TestCoordinator coordinator;
  const std::string digest = Sha256Hex("abc");
  EXPECT_THAT(coordinator.Upload(digest, 3, "abd"),
              HasReason(absl::StatusCode::kDataLoss, reason::kDigestMismatch));
  EXPECT_THAT(coordinator.Upload(digest, 3, "ab"),
              HasReason(absl::StatusCode::kDataLoss, reason::kDigestMismatch));
  EXPECT_THAT(coordinator.Upload(digest, 3, "abcd"),
              HasReason(absl::StatusCode::kDataLoss, reason::kDigestMismatch));
  EXPECT_THAT(coordinator.Upload("abc", 3, "abc"),
              HasReason(absl::StatusCode::kInvalidArgument, reason::kArgumentInvalid));
  EXPECT_THAT(coordinator.Upload(digest, int64_t{5} << 30, ""),
              HasReason(absl::StatusCode::kResourceExhausted, reason::kMessageTooLarge));

  v1::GetArtifactRequest request;
  request.set_digest(digest);
  EXPECT_THAT(rpc::Call(coordinator.artifacts(), &v1::ArtifactService::Stub::GetArtifact, request,
                        kTimeout),
              HasReason(absl::StatusCode::kNotFound, reason::kArtifactUnknown));
}

TEST(ArtifactServiceTest, MessageBeyondTheLimitIsRefused) {
  TestCoordinator coordinator;
  const std::string content(20 << 20, 'x');
  EXPECT_THAT(coordinator.Upload(Sha256Hex(content), content.size(), content, content.size()),
              HasReason(absl::StatusCode::kResourceExhausted, reason::kMessageTooLarge));
}

class SupernetServiceTest : public ::testing::Test {
 protected:
  absl::StatusOr<v1::RegisterSupernetResponse> Register(const v1::Supernet& supernet) {
    v1::RegisterSupernetRequest request;
    *request.mutable_supernet() = supernet;
    return rpc::Call(coordinator_.supernets(), &v1::SupernetService::Stub::RegisterSupernet,
                     request, kTimeout);
  }
  absl::StatusOr<v1::Supernet> Get(const std::string& name) {
    v1::GetSupernetRequest request;
    request.set_name(name);
    const auto response = rpc::Call(coordinator_.supernets(),
                                    &v1::SupernetService::Stub::GetSupernet, request, kTimeout);
    if (!response.ok()) return response.status();
    return response->supernet();
  }

  TestCoordinator coordinator_;
};

TEST_F(SupernetServiceTest, RegistrationIsIdempotentAndListed) {
  coordinator_.RegisterSupernet("kws");
  coordinator_.RegisterSupernet("kws");
  coordinator_.RegisterSupernet("cifar32");
  NIWAKI_ASSERT_OK_AND_ASSIGN(const v1::Supernet supernet, Get("supernets/kws"));
  EXPECT_EQ(supernet.space().name(), "kws");

  v1::ListSupernetsRequest request;
  request.set_page_size(1);
  NIWAKI_ASSERT_OK_AND_ASSIGN(
      const auto first, rpc::Call(coordinator_.supernets(),
                                  &v1::SupernetService::Stub::ListSupernets, request, kTimeout));
  request.set_page_token(first.next_page_token());
  NIWAKI_ASSERT_OK_AND_ASSIGN(
      const auto second, rpc::Call(coordinator_.supernets(),
                                   &v1::SupernetService::Stub::ListSupernets, request, kTimeout));
  EXPECT_EQ(first.supernets(0).name(), "supernets/cifar32");
  EXPECT_EQ(second.supernets(0).name(), "supernets/kws");
  EXPECT_EQ(second.next_page_token(), "");
}

TEST_F(SupernetServiceTest, WrongRegistrationsAreRefused) {
  coordinator_.RegisterSupernet("kws");
  coordinator_.RegisterSupernet("cifar32");
  NIWAKI_ASSERT_OK_AND_ASSIGN(const v1::Supernet kws, Get("supernets/kws"));
  NIWAKI_ASSERT_OK_AND_ASSIGN(const v1::Supernet cifar, Get("supernets/cifar32"));

  v1::Supernet wrong = kws;
  wrong.set_name("supernets/new");
  wrong.set_digest(cifar.digest());
  EXPECT_THAT(Register(wrong),
              HasReason(absl::StatusCode::kFailedPrecondition, reason::kSupernetMismatch));
  wrong.set_digest(kws.data_digest());
  EXPECT_THAT(Register(wrong), HasReason(absl::StatusCode::kDataLoss, reason::kDataCorrupt));
  wrong.set_digest(std::string(64, '0'));
  EXPECT_THAT(Register(wrong), HasReason(absl::StatusCode::kNotFound, reason::kArtifactUnknown));
  wrong = kws;
  wrong.set_data_digest(kws.digest());
  EXPECT_THAT(Register(wrong), HasReason(absl::StatusCode::kAlreadyExists, reason::kAlreadyExists));
  wrong = kws;
  wrong.set_name("supernets/Bad Name");
  EXPECT_THAT(Register(wrong),
              HasReason(absl::StatusCode::kInvalidArgument, reason::kArgumentInvalid));
  wrong = kws;
  wrong.mutable_space()->set_num_classes(0);
  EXPECT_THAT(Register(wrong),
              HasReason(absl::StatusCode::kInvalidArgument, reason::kSpaceInvalid));
  EXPECT_THAT(Get("supernets/new"),
              HasReason(absl::StatusCode::kNotFound, reason::kSupernetUnknown));
}

std::vector<std::string> Words(const std::string& first) {
  return {first, "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l"};
}

// One example for each class of `names`, as keywords are prepared.
data::Metadata Keywords(const std::vector<std::string>& names) {
  data::Metadata metadata;
  metadata.name = "words";
  metadata.class_names = names;
  metadata.front_end = data::LogMelOptions();
  metadata.channels = 1;
  metadata.height = metadata.front_end->Frames();
  metadata.width = metadata.front_end->mel_bins;
  metadata.scale = 0.4;
  metadata.offset = -96;
  metadata.mean = {-50};
  metadata.stddev = {12};
  metadata.sizes = {0, 0, static_cast<int64_t>(names.size()), 0};
  return metadata;
}

class SupernetDataTest : public ::testing::Test {
 protected:
  // The digest of what is stored.
  std::string Upload(const std::string& content) {
    const std::string digest = Sha256Hex(content);
    EXPECT_THAT(coordinator_.Upload(digest, content.size(), content, 1 << 16), IsOk());
    return digest;
  }

  std::string UploadData(const data::Metadata& metadata) {
    data::SplitColumns columns;
    for (size_t i = 0; i < metadata.class_names.size(); ++i) {
      columns.labels.push_back(static_cast<uint16_t>(i));
    }
    columns.examples.resize(columns.labels.size() * metadata.BytesPerExample());
    std::array<data::SplitView, data::kSplitCount> views;
    views[static_cast<int>(data::Split::kValidation)] = columns.View();
    const std::string path = absl::StrCat(::testing::TempDir(), "/", NewUuid());
    EXPECT_THAT(data::WritePrepared(path, metadata, views), IsOk());
    return Upload(*ReadFile(path));
  }

  // A supernet of `kws` without weights that was trained on such data.
  std::string UploadSupernet(const data::Metadata& trained, bool names_known = true) {
    train::Manifest manifest;
    manifest.space_textproto = space_.ToTextproto();
    manifest.space_structure = space_.structure().ToHex();
    manifest.data = trained;
    manifest.class_names_known = names_known;
    return Upload(tensorfile::SerializeSafetensors({{train::kManifestKey, manifest.ToJson()}}, {}));
  }

  absl::StatusOr<v1::RegisterSupernetResponse> Register(const std::string& weights,
                                                        const std::string& data) {
    v1::RegisterSupernetRequest request;
    v1::Supernet& supernet = *request.mutable_supernet();
    supernet.set_name("supernets/kws");
    supernet.set_digest(weights);
    supernet.set_data_digest(data);
    *supernet.mutable_space() = space_.ToMessage();
    return rpc::Call(coordinator_.supernets(), &v1::SupernetService::Stub::RegisterSupernet,
                     request, kTimeout);
  }

  // A job on other data than the supernet's own.
  absl::StatusOr<v1::CreateJobResponse> CreateJob(const std::string& data) {
    v1::CreateJobRequest request;
    *request.mutable_spec() = TestCoordinator::Spec(4);
    request.mutable_spec()->mutable_evaluation()->set_data_digest(data);
    return coordinator_.Create(request);
  }

  const arch::SearchSpace space_ = *arch::CatalogueSpace("kws");
  TestCoordinator coordinator_;
};

TEST_F(SupernetDataTest, ClassNamesAndPreparationAreShown) {
  const std::string weights = UploadSupernet(Keywords(Words("a")));

  NIWAKI_ASSERT_OK_AND_ASSIGN(const v1::RegisterSupernetResponse registered,
                              Register(weights, UploadData(Keywords(Words("a")))));

  EXPECT_EQ(registered.supernet().class_names_size(), 12);
  EXPECT_EQ(registered.supernet().class_names(0), "a");
  EXPECT_THAT(registered.supernet().preparation(), HasSubstr("log-mel 1x49x40 uint8, 16000 Hz"));
  EXPECT_THAT(registered.notes(), IsEmpty());
  NIWAKI_ASSERT_OK_AND_ASSIGN(
      const auto listed,
      rpc::Call(coordinator_.supernets(), &v1::SupernetService::Stub::ListSupernets,
                v1::ListSupernetsRequest(), kTimeout));
  EXPECT_THAT(listed.supernets(0).class_names(),
              ElementsAre("a", "b", "c", "d", "e", "f", "g", "h"));
}

TEST_F(SupernetDataTest, DataOfOtherClassesIsNotRegistered) {
  const auto response =
      Register(UploadSupernet(Keywords(Words("a"))), UploadData(Keywords(Words("dog"))));

  EXPECT_THAT(response,
              HasReason(absl::StatusCode::kFailedPrecondition, reason::kSupernetMismatch));
  EXPECT_THAT(response, StatusIs(absl::StatusCode::kFailedPrecondition,
                                 "'dog' is none of the supernet's, the supernet's 'a' is not"));
  EXPECT_EQ(GetErrorDetail(response.status())->field, "supernet.data_digest");
}

TEST_F(SupernetDataTest, DataPreparedOtherwiseIsNotRegistered) {
  data::Metadata trained = Keywords(Words("a"));
  trained.front_end->low_hz = 20;

  EXPECT_THAT(
      Register(UploadSupernet(trained), UploadData(Keywords(Words("a")))),
      StatusIs(absl::StatusCode::kFailedPrecondition, "front_end.low_hz 60, the supernet's 20"));
}

TEST_F(SupernetDataTest, WhatIsNoPreparedDataIsNotRegistered) {
  EXPECT_THAT(Register(UploadSupernet(Keywords(Words("a"))), Upload("evaluation data")),
              HasReason(absl::StatusCode::kDataLoss, reason::kDataCorrupt));
}

TEST_F(SupernetDataTest, JobOnOtherClassesIsRefusedAtSubmit) {
  ASSERT_THAT(Register(UploadSupernet(Keywords(Words("a"))), UploadData(Keywords(Words("a")))),
              IsOk());

  const auto response = CreateJob(UploadData(Keywords(Words("dog"))));

  EXPECT_THAT(response,
              HasReason(absl::StatusCode::kFailedPrecondition, reason::kSupernetMismatch));
  EXPECT_THAT(response, StatusIs(absl::StatusCode::kFailedPrecondition, "'dog'"));
}

TEST_F(SupernetDataTest, JobOnClassesInAnotherOrderSaysSo) {
  ASSERT_THAT(Register(UploadSupernet(Keywords(Words("a"))), UploadData(Keywords(Words("a")))),
              IsOk());
  std::vector<std::string> reversed = Words("a");
  std::swap(reversed.front(), reversed.back());

  NIWAKI_ASSERT_OK_AND_ASSIGN(const v1::CreateJobResponse response,
                              CreateJob(UploadData(Keywords(reversed))));

  EXPECT_THAT(response.notes(),
              ElementsAre("the data has the supernet's 12 classes in another order: its labels are "
                          "mapped by name"));
}

TEST_F(SupernetDataTest, UnknownNamesAreAcceptedAndSaid) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(
      const v1::RegisterSupernetResponse registered,
      Register(UploadSupernet(Keywords(data::NumberedClasses(12)), /*names_known=*/false),
               UploadData(Keywords(Words("a")))));

  EXPECT_THAT(registered.supernet().class_names(), IsEmpty());
  EXPECT_THAT(registered.notes(), ElementsAre(HasSubstr("labels are taken by position, 0 is 'a'")));
}

}  // namespace
}  // namespace niwaki::coordinator
