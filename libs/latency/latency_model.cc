#include "libs/latency/latency_model.h"

#include <cmath>

#include "absl/strings/str_cat.h"
#include "libs/base/error.h"
#include "libs/base/json.h"
#include "libs/base/log.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"
#include "libs/latency/coefficient_data.h"

namespace niwaki::latency {
namespace {

constexpr double kMaxCoefficient = 1e6;
constexpr double kMaxIntervalRatio = 100;
constexpr size_t kMaxSourceLength = 1000;
constexpr absl::string_view kKindNames[kCostKinds] = {
    "pointwise_conv", "conv", "depthwise_conv", "add", "mul", "global_avg_pool", "linear"};

struct NamedMember {
  const char* name;
  double Coefficients::*member;
};
constexpr NamedMember kMembers[] = {
    {"cycles_per_mac", &Coefficients::cycles_per_mac},
    {"cycles_per_input_byte", &Coefficients::cycles_per_input_byte},
    {"cycles_per_output_byte", &Coefficients::cycles_per_output_byte},
    {"cycles_per_weight_byte", &Coefficients::cycles_per_weight_byte},
    {"cycles_per_call", &Coefficients::cycles_per_call},
};

absl::Status Wrong(absl::string_view field, const absl::AlphaNum& value, absl::string_view limit) {
  return Error(absl::StatusCode::kInvalidArgument, reason::kArgumentInvalid)
      .Field(field)
      .Value(value)
      .Limit(limit)
      .Message(absl::StrCat("latency model: ", field, " ", value, " is not ", limit));
}

absl::StatusOr<double> NumberIn(const Json& object, const char* key, const std::string& field) {
  const auto it = object.find(key);
  if (it == object.end() || !it->is_number()) return Wrong(field, "(missing)", "a number");
  return it->get<double>();
}

absl::StatusOr<std::string> TextIn(const Json& object, const char* key) {
  const auto it = object.find(key);
  if (it == object.end() || !it->is_string()) return Wrong(key, "(missing)", "a text");
  return it->get<std::string>();
}

absl::StatusOr<Coefficients> CoefficientsFromJson(const Json& object, absl::string_view field) {
  if (!object.is_object() || object.size() != std::size(kMembers)) {
    return Wrong(field, "(value)", "an object of five numbers");
  }
  Coefficients coefficients;
  for (const NamedMember& member : kMembers) {
    NIWAKI_ASSIGN_OR_RETURN(coefficients.*member.member,
                            NumberIn(object, member.name, absl::StrCat(field, ".", member.name)));
  }
  return coefficients;
}

absl::StatusOr<LatencyModel> ModelFromJson(const Json& object) {
  if (!object.is_object()) return Wrong("model", "(value)", "an object");
  LatencyModel model;
  NIWAKI_ASSIGN_OR_RETURN(model.target, TextIn(object, "target"));
  NIWAKI_ASSIGN_OR_RETURN(model.source, TextIn(object, "source"));
  NIWAKI_ASSIGN_OR_RETURN(model.interval_ratio,
                          NumberIn(object, "interval_ratio", "interval_ratio"));
  const auto kinds = object.find("coefficients");
  if (kinds == object.end() || !kinds->is_object() || kinds->size() != kCostKinds) {
    return Wrong("coefficients", "(missing)", "an object with every kind of operator");
  }
  for (int kind = 0; kind < kCostKinds; ++kind) {
    const std::string name(kKindNames[kind]);
    const auto it = kinds->find(name);
    if (it == kinds->end()) return Wrong("coefficients", "(missing)", name);
    NIWAKI_ASSIGN_OR_RETURN(model.coefficients[kind], CoefficientsFromJson(*it, name));
  }
  NIWAKI_RETURN_IF_ERROR(Validate(model));
  return model;
}

}  // namespace

absl::string_view CostKindName(CostKind kind) { return kKindNames[static_cast<int>(kind)]; }

CostKind CostKindOf(const arch::Op& op) {
  switch (op.kind) {
    case arch::OpKind::kConv2d:
      return op.kernel_size == 1 ? CostKind::kPointwiseConv : CostKind::kConv;
    case arch::OpKind::kDepthwiseConv2d:
      return CostKind::kDepthwiseConv;
    case arch::OpKind::kAdd:
      return CostKind::kAdd;
    case arch::OpKind::kMul:
      return CostKind::kMul;
    // Nobody has measured pooling by windows; like the global one it reads its input and adds.
    case arch::OpKind::kMaxPool:
    case arch::OpKind::kAvgPool:
    case arch::OpKind::kGlobalAvgPool:
      return CostKind::kGlobalAvgPool;
    case arch::OpKind::kLinear:
      return CostKind::kLinear;
  }
  return CostKind::kConv;
}

Work WorkOf(const arch::Graph& graph, const arch::Op& op) {
  Work work;
  const arch::TensorShape& output = graph.shape(op.output);
  const double pixels = static_cast<double>(output.height) * output.width;
  work.macs = static_cast<double>(arch::MacsOf(graph, op));
  work.input_bytes = static_cast<double>(graph.shape(op.input).elements());
  if (op.second_input >= 0) work.input_bytes += graph.shape(op.second_input).elements();
  work.output_bytes = static_cast<double>(output.elements());
  // Every weight is used once for each output pixel.
  if (op.weight >= 0) work.weight_bytes = work.macs / pixels;
  return work;
}

absl::Status Validate(const LatencyModel& model) {
  if (model.target.empty() || model.target.size() > 63) {
    return Wrong("target", model.target, "1 to 63 characters");
  }
  if (model.source.empty() || model.source.size() > kMaxSourceLength) {
    return Wrong("source", model.source, "1 to 1000 characters");
  }
  if (!(model.interval_ratio >= 1 && model.interval_ratio <= kMaxIntervalRatio)) {
    return Wrong("interval_ratio", model.interval_ratio, "from 1 to 100");
  }
  for (int kind = 0; kind < kCostKinds; ++kind) {
    for (const NamedMember& member : kMembers) {
      const double value = model.coefficients[kind].*member.member;
      if (value >= 0 && value <= kMaxCoefficient) continue;
      return Wrong(absl::StrCat(kKindNames[kind], ".", member.name), value, "from 0 to 1e6");
    }
  }
  return absl::OkStatus();
}

double PredictCycles(const LatencyModel& model, const arch::Graph& graph) {
  double cycles = 0;
  for (const arch::Op& op : graph.ops) {
    cycles += model.coefficients[static_cast<int>(CostKindOf(op))].Cycles(WorkOf(graph, op));
  }
  return cycles;
}

const std::vector<LatencyModel>& DefaultModels() {
  static const auto* const models = [] {
    auto parsed = ModelsFromJson(DefaultCoefficientsText());
    NIWAKI_CHECK(parsed.ok());
    return new std::vector<LatencyModel>(*std::move(parsed));
  }();
  return *models;
}

absl::StatusOr<std::vector<LatencyModel>> ModelsFromJson(absl::string_view json) {
  NIWAKI_ASSIGN_OR_RETURN(const Json list, ParseJson(json, "latency models"));
  if (!list.is_array()) return Wrong("models", "(value)", "a list");
  std::vector<LatencyModel> models;
  for (const Json& object : list) {
    NIWAKI_ASSIGN_OR_RETURN(models.emplace_back(), ModelFromJson(object));
  }
  return models;
}

std::string ModelsToJson(const std::vector<LatencyModel>& models) {
  Json list = Json::array();
  for (const LatencyModel& model : models) {
    Json object;
    object["target"] = model.target;
    object["source"] = model.source;
    object["interval_ratio"] = model.interval_ratio;
    for (int kind = 0; kind < kCostKinds; ++kind) {
      Json& entry = object["coefficients"][std::string(kKindNames[kind])];
      for (const NamedMember& member : kMembers) {
        entry[member.name] = model.coefficients[kind].*member.member;
      }
    }
    list.push_back(std::move(object));
  }
  return list.dump(2) + "\n";
}

}  // namespace niwaki::latency
