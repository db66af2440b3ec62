#include "libs/engine/emit/emit_c.h"

#include <set>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "libs/base/status_macros.h"
#include "libs/engine/emit/c_text.h"
#include "libs/engine/emit/kernel_sources.h"
#include "libs/engine/emit/model_header.h"
#include "libs/engine/emit/operator_code.h"
#include "libs/engine/emit/project_files.h"
#include "libs/engine/emit/stream_code.h"
#include "libs/engine/emit/test_vector.h"

namespace niwaki::engine {
namespace {

// What there is of the operators, in order.
struct Parts {
  std::string constants;
  std::string functions;
  // Calls of them, in the body of a function.
  std::string calls;
  std::set<std::string> kernels;
};

// The segment by rows that holds an operator, or null.
const Segment* StreamOf(const Schedule& schedule, int op) {
  for (const Segment& segment : schedule.segments) {
    if (op < segment.first_op || op >= segment.end_op) continue;
    return segment.mode == RunMode::kRows ? &segment : nullptr;
  }
  return nullptr;
}

Parts WriteOperators(const QuantisedNetwork& network, const NetworkPlan& plan,
                     const EmitOptions& options, const std::string& section) {
  Parts parts;
  const bool by_rows = TakesImageByRows(network.graph, plan.memory);
  parts.constants = ConstantOperands(network, section);
  for (size_t i = 0; i < network.graph.ops.size(); ++i) {
    const int index = static_cast<int>(i);
    if (!IsComputed(network.graph.ops[i])) continue;
    const Segment* const stream = StreamOf(plan.schedule, index);
    const OperatorCode code = CodeOfOperator(network, plan.memory, index, section, options.kernels,
                                             /*streams=*/stream != nullptr);
    if (!code.constants.empty()) {
      absl::StrAppend(&parts.constants, "\n// Operator ", i, ": ",
                      OperatorText(network.graph, index), "\n", code.constants);
    }
    if (!code.kernel.empty()) parts.kernels.insert(code.kernel);
    if (!code.function.empty()) absl::StrAppend(&parts.functions, code.function, "\n");
    if (stream != nullptr) {
      if (index < stream->end_op - 1) continue;
      parts.kernels.insert("stream");
      absl::StrAppend(&parts.functions, CodeOfStream(network.graph, *stream, by_rows), "\n");
      absl::StrAppend(&parts.calls, "  ", NameOfStream(*stream), "(memory, ",
                      by_rows && stream->first_op == 0 ? "&image" : "0", ", step_hook);\n");
      continue;
    }
    if (!code.function.empty()) {
      absl::StrAppend(&parts.calls, "  ", code.name, "(memory);\n");
    }
    if (options.profile) {
      absl::StrAppend(&parts.calls, "  if (hook != 0) hook(context, ", i, ");\n");
    }
  }
  return parts;
}

std::string Weights(const Parts& parts, const std::string& prefix) {
  return absl::StrCat("// Weights and tables of ", prefix, ", for ", prefix,
                      ".c alone. Written by niwaki export.\n\n", parts.constants);
}

// The body of the entries: arguments to the answer.
constexpr absl::string_view kBody = R"( {
  int8_t* const memory = arena;
  if (arena == 0 || (uintptr_t)arena % @U@_ARENA_ALIGNMENT != 0) return -1;
@INPUT@@CALLS@  if (output != 0) memcpy(output, memory + @U@_OUTPUT_OFFSET, @U@_OUTPUT_BYTES);
  return 0;
}
)";

// Of a profiled network the plain entry calls the one with a hook, which may be null.
constexpr absl::string_view kEntries =
    R"(int @N@_invoke@HOOKED@(void* arena, const int8_t* input, int8_t* output@HOOK@)@BODY@)";

constexpr absl::string_view kUnhooked = R"(
int @N@_invoke(void* arena, const int8_t* input, int8_t* output) {
  return @N@_invoke_profiled(arena, input, output, 0, 0);
}
)";

// An image that lies somewhere as a whole is one whose rows are copied.
constexpr absl::string_view kRowEntries =
    R"(static void read_dense_row(void* context, int32_t row, int8_t* pixels) {
  memcpy(pixels, (const int8_t*)context + row * @U@_INPUT_ROW_BYTES, @U@_INPUT_ROW_BYTES);
}

static int run_by_rows(void* arena, nw_read_row read, void* row_context, int8_t* output@HOOK@)@BODY@
int @N@_invoke_rows(void* arena, @N@_read_row read, void* context, int8_t* output) {
  return read == 0 ? -1 : run_by_rows(arena, read, context, output@NOHOOK@);
}

