#include "libs/engine/emit/operators_c.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"
#include "libs/base/digest.h"
#include "libs/base/log.h"
#include "libs/base/status_macros.h"
#include "libs/engine/emit/c_text.h"
#include "libs/engine/emit/kernel_sources.h"
#include "libs/engine/emit/model_header.h"
#include "libs/engine/emit/operator_code.h"
#include "libs/engine/host/runner.h"
#include "libs/engine/plan/memory_plan.h"

namespace niwaki::engine {
namespace {

using arch::TensorId;

constexpr uint32_t kCrcPolynomial = 0xEDB88320;

// What the firmware asks of a network's header, and its test vector.
constexpr absl::string_view kHeader = R"(// Operators to be counted. Written by niwaki.

#ifndef @U@_H_
#define @U@_H_

#include <stdint.h>

@SECTIONS@
#define @U@_ARENA_BYTES @ARENA@
#define @U@_ARENA_ALIGNMENT 4
#define @U@_INPUT_BYTES 4
#define @U@_OUTPUT_BYTES @OUTPUT@
#define @U@_OUTPUT_SCALE 1.0f
#define @U@_OUTPUT_ZERO_POINT 0
#define @U@_NUM_OPERATORS @OPERATORS@

typedef void (*@N@_hook)(void* context, int index);
int @N@_invoke_profiled(void* arena, const int8_t* input, int8_t* output, @N@_hook hook,
                        void* context);

#endif  // @U@_H_
)";

constexpr absl::string_view kTest = R"(// Written by niwaki.

#ifndef @U@_TEST_H_
#define @U@_TEST_H_

#include <stdint.h>

static const int8_t @N@_test_input[4] = {1, 0, 0, 0};

#endif  // @U@_TEST_H_
)";

// Both are what ExpectedCheck does.
constexpr absl::string_view kCommon = R"(
// Fills memory with random levels; the state behind them.
static uint32_t fill(int8_t* to, int32_t bytes, uint32_t state) {
  for (int32_t i = 0; i < bytes; ++i) {
    state ^= state << 13;
    state ^= state >> 17;
    state ^= state << 5;
    to[i] = (int8_t)(state >> 24);
  }
  return state;
}

static uint32_t begin(uint32_t seed, uint32_t index) {
  const uint32_t state = seed ^ (index + 1u) * 2654435761u;
  return state == 0 ? 1u : state;
}

// CRC-32 by half bytes.
static uint32_t table[16];

static void fill_table(void) {
  for (uint32_t i = 0; i < 16; ++i) {
    uint32_t value = i;
    for (int bit = 0; bit < 4; ++bit) value = value >> 1 ^ ((value & 1u) != 0 ? @POLYNOMIAL@u : 0u);
    table[i] = value;
  }
}

static void check(const int8_t* from, int32_t bytes, int8_t* output) {
  uint32_t value = 0xFFFFFFFFu;
  for (int32_t i = 0; i < bytes; ++i) {
    value ^= (uint8_t)from[i];
    value = value >> 4 ^ table[value & 15u];
    value = value >> 4 ^ table[value & 15u];
  }
  value = ~value;
  for (int i = 0; i < 4; ++i) output[i] = (int8_t)(uint8_t)(value >> 8 * i);
}

)";

constexpr absl::string_view kEntryBegin = R"(
int @N@_invoke_profiled(void* arena, const int8_t* input, int8_t* output, @N@_hook hook,
                        void* context) {
  int8_t* const memory = arena;
  if (arena == 0 || (uintptr_t)arena % 4 != 0 || input == 0 || output == 0 || hook == 0) return -1;
  uint32_t seed = 0;
  for (int i = 0; i < 4; ++i) seed |= (uint32_t)(uint8_t)input[i] << 8 * i;
  uint32_t state;
  fill_table();
)";

uint32_t NextState(uint32_t state) {
  state ^= state << 13;
  state ^= state >> 17;
  state ^= state << 5;
  return state;
}

uint32_t FirstState(uint32_t seed, int index) {
  const uint32_t state = seed ^ (static_cast<uint32_t>(index) + 1U) * 2654435761U;
  return state == 0 ? 1U : state;
}

uint32_t Crc32(absl::Span<const int8_t> bytes) {
  uint32_t value = 0xFFFFFFFF;
  for (const int8_t byte : bytes) {
    value ^= static_cast<uint8_t>(byte);
    for (int bit = 0; bit < 8; ++bit) {
      value = value >> 1 ^ ((value & 1U) != 0 ? kCrcPolynomial : 0U);
    }
  }
  return ~value;
}

// From or to the order of planes.
std::vector<int8_t> Reordered(absl::Span<const int8_t> from, const arch::TensorShape& shape,
                              bool to_planes) {
  std::vector<int8_t> to(from.size());
  const int pixels = shape.height * shape.width;
  for (int pixel = 0; pixel < pixels; ++pixel) {
    for (int channel = 0; channel < shape.channels; ++channel) {
      const int inner = pixel * shape.channels + channel;
      const int planar = channel * pixels + pixel;
      to[to_planes ? planar : inner] = from[to_planes ? inner : planar];
    }
  }
  return to;
}

