#include "services/trainer/quantisation_record.h"

#include "libs/arch/graph.h"
#include "libs/base/digest.h"
#include "libs/base/json.h"
#include "libs/engine/quantise/quantise_options.h"
#include "libs/engine/quantise/quantised_network.h"

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

}  // namespace

std::string QuantisationRecord(const int8::QuantisedSubnet& subnet, const train::Manifest& manifest,
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
