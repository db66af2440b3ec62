#include "libs/engine/emit/bill_of_materials.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "libs/arch/graph.h"
#include "libs/base/digest.h"
#include "libs/base/error.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"
#include "libs/base/text/json_number.h"
#include "libs/engine/emit/operator_code.h"
#include "libs/engine/emit/project_files.h"
#include "libs/engine/plan/flash/flash.h"
#include "libs/engine/plan/kernel_choice.h"
#include "libs/engine/plan/memory_plan.h"

namespace niwaki::engine {
namespace {

constexpr char kFormat[] = "niwaki-export";
constexpr int kVersion = 1;
constexpr char kKernelFolder[] = "libs/kernels/";

// Values in a form that is the same everywhere, for digests.
class Canonical {
 public:
  template <typename T>
  void Numbers(const std::vector<T>& values) {
    Number(static_cast<int64_t>(values.size()));
    for (const T value : values) Number(static_cast<int64_t>(value));
  }
  void Number(int64_t value) { absl::StrAppend(&text_, value, " "); }
  // Bit by bit.
  void Number(float value) {
    uint32_t bits = 0;
    static_assert(sizeof(bits) == sizeof(value));
    __builtin_memcpy(&bits, &value, sizeof(bits));
    Number(int64_t{bits});
  }
  void Scale(const Quantisation& q) {
    Number(q.scale);
    Number(int64_t{q.zero_point});
  }
  std::string Digest() const { return Sha256Hex(text_); }

