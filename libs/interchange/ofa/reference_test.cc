// Published networks and checkpoints against the figures of the reference code.

#include <cstdlib>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/arch/catalogue.h"
#include "libs/arch/graph.h"
#include "libs/arch/subnet.h"
#include "libs/base/file.h"
#include "libs/base/json.h"
#include "libs/base/status_matchers.h"
#include "libs/interchange/ofa/net_config.h"
#include "libs/interchange/ofa/state_dict.h"
#include "libs/supernet/ofa_names.h"
#include "libs/tensorfile/pytorch_file.h"
#include "libs/tensorfile/pytorch_writer.h"
#include "libs/tensorfile/safetensors.h"
#include "libs/tensorfile/tensor.h"

namespace niwaki::interchange {
namespace {

std::string Shared(const std::string& name) {
  const char* shared = std::getenv("NIWAKI_SHARED");
  EXPECT_NE(shared, nullptr) << "set --test_env=NIWAKI_SHARED=FOLDER";
  return absl::StrCat(shared == nullptr ? "" : shared, "/", name);
}

absl::StatusOr<NetConfig> ReadConfig(const std::string& path, ImageSize resolution = {}) {
  const auto text = ReadFile(path);
  if (!text.ok()) return text.status();
  ReadNetConfigOptions options;
  options.resolution = resolution;
  options.what = path;
  return ReadNetConfig(*text, options);
}

Json ReadJson(const std::string& name) {
  const auto text = ReadFile(Shared(name));
  EXPECT_THAT(text, IsOk());
  const auto json = ParseJson(text.ok() ? *text : "", name);
  EXPECT_THAT(json, IsOk());
  return json.ok() ? *json : Json();
}

void ExpectCounts(const arch::SearchSpace& space, const Json& row) {
  const arch::Graph graph = arch::BuildGraph(space, arch::MaxSubnet(space));
  EXPECT_DOUBLE_EQ(static_cast<double>(arch::CountMacs(graph)) / 1e6, row["mmacs"].get<double>());
  EXPECT_EQ(arch::CountParams(graph), row["params"].get<int64_t>());
}

TEST(InterchangeReferenceTest, SpecialisedNetsHaveThePublishedCounts) {
  const Json counts = ReadJson("ofa/vectors/ofa_specialized_counts.json");
  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto files, ListFolder(Shared("ofa/specialized")));
  int compared = 0;

  for (const std::string& file : files) {
    absl::string_view stem = file;
    if (!absl::ConsumeSuffix(&stem, "__net.config")) continue;
    const std::string id = absl::StrReplaceAll(stem, {{"@", "-"}});
    SCOPED_TRACE(id);
    NIWAKI_ASSERT_OK_AND_ASSIGN(
        const std::string run,
        ReadFile(Shared(absl::StrCat("ofa/specialized/", stem, "__run.config"))));
    NIWAKI_ASSERT_OK_AND_ASSIGN(const ImageSize side, ReadImageSize(run, "run.config"));
    NIWAKI_ASSERT_OK_AND_ASSIGN(const NetConfig config,
                                ReadConfig(Shared("ofa/specialized/" + file), side));
    for (const Json& row : counts) {
      if (row["net_id"] != id) continue;
      ++compared;
      EXPECT_EQ(side.height, row["image_size"].get<int>());
      ExpectCounts(config.space, row);
    }
    NIWAKI_ASSERT_OK_AND_ASSIGN(const std::string written, WriteNetConfig(config.space));
    NIWAKI_ASSERT_OK_AND_ASSIGN(const NetConfig again, ReadNetConfig(written, {}));
    EXPECT_EQ(again.space.structure(), config.space.structure());
  }

