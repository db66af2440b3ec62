#include "libs/tensorfile/pickle/pickle_call.h"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <optional>
#include <vector>

#include "absl/numeric/int128.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "libs/base/error.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"

namespace niwaki::tensorfile {
namespace {

constexpr char kOrderedDict[] = "collections.OrderedDict";
constexpr char kDefaultDict[] = "collections.defaultdict";
constexpr char kRebuildTensor[] = "torch._utils._rebuild_tensor_v2";
constexpr char kRebuildParameter[] = "torch._utils._rebuild_parameter";
// A parameter with attributes of its own.
constexpr char kRebuildParameterWithState[] = "torch._utils._rebuild_parameter_with_state";
// A tensor of a subclass: (function, class, arguments, state).
constexpr char kRebuildFromType[] = "torch._tensor._rebuild_from_type_v2";

constexpr const char* kKnown[] = {kOrderedDict,      kDefaultDict,     kRebuildTensor,
                                  kRebuildParameter, kRebuildFromType, kRebuildParameterWithState};

// Modules whose functions run programs or code, and single functions that do.
constexpr const char* kRunners[] = {
    // Modules, with their dot.
    "os.", "posix.", "nt.", "subprocess.", "sys.", "pty.", "runpy.", "shutil.", "socket.",
    "importlib.", "ctypes.", "webbrowser.", "torch.hub.",
    // Functions and classes.
    "builtins.eval", "builtins.exec", "builtins.open", "builtins.compile", "builtins.__import__",
    "__builtin__.eval", "__builtin__.execfile", "__builtin__.open", "__builtin__.compile",
    "__builtin__.__import__", "__builtin__.file", "code.interact", "code.InteractiveInterpreter",
    "commands.getoutput", "commands.getstatusoutput"};

// Of a storage; every tensor holds a copy.
constexpr size_t kMaxKeyBytes = 64;

struct StorageClass {
  const char* name;
  Dtype dtype;
};

constexpr StorageClass kStorageClasses[] = {
    {"torch.BoolStorage", Dtype::kBool}, {"torch.ByteStorage", Dtype::kU8},
    {"torch.CharStorage", Dtype::kI8},   {"torch.ShortStorage", Dtype::kI16},
    {"torch.IntStorage", Dtype::kI32},   {"torch.LongStorage", Dtype::kI64},
    {"torch.HalfStorage", Dtype::kF16},  {"torch.BFloat16Storage", Dtype::kBF16},
    {"torch.FloatStorage", Dtype::kF32}, {"torch.DoubleStorage", Dtype::kF64},
};

std::optional<Dtype> StorageDtype(const std::string& name) {
  for (const StorageClass& storage : kStorageClasses) {
    if (name == storage.name) return storage.dtype;
  }
  return std::nullopt;
}

absl::Status ReadIntegers(const PickleValue& tuple, absl::string_view what,
                          std::vector<int64_t>& integers) {
  if (tuple.kind != PickleKind::kTuple || tuple.items.size() > kMaxDimensions) {
    return CorruptPickle(
        what, absl::StrCat("a tensor's size is no tuple of at most ", kMaxDimensions, " integers"));
  }
  integers.clear();
  for (const PickleValue* item : tuple.items) {
    if (item->kind != PickleKind::kInt || item->integer < 0) {
      return CorruptPickle(what, absl::StrCat("a tensor's size or stride is ",
                                              item->kind == PickleKind::kInt
                                                  ? absl::StrCat(item->integer)
                                                  : std::string(PickleKindName(item->kind))));
    }
    integers.push_back(item->integer);
  }
  return absl::OkStatus();
}

// Whether every element lies within the storage.
bool FitsStorage(const PickledTensor& tensor) {
  const std::optional<int64_t> elements = CountElements(tensor.shape);
  if (!elements || tensor.offset < 0 || tensor.offset > tensor.storage.elements) return false;
  if (*elements == 0) return true;
  absl::int128 last = tensor.offset;
  for (size_t i = 0; i < tensor.shape.size(); ++i) {
    last += absl::int128(tensor.shape[i] - 1) * tensor.strides[i];
    if (last >= tensor.storage.elements) return false;
  }
  return last < tensor.storage.elements;
}

void MakeOpaque(const std::string& name, PickleValue& result) {
  result.kind = PickleKind::kOpaque;
  result.text = name;
}

// (storage, offset, size, stride, requires_grad, hooks[, metadata]).
absl::Status RebuildTensor(const PickleValue& arguments, absl::string_view what,
                           PickleValue& result) {
  const std::vector<const PickleValue*>& items = arguments.items;
  if (!items.empty() && items[0]->kind == PickleKind::kOpaque) {
    MakeOpaque(items[0]->text, result);
    return absl::OkStatus();
  }
  if (items.size() < 6 || items.size() > 7 || items[0]->kind != PickleKind::kStorage ||
      items[1]->kind != PickleKind::kInt) {
    return CorruptPickle(what, "_rebuild_tensor_v2 without a storage and an offset");
  }
  result.kind = PickleKind::kTensor;
  PickledTensor& tensor = result.tensor;
  tensor.storage = items[0]->tensor.storage;
  tensor.offset = items[1]->integer;
  NIWAKI_RETURN_IF_ERROR(ReadIntegers(*items[2], what, tensor.shape));
  NIWAKI_RETURN_IF_ERROR(ReadIntegers(*items[3], what, tensor.strides));
  if (tensor.shape.size() == tensor.strides.size() && FitsStorage(tensor)) return absl::OkStatus();
  return CorruptPickle(what,
                       absl::StrCat("a tensor of shape ", ShapeText(tensor.shape), ", strides ",
                                    ShapeText(tensor.strides), " and offset ", tensor.offset,
                                    " does not lie within the ", tensor.storage.elements,
                                    " elements of storage ", absl::CHexEscape(tensor.storage.key)));
}

// (tensor, requires_grad, hooks[, state]).
absl::Status RebuildParameter(const PickleValue& arguments, absl::string_view what,
                              PickleValue& result) {
  const std::vector<const PickleValue*>& items = arguments.items;
  if (items.size() < 3 || items.size() > 4 ||
      (items[0]->kind != PickleKind::kTensor && items[0]->kind != PickleKind::kOpaque)) {
    return CorruptPickle(what, "_rebuild_parameter without a tensor");
  }
  result = *items[0];
  return absl::OkStatus();
}

// A subclass's tensor is that which its function makes.
absl::Status RebuildFromType(const PickleValue& arguments, absl::string_view what,
                             PickleValue& result) {
  const std::vector<const PickleValue*>& items = arguments.items;
  if (items.size() >= 3 && items[0]->kind == PickleKind::kGlobal &&
      items[2]->kind == PickleKind::kTuple) {
    if (items[0]->text == kRebuildTensor) return RebuildTensor(*items[2], what, result);
    if (items[0]->text == kRebuildParameter) return RebuildParameter(*items[2], what, result);
  }
  MakeOpaque(kRebuildFromType, result);
  return absl::OkStatus();
}

}  // namespace

absl::Status CorruptPickle(absl::string_view what, absl::string_view problem) {
  return Error(absl::StatusCode::kDataLoss, reason::kDataCorrupt)
      .Field(what)
      .Message(absl::StrCat(what, ": ", problem));
}

bool IsKnownGlobal(const std::string& name) {
  return std::find(std::begin(kKnown), std::end(kKnown), name) != std::end(kKnown) ||
         StorageDtype(name).has_value();
}

absl::Status CheckGlobal(const std::string& name, absl::string_view what) {
  const bool runs = std::any_of(std::begin(kRunners), std::end(kRunners), [&](const char* runner) {
    return absl::EndsWith(runner, ".") ? absl::StartsWith(name, runner) : name == runner;
  });
  if (!runs) return absl::OkStatus();
  return Error(absl::StatusCode::kInvalidArgument, reason::kFileMalformed)
      .Field(what)
      .Value(absl::CHexEscape(name))
      .Message(absl::StrCat(what, ": the pickle names ", absl::CHexEscape(name),
                            ", which is refused and was not executed: no checkpoint names what "
                            "runs programs, and torch.load may run it"));
}

absl::Status CallGlobal(const PickleValue& global, const PickleValue& arguments,
                        absl::string_view what, PickleValue& result) {
  const bool known = global.kind == PickleKind::kGlobal && IsKnownGlobal(global.text);
  if (global.kind == PickleKind::kOpaque || (global.kind == PickleKind::kGlobal && !known)) {
    MakeOpaque(global.text, result);
    return absl::OkStatus();
  }
  if (!known || arguments.kind != PickleKind::kTuple) {
    return CorruptPickle(what, "a call of something that is no function");
  }
  if (global.text == kRebuildTensor) return RebuildTensor(arguments, what, result);
  if (global.text == kRebuildParameter || global.text == kRebuildParameterWithState) {
    return RebuildParameter(arguments, what, result);
  }
  if (global.text == kRebuildFromType) return RebuildFromType(arguments, what, result);
  // The factory of a defaultdict is not needed.
  if ((global.text == kOrderedDict && arguments.items.empty()) || global.text == kDefaultDict) {
    result.kind = PickleKind::kDict;
    return absl::OkStatus();
  }
  return CorruptPickle(what, absl::StrCat("a call of ", global.text, " with ",
                                          arguments.items.size(), " arguments"));
}

absl::Status LoadPersistent(const PickleValue& id, absl::string_view what, PickleValue& result) {
  const std::vector<const PickleValue*>& items = id.items;
  const bool legacy = items.size() == 6 && items[5]->kind == PickleKind::kNone;
  if (id.kind == PickleKind::kTuple && (items.size() == 5 || legacy) &&
      items[0]->kind == PickleKind::kString && items[0]->text == "storage" &&
      items[1]->kind == PickleKind::kGlobal && items[2]->kind == PickleKind::kString &&
      items[2]->text.size() <= kMaxKeyBytes && items[4]->kind == PickleKind::kInt &&
      items[4]->integer >= 0) {
    const std::optional<Dtype> dtype = StorageDtype(items[1]->text);
    if (!dtype) {
      MakeOpaque(items[1]->text, result);
      return absl::OkStatus();
    }
    result.kind = PickleKind::kStorage;
    result.tensor.storage = {*dtype, items[2]->text, items[4]->integer};
    return absl::OkStatus();
  }
  return CorruptPickle(what, "a persistent id that is no storage");
}

}  // namespace niwaki::tensorfile
