#include "libs/latency/latency_model.h"

#include <algorithm>
#include <set>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "libs/arch/describe.h"
#include "libs/arch/operator_facts.h"
#include "libs/base/error.h"
#include "libs/base/json.h"
#include "libs/base/log.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"
#include "libs/cost/provenance.h"
#include "libs/engine/plan/kernel_choice.h"
#include "libs/latency/coefficient_data.h"

namespace niwaki::latency {
namespace {

constexpr double kMaxCoefficient = 1e6;
constexpr double kMaxIntervalRatio = 100;
constexpr double kMaxCyclesPerInstruction = 100;
constexpr size_t kMaxSourceLength = 1000;
constexpr size_t kMaxKindLength = 63;

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
  if (object.contains("cycles_per_instruction")) {
    NIWAKI_ASSIGN_OR_RETURN(model.cycles_per_instruction,
                            NumberIn(object, "cycles_per_instruction", "cycles_per_instruction"));
  }
  const auto kinds = object.find("coefficients");
  if (kinds == object.end() || !kinds->is_object()) {
    return Wrong("coefficients", "(missing)", "an object by kind of operator");
  }
  for (const auto& [name, value] : kinds->items()) {
    NIWAKI_ASSIGN_OR_RETURN(model.coefficients[name], CoefficientsFromJson(value, name));
  }
  NIWAKI_RETURN_IF_ERROR(Validate(model));
  return model;
}

bool IsKind(absl::string_view name) {
  const auto good = [](char c) {
    return absl::ascii_islower(c) || absl::ascii_isdigit(c) || c == '_';
  };
  return !name.empty() && name.size() <= kMaxKindLength &&
         std::all_of(name.begin(), name.end(), good);
}

absl::Status KindUnknown(absl::string_view target, const arch::Graph& graph, const arch::Op& op) {
  const absl::string_view kind = CostKindOf(op);
  return Error(absl::StatusCode::kFailedPrecondition, reason::kLatencyUnknown)
      .Field("latency")
      .Value(kind)
      .Message(absl::StrCat("latency model ", target, " has no coefficients for ", kind, " (",
                            arch::OpName(graph, op), ")"));
}

// The classes of a kind of CostKinds; none for another name.
const std::vector<int>& ClassesOfKind(absl::string_view kind) {
  static const auto* const classes = [] {
    auto* const by_kind = new absl::flat_hash_map<std::string, std::vector<int>>;
    for (int i = 0; i < kNumOperatorClasses; ++i) {
      const arch::OpFacts& facts = arch::kOpFacts[i / kClassesOfKind];
      const bool pointwise = IsPointwiseClass(i) && !facts.pointwise_cost.empty();
      (*by_kind)[pointwise ? facts.pointwise_cost : facts.cost].push_back(i);
    }
    return by_kind;
  }();
  static const auto* const none = new std::vector<int>;
  const auto it = classes->find(kind);
  return it == classes->end() ? *none : it->second;
}

}  // namespace

absl::string_view CostKindOf(const arch::Op& op) {
  const arch::OpFacts& facts = arch::FactsOf(op.kind);
  return op.is_pointwise() && !facts.pointwise_cost.empty() ? facts.pointwise_cost : facts.cost;
}

const std::vector<std::string>& CostKinds() {
  static const auto* const kinds = [] {
    std::set<std::string> names;
    for (const arch::OpFacts& facts : arch::kOpFacts) {
      names.emplace(facts.cost);
      if (!facts.pointwise_cost.empty()) names.emplace(facts.pointwise_cost);
    }
    return new std::vector<std::string>(names.begin(), names.end());
  }();
  return *kinds;
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
  if (!(model.cycles_per_instruction >= 0 &&
        model.cycles_per_instruction <= kMaxCyclesPerInstruction)) {
    return Wrong("cycles_per_instruction", model.cycles_per_instruction, "from 0 to 100");
  }
  if (model.coefficients.empty()) return Wrong("coefficients", "(none)", "of one kind at least");
  for (const auto& [kind, coefficients] : model.coefficients) {
    if (!IsKind(kind)) {
      return Wrong("coefficients", absl::CHexEscape(kind.substr(0, kMaxKindLength)),
                   "1 to 63 lower-case letters, digits and '_'");
    }
    for (const NamedMember& member : kMembers) {
      const double value = coefficients.*member.member;
      if (value >= 0 && value <= kMaxCoefficient) continue;
      return Wrong(absl::StrCat(kind, ".", member.name), value, "from 0 to 1e6");
    }
  }
  return absl::OkStatus();
}

CycleTable::CycleTable(const LatencyModel& model) : target_(model.target) {
  of_class_.fill(-1);
  std::array<int16_t, kNumOperatorClasses> of_kind;
  of_kind.fill(-1);
  for (const auto& [name, coefficients] : model.coefficients) {
    const auto index = static_cast<int16_t>(coefficients_.size());
    coefficients_.push_back(coefficients);
    const std::vector<int>& classes = ClassesOfKind(name);
    for (const int operator_class : classes) of_kind[operator_class] = index;
    const int named = OperatorClassNamed(name);
    if (named >= 0) of_class_[named] = index;
    if (named == TableLookUpClass()) look_up_ = index;
  }
  for (int i = 0; i < kNumOperatorClasses; ++i) {
    if (of_class_[i] < 0) of_class_[i] = of_kind[i];
  }
}

std::optional<double> CycleTable::CyclesOf(const arch::Graph& graph, const arch::Op& op) const {
  const int index = of_class_[OperatorClassOf(op)];
  if (index < 0) return std::nullopt;
  const Work work = WorkOf(graph, op);
  const double cycles = coefficients_[index].Cycles(work);
  if (look_up_ < 0 || op.kind == arch::OpKind::kActivation || !engine::HasTable(op)) return cycles;
  return cycles + coefficients_[look_up_].Cycles({0, work.output_bytes, work.output_bytes, 0});
}

absl::StatusOr<double> CycleTable::Cycles(const arch::Graph& graph) const {
  double cycles = 0;
  for (const arch::Op& op : graph.ops) {
    const std::optional<double> of_op = CyclesOf(graph, op);
    if (!of_op.has_value()) return KindUnknown(target_, graph, op);
    cycles += *of_op;
  }
  return cycles;
}

absl::StatusOr<double> PredictCycles(const LatencyModel& model, const arch::Graph& graph) {
  return CycleTable(model).Cycles(graph);
}

cost::Figure LatencyOfCycles(const LatencyModel& model, double cycles, double clock_mhz) {
  const double value = cycles / clock_mhz;
  return cost::Figure::Of(value, value / model.interval_ratio, value * model.interval_ratio,
                          cost::Provenance::kPredicted);
}

cost::Figure LatencyOfInstructions(const LatencyModel& model, double instructions,
                                   double clock_mhz) {
  if (model.cycles_per_instruction == 0) return cost::Figure();
  return LatencyOfCycles(model, instructions * model.cycles_per_instruction, clock_mhz);
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
    if (model.cycles_per_instruction > 0) {
      object["cycles_per_instruction"] = model.cycles_per_instruction;
    }
    for (const auto& [kind, coefficients] : model.coefficients) {
      Json& entry = object["coefficients"][kind];
      for (const NamedMember& member : kMembers) entry[member.name] = coefficients.*member.member;
    }
    list.push_back(std::move(object));
  }
  return list.dump(2) + "\n";
}

}  // namespace niwaki::latency