  EXPECT_EQ(compared, 8);
}

TEST(InterchangeReferenceTest, ZooNetsHaveThePublishedCounts) {
  const Json counts = ReadJson("ofa/vectors/mcunet_zoo_counts.json");
  const std::pair<const char*, const char*> nets[] = {{"mcunet-in0", "mcunet-10fps"},
                                                      {"mcunet-in1", "mcunet-5fps"},
                                                      {"mcunet-in2", "mcunet-256kb-1mb"},
                                                      {"mcunet-in3", "mcunet-320kb-1mb"},
                                                      {"mcunet-in4", "mcunet-512kb-2mb"}};
  int compared = 0;

  for (const auto& [id, file] : nets) {
    SCOPED_TRACE(id);
    NIWAKI_ASSERT_OK_AND_ASSIGN(
        const NetConfig config,
        ReadConfig(Shared(absl::StrCat("models/net_configs/", file, "_imagenet.json"))));
    for (const Json& row : counts) {
      if (row["net_id"] != id) continue;
      ++compared;
      ExpectCounts(config.space, row);
    }
  }

  EXPECT_EQ(compared, 5);
}

// Every description of the two folders is read, and what is written of it is the same network.
TEST(InterchangeReferenceTest, EveryPublishedDescriptionIsRead) {
  int read = 0;
  for (const std::string folder : {"models/net_configs", "models/mcunet"}) {
    NIWAKI_ASSERT_OK_AND_ASSIGN(const auto files, ListFolder(Shared(folder)));
    for (const std::string& file : files) {
      if (!absl::EndsWith(file, ".json")) continue;
      SCOPED_TRACE(file);
      ++read;
      NIWAKI_ASSERT_OK_AND_ASSIGN(const NetConfig config,
                                  ReadConfig(Shared(absl::StrCat(folder, "/", file))));
      EXPECT_EQ(config.space.channel_multiple(), 8);
      NIWAKI_ASSERT_OK_AND_ASSIGN(const std::string written, WriteNetConfig(config.space));
      NIWAKI_ASSERT_OK_AND_ASSIGN(const NetConfig again, ReadNetConfig(written, {}));
      EXPECT_EQ(again.space.structure(), config.space.structure());
    }
  }
  EXPECT_EQ(read, 9);
}

TEST(InterchangeReferenceTest, ReferenceStateDictFillsItsSupernet) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const arch::SearchSpace full, arch::CatalogueSpace("ofa_mbv3_w10"));
  const std::string text =
      absl::StrReplaceAll(full.ToTextproto(), {{"width_mults: [1]", "width_mults: [0.35]"}});
  NIWAKI_ASSERT_OK_AND_ASSIGN(const arch::SearchSpace narrow,
                              arch::SearchSpace::FromTextproto(text));
  const arch::SearchSpace space = narrow.WithNumClasses(100);
  NIWAKI_ASSERT_OK_AND_ASSIGN(
      const auto file, tensorfile::PyTorchFile::Open(Shared("ofa/vectors/mbv3_w035.state.pt")));
  NIWAKI_ASSERT_OK_AND_ASSIGN(const tensorfile::TensorMap state, file->StateDict());

  NIWAKI_ASSERT_OK_AND_ASSIGN(const ImportedTensors imported, ImportStateDict(space, state, "f"));

  EXPECT_EQ(imported.mapped.size() + imported.ignored.size(), state.size());
  // The same bytes as the raw copy beside it.
  const Json index = ReadJson("ofa/vectors/mbv3_w035.state.index.json");
  NIWAKI_ASSERT_OK_AND_ASSIGN(const std::string raw,
                              ReadFile(Shared("ofa/vectors/mbv3_w035.state.bin")));
  for (const Json& entry : index["tensors"]) {
    EXPECT_EQ(state.at(entry["name"].get<std::string>()).bytes,
              absl::string_view(raw).substr(entry["offset"].get<size_t>(),
                                            entry["nbytes"].get<size_t>()));
  }
}

// The names and shapes of the reference's ResNet supernet, counters included, are those that a
// supernet of the space is read from and written to.
TEST(InterchangeReferenceTest, ReferenceResNetNamesFillTheirSupernet) {
  const Json figures = ReadJson("ofa/vectors/resnet50.json");
  NIWAKI_ASSERT_OK_AND_ASSIGN(const arch::SearchSpace space, arch::CatalogueSpace("ofa_resnet50"));
  // One stretch of zeros for all.
  std::string zeros;
  tensorfile::TensorMap state;
  for (const auto& [name, tensor] : figures["meta"]["state"].items()) {
    const bool counter = tensor["dtype"] == "int64";
    tensorfile::TensorView& view = state[name];
    view.dtype = counter ? tensorfile::Dtype::kI64 : tensorfile::Dtype::kF32;
    view.shape = tensor["shape"].get<std::vector<int64_t>>();
    const size_t bytes =
        *tensorfile::CountElements(view.shape) * tensorfile::DtypeBytes(view.dtype);
    if (bytes > zeros.size()) zeros.resize(bytes);
  }
  for (auto& [name, tensor] : state) {
    tensor.bytes = absl::string_view(zeros).substr(
        0, *tensorfile::CountElements(tensor.shape) * tensorfile::DtypeBytes(tensor.dtype));
  }

  NIWAKI_ASSERT_OK_AND_ASSIGN(const ImportedTensors imported, ImportStateDict(space, state, "f"));
  NIWAKI_ASSERT_OK_AND_ASSIGN(
      const tensorfile::NamedTensors exported,
      ExportSupernetStateDict(space, imported.tensors, supernet::OfaRepository::kOnceForAll));

  EXPECT_EQ(imported.mapped.size() + imported.ignored.size(), state.size());
  EXPECT_EQ(exported.size(), state.size());
  for (const auto& [name, tensor] : exported) {
    ASSERT_EQ(state.count(name), 1u) << name;
    EXPECT_EQ(tensor.shape, state.at(name).shape) << name;
  }
}

TEST(InterchangeReferenceTest, PublishedLegacyFilesAreRead) {
  for (const char* name : {"models/mcunet/proxyless-w0.25-r112_imagenet.pth",
                           "models/mcunet/proxyless-w0.3-r176_imagenet.pth",
                           "ofa/predictors/ofa_tutorial_acc_predictor.pth"}) {
    NIWAKI_ASSERT_OK_AND_ASSIGN(const auto file, tensorfile::PyTorchFile::Open(Shared(name)));
    NIWAKI_ASSERT_OK_AND_ASSIGN(const auto tensors, file->StateDict());
    EXPECT_GT(tensors.size(), 5u) << name;
  }
}

}  // namespace
}  // namespace niwaki::interchange
