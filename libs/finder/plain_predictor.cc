#include "libs/finder/plain_predictor.h"

#include <cstring>
#include <map>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "libs/base/error.h"
#include "libs/base/file.h"
#include "libs/base/json.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"
#include "libs/predictor/mlp.h"
#include "libs/predictor/mlp_predictor.h"

namespace niwaki::finder {
namespace {

constexpr absl::string_view kSuffix = ".index.json";
constexpr int64_t kMaxBytes = int64_t{1} << 28;

absl::Status Malformed(absl::string_view path, absl::string_view what) {
  return Error(absl::StatusCode::kInvalidArgument, reason::kFileMalformed)
      .Field(path)
      .Message(absl::StrCat(path, ": ", what));
}

// A tensor of the file: rows of one column for a vector.
struct Tensor {
  std::vector<int> shape;
  std::vector<float> values;
};

absl::StatusOr<Tensor> ReadTensor(const Json& item, absl::string_view data,
                                  absl::string_view path) {
  Tensor tensor;
  int64_t count = 1;
  for (const Json& extent : item.at("shape")) {
    tensor.shape.push_back(extent.get<int>());
    count *= tensor.shape.back();
    if (tensor.shape.back() < 1 || count > kMaxBytes) return Malformed(path, "a shape is not one");
  }
  const int64_t offset = item.at("offset");
  const int64_t bytes = count * static_cast<int64_t>(sizeof(float));
  if (item.at("dtype") != "float32") return Malformed(path, "a tensor is not float32");
  if (offset < 0 || offset > static_cast<int64_t>(data.size()) - bytes) {
    return Malformed(
        path, absl::StrCat(item.at("name").get<std::string>(), " lies beyond the end of the data"));
  }
  tensor.values.resize(count);
  std::memcpy(tensor.values.data(), data.data() + offset, bytes);
  return tensor;
}

absl::StatusOr<std::vector<predictor::DenseLayer>> ReadLayers(const Json& index,
                                                              absl::string_view data,
                                                              absl::string_view path) {
  std::map<int, predictor::DenseLayer> layers;
  for (const Json& item : index.at("tensors")) {
    const std::string name = item.at("name");
    absl::string_view number = name;
    const bool weight = absl::ConsumeSuffix(&number, ".weight");
    int position = 0;
    if ((!weight && !absl::ConsumeSuffix(&number, ".bias")) ||
        !absl::SimpleAtoi(number, &position)) {
      return Malformed(path, absl::StrCat("'", name.substr(0, 80), "' is not N.weight or N.bias"));
    }
    NIWAKI_ASSIGN_OR_RETURN(Tensor tensor, ReadTensor(item, data, path));
    if (tensor.shape.size() != (weight ? 2u : 1u)) {
      return Malformed(path, absl::StrCat(name, " has ", tensor.shape.size(), " dimensions"));
    }
    predictor::DenseLayer& layer = layers[position];
    if (weight) {
      layer.outputs = tensor.shape[0];
      layer.inputs = tensor.shape[1];
      layer.weights = std::move(tensor.values);
    } else {
      layer.bias = std::move(tensor.values);
    }
  }
  std::vector<predictor::DenseLayer> row;
  for (auto& [position, layer] : layers) row.push_back(std::move(layer));
  return row;
}

}  // namespace

absl::StatusOr<std::shared_ptr<const predictor::AccuracyPredictor>> LoadPlainPredictor(
    const std::string& index_path, predictor::Encoding encoding, const arch::SearchSpace& space) {
  if (!absl::EndsWith(index_path, kSuffix)) return Malformed(index_path, "is not NAME.index.json");
  NIWAKI_ASSIGN_OR_RETURN(predictor::Encoder encoder, predictor::Encoder::Create(encoding, space));
  NIWAKI_ASSIGN_OR_RETURN(const std::string text, ReadFile(index_path, kMaxBytes));
  NIWAKI_ASSIGN_OR_RETURN(const Json index, ParseJson(text, index_path));
  const std::string data_path = absl::StrCat(absl::StripSuffix(index_path, kSuffix), ".bin");
  NIWAKI_ASSIGN_OR_RETURN(const std::string data, ReadFile(data_path, kMaxBytes));
  std::vector<predictor::DenseLayer> layers;
  try {
    NIWAKI_ASSIGN_OR_RETURN(layers, ReadLayers(index, data, index_path));
  } catch (const Json::exception& error) {
    return Malformed(index_path, error.what());
  }
  NIWAKI_ASSIGN_OR_RETURN(predictor::Mlp mlp, predictor::Mlp::Create(std::move(layers)));
  NIWAKI_ASSIGN_OR_RETURN(std::unique_ptr<predictor::MlpPredictor> made,
                          predictor::MlpPredictor::Create(std::move(encoder), std::move(mlp)));
  return std::shared_ptr<const predictor::AccuracyPredictor>(std::move(made));
}

}  // namespace niwaki::finder
