#include "libs/predictor/mlp/import_mlp.h"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <memory>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "libs/base/crc32.h"
#include "libs/base/error.h"
#include "libs/base/file.h"
#include "libs/base/json.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"
#include "libs/base/text/text_file.h"
#include "libs/tensorfile/state_dict.h"
#include "libs/tensorfile/tensor.h"

namespace niwaki::predictor {
namespace {

constexpr char kIndexSuffix[] = ".index.json";
constexpr char kWeight[] = ".weight";
constexpr char kBias[] = ".bias";
constexpr char kBaseAccuracy[] = "base_acc";

using tensorfile::Dtype;
using tensorfile::TensorMap;
using tensorfile::TensorView;

absl::Status NoPlace(const std::string& path, const std::string& name, const TensorView& tensor,
                     absl::string_view limit) {
  return Error(absl::StatusCode::kInvalidArgument, reason::kFileMalformed)
      .Field(name)
      .Value(tensorfile::Describe(tensor))
      .Limit(limit)
      .Message(absl::StrCat(path, ": tensor ", name, " is ", tensorfile::Describe(tensor),
                            ", it must be ", limit));
}

absl::Status Corrupt(const std::string& path, const std::string& name, absl::string_view message) {
  return Error(absl::StatusCode::kDataLoss, reason::kDataCorrupt)
      .Field(name)
      .Message(absl::StrCat(path, ": tensor ", name, " ", message));
}

// The numbers in a dotted prefix; words count as 0.
std::vector<int64_t> NumbersOf(absl::string_view prefix) {
  std::vector<int64_t> numbers;
  for (const absl::string_view part : absl::StrSplit(prefix, '.')) {
    int64_t number = 0;
    if (!absl::SimpleAtoi(part, &number)) number = 0;
    numbers.push_back(number);
  }
  return numbers;
}

std::vector<float> Floats(const TensorView& tensor) {
  std::vector<float> values(tensor.bytes.size() / sizeof(float));
  std::memcpy(values.data(), tensor.bytes.data(), values.size() * sizeof(float));
  return values;
}

absl::StatusOr<DenseLayer> LayerOf(const TensorMap& tensors, const std::string& path,
                                   const std::string& prefix) {
  const TensorView& weight = tensors.at(prefix + kWeight);
  if (weight.dtype != Dtype::kF32 || weight.shape.size() != 2 || weight.shape[0] > 65536 ||
      weight.shape[1] > 65536) {
    return NoPlace(path, prefix + kWeight, weight, "F32 [outputs,inputs], each at most 65536");
  }
  DenseLayer layer;
  layer.outputs = static_cast<int>(weight.shape[0]);
  layer.inputs = static_cast<int>(weight.shape[1]);
  layer.weights = Floats(weight);
  const auto bias = tensors.find(prefix + kBias);
  if (bias == tensors.end()) return layer;
  if (bias->second.dtype != Dtype::kF32 ||
      bias->second.shape != std::vector<int64_t>{layer.outputs}) {
    return NoPlace(path, bias->first, bias->second, absl::StrCat("F32 [", layer.outputs, "]"));
  }
  layer.bias = Floats(bias->second);
  return layer;
}

absl::StatusOr<ImportedMlp> FromStateDict(const TensorMap& tensors, const std::string& path) {
  std::vector<std::string> prefixes;
  double offset = 0;
  for (const auto& [name, tensor] : tensors) {
    if (absl::EndsWith(name, kWeight)) {
      prefixes.push_back(std::string(absl::StripSuffix(name, kWeight)));
    } else if (absl::EndsWith(name, kBaseAccuracy)) {
      if (tensor.dtype != Dtype::kF32 || tensor.bytes.size() != sizeof(float)) {
        return NoPlace(path, name, tensor, "one F32 number");
      }
      offset = Floats(tensor)[0];
    } else if (!absl::EndsWith(name, kBias) ||
               tensors.count(absl::StrCat(absl::StripSuffix(name, kBias), kWeight)) == 0) {
      return NoPlace(path, name, tensor,
                     "the .weight of a linear layer, the .bias beside one, or base_acc");
    }
  }
  std::sort(prefixes.begin(), prefixes.end(), [](const std::string& a, const std::string& b) {
    return std::make_pair(NumbersOf(a), a) < std::make_pair(NumbersOf(b), b);
  });
  std::vector<DenseLayer> layers;
  std::vector<std::string> mapped;
  for (const std::string& prefix : prefixes) {
    NIWAKI_ASSIGN_OR_RETURN(DenseLayer layer, LayerOf(tensors, path, prefix));
    for (const char* suffix : {kWeight, kBias}) {
      const auto found = tensors.find(prefix + suffix);
      if (found == tensors.end()) continue;
      mapped.push_back(absl::StrCat(found->first, " ", tensorfile::ShapeText(found->second.shape),
                                    " → layer ", layers.size()));
    }
    layers.push_back(std::move(layer));
  }
  auto mlp = Mlp::Create(std::move(layers));
  if (!mlp.ok()) return Annotate(mlp.status(), path);
  return ImportedMlp{*std::move(mlp), offset, std::move(mapped)};
}

// One entry of an index; `data` is the file that it describes.
absl::StatusOr<TensorView> ReadEntry(const Json& entry, absl::string_view data,
                                     const std::string& path, std::string& name) {
  TensorView tensor;
  uint64_t offset = 0;
  uint64_t bytes = 0;
  std::string crc32;
  try {
    name = entry.at("name").get<std::string>();
    tensor.shape = entry.at("shape").get<std::vector<int64_t>>();
    offset = entry.at("offset").get<uint64_t>();
    bytes = entry.at("nbytes").get<uint64_t>();
    crc32 = entry.at("crc32").get<std::string>();
    const std::string dtype = entry.at("dtype").get<std::string>();
    if (dtype != "float32") return Corrupt(path, name, absl::StrCat("is ", dtype, ", not float32"));
  } catch (const nlohmann::json::exception& e) {
    return Error(absl::StatusCode::kInvalidArgument, reason::kFileMalformed)
        .Field("tensors")
        .Message(absl::StrCat(path, ": tensors: ", e.what()));
  }
  const auto elements = tensorfile::CountElements(tensor.shape);
  if (!elements.has_value() || static_cast<uint64_t>(*elements) != bytes / sizeof(float) ||
      bytes % sizeof(float) != 0) {
    return Corrupt(
        path, name,
        absl::StrCat("of shape ", tensorfile::ShapeText(tensor.shape), " has ", bytes, " bytes"));
  }
  if (offset > data.size() || bytes > data.size() - offset) {
    return Corrupt(
        path, name,
        absl::StrCat("ends at byte ", offset, " + ", bytes, " of a file of ", data.size()));
  }
  tensor.bytes = data.substr(offset, bytes);
  if (absl::StrFormat("%08x", Crc32(tensor.bytes)) != crc32) {
    return Corrupt(path, name, absl::StrCat("has another checksum than ", crc32));
  }
  return tensor;
}

absl::StatusOr<ImportedMlp> FromIndex(const std::string& path) {
  NIWAKI_ASSIGN_OR_RETURN(const std::string text, ReadTextFile(path, int64_t{1} << 24));
  NIWAKI_ASSIGN_OR_RETURN(const Json index, ParseJson(text, path));
  const std::string data_path = absl::StrCat(absl::StripSuffix(path, kIndexSuffix), ".bin");
  NIWAKI_ASSIGN_OR_RETURN(const std::string data, ReadFile(data_path, int64_t{1} << 30));
  if (!index.is_object() || !index.contains("tensors") || !index["tensors"].is_array()) {
    return Error(absl::StatusCode::kInvalidArgument, reason::kFileMalformed)
        .Field("tensors")
        .Message(absl::StrCat(path, ": must be an object with a list \"tensors\""));
  }
  TensorMap tensors;
  for (const Json& entry : index["tensors"]) {
    std::string name;
    NIWAKI_ASSIGN_OR_RETURN(TensorView tensor, ReadEntry(entry, data, path, name));
    tensors[name] = std::move(tensor);
  }
  return FromStateDict(tensors, path);
}

}  // namespace

absl::StatusOr<ImportedMlp> ImportMlp(const std::string& path) {
  if (absl::EndsWith(path, kIndexSuffix)) return FromIndex(path);
  tensorfile::StateDictOptions options;
  // The first parts of names are those of layers here.
  options.strip_common_prefix = false;
  NIWAKI_ASSIGN_OR_RETURN(const auto state, tensorfile::StateDict::Open(path, options));
  TensorMap tensors;
  for (const auto& [name, tensor] : state->tensors()) {
    if (!tensorfile::IsCounter(name)) tensors[name] = tensor;
  }
  return FromStateDict(tensors, path);
}

}  // namespace niwaki::predictor
