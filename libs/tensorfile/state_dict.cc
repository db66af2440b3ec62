#include "libs/tensorfile/state_dict.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "libs/base/error.h"
#include "libs/base/file.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"
#include "libs/tensorfile/checkpoint_entry.h"
#include "libs/tensorfile/float32.h"

namespace niwaki::tensorfile {
namespace {

constexpr char kSafetensorsSuffix[] = ".safetensors";
constexpr char kModule[] = "module.";
constexpr size_t kShownKeyBytes = 100;
// What wrappers put before the names of what they wrap, wherever that is.
constexpr const char* kWrappers[] = {"_orig_mod.", "_fsdp_wrapped_module.",
                                     "_checkpoint_wrapped_module."};
constexpr const char* kCounters[] = {"num_batches_tracked", "n_averaged", "total_ops",
                                     "total_params"};

// Eight bytes of length, then a JSON object.
bool LooksLikeSafetensors(absl::string_view bytes) {
  constexpr size_t kLengthBytes = 8;
  return bytes.size() > kLengthBytes + 1 && bytes[kLengthBytes] == '{' && bytes[7] == '\0' &&
         bytes[6] == '\0';
}

std::string KeyText(const PickleValue& key) {
  if (key.kind == PickleKind::kString) {
    return absl::Utf8SafeCHexEscape(key.text.substr(0, kShownKeyBytes));
  }
  if (key.kind == PickleKind::kInt) return absl::StrCat(key.integer);
  return absl::StrCat("(a ", PickleKindName(key.kind), ")");
}

// `name` without the part `wrapper`, wherever it stands.
std::string Unwrap(std::string name, absl::string_view wrapper) {
  size_t at = 0;
  while ((at = name.find(wrapper.data(), at, wrapper.size())) != std::string::npos) {
    if (at == 0 || name[at - 1] == '.') {
      name.erase(at, wrapper.size());
    } else {
      ++at;
    }
  }
  return name;
}

// The first part that the names of all tensors but the counters share, with its dot; "" for none.
std::string CommonPart(const TensorMap& tensors) {
  std::string common;
  bool is_only = true;
  for (const auto& [name, tensor] : tensors) {
    if (IsCounter(name)) continue;
    const size_t dot = name.find('.');
    if (dot == std::string::npos || dot + 1 == name.size()) return "";
    const std::string part = name.substr(0, dot + 1);
    if (!common.empty() && part != common) return "";
    common = part;
    is_only = is_only && name.find('.', dot + 1) == std::string::npos;
  }
  // "fc.weight" and "fc.bias" are those of a layer, "module.weight" of a wrapped one.
  return is_only && common != kModule ? "" : common;
}

// Gives `tensors` these names, old to new; false, and nothing changed, where two would be the same.
bool RenameAll(TensorMap& tensors, const std::map<std::string, std::string>& names) {
  TensorMap renamed;
  for (const auto& [name, tensor] : tensors) {
    const auto it = names.find(name);
    if (!renamed.emplace(it == names.end() ? name : it->second, tensor).second) return false;
  }
  tensors = std::move(renamed);
  return true;
}

}  // namespace

bool IsCounter(absl::string_view name) {
  const size_t dot = name.rfind('.');
  const absl::string_view last = dot == absl::string_view::npos ? name : name.substr(dot + 1);
  return std::find(std::begin(kCounters), std::end(kCounters), last) != std::end(kCounters);
}

absl::StatusOr<std::unique_ptr<StateDict>> StateDict::Open(const std::string& path,
                                                           const StateDictOptions& options) {
  std::unique_ptr<StateDict> state(new StateDict());
  bool is_safetensors = absl::EndsWith(path, kSafetensorsSuffix);
  if (!is_safetensors) {
    NIWAKI_ASSIGN_OR_RETURN(const std::unique_ptr<MappedFile> file, MappedFile::Open(path));
    is_safetensors = LooksLikeSafetensors(file->bytes());
  }
  if (!is_safetensors) {
    NIWAKI_ASSIGN_OR_RETURN(state->checkpoint_, PyTorchFile::Open(path));
    NIWAKI_RETURN_IF_ERROR(state->ReadCheckpoint(path, options));
    return state;
  }
  if (!options.entry.empty()) {
    return Error(absl::StatusCode::kInvalidArgument, reason::kArgumentInvalid)
        .Field("entry")
        .Value(options.entry)
        .Message(absl::StrCat(path, ": a safetensors file has no entries to choose from"));
  }
  NIWAKI_ASSIGN_OR_RETURN(state->safetensors_, SafetensorsFile::Open(path));
  state->tensors_ = state->safetensors_->tensors();
  if (state->tensors_.empty()) {
    return Error(absl::StatusCode::kInvalidArgument, reason::kFileMalformed)
        .Field("file")
        .Value(path)
        .Message(absl::StrCat(path, ": holds no tensors"));
  }
  state->Rename(options);
  state->Convert();
  return state;
}

absl::StatusOr<std::unique_ptr<StateDict>> StateDict::Parse(std::string bytes,
                                                            absl::string_view what,
                                                            const StateDictOptions& options) {
  std::unique_ptr<StateDict> state(new StateDict());
  NIWAKI_ASSIGN_OR_RETURN(state->checkpoint_, PyTorchFile::Parse(std::move(bytes), what));
  NIWAKI_RETURN_IF_ERROR(state->ReadCheckpoint(what, options));
  return state;
}

absl::Status StateDict::ReadCheckpoint(absl::string_view what, const StateDictOptions& options) {
  const PickleValue& root = checkpoint_->root();
  NIWAKI_ASSIGN_OR_RETURN(const CheckpointEntry chosen,
                          ChooseCheckpointEntry(root, options.entry, what));
  NIWAKI_ASSIGN_OR_RETURN(tensors_, checkpoint_->StateDict(chosen.path));
  notes_.entry = absl::Utf8SafeCHexEscape(chosen.path);
  for (const CheckpointEntry& entry : FindCheckpointEntries(root)) {
    if (entry.path != chosen.path) {
      notes_.other_entries.push_back(absl::Utf8SafeCHexEscape(entry.path));
    }
  }
  for (const auto& [key, value] : chosen.dict->entries) {
    if (key->kind == PickleKind::kString && value->kind == PickleKind::kTensor) continue;
    notes_.not_tensors.push_back(KeyText(*key));
  }
  for (const std::string& name : checkpoint_->foreign()) {
    notes_.foreign.push_back(absl::Utf8SafeCHexEscape(name));
  }
  Rename(options);
  Convert();
  return absl::OkStatus();
}

void StateDict::Rename(const StateDictOptions& options) {
  for (const char* wrapper : kWrappers) {
    std::map<std::string, std::string> names;
    for (const auto& [name, tensor] : tensors_) {
      std::string unwrapped = Unwrap(name, wrapper);
      if (unwrapped != name) names[name] = std::move(unwrapped);
    }
    if (!names.empty() && RenameAll(tensors_, names)) notes_.prefixes.emplace_back(wrapper);
  }
  while (true) {
    const std::string part = CommonPart(tensors_);
    if (part.empty() || (!options.strip_common_prefix && part != kModule)) return;
    std::map<std::string, std::string> names;
    for (const auto& [name, tensor] : tensors_) {
      if (absl::StartsWith(name, part)) names[name] = name.substr(part.size());
    }
    if (!RenameAll(tensors_, names)) return;
    notes_.prefixes.push_back(absl::Utf8SafeCHexEscape(part));
  }
}

void StateDict::Convert() {
  for (auto& [name, tensor] : tensors_) {
    if (!IsFloatingPoint(tensor.dtype) || tensor.dtype == Dtype::kF32) continue;
    if (!IsCounter(name)) ++notes_.converted[std::string(DtypeName(tensor.dtype))];
    converted_.push_back(ToFloat32(tensor));
    tensor.dtype = Dtype::kF32;
    tensor.bytes = converted_.back();
  }
}

}  // namespace niwaki::tensorfile
