#include "services/cli/commands/networks/network_commands.h"

#include <CLI/CLI.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/arch/subnet.h"
#include "libs/base/file.h"
#include "libs/base/json.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"
#include "libs/interchange/ofa/export_network.h"
#include "libs/interchange/ofa/test_tensors.h"
#include "libs/supernet/ofa_names.h"
#include "libs/tensorfile/pytorch_writer.h"
#include "libs/train/checkpoint/manifest.h"
#include "services/cli/commands/run_command.h"
#include "services/cli/commands/supernet_upload.h"

namespace niwaki::cli {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

constexpr char kSpace[] =
    "name: 'tiny' input_channels: 3 num_classes: 10 resolutions { value: 32 } stem { width: 8 } "
    "stages { width: 16 depths: [1, 2] kernel_sizes: 3 expand_ratios: 3 } head {}";

std::string Path(const std::string& name) { return ::testing::TempDir() + "/" + name; }

class NetworkCommandsTest : public ::testing::Test {
 protected:
  absl::Status Run(std::vector<std::string> arguments, bool json = false) {
    out_.str("");
    const auto add = [](CLI::App& app, Session& session) {
      AddNetworkCommand(app, session);
      CLI::App& supernet = *app.add_subcommand("supernet");
      AddSupernetImportCommand(supernet, session);
      AddSupernetStateDictCommand(supernet, session);
    };
    return RunCommand(add, std::move(arguments), json, out_, out_);
  }

  // A checkpoint of the whole supernet of kSpace with `classes` outputs.
  std::string WriteCheckpoint(int classes) {
    const auto space = arch::SearchSpace::FromTextproto(kSpace)->WithNumClasses(classes);
    const interchange::TestTensors state(
        OfaSupernetNames(space, supernet::OfaRepository::kOnceForAll), &supernet::OfaName::theirs);
    tensorfile::NamedTensors named(state.map.begin(), state.map.end());
    const std::string path = Path("checkpoint.pth");
    EXPECT_THAT(WriteFileAtomically(path, *tensorfile::SerializeStateDict(named, "state_dict")),
                IsOk());
    EXPECT_THAT(WriteFileAtomically(Path("tiny.textproto"), kSpace), IsOk());
    return path;
  }

  // OFA's folder of the largest subnet.
  std::string WriteFolder() {
    const auto space = *arch::SearchSpace::FromTextproto(kSpace);
    const auto subnet = arch::MaxSubnet(space);
    const interchange::TestTensors tensors(
        OfaSubnetNames(arch::BuildGraph(space, subnet), supernet::OfaRepository::kOnceForAll),
        &supernet::OfaName::ours);
    EXPECT_THAT(interchange::ExportNetwork(space, subnet, tensors.map,
                                           supernet::OfaRepository::kOnceForAll, Path("folder")),
                IsOk());
    return Path("folder");
  }

