#include "services/coordinator/oracle_cost_source.h"

#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "libs/base/error.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"
#include "libs/cost/cost_message.h"
#include "services/coordinator/convert.h"
#include "services/coordinator/oracle_away.h"

namespace niwaki::coordinator {
namespace {

// More than the jobs that search at a time.
constexpr size_t kKnownSpaces = 16;

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
  if (detail.has_value() &&
      (detail->reason == reason::kDeviceChanged || detail->reason == reason::kTableVersionGone)) {
    return Error(status.code(), detail->reason)
        .Field(detail->field)
        .Value(detail->value)
        .Limit(detail->limit)
        .Message(absl::StrCat(status.message(),
                              "; submit the job again: what was scored is not scored anew"));
  }
  if (!IsOracleAway(status)) return Annotate(status, "oracle");
  return OracleAway(status, address);
}

// An answer that cannot be, as an error of the oracle.
absl::Status Nonsense(const absl::Status& status, const std::string& address) {
  const ErrorDetail detail = GetErrorDetail(status).value_or(ErrorDetail());
  return Error(absl::StatusCode::kInternal, reason::kOracleUnavailable)
      .Field(detail.field)
      .Value(detail.value)
      .Limit(detail.limit)
      .Message(absl::StrCat("the oracle at ", address, " gave a wrong cost: ", status.message()));
}

}  // namespace

OracleCostSource::OracleCostSource(const std::string& address)
    : address_(address), client_(address, Options()) {}

std::shared_ptr<const v1::SearchSpace> OracleCostSource::MessageOf(const arch::SearchSpace& space) {
  absl::MutexLock lock(&mutex_);
  for (const Known& known : known_) {
    if (known.structure == space.structure()) return known.message;
  }
  if (known_.size() == kKnownSpaces) known_.erase(known_.begin());
  known_.push_back({space.structure(), std::make_shared<const v1::SearchSpace>(space.ToMessage())});
  return known_.back().message;
}

absl::StatusOr<jobs::DeviceFacts> OracleCostSource::FindDevice(const std::string& device) {
  const absl::StatusOr<v1::GetDeviceResponse> response =
      client_.GetDevice(absl::StrCat("devices/", device));
  if (!response.ok()) return Explain(response.status(), address_);
  const v1::Device& found = response->device();
  return jobs::DeviceFacts{response->revision(), response->table_version(), found.sram_bytes(),
                           found.flash_bytes()};
}

absl::StatusOr<std::vector<cost::Cost>> OracleCostSource::EstimateCosts(
    const jobs::DevicePin& device, const arch::SearchSpace& space,
    absl::Span<const arch::Subnet> subnets) {
  v1::EstimateCostsRequest request;
  request.set_device(absl::StrCat("devices/", device.name));
  request.set_device_revision(device.revision);
  request.set_table_version(device.table_version);
  request.set_sram_limit_bytes(device.sram_limit_bytes);
  *request.mutable_space_definition() = *MessageOf(space);
  for (const arch::Subnet& subnet : subnets) {
    request.add_subnets()->set_genes(std::string(subnet.genes.begin(), subnet.genes.end()));
  }
  const absl::StatusOr<v1::EstimateCostsResponse> response = client_.EstimateCosts(request);
  if (!response.ok()) return Explain(response.status(), address_);
  std::vector<cost::Cost> costs;
  for (const v1::Cost& from : response->costs()) {
    const absl::StatusOr<cost::Cost> cost = cost::CostFromMessage(from);
    if (!cost.ok()) return Nonsense(cost.status(), address_);
    costs.push_back(*cost);
  }
  return costs;
}

}  // namespace niwaki::coordinator
