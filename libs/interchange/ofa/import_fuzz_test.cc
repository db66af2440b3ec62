// A network's net.config, a zero byte, and the pickle of its state dict. The storages that the
// pickle asks for, of zeros, and the archive around it are made here, or no change of the pickle
// would ever get past checksums and lengths.

#include <map>
#include <set>
#include <string>
#include <utility>
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
#include "libs/tensorfile/pickle.h"
#include "libs/tensorfile/pytorch_file.h"
#include "libs/tensorfile/pytorch_writer.h"
#include "libs/tensorfile/zip_reader.h"
#include "libs/tensorfile/zip_writer.h"
#include "tests/fuzz/fuzz_target.h"

namespace niwaki::fuzz {
namespace {

using interchange::NetConfig;
using supernet::OfaRepository;
using tensorfile::PickleValue;
using tensorfile::TensorMap;

constexpr OfaRepository kRepository = OfaRepository::kOnceForAll;
// Of all storages together; more is left out of the archive.
constexpr size_t kMaxStorageBytes = 1 << 20;

constexpr char kResNet[] =
    "name: 'r' input_channels: 3 num_classes: 2 resolutions { value: 32 } "
    "stem { width: 8 activation: ACTIVATION_RELU second_width: 8 residual: STEM_RESIDUAL_ALWAYS "
    "max_pool: true } "
    "stages { type: BLOCK_TYPE_BOTTLENECK width: 16 depths: 1 kernel_sizes: 3 expand_ratios: 0.5 "
    "activation: ACTIVATION_RELU } "
    "stages { type: BLOCK_TYPE_BOTTLENECK width: 16 depths: 1 kernel_sizes: 3 expand_ratios: 0.5 "
    "activation: ACTIVATION_RELU } head {}";

constexpr char kMobileNet[] =
    "name: 'm' input_channels: 3 num_classes: 2 resolutions { value: 32 } stem { width: 8 } "
    "stages { width: 8 depths: 1 kernel_sizes: 3 expand_ratios: 1 } "
    "stages { width: 8 stride: 2 depths: 1 kernel_sizes: 5 expand_ratios: 3 "
    "squeeze_excite: true } "
    "head { final_expand_width: 16 feature_mix_width: 16 feature_mix_after_pool: true }";

// Every storage of the tree's tensors, by key.
void AddStorages(const PickleValue& value, std::set<const PickleValue*>& seen,
                 std::map<std::string, size_t>& bytes) {
  if (!seen.insert(&value).second) return;
  if (value.kind == tensorfile::PickleKind::kTensor) {
    const tensorfile::PickledStorage& storage = value.tensor.storage;
    bytes[storage.key] = storage.elements * tensorfile::DtypeBytes(storage.dtype);
  }
  for (const PickleValue* item : value.items) AddStorages(*item, seen, bytes);
  for (const auto& [key, entry] : value.entries) AddStorages(*entry, seen, bytes);
}

std::string Archive(absl::string_view pickle) {
  std::map<std::string, size_t> storages;
  if (const auto parsed = tensorfile::Pickle::Parse(pickle, "pickle"); parsed.ok()) {
    std::set<const PickleValue*> seen;
    AddStorages(parsed->root(), seen, storages);
  }
  tensorfile::ZipWriter zip;
  zip.Add("a/data.pkl", pickle);
  size_t left = kMaxStorageBytes;
  for (const auto& [key, bytes] : storages) {
    if (bytes > left) continue;
    left -= bytes;
    zip.Add(absl::StrCat("a/data/", key), std::string(bytes, '\0'));
  }
  zip.Add("a/version", "3\n");
  return std::move(zip).Finish();
}

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

std::vector<std::string> Seeds() { return {Seed(kResNet), Seed(kMobileNet)}; }

bool Run(absl::string_view input) {
  const size_t end = input.find('\0');
  const auto config = interchange::ReadNetConfig(input.substr(0, end), {});
  if (!config.ok()) return false;
  CheckConfig(*config);
  if (end == absl::string_view::npos) return false;
  const auto file = tensorfile::PyTorchFile::Parse(Archive(input.substr(end + 1)), "input");
  if (!file.ok()) return false;
  const auto state = (*file)->StateDict();
  if (!state.ok()) return false;
  const auto renumbered = interchange::RenumberBlocks(*state, config->blocks, "input");
  if (!renumbered.ok()) return false;
  const auto imported = interchange::ImportStateDict(config->space, *renumbered, "input");
  if (!imported.ok()) return false;
  CheckTensors(config->space, *imported);
  return true;
}

}  // namespace niwaki::fuzz