// Compilers read a string five times as fast as numbers: the array whose declaration has `name` in
// `text` gets its levels as one.
void WriteAsString(const std::string& name, absl::Span<const int8_t> levels, std::string& text) {
  constexpr size_t kInALine = 22;
  const size_t begin = text.find("= {", text.find(name));
  const size_t end = text.find("};", begin);
  NIWAKI_CHECK(begin != std::string::npos && end != std::string::npos);
  std::string literal = "=";
  for (size_t i = 0; i < levels.size(); ++i) {
    if (i % kInALine == 0) absl::StrAppend(&literal, i == 0 ? "" : "\"", "\n    \"");
    absl::StrAppendFormat(&literal, "\\%03o", static_cast<uint8_t>(levels[i]));
  }
  absl::StrAppend(&literal, "\";");
  text.replace(begin, end + 2 - begin, literal);
}

// The second operand, or -1.
TensorId SecondOf(const LoneOperator& op) {
  return op.network.constants.empty() ? -1 : op.network.constants.begin()->first;
}

// Where the operator's tensors lie when it runs alone.
MemoryPlan PlanOf(const LoneOperator& op) {
  const arch::Graph& graph = op.network.graph;
  MemoryPlan plan = PlanMemory(graph);
  for (size_t t = 0; t < plan.tensors.size(); ++t) {
    const bool input = static_cast<TensorId>(t) == graph.input;
    const bool planar = input ? op.planar_input : op.planar_output;
    plan.tensors[t].layout = planar ? Layout::kPlanar : Layout::kInterleaved;
  }
  const TensorId second = SecondOf(op);
  if (second >= 0) {
    TensorPlacement& place = plan.tensors[second];
    place.offset_bytes = plan.arena_bytes;
    place.size_bytes = (graph.shape(second).elements() + 3) / 4 * 4;
    place.first_op = 0;
    place.last_op = static_cast<int>(graph.ops.size()) - 1;
    // The gate of a product is one pixel.
    place.layout = graph.shape(second).height == graph.shape(graph.input).height
                       ? plan.tensors[graph.input].layout
                       : Layout::kInterleaved;
    plan.arena_bytes += place.size_bytes;
  }
  plan.arena_bytes += kSpareScratch;
  return plan;
}

// All operators side by side, for the code that is written of one network's.
class Writer {
 public:
  explicit Writer(const EmitOptions& options)
      : options_(options), section_(absl::StrCat(UpperCase(options.prefix), "_WEIGHTS_SECTION")) {}

  void Add(const LoneOperator& op) {
    const MemoryPlan plan = PlanOf(op);
    const arch::Graph& graph = op.network.graph;
    const auto first_tensor = static_cast<TensorId>(network_.graph.tensors.size());
    const int first_op = static_cast<int>(network_.graph.ops.size());
    Append(op.network, plan, first_tensor, first_op);
    arena_bytes_ = std::max(arena_bytes_, plan.arena_bytes);
    plan_.arena_bytes = plan.arena_bytes;
    absl::StrAppend(&calls_, "  state = begin(seed, ", operators_, ");\n");
    for (const TensorId id : {graph.input, SecondOf(op)}) {
      if (id < 0) continue;
      absl::StrAppend(&calls_, "  state = fill(memory + ", plan.tensors[id].offset_bytes, ", ",
                      graph.shape(id).elements(), ", state);\n");
    }
    absl::StrAppend(&calls_, "  hook(context, -1);\n");
    for (int i = first_op; i < static_cast<int>(network_.graph.ops.size()); ++i) WriteOne(i);
    absl::StrAppend(&calls_, "  hook(context, ", operators_, ");\n  check(memory + ",
                    plan.tensors[graph.output].offset_bytes, ", ",
                    graph.shape(graph.output).elements(), ", output + ", operators_ * kCheckBytes,
                    ");\n");
    ++operators_;
  }

  OperatorsC Finish() {
    OperatorsC result;
    const std::string& name = options_.prefix;
    result.arena_bytes = arena_bytes_;
    result.files[absl::StrCat(name, ".h")] =
        Filled(absl::StrReplaceAll(kHeader, {{"@SECTIONS@", kSectionMacros}}));
    result.files[absl::StrCat(name, "_test.h")] = Filled(kTest);
    result.files[absl::StrCat(name, "_weights.h")] = std::move(constants_);
    std::string text =
        Filled("// Written by niwaki.\n\n#include \"@N@.h\"\n\n#include <string.h>\n\n");
    for (const std::string& kernel : kernels_) {
      absl::StrAppend(&text, "#include \"libs/kernels/", kernel, ".h\"\n");
    }
    absl::StrAppend(&text, "\n#include \"", name, "_weights.h\"\n", Filled(kCommon), functions_,
                    Filled(kEntryBegin), calls_, "  return 0;\n}\n");
    result.files[absl::StrCat(name, ".c")] = std::move(text);
    std::string all;
    for (const auto& [path, content] : result.files) absl::StrAppend(&all, path, "\n", content);
    result.digest = Sha256Hex(all);
    for (const std::string& path : FilesOfKernels(kernels_)) {
      result.files[path] = std::string(KernelSources().at(path));
    }
    return result;
  }

