#include "libs/engine/emit/project_files.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "libs/arch/describe.h"
#include "libs/base/text/units.h"
#include "libs/engine/emit/c_text.h"
#include "libs/engine/emit/model_header.h"
#include "libs/engine/emit/operator_code.h"
#include "libs/engine/plan/flash/flash.h"
#include "libs/engine/plan/schedule.h"

namespace niwaki::engine {
namespace {

// @N@ is the prefix, @U@ the same in upper case.
constexpr absl::string_view kMain =
    R"(// Runs @N@ on its test vector, on this machine. Written by niwaki export.

#include <stdio.h>

#include "@N@.h"
#include "@N@_test.h"

static int8_t arena[@U@_ARENA_BYTES] NW_ARENA_SECTION __attribute__((aligned(@U@_ARENA_ALIGNMENT)));
static int8_t output[@U@_OUTPUT_BYTES];

int main(void) {
  if (@N@_invoke(arena, @N@_test_input, output) != 0) {
    puts("@N@: the arena is not aligned");
    return 1;
  }
  for (int i = 0; i < @U@_OUTPUT_BYTES; ++i) {
    if (output[i] != @N@_test_output[i]) {
      printf("@N@: output %d is %d, not %d\n", i, output[i], @N@_test_output[i]);
      return 1;
    }
  }
  printf("@N@: all %d bytes of the output are right\n", @U@_OUTPUT_BYTES);
  return 0;
}
)";

constexpr absl::string_view kMakefile =
    R"(# make            build/lib@N@.a: the network, to be linked into a program
# make test       runs the test vector on this machine
# make CROSS=arm-none-eabi- TARGET_FLAGS="-mcpu=cortex-m4 -mthumb"
CROSS =
TARGET_FLAGS =
CC = $(CROSS)gcc
AR = $(CROSS)ar
CFLAGS = @FLAGS@ $(TARGET_FLAGS)

SOURCES = @SOURCES@
OBJECTS = $(SOURCES:%.c=build/%.o)

build/lib@N@.a: $(OBJECTS)
	rm -f $@
	$(AR) rcsD $@ $^

build/%.o: %.c $(wildcard *.h libs/kernels/*.h libs/kernels/*/*.h)
	mkdir -p $(dir $@)
	$(CC) $(CFLAGS) -I. -c $< -o $@

build/@N@_test: main.c @N@_test.h build/lib@N@.a
	$(CC) $(CFLAGS) -I. main.c build/lib@N@.a -o $@

test: build/@N@_test
	./build/@N@_test

clean:
	rm -rf build

.PHONY: test clean
)";

constexpr absl::string_view kCMake =
    R"(# The network as a library, to be added to a project by add_subdirectory. By itself, on this machine:
#   cmake -B build && cmake --build build && ctest --test-dir build
cmake_minimum_required(VERSION 3.13)
project(@N@ C)

add_library(@N@ STATIC @SOURCES@)
target_include_directories(@N@ PUBLIC ${CMAKE_CURRENT_SOURCE_DIR})
separate_arguments(@U@_FLAGS UNIX_COMMAND "@FLAGS@")
target_compile_options(@N@ PRIVATE ${@U@_FLAGS})

if(CMAKE_SOURCE_DIR STREQUAL CMAKE_CURRENT_SOURCE_DIR AND NOT CMAKE_CROSSCOMPILING)
  enable_testing()
  add_executable(@N@_test main.c)
  target_link_libraries(@N@_test @N@)
  add_test(NAME @N@ COMMAND @N@_test)
endif()
)";

std::string Filled(absl::string_view text, const EmitOptions& options, absl::string_view sources) {
  return absl::StrReplaceAll(text, {{"@N@", options.prefix},
                                    {"@U@", UpperCase(options.prefix)},
                                    {"@FLAGS@", kCompilerFlags},
                                    {"@SOURCES@", sources}});
}

