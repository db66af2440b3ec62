#include "libs/supernet/scoring/switch_benchmark.h"

#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>

#include <algorithm>
#include <string>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "libs/arch/catalogue.h"
#include "libs/arch/graph.h"
#include "libs/arch/subnet.h"
#include "libs/base/random.h"
#include "libs/base/status_macros.h"
#include "libs/supernet/forward.h"
#include "libs/supernet/weights.h"

namespace niwaki::supernet {
namespace {

using Storages = absl::flat_hash_set<const c10::StorageImpl*>;

const c10::StorageImpl* StorageOf(const at::Tensor& tensor) {
  return tensor.storage().unsafeGetStorageImpl();
}

int64_t NewBytes(const std::vector<OpTensors>& tensors, const Storages& shared) {
  int64_t bytes = 0;
  for (const OpTensors& op : tensors) {
    for (const at::Tensor* tensor :
         {&op.weight, &op.bias, &op.norm_weight, &op.norm_bias, &op.norm_mean, &op.norm_var}) {
      if (!tensor->defined() || shared.contains(StorageOf(*tensor))) continue;
      bytes += static_cast<int64_t>(tensor->storage().nbytes());
    }
  }
  return bytes;
}

}  // namespace

SwitchFigures MeasureSwitch(const arch::SearchSpace& space, int subnets, uint64_t seed) {
  c10::InferenceMode no_gradients;
  const SharedWeights weights = SharedWeights::Random(space, seed);
  SwitchFigures figures;
  Storages shared;
  weights.ForEach([&](const std::string&, const at::Tensor& tensor) {
    shared.insert(StorageOf(tensor));
    figures.supernet_bytes += static_cast<int64_t>(tensor.storage().nbytes());
  });
  Random random(seed);
  arch::Graph graph;
  absl::Duration spent;
  for (int i = 0; i < subnets; ++i) {
    const arch::Subnet subnet = arch::SampleSubnet(space, random);
    const absl::Time start = absl::Now();
    arch::BuildGraphInto(space, subnet, graph);
    const std::vector<OpTensors> tensors = SliceWeights(weights, graph);
    spent += absl::Now() - start;
    figures.most_new_bytes = std::max(figures.most_new_bytes, NewBytes(tensors, shared));
  }
  figures.milliseconds = absl::ToDoubleMilliseconds(spent) / subnets;
  return figures;
}

absl::StatusOr<SwitchFigures> MeasureCatalogueSwitch(absl::string_view space, int subnets,
                                                     uint64_t seed) {
  NIWAKI_ASSIGN_OR_RETURN(const arch::SearchSpace found, arch::CatalogueSpace(space));
  return MeasureSwitch(found, subnets, seed);
}

}  // namespace niwaki::supernet