 private:
  void Append(const QuantisedNetwork& network, const MemoryPlan& plan, TensorId first_tensor,
              int first_op) {
    arch::Graph& all = network_.graph;
    const auto moved = [first_tensor](TensorId id) { return id < 0 ? id : id + first_tensor; };
    for (size_t t = 0; t < network.graph.tensors.size(); ++t) {
      all.tensors.push_back(network.graph.tensors[t]);
      network_.tensors.push_back(network.tensors[t]);
      TensorPlacement& place = plan_.tensors.emplace_back(plan.tensors[t]);
      place.first_op += first_op;
      place.last_op += first_op;
    }
    for (size_t i = 0; i < network.graph.ops.size(); ++i) {
      arch::Op& op = all.ops.emplace_back(network.graph.ops[i]);
      op.input = moved(op.input);
      op.second_input = moved(op.second_input);
      op.output = moved(op.output);
      if (op.weight >= 0) op.weight += static_cast<int32_t>(network_.weights.size());
      TensorPlacement& scratch = plan_.scratch.emplace_back(plan.scratch[i]);
      scratch.first_op += first_op;
      scratch.last_op += first_op;
      plan_.overwrites.push_back(moved(plan.overwrites[i]));
    }
    all.weights.insert(all.weights.end(), network.graph.weights.begin(),
                       network.graph.weights.end());
    network_.weights.insert(network_.weights.end(), network.weights.begin(), network.weights.end());
  }

  void WriteOne(int index) {
    const OperatorCode code = CodeOfOperator(network_, plan_, index, section_, options_.kernels);
    std::string constants = code.constants;
    const int32_t weight = network_.graph.ops[index].weight;
    if (weight >= 0) {
      WriteAsString(absl::StrCat(" weights_", index, "["), network_.weights[weight].values,
                    constants);
    }
    absl::StrAppend(&constants_, constants);
    absl::StrAppend(&functions_, code.function, "\n");
    if (!code.kernel.empty()) kernels_.insert(code.kernel);
    absl::StrAppend(&calls_, "  ", code.name, "(memory);\n");
  }

  std::string Filled(absl::string_view text) const {
    return absl::StrReplaceAll(text, {{"@N@", options_.prefix},
                                      {"@U@", UpperCase(options_.prefix)},
                                      {"@ARENA@", absl::StrCat(arena_bytes_)},
                                      {"@OUTPUT@", absl::StrCat(operators_ * kCheckBytes)},
                                      {"@OPERATORS@", absl::StrCat(operators_)},
                                      {"@POLYNOMIAL@", absl::StrCat(kCrcPolynomial)}});
  }

  const EmitOptions& options_;
  const std::string section_;
  QuantisedNetwork network_;
  MemoryPlan plan_;
  int operators_ = 0;
  int64_t arena_bytes_ = 0;
  std::string constants_;
  std::string functions_;
  std::string calls_;
  std::set<std::string> kernels_;
};

}  // namespace

int64_t ArenaOf(const LoneOperator& op) { return PlanOf(op).arena_bytes; }

absl::StatusOr<OperatorsC> EmitOperators(absl::Span<const LoneOperator> operators,
                                         const EmitOptions& options) {
  NIWAKI_RETURN_IF_ERROR(CheckPrefix(options.prefix));
  Writer writer(options);
  for (const LoneOperator& op : operators) {
    NIWAKI_RETURN_IF_ERROR(Validate(op.network));
    writer.Add(op);
  }
  return writer.Finish();
}

absl::StatusOr<uint32_t> ExpectedCheck(const LoneOperator& op, int index, uint32_t seed) {
  const arch::Graph& graph = op.network.graph;
  uint32_t state = FirstState(seed, index);
  const auto draw = [&state](const arch::TensorShape& shape, bool planar) {
    std::vector<int8_t> levels(shape.elements());
    for (int8_t& level : levels) {
      state = NextState(state);
      level = static_cast<int8_t>(state >> 24);
    }
    return planar ? Reordered(levels, shape, /*to_planes=*/false) : levels;
  };
  const std::vector<int8_t> input = draw(graph.shape(graph.input), op.planar_input);
  QuantisedNetwork network = op.network;
  for (auto& [id, levels] : network.constants) {
    const arch::TensorShape& shape = graph.shape(id);
    const bool like_input = shape.height == graph.shape(graph.input).height;
    levels = draw(shape, like_input && op.planar_input);
  }
  NIWAKI_ASSIGN_OR_RETURN(HostRunner host, HostRunner::Create(&network));
  NIWAKI_ASSIGN_OR_RETURN(const absl::Span<const int8_t> output, host.Run(input));
  if (!op.planar_output) return Crc32(output);
  return Crc32(Reordered(output, graph.shape(graph.output), /*to_planes=*/true));
}

}  // namespace niwaki::engine
