#include "libs/int8/quantise_subnet.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "libs/arch/graph.h"
#include "libs/arch/space.h"
#include "libs/base/error.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"
#include "libs/engine/floats/recalibrate_batch_norm.h"
#include "libs/engine/quantise/quantise_network.h"
#include "libs/int8/float_subnet.h"

namespace niwaki::int8 {
namespace {

absl::Status CheckChannels(const arch::SearchSpace& space, const data::PreparedData& data) {
  const int channels = data.metadata().channels;
  if (channels == space.input_channels()) return absl::OkStatus();
  return Error(absl::StatusCode::kFailedPrecondition, reason::kSupernetMismatch)
      .Field("channels")
      .Value(channels)
      .Limit(space.input_channels())
      .Message(absl::StrCat("the data has ", channels, " channels, the supernet ",
                            space.input_channels()));
}

}  // namespace

absl::StatusOr<QuantisedSubnet> QuantiseSubnet(const supernet::Supernet& supernet,
                                               const arch::Subnet& subnet,
                                               const data::PreparedData& data,
                                               const QuantiseSubnetOptions& options) {
  const arch::SearchSpace& space = supernet.space();
  NIWAKI_RETURN_IF_ERROR(arch::Validate(space, subnet));
  NIWAKI_RETURN_IF_ERROR(CheckChannels(space, data));
  const engine::Examples examples =
      ExamplesOf(data, data::Split::kCalibration, options.calibration_images,
                 arch::ResolutionOf(space, subnet));
  if (examples.count == 0) {
    return Error(absl::StatusCode::kFailedPrecondition, reason::kSupernetMismatch)
        .Field("--data")
        .Limit("at least one calibration image")
        .Message("the calibration split is empty: ranges of activations cannot be known");
  }
  const engine::Loop loop = ParallelLoop(options.threads);
  engine::FloatNetwork network = FloatSubnet(supernet, subnet);
  if (!options.keep_statistics) {
    NIWAKI_ASSIGN_OR_RETURN(network, engine::RecalibrateBatchNorm(std::move(network), examples,
                                                                  options.calibration_batch, loop));
  }
  QuantisedSubnet result;
  NIWAKI_ASSIGN_OR_RETURN(result.network,
                          engine::QuantiseNetwork(network, examples, options.quantise, loop));
  result.key = {options.supernet_digest, arch::ToJson(space, subnet), data.digest(),
                examples.count,          options.calibration_batch,   options.keep_statistics,
                options.quantise};
  result.floats = std::move(network);
  return result;
}

}  // namespace niwaki::int8
