#include "services/coordinator/oracle_cost_source.h"

#include <google/protobuf/text_format.h>

#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "libs/base/error.h"
#include "libs/base/log.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"
#include "services/coordinator/convert.h"

namespace niwaki::coordinator {
namespace {

client::ClientOptions Options() {
  client::ClientOptions options;
  // A caller of CreateJob waits for this; the proposer tries again by itself.
  options.call_timeout = absl::Seconds(5);
  options.retry.max_attempts = 3;
  options.retry.deadline = absl::Seconds(5);
  return options;
}

absl::Status Explain(const absl::Status& status, const std::string& address) {
  std::optional<ErrorDetail> detail = GetErrorDetail(status);
  if (status.code() == absl::StatusCode::kNotFound && detail.has_value()) {
    absl::Status explained = status;
    detail->field = "spec.device";
    SetErrorDetail(explained, *detail);
    return explained;
  }
  if (status.code() != absl::StatusCode::kUnavailable &&
      status.code() != absl::StatusCode::kDeadlineExceeded) {
    return Annotate(status, "oracle");
  }
  return Error(absl::StatusCode::kUnavailable, reason::kOracleUnavailable)
      .Field("oracle")
      .Value(address)
      .Message(absl::StrCat("the oracle at ", address, " does not answer: ", status.message()));
}

}  // namespace

OracleCostSource::OracleCostSource(const std::string& address)
    : address_(address), client_(address, Options()) {}

absl::StatusOr<std::vector<cost::Cost>> OracleCostSource::EstimateCosts(
    const std::string& device, const arch::SearchSpace& space,
    absl::Span<const arch::Subnet> subnets) {
  v1::EstimateCostsRequest request;
  request.set_device(absl::StrCat("devices/", device));
  NIWAKI_CHECK(google::protobuf::TextFormat::ParseFromString(space.ToTextproto(),
                                                             request.mutable_space_definition()));
  for (const arch::Subnet& subnet : subnets) {
    request.add_subnets()->set_genes(std::string(subnet.genes.begin(), subnet.genes.end()));
  }
  const absl::StatusOr<v1::EstimateCostsResponse> response = client_.EstimateCosts(request);
  if (!response.ok()) return Explain(response.status(), address_);
  std::vector<cost::Cost> costs;
  for (const v1::Cost& from : response->costs()) {
    NIWAKI_ASSIGN_OR_RETURN(cost::Cost cost, CostFromProto(from));
    costs.push_back(std::move(cost));
  }
  return costs;
}

}  // namespace niwaki::coordinator
