#include "libs/interchange/ofa/export_network.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/arch/catalogue.h"
#include "libs/arch/graph.h"
#include "libs/base/file.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"
#include "libs/interchange/ofa/import_network.h"
#include "libs/interchange/ofa/net_config.h"
#include "libs/interchange/ofa/test_tensors.h"
#include "libs/supernet/ofa_names.h"
#include "libs/tensorfile/pytorch_writer.h"
#include "libs/tensorfile/safetensors.h"

namespace niwaki::interchange {
namespace {

using supernet::OfaName;
using supernet::OfaRepository;

std::string Path(const std::string& name) { return ::testing::TempDir() + "/" + name; }

absl::StatusOr<ImportSummary> ImportFolder(const std::string& folder, const std::string& out) {
  const auto config = ReadNetConfig(*ReadFile(absl::StrCat(folder, "/", kNetConfigFile)), {});
  if (!config.ok()) return config.status();
  return ImportNetwork(absl::StrCat(folder, "/", kStateDictFile), config->space, config->blocks,
                       *DescribeData(config->space, {}, "half"), out);
}

struct RoundTrip {
  const char* space;
  OfaRepository repository;
};

class RoundTripTest : public ::testing::TestWithParam<RoundTrip> {};

// Subnet → OFA's folder → network → folder → network.
TEST_P(RoundTripTest, KeepsEveryBit) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const arch::SearchSpace full, arch::CatalogueSpace(GetParam().space));
  const arch::SearchSpace space = full.WithNumClasses(10);
  const arch::Subnet subnet = arch::MinSubnet(space);
  const arch::Graph graph = arch::BuildGraph(space, subnet);
  const auto names = OfaSubnetNames(graph, GetParam().repository);
  const TestTensors tensors(names, &OfaName::ours);
  const std::string stem = absl::StrCat(GetParam().space, static_cast<int>(GetParam().repository));
  const std::string first = Path(stem + ".1"), second = Path(stem + ".2");

  ASSERT_THAT(ExportNetwork(space, subnet, tensors.map, GetParam().repository, first), IsOk());
  NIWAKI_ASSERT_OK_AND_ASSIGN(const ImportSummary summary,
                              ImportFolder(first, first + ".safetensors"));
  ASSERT_THAT(ExportNetworkFile(first + ".safetensors", GetParam().repository, second), IsOk());

  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto file,
                              tensorfile::SafetensorsFile::Open(first + ".safetensors"));
  ASSERT_EQ(file->tensors().size(), tensors.map.size());
  for (size_t i = 0; i < names.size(); ++i) {
    EXPECT_EQ(summary.mapped[i].theirs, names[i].theirs);
    EXPECT_EQ(file->tensors().at(summary.mapped[i].ours).bytes,
              tensors.map.at(names[i].ours).bytes);
  }
  const arch::Graph alone = arch::BuildGraph(summary.space, arch::MaxSubnet(summary.space));
  EXPECT_EQ(arch::CountMacs(alone), arch::CountMacs(graph));
  EXPECT_EQ(arch::CountParams(alone), arch::CountParams(graph));
  for (const char* name : {kNetConfigFile, kRunConfigFile, kStateDictFile}) {
    EXPECT_EQ(*ReadFile(absl::StrCat(first, "/", name)), *ReadFile(absl::StrCat(second, "/", name)))
        << name;
  }
}

INSTANTIATE_TEST_SUITE_P(Spaces, RoundTripTest,
                         ::testing::Values(RoundTrip{"cifar32", OfaRepository::kOnceForAll},
                                           RoundTrip{"mcunet", OfaRepository::kMcunet},
                                           RoundTrip{"mcunet_mix", OfaRepository::kMcunet},
                                           RoundTrip{"ofa_mbv3_w10", OfaRepository::kOnceForAll},
                                           RoundTrip{"ofa_proxyless_w13",
                                                     OfaRepository::kOnceForAll},
                                           RoundTrip{"ofa_resnet50", OfaRepository::kOnceForAll}));

TEST(ExportNetworkTest, SupernetOfSeveralNetworksIsRefused) {
  const arch::SearchSpace space = *arch::SearchSpace::FromTextproto(
      "name: 'tiny' input_channels: 3 num_classes: 10 resolutions { value: 32 } stem { width: 8 } "
      "stages { width: 16 depths: [1, 2] kernel_sizes: 3 expand_ratios: 3 } head {}");
  const TestTensors state(OfaSupernetNames(space, OfaRepository::kOnceForAll), &OfaName::ours);
  NIWAKI_ASSERT_OK_AND_ASSIGN(const DataFacts facts, DescribeData(space, {}, "half"));
  ASSERT_THAT(ExportNetwork(space, arch::MaxSubnet(space), state.map, OfaRepository::kOnceForAll,
                            Path("max")),
              IsOk());
  tensorfile::NamedTensors named;
  const TestTensors theirs(OfaSupernetNames(space, OfaRepository::kOnceForAll), &OfaName::theirs);
  for (const auto& [name, tensor] : theirs.map) named.emplace_back(name, tensor);
  ASSERT_THAT(WriteFileAtomically(Path("s.pth"), *tensorfile::SerializeStateDict(named, "")),
              IsOk());
  ASSERT_THAT(ImportSupernet(Path("s.pth"), space, facts, Path("s.safetensors")), IsOk());

  EXPECT_THAT(ExportNetworkFile(Path("s.safetensors"), OfaRepository::kOnceForAll, Path("no")),
              StatusIs(absl::StatusCode::kInvalidArgument, "niwaki supernet export"));
  EXPECT_FALSE(FileExists(Path("no/net.config")));
}

TEST(ExportNetworkTest, ReadsFormats) {
  EXPECT_THAT(ParseOfaFormat("ofa"), IsOkAndHolds(OfaRepository::kOnceForAll));
  EXPECT_THAT(ParseOfaFormat("mcunet"), IsOkAndHolds(OfaRepository::kMcunet));
  EXPECT_THAT(ParseOfaFormat("onnx"),
              HasReason(absl::StatusCode::kInvalidArgument, reason::kArgumentInvalid));
}

}  // namespace
}  // namespace niwaki::interchange
