#include "services/cli/arch_message.h"

#include "absl/status/statusor.h"
#include "libs/arch/catalogue.h"

namespace niwaki::cli {

v1::EstimateCostsRequest MakeEstimateRequest(const arch::SearchSpace& space,
                                             const std::string& device,
                                             const std::vector<arch::Subnet>& subnets) {
  v1::EstimateCostsRequest request;
  request.set_device(device);
  const absl::StatusOr<arch::SearchSpace> known = arch::CatalogueSpace(space.name());
  if (known.ok() && known->structure() == space.structure()) {
    request.set_space_name(space.name());
  } else {
    *request.mutable_space_definition() = space.ToMessage();
  }
  for (const arch::Subnet& subnet : subnets) {
    request.add_subnets()->set_genes(
        std::string(reinterpret_cast<const char*>(subnet.genes.data()), subnet.genes.size()));
  }
  return request;
}

}  // namespace niwaki::cli
