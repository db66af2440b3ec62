#include "libs/engine/emit/emit_c.h"

#include <set>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "libs/base/status_macros.h"
#include "libs/engine/emit/c_text.h"
#include "libs/engine/emit/kernel_sources.h"
#include "libs/engine/emit/model_header.h"
#include "libs/engine/emit/operator_code.h"
#include "libs/engine/emit/project_files.h"
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

Parts WriteOperators(const QuantisedNetwork& network, const MemoryPlan& plan,
                     const EmitOptions& options, const std::string& section) {
  Parts parts;
  parts.constants = ConstantOperands(network, section);
  for (size_t i = 0; i < network.graph.ops.size(); ++i) {
    const int index = static_cast<int>(i);
    if (!IsComputed(network.graph.ops[i])) continue;
    const OperatorCode code = CodeOfOperator(network, plan, index, section, options.kernels);
    if (!code.constants.empty()) {
      absl::StrAppend(&parts.constants, "\n// Operator ", i, ": ",
                      OperatorText(network.graph, index), "\n", code.constants);
    }
    if (!code.kernel.empty()) parts.kernels.insert(code.kernel);
    if (!code.function.empty()) {
      absl::StrAppend(&parts.functions, code.function, "\n");
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

// Of a profiled network the plain entry calls the one with a hook, which may be null.
std::string Entries(const Parts& parts, const EmitOptions& options) {
  const std::string& name = options.prefix;
  const std::string upper = UpperCase(name);
  const std::string arguments = "void* arena, const int8_t* input, int8_t* output";
  std::string text =
      absl::StrCat("int ", name, options.profile ? "_invoke_profiled(" : "_invoke(", arguments);
  if (options.profile) absl::StrAppend(&text, ", ", name, "_hook hook, void* context");
  absl::StrAppend(&text, ") {\n  int8_t* const memory = arena;\n",
                  "  if (arena == 0 || (uintptr_t)arena % ", upper,
                  "_ARENA_ALIGNMENT != 0) return -1;\n", "  if (input != 0) memcpy(memory + ",
                  upper, "_INPUT_OFFSET, input, ", upper, "_INPUT_BYTES);\n", parts.calls,
                  "  if (output != 0) memcpy(output, memory + ", upper, "_OUTPUT_OFFSET, ", upper,
                  "_OUTPUT_BYTES);\n  return 0;\n}\n");
  if (options.profile) {
    absl::StrAppend(&text, "\nint ", name, "_invoke(", arguments, ") {\n  return ", name,
                    "_invoke_profiled(arena, input, output, 0, 0);\n}\n");
  }
  return text;
}

std::string Source(const Parts& parts, const EmitOptions& options) {
  std::string text =
      absl::StrCat("// Written by niwaki export; the network is described in ", options.prefix,
                   ".h.\n\n#include \"", options.prefix, ".h\"\n\n#include <string.h>\n\n");
  for (const std::string& kernel : parts.kernels) {
    absl::StrAppend(&text, "#include \"libs/kernels/", kernel, ".h\"\n");
  }
  absl::StrAppend(&text, "\n#include \"", options.prefix, "_weights.h\"\n\n", parts.functions,
                  Entries(parts, options));
  return text;
}

}  // namespace

absl::StatusOr<FileTree> EmitC(const QuantisedNetwork& network, const MemoryPlan& plan,
                               const EmitOptions& options) {
  NIWAKI_RETURN_IF_ERROR(CheckPrefix(options.prefix));
  NIWAKI_RETURN_IF_ERROR(Validate(network));
  const std::string& name = options.prefix;
  FileTree files;
  NIWAKI_ASSIGN_OR_RETURN(files[absl::StrCat(name, "_test.h")], TestVectorText(network, options));
  const Parts parts =
      WriteOperators(network, plan, options, absl::StrCat(UpperCase(name), "_WEIGHTS_SECTION"));
  files[absl::StrCat(name, ".h")] = ModelHeader(network, plan, options);
  files[absl::StrCat(name, ".c")] = Source(parts, options);
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
