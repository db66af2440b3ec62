#include "services/trainer/quantise_subnet.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "libs/arch/graph.h"
#include "libs/arch/space.h"
#include "libs/base/digest.h"
#include "libs/base/error.h"
#include "libs/base/json.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"
#include "libs/engine/floats/recalibrate_batch_norm.h"
#include "libs/engine/quantise/quantise_network.h"
#include "services/trainer/float_subnet.h"

namespace niwaki::trainer {
namespace {

Json TensorJson(const engine::QuantisedNetwork& network, arch::TensorId id) {
  const arch::TensorShape& shape = network.graph.shape(id);
  Json json = Json::object();
  json["height"] = shape.height;
  json["width"] = shape.width;
  json["channels"] = shape.channels;
  json["scale"] = network.tensors[id].scale;
  json["zero_point"] = network.tensors[id].zero_point;
  return json;
}

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

std::string QuantisationRecord(const QuantisedSubnet& subnet, const train::Manifest& manifest,
                               absl::string_view file) {
  const engine::QuantiseKey& key = subnet.key;
  const engine::QuantisedNetwork& network = subnet.network;
  Json json = Json::object();
  json["key"] = key.Digest();
  json["quantiser"] = {{"version", engine::kQuantiserVersion}, {"options", key.options.ToText()}};
  json["supernet"] = {{"digest", key.supernet_digest}};
  json["subnet"] = {{"digest", Sha256Hex(key.subnet)}, {"text", key.subnet}};
  json["calibration"] = {{"data_digest", key.data_digest},
                         {"images", key.calibration_images},
                         {"batch", key.calibration_batch},
                         {"statistics", key.keep_statistics ? "kept" : "recalibrated"}};
  json["file"] = {{"digest", Sha256Hex(file)}, {"bytes", file.size()}};
  json["input"] = TensorJson(network, network.graph.input);
  json["output"] = TensorJson(network, network.graph.output);
  json["macs"] = arch::CountMacs(network.graph);
  json["trained_on"] = {{"data_digest", manifest.data_digest},
                        {"class_names_known", manifest.class_names_known},
                        {"data", Json::parse(manifest.data.ToJson())}};
  return json.dump(2) + "\n";
}

}  // namespace niwaki::trainer
