#include "services/cli/arch_message.h"

#include <google/protobuf/text_format.h>

#include "libs/arch/catalogue.h"
#include "libs/base/log.h"

namespace niwaki::cli {

v1::SearchSpace SpaceMessage(const arch::SearchSpace& space) {
  v1::SearchSpace message;
  NIWAKI_CHECK(google::protobuf::TextFormat::ParseFromString(space.ToTextproto(), &message));
  return message;
}

absl::StatusOr<arch::SearchSpace> SpaceFromMessage(const v1::SearchSpace& message) {
  std::string text;
  NIWAKI_CHECK(google::protobuf::TextFormat::PrintToString(message, &text));
  return arch::SearchSpace::FromTextproto(text);
}

v1::EstimateCostsRequest MakeEstimateRequest(const arch::SearchSpace& space,
                                             const std::string& device,
                                             const std::vector<arch::Subnet>& subnets) {
  v1::EstimateCostsRequest request;
  request.set_device(device);
  const absl::StatusOr<arch::SearchSpace> known = arch::CatalogueSpace(space.name());
  if (known.ok() && known->structure() == space.structure()) {
    request.set_space_name(space.name());
  } else {
    *request.mutable_space_definition() = SpaceMessage(space);
  }
  for (const arch::Subnet& subnet : subnets) {
    request.add_subnets()->set_genes(
        std::string(reinterpret_cast<const char*>(subnet.genes.data()), subnet.genes.size()));
  }
  return request;
}

}  // namespace niwaki::cli
