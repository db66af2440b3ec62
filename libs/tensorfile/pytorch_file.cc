#include "libs/tensorfile/pytorch_file.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "libs/base/error.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"
#include "libs/tensorfile/checkpoint_entry.h"
#include "libs/tensorfile/zip_reader.h"

namespace niwaki::tensorfile {
namespace {

uint64_t LittleEndian64(absl::string_view bytes) {
  uint64_t value = 0;
  for (size_t i = 0; i < sizeof(value); ++i) {
    value |= uint64_t{static_cast<uint8_t>(bytes[i])} << (8 * i);
  }
  return value;
}

constexpr char kPickleName[] = "/data.pkl";
constexpr size_t kFreeCopiedBytes = 64 << 20;
constexpr size_t kMaxNameBytes = 512;

absl::Status Refuse(absl::string_view what, absl::string_view problem) {
  return Error(absl::StatusCode::kInvalidArgument, reason::kFileMalformed)
      .Field("file")
      .Value(what)
      .Message(absl::StrCat(what, ": ", problem));
}

absl::Status Corrupt(absl::string_view what, absl::string_view problem) {
  return Error(absl::StatusCode::kDataLoss, reason::kDataCorrupt)
      .Field("file")
      .Value(what)
      .Message(absl::StrCat(what, ": ", problem));
}

// What the format from before PyTorch 1.6 begins with.
constexpr absl::string_view kLegacyMagic(
    "\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.", 15);
constexpr int64_t kLegacyProtocol = 1001;

// The pickles before that of what was saved: magic, version and the machine that wrote them.
absl::Status ReadLegacyHead(absl::string_view& rest, absl::string_view what) {
  rest.remove_prefix(kLegacyMagic.size());
  NIWAKI_ASSIGN_OR_RETURN(const Pickle version, Pickle::ParseNext(rest, what));
  if (version.root().kind != PickleKind::kInt || version.root().integer != kLegacyProtocol) {
    return Refuse(what, absl::StrCat("is not of version ", kLegacyProtocol,
                                     " of the format from before PyTorch 1.6"));
  }
  NIWAKI_ASSIGN_OR_RETURN(const Pickle machine, Pickle::ParseNext(rest, what));
  const PickleValue* little = machine.root().Find("little_endian");
  if (little != nullptr && little->kind == PickleKind::kBool && little->boolean) {
    return absl::OkStatus();
  }
  return Refuse(what, "does not say that its elements are little-endian");
}

// Calls `visit` once for every value of the tree.
template <typename Visit>
absl::Status ForEachValue(const PickleValue& root, const Visit& visit) {
  absl::flat_hash_set<const PickleValue*> seen;
  std::vector<const PickleValue*> open = {&root};
  while (!open.empty()) {
    const PickleValue* value = open.back();
    open.pop_back();
    if (!seen.insert(value).second) continue;
    open.insert(open.end(), value->items.begin(), value->items.end());
    for (const auto& entry : value->entries) open.push_back(entry.second);
    NIWAKI_RETURN_IF_ERROR(visit(*value));
  }
  return absl::OkStatus();
}

// The storages behind the list of their keys, by key. `sizes` has the bytes of an element.
absl::StatusOr<absl::flat_hash_map<std::string, absl::string_view>> ReadLegacyStorages(
    absl::string_view rest, const absl::flat_hash_map<std::string, uint64_t>& sizes,
    absl::string_view what) {
  absl::flat_hash_map<std::string, absl::string_view> storages;
  NIWAKI_ASSIGN_OR_RETURN(const Pickle keys, Pickle::ParseNext(rest, what));
  for (const PickleValue* key : keys.root().items) {
    const auto size = sizes.find(key->text);
    if (key->kind != PickleKind::kString || size == sizes.end()) {
      return Refuse(what, absl::StrCat("storage '", absl::CHexEscape(key->text),
                                       "' is of no tensor of a dtype that is read"));
    }
    if (rest.size() < sizeof(uint64_t)) return Corrupt(what, "is cut short");
    const uint64_t elements = LittleEndian64(rest);
    rest.remove_prefix(sizeof(uint64_t));
    if (elements > rest.size() / size->second) return Corrupt(what, "is cut short");
    storages[key->text] = rest.substr(0, elements * size->second);
    rest.remove_prefix(elements * size->second);
  }
  if (!rest.empty()) return Corrupt(what, "bytes follow the last storage");
  return storages;
}

// The folder in which the checkpoint lies: what stands before "/data.pkl".
absl::StatusOr<std::string> FindFolder(const ZipReader& zip, absl::string_view what) {
  std::vector<std::string> folders;
  for (const auto& [name, entry] : zip.entries()) {
    absl::string_view folder = name;
    if (absl::ConsumeSuffix(&folder, kPickleName) && !absl::StrContains(folder, '/')) {
      folders.emplace_back(folder);
    }
  }
  if (folders.size() == 1) return folders.front();
  return Corrupt(what, absl::StrCat(folders.size(),
                                    " entries NAME/data.pkl in the archive; a "
                                    "checkpoint of PyTorch has one"));
}

absl::Status CheckKind(const ZipReader& zip, const std::string& folder, absl::string_view what) {
  if (zip.entries().count(folder + "/constants.pkl") > 0) {
    return Refuse(what, "is a TorchScript program, not a state dict");
  }
  if (zip.entries().count(folder + "/byteorder") == 0) return absl::OkStatus();
  NIWAKI_ASSIGN_OR_RETURN(const absl::string_view order, zip.Read(folder + "/byteorder"));
  if (order == "little") return absl::OkStatus();
  return Refuse(what, absl::StrCat("byte order '", absl::CHexEscape(order), "', not 'little'"));
}

// Whether the elements lie one after the other; strides of dimensions of one element do not matter.
bool IsContiguous(const PickledTensor& tensor) {
  int64_t expected = 1;
  for (size_t i = tensor.shape.size(); i-- > 0;) {
    if (tensor.shape[i] != 1 && tensor.strides[i] != expected) return false;
    expected *= tensor.shape[i];
  }
  return true;
}

// Appends the elements of the dimensions from `dimension` on, in order.
void AppendElements(const PickledTensor& tensor, absl::string_view storage, size_t dimension,
                    int64_t offset, std::string& out) {
  const int64_t size = DtypeBytes(tensor.storage.dtype);
  if (dimension == tensor.shape.size()) {
    absl::StrAppend(&out, storage.substr(offset * size, size));
    return;
  }
  for (int64_t i = 0; i < tensor.shape[dimension]; ++i) {
    AppendElements(tensor, storage, dimension + 1, offset + i * tensor.strides[dimension], out);
  }
}

bool IsPlainName(absl::string_view name) {
  return !name.empty() && name.size() <= kMaxNameBytes &&
         std::none_of(name.begin(), name.end(),
                      [](unsigned char c) { return c < 0x20 || c == 0x7F; });
}

}  // namespace

absl::StatusOr<std::unique_ptr<PyTorchFile>> PyTorchFile::Open(const std::string& path) {
  std::unique_ptr<PyTorchFile> checkpoint(new PyTorchFile());
  NIWAKI_ASSIGN_OR_RETURN(checkpoint->file_, MappedFile::Open(path));
  NIWAKI_RETURN_IF_ERROR(checkpoint->Read(checkpoint->file_->bytes(), path));
  return checkpoint;
}

absl::StatusOr<std::unique_ptr<PyTorchFile>> PyTorchFile::Parse(std::string bytes,
                                                                absl::string_view what) {
  std::unique_ptr<PyTorchFile> checkpoint(new PyTorchFile());
  checkpoint->bytes_ = std::move(bytes);
  NIWAKI_RETURN_IF_ERROR(checkpoint->Read(checkpoint->bytes_, what));
  return checkpoint;
}

absl::Status PyTorchFile::Read(absl::string_view bytes, absl::string_view what) {
  what_ = std::string(what);
  max_copied_bytes_ = bytes.size() + kFreeCopiedBytes;
  if (absl::StartsWith(bytes, kLegacyMagic)) return ReadLegacy(bytes, what);
  if (LooksLikeZip(bytes)) return ReadArchive(bytes, what);
  return Refuse(what,
                "is not a checkpoint of PyTorch, nor of safetensors: it does not begin as a zip "
                "archive, nor with the length of a JSON header");
}

absl::Status PyTorchFile::ReadArchive(absl::string_view bytes, absl::string_view what) {
  NIWAKI_ASSIGN_OR_RETURN(const ZipReader zip, ZipReader::Parse(bytes, what));
  NIWAKI_ASSIGN_OR_RETURN(const std::string folder, FindFolder(zip, what));
  NIWAKI_RETURN_IF_ERROR(CheckKind(zip, folder, what));
  NIWAKI_ASSIGN_OR_RETURN(const absl::string_view program, zip.Read(folder + kPickleName));
  NIWAKI_ASSIGN_OR_RETURN(Pickle pickle, Pickle::Parse(program, absl::StrCat(what, kPickleName)));
  pickle_ = std::make_unique<Pickle>(std::move(pickle));
  return ReadTensors(
      [&](const std::string& key) { return zip.Read(absl::StrCat(folder, "/data/", key)); });
}

absl::Status PyTorchFile::ReadLegacy(absl::string_view bytes, absl::string_view what) {
  NIWAKI_RETURN_IF_ERROR(ReadLegacyHead(bytes, what));
  NIWAKI_ASSIGN_OR_RETURN(Pickle pickle, Pickle::ParseNext(bytes, what));
  pickle_ = std::make_unique<Pickle>(std::move(pickle));
  absl::flat_hash_map<std::string, uint64_t> sizes;
  NIWAKI_RETURN_IF_ERROR(ForEachValue(root(), [&](const PickleValue& value) {
    if (value.kind == PickleKind::kTensor || value.kind == PickleKind::kStorage) {
      sizes[value.tensor.storage.key] = DtypeBytes(value.tensor.storage.dtype);
    }
    return absl::OkStatus();
  }));
  NIWAKI_ASSIGN_OR_RETURN(const auto storages, ReadLegacyStorages(bytes, sizes, what));
  return ReadTensors([&](const std::string& key) -> absl::StatusOr<absl::string_view> {
    const auto storage = storages.find(key);
    if (storage != storages.end()) return storage->second;
    return Corrupt(what, absl::StrCat("storage ", key, " is missing"));
  });
}

absl::Status PyTorchFile::ReadTensors(const StorageReader& read) {
  absl::flat_hash_map<std::string, absl::string_view> storages;
  return ForEachValue(root(), [&](const PickleValue& value) -> absl::Status {
    if (value.kind != PickleKind::kTensor) return absl::OkStatus();
    const PickledStorage& storage = value.tensor.storage;
    const auto [it, is_new] = storages.try_emplace(storage.key);
    if (is_new) {
      NIWAKI_ASSIGN_OR_RETURN(it->second, read(storage.key));
    }
    const uint64_t stored = it->second.size();
    const uint64_t element = DtypeBytes(storage.dtype);
    if (stored % element != 0 || stored / element != static_cast<uint64_t>(storage.elements)) {
      return Corrupt(what_,
                     absl::StrCat("storage ", storage.key, " has ", stored, " bytes, not ",
                                  storage.elements, " elements of ", DtypeName(storage.dtype)));
    }
    NIWAKI_ASSIGN_OR_RETURN(tensors_[&value], MakeView(value.tensor, it->second));
    return absl::OkStatus();
  });
}

absl::StatusOr<TensorView> PyTorchFile::MakeView(const PickledTensor& tensor,
                                                 absl::string_view storage) {
  TensorView view;
  view.dtype = tensor.storage.dtype;
  view.shape = tensor.shape;
  const uint64_t element = DtypeBytes(view.dtype);
  const uint64_t bytes = *CountElements(tensor.shape) * element;
  if (bytes == 0 || IsContiguous(tensor)) {
    view.bytes = storage.substr(tensor.offset * element, bytes);
    return view;
  }
  if (bytes > max_copied_bytes_ - copied_bytes_) {
    return Corrupt(what_, absl::StrCat("tensors of storage ", tensor.storage.key,
                                       " repeat elements beyond ", max_copied_bytes_, " bytes"));
  }
  copied_bytes_ += bytes;
  std::string& copy = copies_.emplace_back();
  copy.reserve(bytes);
  AppendElements(tensor, storage, 0, tensor.offset, copy);
  view.bytes = copy;
  return view;
}

absl::StatusOr<TensorMap> PyTorchFile::StateDict(const std::string& entry) const {
  NIWAKI_ASSIGN_OR_RETURN(const CheckpointEntry chosen,
                          ChooseCheckpointEntry(root(), entry, what_));
  TensorMap tensors;
  for (const auto& [key, value] : chosen.dict->entries) {
    if (key->kind != PickleKind::kString || value->kind != PickleKind::kTensor) continue;
    if (!IsPlainName(key->text)) {
      return Refuse(what_,
                    absl::StrCat("the tensor name '",
                                 absl::Utf8SafeCHexEscape(key->text.substr(0, kMaxNameBytes)),
                                 "' is empty, too long or holds control characters"));
    }
    tensors[key->text] = TensorOf(*value);
  }
  return tensors;
}

}  // namespace niwaki::tensorfile