  std::ostringstream out_;
};

TEST_F(NetworkCommandsTest, SupernetImportTakesTheClassesOfTheCheckpoint) {
  const std::string checkpoint = WriteCheckpoint(7);
  const std::string out = Path("seven.safetensors");

  ASSERT_THAT(Run({"supernet", "import", checkpoint, "--space", Path("tiny.textproto"), "--out",
                   out, "--verbose"}),
              IsOk());

  EXPECT_THAT(out_.str(), AllOf(HasSubstr("7 classes"), HasSubstr("stage0.block1.project.weight"),
                                HasSubstr("digest: ")));
  NIWAKI_ASSERT_OK_AND_ASSIGN(const arch::SearchSpace space, ReadSupernetSpace(out));
  EXPECT_EQ(space.num_classes(), 7);
}

TEST_F(NetworkCommandsTest, SupernetImportReportsJson) {
  const std::string checkpoint = WriteCheckpoint(10);

  ASSERT_THAT(Run({"supernet", "import", checkpoint, "--space", Path("tiny.textproto"), "--out",
                   Path("json.safetensors"), "--normalisation", "half"},
                  /*json=*/true),
              IsOk());

  NIWAKI_ASSERT_OK_AND_ASSIGN(const Json json, ParseJson(out_.str(), "out"));
  EXPECT_EQ(json["space"], "tiny");
  EXPECT_EQ(json["mapped"], json["tensors"].size());
  EXPECT_EQ(json["tensors"][0]["theirs"], "first_conv.conv.weight");
}

TEST_F(NetworkCommandsTest, CheckpointOfAnotherSpaceIsRefused) {
  const std::string checkpoint = WriteCheckpoint(10);

  const absl::Status status =
      Run({"supernet", "import", checkpoint, "--space", "mcunet", "--out", Path("no.safetensors")});

  EXPECT_THAT(status, StatusIs(absl::StatusCode::kInvalidArgument,
                               "first_conv.conv.weight is F32 [8,3,3,3], expected F32 [32,3,3,3]"));
  EXPECT_FALSE(FileExists(Path("no.safetensors")));
}

// Which of two was read is said, and --entry takes the other.
TEST_F(NetworkCommandsTest, EntryOfACheckpointIsSaidAndChosen) {
  const std::string checkpoint = WriteCheckpoint(10);
  const std::vector<std::string> import = {"supernet",
                                           "import",
                                           checkpoint,
                                           "--space",
                                           Path("tiny.textproto"),
                                           "--out",
                                           Path("entry.safetensors")};
  std::vector<std::string> other = import;
  other.insert(other.end(), {"--entry", "model"});

  ASSERT_THAT(Run(import), IsOk());
  EXPECT_THAT(out_.str(), HasSubstr("read from entry 'state_dict'\n"));
  EXPECT_THAT(Run(other), StatusIs(absl::StatusCode::kInvalidArgument,
                                   "no entry 'model' with tensors; there are state_dict"));
}

// A network of one channel, no square and odd widths goes out and comes back.
TEST_F(NetworkCommandsTest, NetworkKeepsChannelsSidesAndWidths) {
  const auto space = *arch::SearchSpace::FromTextproto(
      "name: 'odd' input_channels: 1 num_classes: 3 resolutions { value: 49 width: 40 } "
      "channel_multiple: 1 stem { width: 12 } "
      "stages { width: 36 stride: 2 depths: 1 kernel_sizes: 5 expand_ratios: 2.5 no_shortcut: true "
      "} "
      "head {}");
  const auto subnet = arch::MaxSubnet(space);
  const interchange::TestTensors tensors(
      OfaSubnetNames(arch::BuildGraph(space, subnet), supernet::OfaRepository::kOnceForAll),
      &supernet::OfaName::ours);
  ASSERT_THAT(interchange::ExportNetwork(space, subnet, tensors.map,
                                         supernet::OfaRepository::kOnceForAll, Path("odd")),
              IsOk());
  const std::string file = Path("odd.safetensors");

  ASSERT_THAT(Run({"network", "import", Path("odd"), "--name", "odd", "--normalisation", "half",
                   "--out", file}),
              IsOk());

  NIWAKI_ASSERT_OK_AND_ASSIGN(const arch::SearchSpace read, ReadSupernetSpace(file));
  EXPECT_EQ(read.structure(), space.structure());
}

TEST_F(NetworkCommandsTest, SupernetGoesInAndOut) {
  const std::string checkpoint = WriteCheckpoint(10);
  const std::string first = Path("first.safetensors"), second = Path("second.safetensors");
  const auto import = [&](const std::string& from, const std::string& to) {
    return Run({"supernet", "import", from, "--space", Path("tiny.textproto"), "--out", to});
  };

  ASSERT_THAT(import(checkpoint, first), IsOk());
  ASSERT_THAT(Run({"supernet", "state-dict", first, "--format", "mcunet", "--out", Path("o.pth")}),
              IsOk());
  EXPECT_THAT(out_.str(), HasSubstr("tensors of 'tiny' written"));
  ASSERT_THAT(import(Path("o.pth"), second), IsOk());

  EXPECT_EQ(*ReadFile(first), *ReadFile(second));
  EXPECT_THAT(Run({"supernet", "state-dict", first, "--format", "onnx", "--out", Path("p.pth")}),
              StatusIs(absl::StatusCode::kInvalidArgument, "--format 'onnx' is not ofa or mcunet"));
}

TEST_F(NetworkCommandsTest, NetworkGoesInAndOut) {
  const std::string folder = WriteFolder();
  const std::string file = Path("one.network.safetensors");

  ASSERT_THAT(Run({"network", "import", folder, "--name", "one", "--out", file}), IsOk());
  EXPECT_THAT(out_.str(), HasSubstr("tensors of 'one'"));
  ASSERT_THAT(Run({"network", "export", file, "--out", Path("again")}), IsOk());

  for (const char* name : {"net.config", "run.config", "init"}) {
    EXPECT_EQ(*ReadFile(absl::StrCat(folder, "/", name)),
              *ReadFile(absl::StrCat(Path("again"), "/", name)));
  }
}

TEST_F(NetworkCommandsTest, ClassNamesAndNormalisationGoOutAndComeBack) {
  const std::string first = Path("named.safetensors"), second = Path("named_again.safetensors");
  ASSERT_THAT(WriteFileAtomically(Path("classes"), "a\nb\nc\nd\ne\nf\ng\nh\ni\nj\n"), IsOk());

  ASSERT_THAT(Run({"network", "import", WriteFolder(), "--classes", Path("classes"),
                   "--normalisation", "half", "--out", first}),
              IsOk());
  EXPECT_THAT(out_.str(), HasSubstr("classes: a, b, c, d, e, f, … (10)"));
  ASSERT_THAT(Run({"network", "export", first, "--out", Path("named_folder")}), IsOk());
  ASSERT_THAT(Run({"network", "import", Path("named_folder"), "--out", second}), IsOk());

  NIWAKI_ASSERT_OK_AND_ASSIGN(const train::Manifest manifest, ReadSupernetManifest(second));
  EXPECT_TRUE(manifest.class_names_known);
  EXPECT_EQ(manifest.data.class_names.back(), "j");
  EXPECT_EQ(manifest.data.mean, std::vector<double>({0.5, 0.5, 0.5}));
  EXPECT_EQ(*ReadFile(first), *ReadFile(second));
}

TEST_F(NetworkCommandsTest, UnknownClassNamesAreSaid) {
  const std::string out = Path("unnamed.safetensors");
  const std::vector<std::string> import = {
      "supernet", "import", WriteCheckpoint(10), "--space", Path("tiny.textproto"), "--out", out};

  ASSERT_THAT(Run(import), IsOk());
  EXPECT_THAT(out_.str(),
              HasSubstr("classes: names unknown, labels of data are taken by position"));
  ASSERT_THAT(Run(import, /*json=*/true), IsOk());

  NIWAKI_ASSERT_OK_AND_ASSIGN(const Json json, ParseJson(out_.str(), "out"));
  EXPECT_TRUE(json["class_names"].is_null());
  NIWAKI_ASSERT_OK_AND_ASSIGN(const train::Manifest manifest, ReadSupernetManifest(out));
  EXPECT_FALSE(manifest.class_names_known);
}

TEST_F(NetworkCommandsTest, NetworkImportWantsConfigAndWeights) {
  const std::string folder = WriteFolder();

  EXPECT_THAT(Run({"network", "import", "--weights", folder + "/init", "--out", "o"}),
              StatusIs(absl::StatusCode::kInvalidArgument, "--config is required"));
  EXPECT_THAT(Run({"network", "import", "--config", folder + "/net.config", "--out", "o"}),
              StatusIs(absl::StatusCode::kInvalidArgument, "--weights is required"));
  EXPECT_THAT(Run({"network", "import", Path("nowhere"), "--out", "o"}),
              StatusIs(absl::StatusCode::kNotFound, "nowhere"));
}

TEST_F(NetworkCommandsTest, HelpShowsExamples) {
  for (const std::vector<std::string>& command : {std::vector<std::string>{"network", "import"},
                                                  {"network", "export"},
                                                  {"supernet", "import"},
                                                  {"supernet", "state-dict"}}) {
    ASSERT_THAT(Run({command[0], command[1], "--help"}), IsOk());
    EXPECT_THAT(out_.str(), HasSubstr(absl::StrCat("niwaki ", command[0], " ", command[1], " ")));
  }
}

}  // namespace
}  // namespace niwaki::cli
