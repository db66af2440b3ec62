// A network that PyTorch quantised and exported, all the way: read, emitted as C, run on every
// emulated board. The board's bytes are the host's, and PyTorch's own outputs but for one level.

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "libs/base/file.h"
#include "libs/base/json.h"
#include "libs/base/status_matchers.h"
#include "libs/board/emulator/emulated_board.h"
#include "libs/engine/emit/c_text.h"
#include "libs/engine/host/runner.h"
#include "libs/engine/plan/kernel_choice.h"
#include "libs/engine/quantise/quantised_network.h"
#include "libs/interchange/onnx/read_model.h"
#include "services/cli/commands/exports/board_run_for_test.h"

namespace niwaki {
namespace {

constexpr char kNetwork[] = "libs/interchange/onnx/testdata/pytorch_network.onnx";
constexpr char kExamples[] = "libs/interchange/onnx/testdata/pytorch_network.json";
// PyTorch computes in float and rounds once where a kernel rounds its factor and its sums.
constexpr int kMostLevelsOff = 1;
// Of levels in the file, uint8, over those of the engine.
constexpr int kLevelOffset = 128;

// uint8 levels [C, H, W] as int8 levels [H, W, C].
std::vector<int8_t> AsInput(const std::vector<int>& levels, int channels) {
  const size_t pixels = levels.size() / channels;
  std::vector<int8_t> image;
  for (size_t pixel = 0; pixel < pixels; ++pixel) {
    for (int c = 0; c < channels; ++c) {
      image.push_back(static_cast<int8_t>(levels[c * pixels + pixel] - kLevelOffset));
    }
  }
  return image;
}

class PyTorchBoardTest : public ::testing::Test {
 protected:
  void SetUp() override {
    NIWAKI_ASSERT_OK_AND_ASSIGN(const std::string file, ReadFile(kNetwork));
    NIWAKI_ASSERT_OK_AND_ASSIGN(network_, interchange::ReadOnnx(file));
    NIWAKI_ASSERT_OK_AND_ASSIGN(const std::string text, ReadFile(kExamples));
    NIWAKI_ASSERT_OK_AND_ASSIGN(const Json json, ParseJson(text, "examples"));
    examples_ = json["examples"];
    ASSERT_GT(examples_.size(), 1);
  }

  // Puts the example's image into the test vector of `exported`; what the host makes of it.
  std::vector<int8_t> TakeExample(const Json& example, const Exported& exported) {
    auto runner = engine::HostRunner::Create(&network_);
    EXPECT_TRUE(runner.ok()) << runner.status();
    const int channels = network_.graph.shape(runner->input()).channels;
    const std::vector<int8_t> image = AsInput(example["image"].get<std::vector<int>>(), channels);
    const auto output = runner->Run(image);
    EXPECT_TRUE(output.ok()) << output.status();
    const std::vector<int8_t> levels(output->begin(), output->end());
    const std::string& name = exported.bill.prefix;
    std::string text = "#include <stdint.h>\n";
    engine::AppendArray(absl::StrCat("static const int8_t ", name, "_test_input[]"), image, text);
    engine::AppendArray(absl::StrCat("static const int8_t ", name, "_test_output[]"), levels, text);
    NIWAKI_EXPECT_OK(
        WriteFileAtomically(absl::StrCat(exported.folder, "/", name, "_test.h"), text));
    return levels;
  }

  void ExpectPyTorchs(const Json& example, const Exported& exported, const std::string& core) {
    SCOPED_TRACE(core);
    const std::vector<int8_t> host = TakeExample(example, exported);
    const board::EmulatedBoard board = *board::FindEmulatedBoard(core);
    const std::vector<int8_t> output = RunOn(Build(exported, board), board).output;
    EXPECT_EQ(output, host);
    const auto scores = example["scores"].get<std::vector<int>>();
    ASSERT_EQ(output.size(), scores.size());
    for (size_t i = 0; i < output.size(); ++i) {
      EXPECT_LE(std::abs(output[i] + kLevelOffset - scores[i]), kMostLevelsOff) << i;
    }
    EXPECT_EQ(std::max_element(output.begin(), output.end()) - output.begin(),
              std::max_element(scores.begin(), scores.end()) - scores.begin());
  }

  engine::QuantisedNetwork network_;
  Json examples_;
};

TEST_F(PyTorchBoardTest, EveryBoardGivesTheHostsBytesAndPyTorchsLevels) {
  const Exported exported = Export({"torch", network_});
  for (const char* core : {"m3", "m4", "m7", "m33"}) ExpectPyTorchs(examples_[0], exported, core);
}

TEST_F(PyTorchBoardTest, OtherImagesByPlainKernelsToo) {
  const Exported exported =
      Export({"torch_plain", network_}, /*profile=*/false, engine::KernelSet::kPlain);
  for (size_t i = 1; i < examples_.size(); ++i) ExpectPyTorchs(examples_[i], exported, "m7");
}

}  // namespace
}  // namespace niwaki
