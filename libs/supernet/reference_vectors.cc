#include "libs/supernet/reference_vectors.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <cstring>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "libs/arch/catalogue.h"
#include "libs/base/file.h"
#include "libs/base/random.h"
#include "libs/base/status_macros.h"

namespace niwaki::supernet {
namespace {

constexpr uint64_t kGolden = 0x9E3779B97F4A7C15u;

uint64_t Fnv1a(const std::string& text) {
  uint64_t hash = 0xcbf29ce484222325u;
  for (const char c : text) hash = (hash ^ static_cast<uint8_t>(c)) * 0x100000001b3u;
  return hash;
}

// 24 bits of the stream's element `i`, in [0, 1).
double Uniform01(uint64_t seed, int64_t i) {
  return static_cast<double>(Mix64(seed + static_cast<uint64_t>(i) * kGolden) >> 40) / 16777216.0;
}

// Bound of the uniform distribution of a weight: depthwise layers count as 3x3, linear ones are
// wide.
double WeightBound(at::IntArrayRef shape) {
  double fan_in = 1;
  for (size_t i = 1; i < shape.size(); ++i) fan_in *= static_cast<double>(shape[i]);
  if (shape.size() != 4) return 4.0 * std::sqrt(3.0 / fan_in);
  const bool depthwise = shape[1] == 1 && shape[2] > 1;
  return std::sqrt(6.0 / (depthwise ? 9.0 : fan_in));
}

// Halves ring 2 and quarters ring 3 of large depthwise kernels.
void DampRings(at::Tensor& kernel) {
  const int64_t size = kernel.size(2);
  if (kernel.size(1) != 1 || size < 5) return;
  constexpr double kDamping[] = {1, 1, 0.5, 0.25};
  for (int64_t y = 0; y < size; ++y) {
    for (int64_t x = 0; x < size; ++x) {
      const int64_t ring = std::max(std::abs(y - size / 2), std::abs(x - size / 2));
      kernel.select(2, y).select(2, x).mul_(kDamping[ring]);
    }
  }
}

}  // namespace

absl::StatusOr<std::string> VectorsPath(const std::string& name) {
  const char* shared = std::getenv("NIWAKI_SHARED");
  if (shared == nullptr) {
    return absl::FailedPreconditionError(
        "NIWAKI_SHARED is not set: it must name the folder that holds ofa/vectors "
        "(bazel test --test_env=NIWAKI_SHARED=...)");
  }
  return absl::StrCat(shared, "/ofa/vectors/", name);
}

absl::StatusOr<Json> ReadVectorsJson(const std::string& name) {
  NIWAKI_ASSIGN_OR_RETURN(const std::string path, VectorsPath(name));
  NIWAKI_ASSIGN_OR_RETURN(const std::string text, ReadFile(path));
  return ParseJson(text, name);
}

absl::StatusOr<std::map<std::string, at::Tensor>> ReadVectors(const std::string& name) {
  NIWAKI_ASSIGN_OR_RETURN(const Json index, ReadVectorsJson(name + ".index.json"));
  NIWAKI_ASSIGN_OR_RETURN(const std::string path, VectorsPath(name + ".bin"));
  NIWAKI_ASSIGN_OR_RETURN(const std::string bytes, ReadFile(path));
  std::map<std::string, at::Tensor> tensors;
  for (const Json& entry : index["tensors"]) {
    const std::string dtype = entry["dtype"];
    const auto type = dtype == "float32"   ? at::kFloat
                      : dtype == "float64" ? at::kDouble
                                           : at::kLong;
    at::Tensor tensor = at::empty(entry["shape"].get<std::vector<int64_t>>(), type);
    std::memcpy(tensor.data_ptr(), bytes.data() + entry["offset"].get<int64_t>(),
                entry["nbytes"].get<int64_t>());
    tensors[entry["name"]] = tensor;
  }
  return tensors;
}

at::Tensor FormulaUniform(const std::string& name, at::IntArrayRef shape, double low, double high) {
  at::Tensor tensor = at::empty(shape, at::kFloat);
  const uint64_t seed = Fnv1a(name);
  const double start = static_cast<float>(low);
  const double span = static_cast<float>(high - low);
  float* values = tensor.data_ptr<float>();
  for (int64_t i = 0; i < tensor.numel(); ++i) {
    values[i] = static_cast<float>(start + span * Uniform01(seed, i));
  }
  return tensor;
}

at::Tensor FormulaImages(const std::string& tag, int64_t count, int64_t side) {
  const double bound = std::sqrt(3.0);
  const at::Tensor noise =
      FormulaUniform(absl::StrCat(tag, "/noise/", side), {count, 3, side, side}, -bound, bound);
  const at::Tensor gain = FormulaUniform(absl::StrCat(tag, "/gain"), {count, 1, 1, 1}, 0.4, 1.6);
  const at::Tensor offset =
      FormulaUniform(absl::StrCat(tag, "/offset"), {count, 3, 1, 1}, -1.0, 1.0);
  return (noise.to(at::kDouble) * gain.to(at::kDouble) + offset.to(at::kDouble)).to(at::kFloat);
}

at::Tensor FormulaState(const std::string& set, const std::string& key, at::IntArrayRef shape) {
  const std::string name = absl::StrCat(set, "/", key);
  if (absl::EndsWith(key, "_matrix")) {
    return at::eye(shape[0], at::kFloat) + FormulaUniform(name, shape, -0.1, 0.1);
  }
  if (absl::StrContains(key, ".bn.")) {
    return absl::EndsWith(key, ".weight") ? FormulaUniform(name, shape, 0.75, 1.25)
                                          : FormulaUniform(name, shape, -0.25, 0.25);
  }
  if (absl::EndsWith(key, ".bias")) return FormulaUniform(name, shape, -0.1, 0.1);
  const double bound = WeightBound(shape);
  at::Tensor kernel = FormulaUniform(name, shape, -bound, bound);
  if (shape.size() == 4) DampRings(kernel);
  return kernel;
}

absl::StatusOr<arch::SearchSpace> ReadReferenceSpace(const std::string& set) {
  return arch::LoadSpace(absl::StrCat("libs/arch/testdata/", set, ".textproto"));
}

absl::StatusOr<ReferenceNet> ReadReferenceNet(const std::string& set, OfaRepository repository) {
  NIWAKI_ASSIGN_OR_RETURN(const arch::SearchSpace space, ReadReferenceSpace(set));
  ReferenceNet net{space, SharedWeights::Random(space, 0), repository, {}, {}};
  NIWAKI_ASSIGN_OR_RETURN(net.figures, ReadVectorsJson(set + ".json"));
  NIWAKI_ASSIGN_OR_RETURN(net.arrays, ReadVectors(set + ".arrays"));
  std::map<std::string, at::Tensor> state;
  // Sets without initial statistics have the whole state in a file.
  const auto statistics = net.arrays.lower_bound("bn_init/");
  if (statistics == net.arrays.end() || !absl::StartsWith(statistics->first, "bn_init/")) {
    NIWAKI_ASSIGN_OR_RETURN(state, ReadVectors(set + ".state"));
  }
  std::map<std::string, std::string> theirs;
  for (const OfaName& name : OfaSupernetNames(space, repository)) theirs[name.ours] = name.theirs;
  absl::Status status;
  net.weights.ForEach([&](const std::string& name, at::Tensor& tensor, TensorUse use) {
    const std::string& key = theirs.at(name);
    const auto recorded = state.find(key);
    const auto calibrated = net.arrays.find("bn_init/" + key);
    if (recorded != state.end()) {
      tensor = recorded->second;
    } else if (calibrated != net.arrays.end()) {
      tensor = calibrated->second;
    } else if (use == TensorUse::kStatistic || !state.empty()) {
      status.Update(absl::NotFoundError(absl::StrCat(set, " has no values of ", key)));
    } else {
      tensor = FormulaState(set, key, tensor.sizes());
    }
  });
  NIWAKI_RETURN_IF_ERROR(status);
  return net;
}

absl::StatusOr<std::map<std::string, std::vector<int64_t>>> ReadStateShapes(
    const std::string& set) {
  NIWAKI_ASSIGN_OR_RETURN(const Json figures, ReadVectorsJson(set + ".json"));
  std::map<std::string, std::vector<int64_t>> shapes;
  const Json& table = figures["meta"]["state"];
  if (table.is_object()) {
    for (const auto& [key, entry] : table.items()) {
      shapes[key] = entry["shape"].get<std::vector<int64_t>>();
    }
    return shapes;
  }
  NIWAKI_ASSIGN_OR_RETURN(const Json index, ReadVectorsJson(set + ".state.index.json"));
  for (const Json& entry : index["tensors"]) {
    shapes[entry["name"]] = entry["shape"].get<std::vector<int64_t>>();
  }
  return shapes;
}

}  // namespace niwaki::supernet
