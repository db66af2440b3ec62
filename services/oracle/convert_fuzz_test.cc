#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "libs/arch/catalogue.h"
#include "libs/arch/subnet.h"
#include "libs/base/log.h"
#include "libs/latency/snapshot.h"
#include "services/oracle/convert.h"
#include "tests/fuzz/fuzz_target.h"

namespace niwaki::fuzz {

namespace {

const arch::SearchSpace& Space() {
  static const auto& space = *new arch::SearchSpace(*arch::CatalogueSpace("kws"));
  return space;
}

}  // namespace

std::vector<std::string> Seeds() {
  const arch::Subnet subnet = arch::MaxSubnet(Space());
  v1::EstimateCostsRequest request;
  request.set_device("devices/stm32f746");
  request.add_subnets()->set_genes(subnet.genes.data(), subnet.genes.size());
  request.add_subnets()->set_json(arch::ToJson(Space(), subnet));
  return {request.SerializeAsString()};
}

bool Run(absl::string_view input) {
  v1::EstimateCostsRequest request;
  if (!request.ParseFromArray(input.data(), input.size())) return false;
  bool accepted =
      oracle::DeviceFromName(latency::LatencySnapshot(), request.device(), "device").ok();
  for (const v1::SubnetRef& ref : request.subnets()) {
    const auto subnet = oracle::SubnetFromProto(Space(), ref);
    NIWAKI_CHECK(!subnet.ok() || arch::Validate(Space(), *subnet).ok());
    accepted = accepted && subnet.ok();
  }
  return accepted;
}

}  // namespace niwaki::fuzz
