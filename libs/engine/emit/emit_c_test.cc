#include "libs/engine/emit/emit_c.h"

#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/arch/operator_facts.h"
#include "libs/base/file.h"
#include "libs/base/status_matchers.h"
#include "libs/engine/emit/compile_for_test.h"
#include "libs/engine/emit/test_networks.h"
#include "libs/engine/plan/kernel_choice.h"
#include "libs/engine/plan/memory_plan.h"
#include "libs/engine/plan/network_plan.h"
#include "libs/engine/plan/plan_options.h"
#include "libs/engine/plan/streams/row_streams.h"
#include "libs/engine/plan/verify_plan.h"
#include "libs/engine/quantise/test_network.h"

namespace niwaki::engine {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsSubsetOf;
using ::testing::Not;

FileTree Emitted(const QuantisedNetwork& network, const EmitOptions& options = {}) {
  auto files = EmitC(network, PlanNetwork(network.graph), options);
  EXPECT_TRUE(files.ok()) << files.status();
  return files.ok() ? *files : FileTree();
}

EmitOptions Named(const std::string& prefix) {
  EmitOptions options;
  options.prefix = prefix;
  return options;
}

TEST(EmitCTest, TestNetworksHaveEveryKind) {
  std::set<arch::OpKind> kinds;
  for (const NamedNetwork& named : NetworksOfEveryKind()) {
    NIWAKI_EXPECT_OK(Validate(named.network));
    for (const arch::Op& op : named.network.graph.ops) kinds.insert(op.kind);
  }
  EXPECT_EQ(kinds.size(), arch::kNumOpKinds);
}

TEST(EmitCTest, MakeBuildsAndRunsEveryKindToTheHostsBytes) {
  std::vector<NamedNetwork> networks = NetworksOfEveryKind();
  networks.push_back({"tiny", OneConvolution()});
  for (const NamedNetwork& named : networks) {
    for (const KernelSet kernels : {KernelSet::kFast, KernelSet::kPlain}) {
      const std::string name = absl::StrCat(named.name, "_", KernelSetName(kernels));
      SCOPED_TRACE(name);
      EmitOptions options = Named(named.name);
      options.kernels = kernels;
      EXPECT_THAT(RunOrFail({"make", "-s", "-C", WriteTree(name, Emitted(named.network, options)),
                             "CFLAGS=-std=c11 -O2 -Wall -Wextra -Werror", "test"}),
                  HasSubstr("bytes of the output are right"));
    }
  }
}

TEST(EmitCTest, EveryPlanAndSeedGivesTheHostsBytes) {
  // Nothing in place, and no scratch: other places in memory, the same numbers.
  PlanOptions apart;
  apart.in_place_depthwise = false;
  apart.in_place_add = false;
  for (const uint64_t seed : {2, 3}) {
    for (const NamedNetwork& named : NetworksOfEveryKind(seed)) {
      SCOPED_TRACE(absl::StrCat(named.name, " of seed ", seed));
      EmitOptions options = Named(named.name);
      options.seed = seed;
      const auto files = EmitC(named.network, PlanNetwork(named.network.graph, apart), options);
      NIWAKI_ASSERT_OK(files);
      RunOrFail({"make", "-s", "-C", WriteTree(absl::StrCat(named.name, "_apart_", seed), *files),
                 "test"});
    }
  }
}

TEST(EmitCTest, RowsOneAfterTheOtherGiveTheHostsBytes) {
  int streamed = 0;
  for (const NamedNetwork& named : NetworksOfEveryKind()) {
    const arch::Graph& graph = named.network.graph;
    for (const bool by_rows : {false, true}) {
      if (by_rows && !InputByRowsIsPossible(graph)) continue;
      SCOPED_TRACE(absl::StrCat(named.name, by_rows ? " by rows" : ""));
      PlanOptions options;
      options.input_by_rows = by_rows;
      const NetworkPlan plan = NetworkPlanner(options).Smallest(graph).plan;
      NIWAKI_EXPECT_OK(VerifyPlan(graph, plan));
      for (const Segment& segment : plan.schedule.segments) {
        streamed += segment.mode == RunMode::kRows ? 1 : 0;
      }
      const auto files = EmitC(named.network, plan, Named(named.name));
      NIWAKI_ASSERT_OK(files);
      const std::string folder = WriteTree(absl::StrCat(named.name, "_rows_", by_rows), *files);
      EXPECT_THAT(RunOrFail({"make", "-s", "-C", folder,
                             "CFLAGS=-std=c11 -O2 -Wall -Wextra -Werror", "test"}),
                  HasSubstr("bytes of the output are right"));
    }
  }
  EXPECT_GT(streamed, 0);
}

TEST(EmitCTest, SourcesAreWhatAnotherProgramLinks) {
  EXPECT_THAT(SourcesOf({{"README.md", ""},
                         {"kws.c", ""},
                         {"kws.h", ""},
                         {"libs/kernels/a.c", ""},
                         {"main.c", ""}}),
              ElementsAre("kws.c", "libs/kernels/a.c"));
}

TEST(EmitCTest, WrongBytesAreFoundByTheTestProgram) {
  FileTree files = Emitted(OneConvolution());
  std::string& vector = files.at("model_test.h");
  const size_t place = vector.rfind("{\n    ") + 6;
  vector.insert(place, vector[place] == '-' ? "1 + " : "-1 - ");
  const std::string folder = WriteTree("wrong", files);
  ProgramOptions options;
  options.argv = {"make", "-s", "-C", folder, "test"};
  const auto result = RunProgram(options);
  NIWAKI_ASSERT_OK(result);
  EXPECT_NE(result->exit_code, 0);
  EXPECT_THAT(result->standard_output, HasSubstr("model: output 0 is"));
}

TEST(EmitCTest, CMakeBuildsAndTests) {
  const std::string folder = WriteTree("cmake", Emitted(BottleneckNetwork(1), Named("kws")));
  RunOrFail({"cmake", "-S", folder, "-B", folder + "/build"});
  RunOrFail({"cmake", "--build", folder + "/build"});
  EXPECT_THAT(RunOrFail({folder + "/build/kws_test"}), HasSubstr("kws: all 10 bytes"));
}

TEST(EmitCTest, CMakeBuildsForADevice) {
  const std::string folder = WriteTree("cmake_arm", Emitted(OneConvolution(), Named("kws")));
  RunOrFail({"cmake", "-S", folder, "-B", folder + "/build", "-DCMAKE_SYSTEM_NAME=Generic",
             "-DCMAKE_C_COMPILER=arm-none-eabi-gcc",
             "-DCMAKE_TRY_COMPILE_TARGET_TYPE=STATIC_LIBRARY",
             "-DCMAKE_C_FLAGS=-mcpu=cortex-m4 -mthumb"});
  RunOrFail({"cmake", "--build", folder + "/build"});
  EXPECT_TRUE(FileExists(folder + "/build/libkws.a"));
}

// What the objects of the library want from elsewhere.
std::set<std::string> Wanted(const std::string& library) {
  std::set<std::string> defined, wanted;
  for (absl::string_view line : absl::StrSplit(RunOrFail({"arm-none-eabi-nm", library}), '\n')) {
    if (line.size() < 11) continue;
    const std::string name(line.substr(11));
    (line[9] == 'U' ? wanted : defined).insert(name);
  }
  for (const std::string& name : defined) wanted.erase(name);
  return wanted;
}

TEST(EmitCTest, DeviceCodeNeedsNoFloatNoAllocationAndOnlyMemcpy) {
  for (const NamedNetwork& named : NetworksOfEveryKind()) {
    // One has the DSP extension.
    for (const char* core : {"cortex-m3", "cortex-m7"}) {
      const std::string folder =
          WriteTree(absl::StrCat(named.name, "_", core), Emitted(named.network));
      RunOrFail({"make", "-s", "-C", folder, "CROSS=arm-none-eabi-",
                 absl::StrCat("TARGET_FLAGS=-mcpu=", core, " -mthumb -mfloat-abi=soft")});
      EXPECT_THAT(Wanted(folder + "/build/libmodel.a"), IsSubsetOf({"memcpy", "memset"}));
    }
  }
}

TEST(EmitCTest, WeightsStayInFlashWithNineBytesAChannel) {
  const FileTree files = Emitted(OneConvolution());
  const std::string folder = WriteTree("flash", files);
  RunOrFail({"arm-none-eabi-gcc", "-mcpu=cortex-m4", "-mthumb", "-std=c11", "-O2", "-I" + folder,
             "-c", folder + "/model.c", "-o", folder + "/model.o"});
  // text (with constants), data, bss.
  EXPECT_THAT(RunOrFail({"arm-none-eabi-size", "-A", folder + "/model.o"}),
              ::testing::ContainsRegex("\\.data +0 .*\n.*\\.bss +0 "));
  EXPECT_THAT(files.at("model_weights.h"), HasSubstr("int32_t biases_0[1]"));
  EXPECT_THAT(files.at("model_weights.h"), HasSubstr("int32_t multipliers_0[1]"));
  EXPECT_THAT(files.at("model_weights.h"), HasSubstr("int8_t shifts_0[1]"));
}

TEST(EmitCTest, SectionMacrosPlaceArenaAndWeights) {
  const std::string folder = WriteTree("sections", Emitted(BottleneckNetwork(1)));
  RunOrFail({"arm-none-eabi-gcc", "-mcpu=cortex-m4", "-mthumb", "-std=c11", "-O2", "-I" + folder,
             "-DNW_ARENA_SECTION=__attribute__((section(\".fast\")))",
             "-DNW_WEIGHTS_SECTION=__attribute__((section(\".slow\")))", "-c", folder + "/model.c",
             "-o", folder + "/model.o"});
  EXPECT_THAT(RunOrFail({"arm-none-eabi-size", "-A", folder + "/model.o"}), HasSubstr(".slow"));
}

TEST(EmitCTest, OnlyKernelsThatAreUsedComeAlong) {
  EmitOptions plain;
  plain.kernels = KernelSet::kPlain;
  const FileTree files = Emitted(OneConvolution(), plain);
  std::vector<std::string> paths;
  for (const auto& [path, content] : files) paths.push_back(path);
  EXPECT_THAT(paths, ::testing::UnorderedElementsAre(
                         "model.h", "model.c", "model_weights.h", "model_test.h", "main.c",
                         "Makefile", "CMakeLists.txt", "README.md", "libs/kernels/convolution.c",
                         "libs/kernels/convolution.h", "libs/kernels/requantise.h",
                         "libs/kernels/tensor.h"));
}

TEST(EmitCTest, SameInputGivesSameBytes) {
  EXPECT_EQ(Emitted(ImportedNetwork(1)), Emitted(ImportedNetwork(1)));
  EmitOptions other;
  other.seed = 2;
  EXPECT_NE(Emitted(ImportedNetwork(1)).at("model_test.h"),
            Emitted(ImportedNetwork(1), other).at("model_test.h"));
}

TEST(EmitCTest, HeaderSaysShapesScalesAndArena) {
  const QuantisedNetwork network = ImportedNetwork(1);
  const std::string header = Emitted(network, Named("kws")).at("kws.h");
  EXPECT_THAT(header, HasSubstr("#define KWS_INPUT_HEIGHT 9\n"));
  EXPECT_THAT(header, HasSubstr("#define KWS_INPUT_SCALE 0.05f\n"));
  EXPECT_THAT(header, HasSubstr("#define KWS_INPUT_ZERO_POINT (-3)\n"));
  EXPECT_THAT(header, HasSubstr("#define KWS_OUTPUT_BYTES 5\n"));
  EXPECT_THAT(header, HasSubstr(absl::StrCat("#define KWS_ARENA_BYTES ",
                                             PlanMemory(network.graph).arena_bytes, "\n")));
}

TEST(EmitCTest, ReadmeHasTheFigures) {
  EmitOptions options = Named("kws");
  options.title = "Six words.";
  const std::string readme = Emitted(BottleneckNetwork(1), options).at("README.md");
  EXPECT_THAT(readme, HasSubstr("Six words."));
  EXPECT_THAT(readme, HasSubstr("| arena | "));
  EXPECT_THAT(readme, HasSubstr("| peak operator | "));
  EXPECT_THAT(readme, HasSubstr("bytes of weights and tables"));
  EXPECT_THAT(readme, HasSubstr("| 2 | depthwise_conv2d 5x5, stride 1: 6x5x20 to 6x5x20 | "));
}

TEST(EmitCTest, PrefixThatIsNoIdentifierIsRefused) {
  const QuantisedNetwork network = OneConvolution();
  EXPECT_THAT(EmitC(network, PlanNetwork(network.graph), Named("2fast")),
              StatusIs(absl::StatusCode::kInvalidArgument, "prefix '2fast'"));
}

TEST(EmitCTest, ProfiledNetworkCallsTheHookBehindEachOperator) {
  EmitOptions options = Named("kws");
  options.profile = true;
  FileTree files = Emitted(BottleneckNetwork(1), options);
  files["main.c"] =
      "#include <stdio.h>\n#include \"kws.h\"\n#include \"kws_test.h\"\n"
      "static int8_t arena[KWS_ARENA_BYTES] __attribute__((aligned(4)));\n"
      "static void hook(void* context, int index) { ++*(int*)context; printf(\"%d \", index); }\n"
      "int main(void) {\n  int calls = 0;\n"
      "  kws_invoke_profiled(arena, kws_test_input, 0, hook, &calls);\n"
      "  for (int i = 0; i < KWS_OUTPUT_BYTES; ++i)\n"
      "    if (arena[KWS_OUTPUT_OFFSET + i] != kws_test_output[i]) return 1;\n"
      "  return calls == KWS_NUM_OPERATORS ? 0 : 2;\n}\n";
  EXPECT_THAT(RunOrFail({"make", "-s", "-C", WriteTree("profiled", files), "test"}),
              HasSubstr("0 1 2 3 4 5 "));
  EXPECT_THAT(Emitted(BottleneckNetwork(1)).at("model.h"), Not(HasSubstr("profiled")));
}

TEST(EmitCTest, TwoNetworksShareOneArena) {
  EmitOptions first = Named("first");
  EmitOptions second = Named("second");
  first.kernels = second.kernels = KernelSet::kPlain;
  const std::string folder = WriteTree("shared", Emitted(BottleneckNetwork(1), first));
  WriteTree("shared", Emitted(ImportedNetwork(2), second));
  NIWAKI_ASSERT_OK(WriteFileAtomically(
      folder + "/both.c",
      "#include \"first.h\"\n#include \"second.h\"\n"
      "#include \"first_test.h\"\n#include \"second_test.h\"\n"
      "#define MAX(a, b) ((a) > (b) ? (a) : (b))\n"
      "static int8_t arena[MAX(FIRST_ARENA_BYTES, SECOND_ARENA_BYTES)]\n"
      "    __attribute__((aligned(4)));\n"
      "static int8_t out[MAX(FIRST_OUTPUT_BYTES, SECOND_OUTPUT_BYTES)];\n"
      "static int differ(const int8_t* right, int size) {\n"
      "  for (int i = 0; i < size; ++i) if (out[i] != right[i]) return 1;\n  return 0;\n}\n"
      "int main(void) {\n  for (int turn = 0; turn < 3; ++turn) {\n"
      "    first_invoke(arena, first_test_input, out);\n"
      "    if (differ(first_test_output, FIRST_OUTPUT_BYTES)) return 1;\n"
      "    second_invoke(arena, second_test_input, out);\n"
      "    if (differ(second_test_output, SECOND_OUTPUT_BYTES)) return 2;\n  }\n"
      "  return 0;\n}\n"));
  std::vector<std::string> argv = {"gcc",
                                   "-std=c11",
                                   "-O2",
                                   "-Wall",
                                   "-Werror",
                                   "-I" + folder,
                                   "-o",
                                   folder + "/both",
                                   folder + "/both.c",
                                   folder + "/first.c",
                                   folder + "/second.c"};
  for (const char* kernel : {"convolution", "elementwise", "movement", "pooling", "softmax"}) {
    argv.push_back(absl::StrCat(folder, "/libs/kernels/", kernel, ".c"));
  }
  RunOrFail(argv);
  RunOrFail({folder + "/both"});
}

TEST(EmitCTest, ArenaThatIsNotAlignedIsRefused) {
  FileTree files = Emitted(OneConvolution());
  files["main.c"] =
      "#include \"model.h\"\n#include \"model_test.h\"\n"
      "static int8_t arena[MODEL_ARENA_BYTES + 4] __attribute__((aligned(4)));\n"
      "int main(void) {\n  int8_t out[MODEL_OUTPUT_BYTES];\n"
      "  return model_invoke(arena + 1, model_test_input, out) == -1 &&\n"
      "         model_invoke(0, model_test_input, out) == -1 &&\n"
      "         model_invoke(arena + 4, model_test_input, out) == 0 ? 0 : 1;\n}\n";
  RunOrFail({"make", "-s", "-C", WriteTree("unaligned", files), "test"});
}

}  // namespace
}  // namespace niwaki::engine