int @N@_invoke(void* arena, const int8_t* input, int8_t* output) {
  if (input == 0) return -1;
  return run_by_rows(arena, read_dense_row, (void*)(uintptr_t)input, output@NOHOOK@);
}
)";

constexpr absl::string_view kHookedRows = R"(
int @N@_invoke_profiled(void* arena, const int8_t* input, int8_t* output, @N@_hook hook,
                        void* context) {
  if (input == 0) return -1;
  return run_by_rows(arena, read_dense_row, (void*)(uintptr_t)input, output, hook, context);
}
)";

std::string Entries(const QuantisedNetwork& network, const NetworkPlan& plan, const Parts& parts,
                    const EmitOptions& options) {
  const bool by_rows = TakesImageByRows(network.graph, plan.memory);
  std::string input;
  if (by_rows) {
    const TensorPlacement& image = plan.memory.tensors[network.graph.input];
    input = absl::StrCat("  const nw_image_rows image = {read, row_context, ", image.offset_bytes,
                         ", @U@_INPUT_ROW_BYTES, ", image.ring_rows, "};\n");
  } else {
    input = "  if (input != 0) memcpy(memory + @U@_INPUT_OFFSET, input, @U@_INPUT_BYTES);\n";
  }
  if (parts.kernels.count("stream") > 0) {
    absl::StrAppend(&input, "  const nw_hook step_hook = ",
                    options.profile ? "{hook, context};\n" : "{0, 0};\n");
  }
  std::string text(by_rows ? kRowEntries : kEntries);
  if (options.profile) absl::StrAppend(&text, by_rows ? kHookedRows : kUnhooked);
  text = absl::StrReplaceAll(text, {{"@BODY@", kBody}});
  text = absl::StrReplaceAll(text,
                             {{"@INPUT@", input},
                              {"@CALLS@", parts.calls},
                              {"@HOOKED@", options.profile ? "_profiled" : ""},
                              {"@HOOK@", options.profile ? ", @N@_hook hook, void* context" : ""},
                              {"@NOHOOK@", options.profile ? ", 0, 0" : ""}});
  return absl::StrReplaceAll(text, {{"@N@", options.prefix}, {"@U@", UpperCase(options.prefix)}});
}

std::string Source(const QuantisedNetwork& network, const NetworkPlan& plan, const Parts& parts,
                   const EmitOptions& options) {
  std::string text =
      absl::StrCat("// Written by niwaki export; the network is described in ", options.prefix,
                   ".h.\n\n#include \"", options.prefix, ".h\"\n\n#include <string.h>\n\n");
  for (const std::string& kernel : parts.kernels) {
    absl::StrAppend(&text, "#include \"libs/kernels/", kernel, ".h\"\n");
  }
  absl::StrAppend(&text, "\n#include \"", options.prefix, "_weights.h\"\n\n", parts.functions,
                  Entries(network, plan, parts, options));
  return text;
}

}  // namespace

std::vector<std::string> SourcesOf(const FileTree& files) {
  std::vector<std::string> sources;
  for (const auto& [path, content] : files) {
    if (absl::EndsWith(path, ".c") && path != "main.c") sources.push_back(path);
  }
  return sources;
}

absl::StatusOr<FileTree> EmitC(const QuantisedNetwork& network, const NetworkPlan& plan,
                               const EmitOptions& options) {
  NIWAKI_RETURN_IF_ERROR(CheckPrefix(options.prefix));
  NIWAKI_RETURN_IF_ERROR(Validate(network));
  const std::string& name = options.prefix;
  FileTree files;
  NIWAKI_ASSIGN_OR_RETURN(files[absl::StrCat(name, "_test.h")], TestVectorText(network, options));
  const Parts parts =
      WriteOperators(network, plan, options, absl::StrCat(UpperCase(name), "_WEIGHTS_SECTION"));
  files[absl::StrCat(name, ".h")] = ModelHeader(network, plan.memory, options);
  files[absl::StrCat(name, ".c")] = Source(network, plan, parts, options);
  files[absl::StrCat(name, "_weights.h")] = Weights(parts, name);
  std::vector<std::string> kernel_files;
  for (const std::string& path : FilesOfKernels(parts.kernels)) {
    files[path] = std::string(KernelSources().at(path));
    kernel_files.push_back(path);
  }
  files["main.c"] = HostMain(options);
  files["Makefile"] = Makefile(options, kernel_files);
  files["CMakeLists.txt"] = CMakeLists(options, kernel_files);
  files["README.md"] = Readme(network, plan, options);
  return files;
}

}  // namespace niwaki::engine
