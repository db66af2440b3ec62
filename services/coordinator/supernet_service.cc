#include "services/coordinator/supernet_service.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "libs/arch/space.h"
#include "libs/base/error.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"
#include "libs/data/prepared/data_fit.h"
#include "libs/rpc/page_token.h"
#include "libs/rpc/request_id.h"
#include "libs/rpc/status.h"
#include "services/coordinator/convert.h"
#include "services/coordinator/idempotency.h"
#include "services/coordinator/supernet_file.h"

namespace niwaki::coordinator {
namespace {

constexpr char kList[] = "ListSupernets";
// Class names of one supernet, and of each in a list.
constexpr size_t kAllNames = 65536;
constexpr size_t kNamesInList = 8;

absl::Status CheckId(absl::string_view id) {
  bool good = id.size() <= 63;
  for (const char c : id) {
    good = good && (absl::ascii_islower(c) || absl::ascii_isdigit(c) || c == '-' || c == '_');
  }
  if (good) return absl::OkStatus();
  return Error(absl::StatusCode::kInvalidArgument, reason::kArgumentInvalid)
      .Field("supernet.name")
      .Value(id)
      .Limit("lower-case letters, digits, '-' and '_'")
      .Message(absl::StrCat("supernet id '", id,
                            "' must be 1 to 63 lower-case letters, digits, '-' and '_'"));
}

// The error with the path of its field in the request.
absl::Status InField(absl::Status status, absl::string_view field) {
  std::optional<ErrorDetail> detail = GetErrorDetail(status);
  if (!detail.has_value()) return status;
  detail->field = std::string(field);
  SetErrorDetail(status, *detail);
  return Annotate(status, field);
}

absl::StatusOr<arch::SearchSpace> SpaceFromProto(const v1::SearchSpace& space) {
  absl::StatusOr<arch::SearchSpace> read = arch::SearchSpace::FromMessage(space);
  if (read.ok()) return read;
  std::optional<ErrorDetail> detail = GetErrorDetail(read.status());
  return detail.has_value() ? InField(read.status(), absl::StrCat("supernet.space.", detail->field))
                            : read.status();
}

}  // namespace

absl::StatusOr<jobs::Supernet> SupernetService::Prepare(const v1::Supernet& from) const {
  jobs::Supernet to;
  NIWAKI_ASSIGN_OR_RETURN(to.name, IdFromName(from.name(), "supernets", "supernet.name"));
  NIWAKI_RETURN_IF_ERROR(CheckId(to.name));
  NIWAKI_ASSIGN_OR_RETURN(const arch::SearchSpace space, SpaceFromProto(from.space()));
  const absl::StatusOr<std::string> path = artifacts_.PathOf(from.digest());
  if (!path.ok()) return InField(path.status(), "supernet.digest");
  const absl::StatusOr<int64_t> data = artifacts_.SizeOf(from.data_digest());
  if (!data.ok()) return InField(data.status(), "supernet.data_digest");
  NIWAKI_RETURN_IF_ERROR(CheckSupernetFile(*path, space));
  to.space_text = space.ToTextproto();
  to.digest = from.digest();
  to.data_digest = from.data_digest();
  return to;
}

void SupernetService::Describe(v1::Supernet& supernet, size_t most) const {
  const absl::StatusOr<std::string> path = artifacts_.PathOf(supernet.digest());
  if (!path.ok()) return;
  const auto trained = ReadTrainedOn(*path);
  if (!trained.ok() || !trained->has_value()) return;
  if ((*trained)->class_names_known) {
    const std::vector<std::string>& names = (*trained)->data.class_names;
    for (size_t i = 0; i < names.size() && i < most; ++i) supernet.add_class_names(names[i]);
  }
  if ((*trained)->preparation_known) {
    supernet.set_preparation(data::PreparationText((*trained)->data));
  }
}

absl::Status SupernetService::Register(const v1::RegisterSupernetRequest& request,
                                       v1::RegisterSupernetResponse& response) {
  NIWAKI_RETURN_IF_ERROR(rpc::ValidateRequestId(request.request_id()));
  NIWAKI_ASSIGN_OR_RETURN(const jobs::Supernet supernet, Prepare(request.supernet()));
  NIWAKI_ASSIGN_OR_RETURN(const std::string weights, artifacts_.PathOf(supernet.digest));
  NIWAKI_ASSIGN_OR_RETURN(const std::string evaluated, artifacts_.PathOf(supernet.data_digest));
  const absl::StatusOr<data::DataFit> fit = CheckEvaluationData(weights, evaluated);
  if (!fit.ok()) return InField(fit.status(), "supernet.data_digest");
  for (const std::string& note : fit->notes) response.add_notes(note);
  NIWAKI_RETURN_IF_ERROR(
      loop_.Run(Idempotent("RegisterSupernet", request, response,
                           [&](jobs::JobEngine& engine, absl::Time now) -> absl::Status {
                             NIWAKI_ASSIGN_OR_RETURN(const jobs::Supernet stored,
                                                     engine.PutSupernet(supernet, now));
                             NIWAKI_ASSIGN_OR_RETURN(*response.mutable_supernet(), ToProto(stored));
                             return absl::OkStatus();
                           }),
                ReadsOf(request)));
  Describe(*response.mutable_supernet(), kAllNames);
  return absl::OkStatus();
}

grpc::Status SupernetService::RegisterSupernet(grpc::ServerContext*,
                                               const v1::RegisterSupernetRequest* request,
                                               v1::RegisterSupernetResponse* response) {
  return rpc::ToGrpcStatus(Register(*request, *response));
}

absl::Status SupernetService::Get(const v1::GetSupernetRequest& request,
                                  v1::GetSupernetResponse& response) const {
  NIWAKI_ASSIGN_OR_RETURN(const std::string id, IdFromName(request.name(), "supernets", "name"));
  NIWAKI_ASSIGN_OR_RETURN(const std::optional<jobs::Supernet> found, reader_.FindSupernet(id));
  if (!found.has_value()) {
    return Error(absl::StatusCode::kNotFound, reason::kSupernetUnknown)
        .Field("name")
        .Value(request.name())
        .Message(absl::StrCat("'", request.name(), "' does not exist"));
  }
  NIWAKI_ASSIGN_OR_RETURN(*response.mutable_supernet(), ToProto(*found));
  Describe(*response.mutable_supernet(), kAllNames);
  return absl::OkStatus();
}

grpc::Status SupernetService::GetSupernet(grpc::ServerContext*,
                                          const v1::GetSupernetRequest* request,
                                          v1::GetSupernetResponse* response) {
  return rpc::ToGrpcStatus(Get(*request, *response));
}

absl::Status SupernetService::List(const v1::ListSupernetsRequest& request,
                                   v1::ListSupernetsResponse& response) const {
  NIWAKI_ASSIGN_OR_RETURN(const int size,
                          rpc::ClampPageSize(request.page_size(), /*default_size=*/50,
                                             /*max_size=*/1000));
  NIWAKI_ASSIGN_OR_RETURN(const std::string after, rpc::ReadPageToken(kList, request.page_token()));
  NIWAKI_ASSIGN_OR_RETURN(std::vector<jobs::Supernet> found,
                          reader_.ListSupernets(after, size + 1));
  if (found.size() > static_cast<size_t>(size)) {
    found.pop_back();
    response.set_next_page_token(rpc::MakePageToken(kList, found.back().name));
  }
  for (const jobs::Supernet& supernet : found) {
    v1::Supernet& added = *response.add_supernets();
    NIWAKI_ASSIGN_OR_RETURN(added, ToProto(supernet));
    Describe(added, kNamesInList);
  }
  return absl::OkStatus();
}

grpc::Status SupernetService::ListSupernets(grpc::ServerContext*,
                                            const v1::ListSupernetsRequest* request,
                                            v1::ListSupernetsResponse* response) {
  return rpc::ToGrpcStatus(List(*request, *response));
}

}  // namespace niwaki::coordinator
