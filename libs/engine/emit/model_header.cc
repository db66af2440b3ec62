#include "libs/engine/emit/model_header.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "libs/arch/operator_facts.h"
#include "libs/engine/emit/c_text.h"

namespace niwaki::engine {
namespace {

// @N@ is the prefix, @U@ the same in upper case.
constexpr absl::string_view kText =
    R"(// An int8 network. Written by niwaki export; README.md says what it is.
//
// Memory is the caller's: an arena of @U@_ARENA_BYTES. Nothing in it is kept between calls, so
// several networks may share one, as large as the largest of them, as long as they take turns.
//
//   static int8_t arena[@U@_ARENA_BYTES] NW_ARENA_SECTION __attribute__((aligned(4)));
//   @N@_invoke(arena, input, output);

#ifndef @U@_H_
#define @U@_H_

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// Where arenas and weights lie: attributes, for programs with memory of several kinds, such as
// -D'NW_ARENA_SECTION=__attribute__((section(".fast")))'. @U@_WEIGHTS_SECTION is for this network
// alone.
@SECTIONS@
// Bytes that the network needs while it runs: input, output and scratch memory are among them, the
// stack is not.
#define @U@_ARENA_BYTES @ARENA@
#define @U@_ARENA_ALIGNMENT 4

// Input and output: height x width x channels, channels innermost. What has an offset lies there in
// the arena, and needs no copy by whoever writes or reads it there; the output's place is only right
// after an invocation.
// real = SCALE * (level - ZERO_POINT)
)";

constexpr absl::string_view kEntry = R"(
#define @U@_NUM_OPERATORS @OPERATORS@
#define @U@_MACS @MACS@

// Reads @U@_INPUT_BYTES of `input` and writes @U@_OUTPUT_BYTES to `output`. Null for an input that
// already lies in the arena, and for an output that is to stay there. 0, or -1 for an arena that is
// null or not aligned.
int @N@_invoke(void* arena, const int8_t* input, int8_t* output);
)";

constexpr absl::string_view kProfile = R"(
// As @N@_invoke, and calls `hook` behind each operator that computes, with `context` and the
// operator's index; null for none.
typedef void (*@N@_hook)(void* context, int index);
int @N@_invoke_profiled(void* arena, const int8_t* input, int8_t* output, @N@_hook hook,
                        void* context);
)";

// The image comes row after row.
constexpr absl::string_view kRowEntry = R"(
// Some rows of the image lie in the arena at a time: the network asks for row 0, 1, ... when it
// needs them, and `read` writes @U@_INPUT_ROW_BYTES to `pixels`. @N@_invoke copies them from an
// image that lies elsewhere as a whole; its input may not be null.
#define @U@_INPUT_ROW_BYTES (@U@_INPUT_WIDTH * @U@_INPUT_CHANNELS)
typedef void (*@N@_read_row)(void* context, int32_t row, int8_t* pixels);
int @N@_invoke_rows(void* arena, @N@_read_row read, void* context, int8_t* output);
)";

std::string Border(absl::string_view side, const QuantisedNetwork& network, const MemoryPlan& plan,
                   arch::TensorId id) {
  const arch::TensorShape& shape = network.graph.shape(id);
  const Quantisation& q = network.tensors[id];
  const auto define = [&](absl::string_view name, const absl::AlphaNum& value) {
    return absl::StrCat("#define @U@_", side, "_", name, " ", value, "\n");
  };
  // In brackets where it is negative.
  const std::string zero_point =
      q.zero_point < 0 ? absl::StrCat("(", q.zero_point, ")") : absl::StrCat(q.zero_point);
  return absl::StrCat(
      define("HEIGHT", shape.height), define("WIDTH", shape.width),
      define("CHANNELS", shape.channels), define("BYTES", shape.elements()),
      plan.tensors[id].ring_rows > 0 ? "" : define("OFFSET", plan.tensors[id].offset_bytes),
      define("SCALE", FloatLiteral(q.scale)), define("ZERO_POINT", zero_point));
}

}  // namespace

Borders BordersOf(const arch::Graph& graph) {
  Borders borders = {graph.input, graph.output};
  for (const arch::Op& op : graph.ops) {
    if (op.kind == arch::OpKind::kQuantize && op.input == graph.input) borders.input = op.output;
    if (op.kind == arch::OpKind::kDequantize && op.output == graph.output) {
      borders.output = op.input;
    }
  }
  return borders;
}

std::string ModelHeader(const QuantisedNetwork& network, const MemoryPlan& plan,
                        const EmitOptions& options) {
  const Borders borders = BordersOf(network.graph);
  const std::string upper = UpperCase(options.prefix);
  const std::string begin = absl::StrReplaceAll(kText, {{"@SECTIONS@", kSectionMacros}});
  const std::string text = absl::StrCat(begin, Border("INPUT", network, plan, borders.input),
                                        Border("OUTPUT", network, plan, borders.output), kEntry,
                                        plan.tensors[borders.input].ring_rows > 0 ? kRowEntry : "",
                                        options.profile ? kProfile : "",
                                        "\n#ifdef __cplusplus\n}\n#endif\n\n#endif  // @U@_H_\n");
  return absl::StrReplaceAll(text, {{"@N@", options.prefix},
                                    {"@U@", upper},
                                    {"@ARENA@", absl::StrCat(plan.arena_bytes)},
                                    {"@OPERATORS@", absl::StrCat(network.graph.ops.size())},
                                    {"@MACS@", absl::StrCat(arch::CountMacs(network.graph))}});
}

}  // namespace niwaki::engine
