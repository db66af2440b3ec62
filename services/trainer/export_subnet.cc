#include "services/trainer/export_subnet.h"

#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>

#include <algorithm>
#include <vector>

#include "absl/strings/string_view.h"
#include "libs/arch/graph.h"
#include "libs/base/error.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"
#include "libs/interchange/ofa/export_network.h"
#include "libs/supernet/extract.h"
#include "libs/supernet/forward.h"
#include "libs/supernet/scoring/images.h"
#include "libs/supernet/scoring/recalibrate.h"
#include "libs/supernet/torch_guard.h"
#include "libs/tensorfile/tensor.h"

namespace niwaki::trainer {
namespace {

// Statistics of the subnet's batch norms over `images`, in batches.
supernet::BatchNormStatistics Recalibrate(const supernet::Supernet& supernet,
                                          const arch::Graph& graph,
                                          const supernet::LabelledImages& images, int batch_size) {
  std::vector<at::Tensor> batches;
  for (int64_t first = 0; first < images.size(); first += batch_size) {
    batches.push_back(images.Slice(first, std::min<int64_t>(batch_size, images.size() - first)));
  }
  return supernet::RecalibrateBatchNorm(graph, SliceWeights(supernet.weights(), graph), batches,
                                        supernet.space().batch_norm_eps());
}

// Views of contiguous float32 tensors, which outlive the result.
tensorfile::TensorMap ViewsOf(const supernet::StandaloneTensors& tensors) {
  tensorfile::TensorMap views;
  for (const auto& [name, tensor] : tensors) {
    views[name] = {tensorfile::Dtype::kF32, tensor.sizes().vec(),
                   absl::string_view(reinterpret_cast<const char*>(tensor.data_ptr<float>()),
                                     tensor.numel() * sizeof(float))};
  }
  return views;
}

}  // namespace

absl::Status ExportSubnet(const supernet::Supernet& supernet, const arch::Subnet& subnet,
                          const data::PreparedData& data, const ExportOptions& options) {
  const arch::SearchSpace& space = supernet.space();
  NIWAKI_RETURN_IF_ERROR(arch::Validate(space, subnet));
  NIWAKI_RETURN_IF_ERROR(supernet::CheckDataFits(space, data));
  if (data.size(data::Split::kCalibration) == 0) {
    return Error(absl::StatusCode::kFailedPrecondition, reason::kSupernetMismatch)
        .Field("--data")
        .Limit("at least one calibration image")
        .Message("the calibration split is empty: batch norm cannot be recalibrated");
  }
  NIWAKI_ASSIGN_OR_RETURN(
      const supernet::LabelledImages images,
      supernet::LoadFirstImages(data, data::Split::kCalibration, options.calibration_images,
                                arch::ResolutionOf(space, subnet)));
  const arch::Graph graph = arch::BuildGraph(space, subnet);
  NIWAKI_ASSIGN_OR_RETURN(const supernet::StandaloneTensors tensors,
                          supernet::GuardTorch("export subnet", [&] {
                            c10::InferenceMode no_gradients;
                            const supernet::BatchNormStatistics statistics =
                                Recalibrate(supernet, graph, images, options.calibration_batch);
                            return supernet::ExtractSubnet(supernet.weights(), graph, &statistics);
                          }));
  return interchange::ExportNetwork(space, subnet, ViewsOf(tensors), options.repository,
                                    options.folder);
}

}  // namespace niwaki::trainer