 private:
  std::string text_;
};

void AddOperator(const arch::Graph& graph, const arch::Op& op, Canonical& text) {
  for (const int64_t value :
       {static_cast<int64_t>(op.kind), static_cast<int64_t>(op.activation), int64_t{op.output},
        int64_t{op.kernel_h}, int64_t{op.kernel_w}, int64_t{op.stride_h}, int64_t{op.stride_w},
        int64_t{op.padding.top}, int64_t{op.padding.bottom}, int64_t{op.padding.left},
        int64_t{op.padding.right}, int64_t{op.weight}}) {
    text.Number(value);
  }
  const auto inputs = arch::InputsOf(graph, op);
  text.Numbers(std::vector<arch::TensorId>(inputs.begin(), inputs.end()));
  if (op.extra < 0) return;
  const arch::OpExtra& extra = graph.extras[op.extra];
  for (const int8_t axis : extra.order) text.Number(int64_t{axis});
  for (const bool axis : extra.axes) text.Number(int64_t{axis});
}

std::string PlanDigest(const MemoryPlan& plan) {
  Canonical text;
  text.Number(plan.arena_bytes);
  const auto add = [&](const std::vector<TensorPlacement>& places) {
    text.Number(static_cast<int64_t>(places.size()));
    for (const TensorPlacement& place : places) {
      text.Number(place.offset_bytes);
      text.Number(place.size_bytes);
      text.Number(int64_t{place.first_op});
      text.Number(int64_t{place.last_op});
      text.Number(static_cast<int64_t>(place.layout));
    }
  };
  add(plan.tensors);
  add(plan.scratch);
  text.Numbers(plan.overwrites);
  return text.Digest();
}

Json ToJson(const BillOfMaterials& bill) {
  Json json;
  json["format"] = kFormat;
  json["version"] = kVersion;
  json["prefix"] = bill.prefix;
  json["profile"] = bill.profile;
  json["kernels"] = bill.kernels;
  json["seed"] = bill.seed;
  json["made_from"] = bill.made_from;
  if (!bill.sensor.is_null()) json["sensor"] = bill.sensor;
  json["network_digest"] = bill.network_digest;
  json["plan_digest"] = bill.plan_digest;
  json["kernels_digest"] = bill.kernels_digest;
  Json& compiler = json["compiler"];
  compiler["program"] = bill.compiler;
  compiler["version"] = bill.compiler_version.empty() ? Json(nullptr) : Json(bill.compiler_version);
  compiler["flags"] = bill.compiler_flags;
  Json& figures = json["figures"];
  figures["macs"] = bill.macs;
  figures["arena_bytes"] = bill.arena_bytes;
  figures["peak_operator"] = bill.peak_operator;
  figures["constant_bytes"] = bill.constant_bytes;
  json["operators"] = Json::array();
  for (const BilledOperator& op : bill.operators) {
    json["operators"].push_back(Json{{"text", op.text}, {"macs", op.macs}});
  }
  json["sources"] = bill.sources;
  json["files"] = Json::object();
  for (const auto& [path, digest] : bill.files) json["files"][path] = digest;
  return json;
}

// May throw Json::exception.
BillOfMaterials FromJson(const Json& json) {
  BillOfMaterials bill;
  bill.prefix = json.at("prefix").get<std::string>();
  bill.profile = json.at("profile").get<bool>();
  if (json.contains("kernels")) bill.kernels = json.at("kernels").get<std::string>();
  bill.seed = Integer<uint64_t>(json.at("seed"));
  bill.made_from = json.at("made_from");
  if (json.contains("sensor")) bill.sensor = json.at("sensor");
  bill.network_digest = json.at("network_digest").get<std::string>();
  bill.plan_digest = json.at("plan_digest").get<std::string>();
  bill.kernels_digest = json.at("kernels_digest").get<std::string>();
  const Json& compiler = json.at("compiler");
  bill.compiler = compiler.at("program").get<std::string>();
  if (!compiler.at("version").is_null()) {
    bill.compiler_version = compiler.at("version").get<std::string>();
  }
  bill.compiler_flags = compiler.at("flags").get<std::string>();
  const Json& figures = json.at("figures");
  bill.macs = Integer<int64_t>(figures.at("macs"));
  bill.arena_bytes = Integer<int64_t>(figures.at("arena_bytes"));
  bill.peak_operator = Integer<int>(figures.at("peak_operator"));
  bill.constant_bytes = Integer<int64_t>(figures.at("constant_bytes"));
  for (const Json& op : json.at("operators")) {
    bill.operators.push_back({op.at("text").get<std::string>(), Integer<int64_t>(op.at("macs"))});
  }
  bill.sources = json.at("sources").get<std::vector<std::string>>();
  bill.files = json.at("files").get<std::map<std::string, std::string>>();
  return bill;
}

absl::Status NoBill(absl::string_view what, absl::string_view why) {
  return Error(absl::StatusCode::kInvalidArgument, reason::kFileMalformed)
      .Field("file")
      .Value(what)
      .Message(absl::StrCat(what, " is no bill of materials of niwaki export: ", why));
}

// Paths are joined to the folder's: none may lead out of it.
bool StaysInside(absl::string_view path) {
  return !path.empty() && path.front() != '/' && !absl::StrContains(path, "..");
}

}  // namespace

std::string NetworkDigest(const QuantisedNetwork& network) {
  Canonical text;
  const arch::Graph& graph = network.graph;
  text.Number(int64_t{graph.input});
  text.Number(int64_t{graph.output});
  for (size_t i = 0; i < graph.tensors.size(); ++i) {
    const arch::TensorShape& shape = graph.tensors[i];
    text.Numbers(std::vector<int>{shape.height, shape.width, shape.channels});
    text.Scale(network.tensors[i]);
  }
  for (const arch::Op& op : graph.ops) AddOperator(graph, op, text);
  for (const QuantisedWeight& weight : network.weights) {
    text.Numbers(weight.values);
    for (const float scale : weight.scales) text.Number(scale);
    text.Numbers(weight.biases);
  }
  for (const auto& [id, values] : network.constants) {
    text.Number(int64_t{id});
    text.Numbers(values);
  }
  return text.Digest();
}

BillOfMaterials MakeBill(const QuantisedNetwork& network, const MemoryPlan& plan,
                         const EmitOptions& options, const FileTree& files) {
  const arch::Graph& graph = network.graph;
  BillOfMaterials bill;
  bill.prefix = options.prefix;
  bill.profile = options.profile;
  bill.kernels = std::string(KernelSetName(options.kernels));
  bill.seed = options.seed;
  bill.made_from = Json::object();
  bill.network_digest = NetworkDigest(network);
  bill.plan_digest = PlanDigest(plan);
  bill.compiler_flags = kCompilerFlags;
  bill.macs = arch::CountMacs(graph);
  bill.arena_bytes = plan.arena_bytes;
  bill.peak_operator = plan.peak_op;
  bill.constant_bytes = ConstantFlash(graph, plan).constants();
  for (size_t i = 0; i < graph.ops.size(); ++i) {
    bill.operators.push_back(
        {OperatorText(graph, static_cast<int>(i)), arch::MacsOf(graph, graph.ops[i])});
  }
  bill.sources = SourcesOf(files);
  std::string kernels;
  for (const auto& [path, content] : files) {
    bill.files[path] = Sha256Hex(content);
    if (absl::StartsWith(path, kKernelFolder)) {
      absl::StrAppend(&kernels, path, " ", bill.files[path], "\n");
    }
  }
  bill.kernels_digest = Sha256Hex(kernels);
  return bill;
}

std::string BillToText(const BillOfMaterials& bill) {
  Json json = ToJson(bill);
  json["digest"] = Sha256Hex(json.dump());
  return absl::StrCat(json.dump(2), "\n");
}

absl::StatusOr<BillOfMaterials> BillFromText(absl::string_view text, absl::string_view what) {
  NIWAKI_ASSIGN_OR_RETURN(Json json, ParseJson(text, what));
  try {
    if (!json.is_object() || json.value("format", "") != kFormat) {
      return NoBill(what, absl::StrCat("its format is not '", kFormat, "'"));
    }
    const int version = Integer<int>(json.at("version"));
    if (version != kVersion) {
      return NoBill(what, absl::StrCat("version ", version, ", this program reads ", kVersion));
    }
    const std::string digest = json.at("digest").get<std::string>();
    json.erase("digest");
    if (Sha256Hex(json.dump()) != digest) {
      return Error(absl::StatusCode::kDataLoss, reason::kDigestMismatch)
          .Field("file")
          .Value(what)
          .Message(absl::StrCat(what, " has been changed: its digest is not its content's"));
    }
    BillOfMaterials bill = FromJson(json);
    for (const auto& [path, sha] : bill.files) {
      if (!StaysInside(path)) return NoBill(what, absl::StrCat("file '", path, "'"));
    }
    for (const std::string& path : bill.sources) {
      if (!StaysInside(path)) return NoBill(what, absl::StrCat("source '", path, "'"));
    }
    return bill;
  } catch (const Json::exception& error) {
    return NoBill(what, JsonErrorText(error));
  }
}

}  // namespace niwaki::engine
