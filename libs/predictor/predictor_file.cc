#include "libs/predictor/predictor_file.h"

#include <cmath>
#include <cstring>
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "libs/base/error.h"
#include "libs/base/file.h"
#include "libs/base/json.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"
#include "libs/predictor/space_family.h"
#include "libs/predictor/structured/fewer_inputs.h"
#include "libs/tensorfile/safetensors.h"
#include "libs/tensorfile/tensor.h"

namespace niwaki::predictor {
namespace {

constexpr int kFormat = 1;
constexpr char kManifest[] = "niwaki.predictor";
constexpr char kStructured[] = "structured";
constexpr char kMlp[] = "mlp";

using tensorfile::Dtype;
using tensorfile::TensorMap;
using tensorfile::TensorView;

absl::Status Corrupt(absl::string_view what, absl::string_view message) {
  return Error(absl::StatusCode::kDataLoss, reason::kDataCorrupt)
      .Field("file")
      .Value(what)
      .Message(absl::StrCat(what, ": ", message));
}

void DescribeSpace(const arch::SearchSpace& space, PredictorInfo& info) {
  info.space = space.name();
  info.structure = space.structure().ToHex();
  info.family = FamilyOf(space);
  info.classes = space.num_classes();
}

Json ToManifest(const PredictorInfo& info, double offset) {
  Json json = {{"format", kFormat},         {"kind", info.kind},
               {"encoding", info.encoding}, {"resolutions", info.resolutions},
               {"space", info.space},       {"structure", info.structure},
               {"family", info.family},     {"source", info.source},
               {"scores", info.scores},     {"scores_sha256", info.scores_sha256},
               {"sessions", info.sessions}, {"noise", info.noise},
               {"offset", offset}};
  if (info.classes > 0) json["classes"] = info.classes;
  if (info.held_out.has_value()) {
    json["held_out"] = ToJson(*info.held_out);
  }
  for (const arch::Resolution& input : info.inputs) {
    json["inputs"].push_back({input.value, input.height, input.width});
  }
  return json;
}

struct Manifest {
  PredictorInfo info;
  double offset = 0;
};

std::optional<double> NumberFrom(const Json& json, const char* key) {
  if (!json.contains(key)) return std::nullopt;
  return json.at(key).get<double>();
}

std::optional<Baseline> BaselineFrom(const Json& json, const char* key) {
  if (!json.contains(key)) return std::nullopt;
  const Json& baseline = json.at(key);
  return Baseline{baseline.at("kendall").get<double>(), NumberFrom(baseline, "kendall_within")};
}

HeldOut HeldOutFrom(const Json& json) {
  HeldOut figures{json.at("parts").get<int>(), json.at("networks").get<int>(),
                  json.at("kendall").get<double>(), json.at("spearman").get<double>(),
                  json.at("rmse").get<double>()};
  figures.kendall_within = NumberFrom(json, "kendall_within");
  figures.kendall_session = NumberFrom(json, "kendall_session");
  figures.macs = BaselineFrom(json, "macs");
  figures.parameters = BaselineFrom(json, "parameters");
  return figures;
}

std::vector<arch::Resolution> InputsFrom(const Json& json) {
  std::vector<arch::Resolution> inputs;
  for (const Json& input : json) {
    inputs.push_back({input.at(0).get<int>(), input.at(1).get<int>(), input.at(2).get<int>()});
  }
  return inputs;
}

absl::StatusOr<Manifest> ReadManifest(const tensorfile::MetadataMap& metadata,
                                      const std::string& path) {
  const auto found = metadata.find(kManifest);
  if (found == metadata.end()) {
    return Corrupt(path, absl::StrCat("is no predictor: it has no metadata '", kManifest, "'"));
  }
  const auto parsed = ParseJson(found->second, path);
  if (!parsed.ok()) return Corrupt(path, parsed.status().message());
  Manifest manifest;
  try {
    const Json& json = *parsed;
    const int format = json.at("format").get<int>();
    if (format != kFormat) {
      return Corrupt(path, absl::StrCat("format is ", format, ", this program reads ", kFormat));
    }
    PredictorInfo& info = manifest.info;
    info.kind = json.at("kind").get<std::string>();
    info.encoding = json.at("encoding").get<std::string>();
    info.resolutions = json.at("resolutions").get<std::vector<int>>();
    info.space = json.at("space").get<std::string>();
    info.structure = json.at("structure").get<std::string>();
    info.family = json.at("family").get<std::string>();
    info.source = json.at("source").get<std::string>();
    info.scores = json.at("scores").get<int>();
    info.scores_sha256 = json.at("scores_sha256").get<std::string>();
    info.sessions = json.at("sessions").get<int>();
    info.noise = json.at("noise").get<double>();
    manifest.offset = json.at("offset").get<double>();
    if (json.contains("classes")) info.classes = json.at("classes").get<int>();
    if (json.contains("inputs")) info.inputs = InputsFrom(json.at("inputs"));
    if (json.contains("held_out")) info.held_out = HeldOutFrom(json.at("held_out"));
  } catch (const nlohmann::json::exception& e) {
    return Corrupt(path, absl::StrCat("manifest: ", e.what()));
  }
  return manifest;
}

template <typename Number>
TensorView View(Dtype dtype, std::vector<int64_t> shape, const std::vector<Number>& values) {
  return {dtype, std::move(shape),
          absl::string_view(reinterpret_cast<const char*>(values.data()),
                            values.size() * sizeof(Number))};
}

absl::Status Write(const std::string& path, const PredictorInfo& info, double offset,
                   const TensorMap& tensors) {
  return WriteFileAtomically(path, tensorfile::SerializeSafetensors(
                                       {{kManifest, ToManifest(info, offset).dump()}}, tensors));
}

// The numbers of a tensor of this type; `size` of them unless it is negative.
template <typename Number>
absl::StatusOr<std::vector<Number>> Read(const TensorMap& tensors, const std::string& path,
                                         const std::string& name, Dtype dtype, int64_t size) {
  const auto found = tensors.find(name);
  if (found == tensors.end()) return Corrupt(path, absl::StrCat("tensor ", name, " is missing"));
  const TensorView& tensor = found->second;
  const int64_t count = static_cast<int64_t>(tensor.bytes.size() / sizeof(Number));
  if (tensor.dtype != dtype || (size >= 0 && count != size)) {
    return Corrupt(
        path, absl::StrCat("tensor ", name, " is ", tensorfile::Describe(tensor), ", it must be ",
                           tensorfile::DtypeName(dtype), " of ", size, " numbers"));
  }
  std::vector<Number> values(count);
  std::memcpy(values.data(), tensor.bytes.data(), count * sizeof(Number));
  for (const Number value : values) {
    if (!std::isfinite(value)) {
      return Corrupt(path, absl::StrCat("tensor ", name, " holds ", value));
    }
  }
  return values;
}

absl::StatusOr<std::unique_ptr<AccuracyPredictor>> ReadStructured(const TensorMap& tensors,
                                                                  const std::string& path,
                                                                  const arch::SearchSpace& space,
                                                                  const PredictorInfo& info) {
  // CheckSpace has found the inputs of another structure.
  const bool is_whole = info.structure == space.structure().ToHex();
  const int own = static_cast<int>(space.resolutions().size());
  const int inputs = is_whole ? own : static_cast<int>(info.inputs.size());
  const int coordinates = FeatureBasis::NumCoordinates(space);
  const auto read = [&](const std::string& name, int64_t size) {
    return Read<double>(tensors, path, name, Dtype::kF64, size);
  };
  Normalisation normalisation;
  NIWAKI_ASSIGN_OR_RETURN(normalisation.mean, read("mean", coordinates));
  NIWAKI_ASSIGN_OR_RETURN(normalisation.deviation, read("deviation", coordinates));
  FeatureBasis basis(space, std::move(normalisation));
  LinearModel model;
  NIWAKI_ASSIGN_OR_RETURN(model.weights, read("weights", basis.size() - NumInputFeatures(own) +
                                                             NumInputFeatures(inputs)));
  NIWAKI_ASSIGN_OR_RETURN(const std::vector<double> intercept, read("intercept", 1));
  model.intercept = intercept[0];
  if (!is_whole) model = KeepInputs(*FindInputs(space, info.inputs), inputs, model);
  return std::make_unique<StructuredPredictor>(space, std::move(basis), model.intercept,
                                               std::move(model.weights));
}

absl::StatusOr<std::unique_ptr<AccuracyPredictor>> ReadMlp(const TensorMap& tensors,
                                                           const std::string& path,
                                                           const arch::SearchSpace& space,
                                                           const Manifest& manifest) {
  std::vector<DenseLayer> layers;
  for (int i = 0;; ++i) {
    const std::string name = absl::StrCat("layers.", i, ".weight");
    const std::string bias = absl::StrCat("layers.", i, ".bias");
    const auto found = tensors.find(name);
    if (found == tensors.end()) break;
    if (found->second.shape.size() != 2) {
      return Corrupt(path,
                     absl::StrCat("tensor ", name, " is ", tensorfile::Describe(found->second),
                                  ", it must have two dimensions"));
    }
    DenseLayer layer;
    layer.outputs = static_cast<int>(found->second.shape[0]);
    layer.inputs = static_cast<int>(found->second.shape[1]);
    NIWAKI_ASSIGN_OR_RETURN(layer.weights, Read<float>(tensors, path, name, Dtype::kF32, -1));
    if (tensors.count(bias) > 0) {
      NIWAKI_ASSIGN_OR_RETURN(layer.bias,
                              Read<float>(tensors, path, bias, Dtype::kF32, layer.outputs));
    }
    layers.push_back(std::move(layer));
  }
  auto mlp = Mlp::Create(std::move(layers));
  if (!mlp.ok()) return Corrupt(path, mlp.status().message());
  NIWAKI_ASSIGN_OR_RETURN(const Encoding encoding, EncodingFromName(manifest.info.encoding));
  NIWAKI_ASSIGN_OR_RETURN(Encoder encoder,
                          Encoder::Create(encoding, space, manifest.info.resolutions));
  NIWAKI_ASSIGN_OR_RETURN(
      std::unique_ptr<MlpPredictor> predictor,
      MlpPredictor::Create(std::move(encoder), *std::move(mlp), manifest.offset));
  return predictor;
}

std::string ValuesText(const std::vector<arch::Resolution>& inputs) {
  return absl::StrJoin(inputs, ", ", [](std::string* out, const arch::Resolution& input) {
    absl::StrAppend(out, input.value);
  });
}

absl::Status OtherInputs(const PredictorInfo& info, const std::string& path,
                         const arch::SearchSpace& space) {
  const std::string known = ValuesText(info.inputs);
  const std::string own = ValuesText(space.resolutions());
  return Error(absl::StatusCode::kInvalidArgument, reason::kArgumentInvalid)
      .Field("resolutions")
      .Value(own)
      .Limit(known)
      .Message(absl::StrCat(path, " is a predictor for the resolutions ", known, " of space ",
                            info.space, ", not for all of ", own));
}

absl::Status CheckSpace(const PredictorInfo& info, const std::string& path,
                        const arch::SearchSpace& space) {
  const bool same_family = info.family == FamilyOf(space);
  const bool any_size = info.kind == kMlp && info.encoding != EncodingName(Encoding::kOneHot);
  const bool fits = any_size ? same_family : info.structure == space.structure().ToHex();
  if (fits) return absl::OkStatus();
  if (same_family && !info.inputs.empty()) {
    if (FindInputs(space, info.inputs).has_value()) return absl::OkStatus();
    return OtherInputs(info, path, space);
  }
  const std::string own = space.structure().ToHex();
  return Error(absl::StatusCode::kInvalidArgument, reason::kArgumentInvalid)
      .Field("space")
      .Value(space.name())
      .Limit(info.space)
      .Message(absl::StrCat(path, " is a predictor (encoding ", info.encoding, ") for space ",
                            info.space, " (structure ", info.structure, "), not for space ",
                            space.name(), " (structure ", own, ")"));
}

Json ToJson(const Baseline& baseline) {
  Json json = {{"kendall", baseline.kendall}};
  if (baseline.kendall_within.has_value()) json["kendall_within"] = *baseline.kendall_within;
  return json;
}

// `space` with the number of classes that the predictor is for. Where that is another, which
// changes neither genes nor features, `note` says so.
absl::StatusOr<arch::SearchSpace> SpaceOf(const PredictorInfo& info, const std::string& path,
                                          const arch::SearchSpace& space, std::string& note) {
  const std::optional<int> classes = ClassesOfFamily(space, info.family);
  const bool other = classes.has_value() && *classes != space.num_classes();
  const arch::SearchSpace own = other ? space.WithNumClasses(*classes) : space;
  NIWAKI_RETURN_IF_ERROR(CheckSpace(info, path, own));
  if (other) {
    note = absl::StrCat(path, " is a predictor of networks for ", *classes, " classes, space ",
                        space.name(), " has ", space.num_classes(),
                        ": it ranks these, its accuracies are those of ", *classes, " classes");
  }
  return own;
}

}  // namespace

Json ToJson(const HeldOut& figures) {
  Json json = {{"parts", figures.parts},
               {"networks", figures.networks},
               {"kendall", figures.kendall},
               {"spearman", figures.spearman},
               {"rmse", figures.rmse}};
  if (figures.kendall_within.has_value()) json["kendall_within"] = *figures.kendall_within;
  if (figures.kendall_session.has_value()) json["kendall_session"] = *figures.kendall_session;
  if (figures.macs.has_value()) json["macs"] = ToJson(*figures.macs);
  if (figures.parameters.has_value()) json["parameters"] = ToJson(*figures.parameters);
  return json;
}

void Describe(const arch::SearchSpace& space, const StructuredPredictor& /*predictor*/,
              PredictorInfo& info) {
  DescribeSpace(space, info);
  info.kind = kStructured;
  info.encoding = kStructured;
  info.resolutions.clear();
  info.inputs = space.resolutions();
}

void Describe(const arch::SearchSpace& space, const MlpPredictor& predictor, PredictorInfo& info) {
  DescribeSpace(space, info);
  info.kind = kMlp;
  info.encoding = std::string(EncodingName(predictor.encoder().encoding()));
  info.resolutions = predictor.encoder().resolutions();
  info.inputs.clear();
}

absl::Status WritePredictor(const std::string& path, const PredictorInfo& info,
                            const StructuredPredictor& predictor) {
  const std::vector<double> intercept = {predictor.intercept()};
  const Normalisation& normalisation = predictor.basis().normalisation();
  const auto view = [](const std::vector<double>& values) {
    return View(Dtype::kF64, {static_cast<int64_t>(values.size())}, values);
  };
  return Write(path, info, 0,
               {{"deviation", view(normalisation.deviation)},
                {"intercept", view(intercept)},
                {"mean", view(normalisation.mean)},
                {"weights", view(predictor.weights())}});
}

absl::Status WritePredictor(const std::string& path, const PredictorInfo& info,
                            const MlpPredictor& predictor) {
  TensorMap tensors;
  for (size_t i = 0; i < predictor.mlp().layers().size(); ++i) {
    const DenseLayer& layer = predictor.mlp().layers()[i];
    tensors[absl::StrCat("layers.", i, ".weight")] =
        View(Dtype::kF32, {layer.outputs, layer.inputs}, layer.weights);
    if (!layer.bias.empty()) {
      tensors[absl::StrCat("layers.", i, ".bias")] = View(Dtype::kF32, {layer.outputs}, layer.bias);
    }
  }
  return Write(path, info, predictor.offset(), tensors);
}

absl::StatusOr<PredictorInfo> ReadPredictorInfo(const std::string& path) {
  NIWAKI_ASSIGN_OR_RETURN(const auto file, tensorfile::SafetensorsFile::Open(path));
  NIWAKI_ASSIGN_OR_RETURN(Manifest manifest, ReadManifest(file->metadata(), path));
  return std::move(manifest.info);
}

absl::StatusOr<StoredPredictor> ReadPredictor(const std::string& path,
                                              const arch::SearchSpace& space) {
  NIWAKI_ASSIGN_OR_RETURN(const auto file, tensorfile::SafetensorsFile::Open(path));
  NIWAKI_ASSIGN_OR_RETURN(Manifest manifest, ReadManifest(file->metadata(), path));
  StoredPredictor stored;
  NIWAKI_ASSIGN_OR_RETURN(const arch::SearchSpace own,
                          SpaceOf(manifest.info, path, space, stored.note));
  if (manifest.info.kind == kStructured) {
    NIWAKI_ASSIGN_OR_RETURN(stored.predictor,
                            ReadStructured(file->tensors(), path, own, manifest.info));
  } else if (manifest.info.kind == kMlp) {
    NIWAKI_ASSIGN_OR_RETURN(stored.predictor, ReadMlp(file->tensors(), path, own, manifest));
  } else {
    return Corrupt(
        path, absl::StrCat("kind is '", manifest.info.kind, "', not ", kStructured, " or ", kMlp));
  }
  stored.info = std::move(manifest.info);
  return stored;
}

}  // namespace niwaki::predictor