std::string Sources(const EmitOptions& options, const std::vector<std::string>& kernel_files) {
  std::vector<std::string> sources = {absl::StrCat(options.prefix, ".c")};
  for (const std::string& file : kernel_files) {
    if (absl::EndsWith(file, ".c")) sources.push_back(file);
  }
  return absl::StrJoin(sources, " ");
}

std::string Row(absl::string_view name, const absl::AlphaNum& value) {
  return absl::StrCat("| ", name, " | ", value, " |\n");
}

std::string BorderText(const QuantisedNetwork& network, arch::TensorId id) {
  const Quantisation& q = network.tensors[id];
  return absl::StrCat(arch::ShapeText(network.graph.shape(id)), " int8, scale ",
                      FloatLiteral(q.scale), ", zero point ", q.zero_point);
}

}  // namespace

std::string HostMain(const EmitOptions& options) { return Filled(kMain, options, ""); }

std::string Makefile(const EmitOptions& options, const std::vector<std::string>& kernel_files) {
  return Filled(kMakefile, options, Sources(options, kernel_files));
}

std::string CMakeLists(const EmitOptions& options, const std::vector<std::string>& kernel_files) {
  return Filled(kCMake, options, Sources(options, kernel_files));
}

std::string Readme(const QuantisedNetwork& network, const NetworkPlan& network_plan,
                   const EmitOptions& options) {
  const arch::Graph& graph = network.graph;
  const MemoryPlan& plan = network_plan.memory;
  const FlashBytes flash = PlanFlash(graph, network_plan, options.kernels);
  const int64_t constants = flash.constants();
  const Borders borders = BordersOf(graph);
  std::string text = absl::StrCat("# ", options.prefix, "\n\n");
  if (!options.title.empty()) absl::StrAppend(&text, options.title, "\n\n");
  absl::StrAppend(&text, "An int8 network as C11, written by `niwaki export`.\n\n",
                  "| | |\n|---|---|\n");
  absl::StrAppend(
      &text, Row("input", BorderText(network, borders.input)),
      Row("output", BorderText(network, borders.output)), Row("MACs", arch::CountMacs(graph)),
      Row("arena", absl::StrCat(plan.arena_bytes, " bytes (", FormatBytes(plan.arena_bytes),
                                "): all that the network needs while it runs, but the stack")),
      Row("schedule", ScheduleText(network_plan.schedule)),
      Row("peak operator",
          absl::StrCat(plan.peak_op, " (", OperatorText(graph, plan.peak_op), ")")),
      Row("flash", absl::StrCat(constants, " bytes of weights and tables (", FormatBytes(constants),
                                "), and about ", flash.code, " of code")));
  absl::StrAppend(&text, Filled(R"(
`make test` or `cmake -B build && cmake --build build && ctest --test-dir build` run the test vector here;
`make CROSS=arm-none-eabi- TARGET_FLAGS="-mcpu=cortex-m4 -mthumb"` makes `build/lib@N@.a` for a device;
`niwaki run FOLDER --board mps2-an386` runs this folder on an emulated one, `niwaki export --check FOLDER`
says whether it is still what was exported.

```c
#include "@N@.h"

static int8_t arena[@U@_ARENA_BYTES] NW_ARENA_SECTION __attribute__((aligned(@U@_ARENA_ALIGNMENT)));

@N@_invoke(arena, input, output);
```

Several networks in one program take turns in one arena, as large as the largest. Their kernels (`libs/kernels`) are the
same files: compile each once. `NW_ARENA_SECTION` and `NW_WEIGHTS_SECTION` say in which memory arenas and weights lie.
)",
                                options, ""));
  if (options.profile) {
    absl::StrAppend(
        &text, Filled("`@N@_invoke_profiled` calls a hook behind each operator.\n", options, ""));
  }
  absl::StrAppend(&text, "\n| | operator | MACs |\n|---|---|---|\n");
  for (size_t i = 0; i < graph.ops.size(); ++i) {
    absl::StrAppend(&text, "| ", i, " | ", OperatorText(graph, static_cast<int>(i)), " | ",
                    arch::MacsOf(graph, graph.ops[i]), " |\n");
  }
  return text;
}

}  // namespace niwaki::engine
