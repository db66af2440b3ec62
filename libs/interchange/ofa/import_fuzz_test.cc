// A network's net.config, a zero byte, and the pickle of its state dict (pickle_archive.h).

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "libs/arch/graph.h"
#include "libs/arch/space.h"
#include "libs/arch/subnet.h"
#include "libs/base/log.h"
#include "libs/interchange/ofa/fixed_space.h"
#include "libs/interchange/ofa/net_config.h"
#include "libs/interchange/ofa/state_dict.h"
#include "libs/interchange/ofa/test_tensors.h"
#include "libs/supernet/ofa_names.h"
#include "libs/tensorfile/pickle/pickle_archive.h"
#include "libs/tensorfile/pytorch_writer.h"
#include "libs/tensorfile/state_dict.h"
#include "libs/tensorfile/tensor.h"
#include "libs/tensorfile/zip_reader.h"
#include "tests/fuzz/fuzz_target.h"

namespace niwaki::fuzz {
namespace {

using interchange::NetConfig;
using supernet::OfaRepository;
using tensorfile::TensorMap;

constexpr OfaRepository kRepository = OfaRepository::kOnceForAll;

constexpr char kResNet[] =
    "name: 'r' input_channels: 3 num_classes: 2 resolutions { value: 32 } "
    "stem { width: 8 activation: ACTIVATION_RELU second_width: 8 residual: STEM_RESIDUAL_ALWAYS "
    "max_pool: true } "
    "stages { type: BLOCK_TYPE_BOTTLENECK width: 16 depths: 1 kernel_sizes: 3 expand_ratios: 0.5 "
    "activation: ACTIVATION_RELU } "
    "stages { type: BLOCK_TYPE_BOTTLENECK width: 16 depths: 1 kernel_sizes: 3 expand_ratios: 0.5 "
    "activation: ACTIVATION_RELU } head {}";

// One channel, no square, and widths that are no multiples of 8.
constexpr char kOdd[] =
    "name: 'o' input_channels: 1 num_classes: 2 resolutions { value: 32 width: 20 } "
    "channel_multiple: 1 stem { width: 12 } "
    "stages { width: 12 depths: 1 kernel_sizes: 3 expand_ratios: 3 } "
    "stages { width: 5 stride: 2 depths: 1 kernel_sizes: 5 expand_ratios: 2.5 } head {}";

constexpr char kMobileNet[] =
    "name: 'm' input_channels: 3 num_classes: 2 resolutions { value: 32 } stem { width: 8 } "
    "stages { width: 8 depths: 1 kernel_sizes: 3 expand_ratios: 1 } "
    "stages { width: 8 stride: 2 depths: 1 kernel_sizes: 5 expand_ratios: 3 "
    "squeeze_excite: true } "
    "head { final_expand_width: 16 feature_mix_width: 16 feature_mix_after_pool: true }";

std::string Seed(const char* text) {
  const auto space = arch::SearchSpace::FromTextproto(text);
  NIWAKI_CHECK(space.ok());
  const arch::Graph graph = arch::BuildGraph(*space, arch::MaxSubnet(*space));
  const interchange::TestTensors tensors(OfaSubnetNames(graph, kRepository),
                                         &supernet::OfaName::ours);
  const auto config = interchange::WriteNetConfig(*space);
  const auto state = interchange::ExportStateDict(graph, tensors.map, kRepository);
  NIWAKI_CHECK(config.ok() && state.ok());
  const auto archive = tensorfile::SerializeStateDict(*state, "state_dict", "a");
  NIWAKI_CHECK(archive.ok());
  const auto zip = tensorfile::ZipReader::Parse(*archive, "seed");
  NIWAKI_CHECK(zip.ok());
  return absl::StrCat(*config, absl::string_view("\0", 1), *zip->Read("a/data.pkl"));
}

void CheckConfig(const NetConfig& config) {
  NIWAKI_CHECK(interchange::IsFixed(config.space));
  NIWAKI_CHECK(config.blocks.size() == config.space.stages().size());
  for (size_t i = 1; i < config.blocks.size(); ++i) {
    NIWAKI_CHECK(config.blocks[i - 1] < config.blocks[i]);
  }
  const auto text = interchange::WriteNetConfig(config.space);
  if (!text.ok()) return;
  const auto again = interchange::ReadNetConfig(*text, {});
  NIWAKI_CHECK(again.ok() && again->space.structure() == config.space.structure());
}

// What was imported is exported, and imported from that, alike.
void CheckTensors(const arch::SearchSpace& space, const interchange::ImportedTensors& imported) {
  NIWAKI_CHECK(imported.mapped.size() == imported.tensors.size());
  const arch::Graph graph = arch::BuildGraph(space, arch::MaxSubnet(space));
  const auto state = interchange::ExportStateDict(graph, imported.tensors, kRepository);
  NIWAKI_CHECK(state.ok());
  const auto again =
      interchange::ImportStateDict(space, TensorMap(state->begin(), state->end()), "again");
  NIWAKI_CHECK(again.ok() && again->tensors.size() == imported.tensors.size());
  for (const auto& [name, tensor] : again->tensors) {
    NIWAKI_CHECK(tensor.bytes == imported.tensors.at(name).bytes);
  }
}

}  // namespace

std::vector<std::string> Seeds() { return {Seed(kResNet), Seed(kMobileNet), Seed(kOdd)}; }

bool Run(absl::string_view input) {
  const size_t end = input.find('\0');
  const auto config = interchange::ReadNetConfig(input.substr(0, end), {});
  if (!config.ok()) return false;
  CheckConfig(*config);
  if (end == absl::string_view::npos) return false;
  const auto state =
      tensorfile::StateDict::Parse(tensorfile::PickleArchive(input.substr(end + 1)), "input");
  if (!state.ok()) return false;
  const auto renumbered = interchange::RenumberBlocks((*state)->tensors(), config->blocks, "input");
  if (!renumbered.ok()) return false;
  const auto imported = interchange::ImportStateDict(config->space, *renumbered, "input");
  if (!imported.ok()) return false;
  CheckTensors(config->space, *imported);
  return true;
}

}  // namespace niwaki::fuzz
