#include "libs/tensorfile/pytorch_writer.h"

#include <algorithm>
#include <cstdint>

#include "absl/strings/str_cat.h"
#include "libs/base/error.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"
#include "libs/tensorfile/zip_writer.h"

namespace niwaki::tensorfile {
namespace {

constexpr uint64_t kMaxBytes = 0xFFFFFFFFu;
constexpr size_t kMaxEntries = 0xFFFE;
constexpr char kFormatVersion[] = "3\n";

void AppendNumber(std::string& out, uint64_t number, int bytes) {
  for (int i = 0; i < bytes; ++i) out += static_cast<char>(number >> (8 * i));
}

// Opcodes of protocol 2; see pickle.h. Writes no memo: nothing is shared.
class PickleWriter {
 public:
  PickleWriter() { out_ = "\x80\x02"; }

  void Raw(absl::string_view opcodes) { absl::StrAppend(&out_, opcodes); }
  void Global(absl::string_view module, absl::string_view name) {
    absl::StrAppend(&out_, "c", module, "\n", name, "\n");
  }
  void Text(absl::string_view text) {
    out_ += 'X';
    AppendNumber(out_, text.size(), 4);
    absl::StrAppend(&out_, text);
  }
  void Integer(int64_t value) {
    if (value <= 0x7FFFFFFF) {
      out_ += 'J';
      AppendNumber(out_, value, 4);
    } else {
      Raw("\x8A\x08");
      AppendNumber(out_, value, 8);
    }
  }
  void Integers(const std::vector<int64_t>& values) {
    Raw("(");
    for (const int64_t value : values) Integer(value);
    Raw("t");
  }
  // OrderedDict().
  void EmptyOrderedDict() {
    Global("collections", "OrderedDict");
    Raw(")R");
  }
  std::string Finish() && {
    Raw(".");
    return std::move(out_);
  }

 private:
  std::string out_;
};

const char* StorageClass(Dtype dtype) {
  static constexpr const char* kNames[] = {
      "BoolStorage", "ByteStorage", "CharStorage",     "ShortStorage", "IntStorage",
      "LongStorage", "HalfStorage", "BFloat16Storage", "FloatStorage", "DoubleStorage"};
  return kNames[static_cast<int>(dtype)];
}

std::vector<int64_t> ContiguousStrides(const std::vector<int64_t>& shape) {
  std::vector<int64_t> strides(shape.size(), 1);
  for (size_t i = shape.size(); i-- > 1;) {
    strides[i - 1] = strides[i] * std::max<int64_t>(shape[i], 1);
  }
  return strides;
}

// _rebuild_tensor_v2(storage, 0, shape, strides, False, OrderedDict()).
void WriteTensor(const TensorView& tensor, const std::string& key, PickleWriter& pickle) {
  pickle.Global("torch._utils", "_rebuild_tensor_v2");
  pickle.Raw("((");
  pickle.Text("storage");
  pickle.Global("torch", StorageClass(tensor.dtype));
  pickle.Text(key);
  pickle.Text("cpu");
  pickle.Integer(static_cast<int64_t>(tensor.bytes.size()) / DtypeBytes(tensor.dtype));
  pickle.Raw("tQ");
  pickle.Integer(0);
  pickle.Integers(tensor.shape);
  pickle.Integers(ContiguousStrides(tensor.shape));
  pickle.Raw("\x89");
  pickle.EmptyOrderedDict();
  pickle.Raw("tR");
}

absl::Status CheckSize(const NamedTensors& tensors) {
  uint64_t bytes = 0;
  // Headers, names and the pickle's part of a tensor, generously.
  for (const auto& [name, tensor] : tensors) bytes += tensor.bytes.size() + 4 * name.size() + 1024;
  if (bytes < kMaxBytes && tensors.size() + 3 < kMaxEntries) return absl::OkStatus();
  return Error(absl::StatusCode::kInvalidArgument, reason::kArgumentInvalid)
      .Field("tensors")
      .Value(bytes)
      .Limit(kMaxBytes)
      .Message(absl::StrCat("a checkpoint of ", tensors.size(), " tensors and ", bytes,
                            " bytes; at most ", kMaxBytes, " bytes are written"));
}

}  // namespace

absl::StatusOr<std::string> SerializeStateDict(const NamedTensors& tensors, const std::string& key,
                                               const std::string& name) {
  NIWAKI_RETURN_IF_ERROR(CheckSize(tensors));
  PickleWriter pickle;
  if (!key.empty()) {
    pickle.Raw("}");
    pickle.Text(key);
  }
  pickle.EmptyOrderedDict();
  pickle.Raw("(");
  for (size_t i = 0; i < tensors.size(); ++i) {
    pickle.Text(tensors[i].first);
    WriteTensor(tensors[i].second, absl::StrCat(i), pickle);
  }
  pickle.Raw("u");
  if (!key.empty()) pickle.Raw("s");
  ZipWriter zip;
  zip.Add(name + "/data.pkl", std::move(pickle).Finish());
  zip.Add(name + "/byteorder", "little");
  for (size_t i = 0; i < tensors.size(); ++i) {
    zip.Add(absl::StrCat(name, "/data/", i), tensors[i].second.bytes);
  }
  zip.Add(name + "/version", kFormatVersion);
  return std::move(zip).Finish();
}

}  // namespace niwaki::tensorfile
