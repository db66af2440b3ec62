// Tensors in a file: the safetensors layout, with every length, offset and name checked before it
// is used.
//
//   8 bytes   n: length of the header, little-endian
//   n bytes   JSON object: name → {"dtype", "shape", "data_offsets": [begin, end)}, and
//   "__metadata__" → strings;
//             padded with blanks so that the data begins at a multiple of 64
//   the rest  the tensors' elements, row-major, little-endian, without gap or overlap

#ifndef NIWAKI_LIBS_TRAIN_SAFETENSORS_H_
#define NIWAKI_LIBS_TRAIN_SAFETENSORS_H_

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "libs/base/file.h"

namespace niwaki::train {

enum class Dtype { kF32, kF64, kI64 };

// "F32", "F64", "I64".
absl::string_view DtypeName(Dtype dtype);
int64_t DtypeBytes(Dtype dtype);

struct TensorView {
  Dtype dtype = Dtype::kF32;
  std::vector<int64_t> shape;
  // Borrowed; elements row-major, little-endian.
  absl::string_view bytes;
};

// "F32 [16,1,3,3]".
std::string Describe(const TensorView& tensor);

using TensorMap = std::map<std::string, TensorView>;
using MetadataMap = std::map<std::string, std::string>;

// The file's content, and where its tensors lie. Immutable; thread-safe.
struct Safetensors {
  MetadataMap metadata;
  TensorMap tensors;

  // `bytes` outlives the result. DataLoss with reason DATA_CORRUPT for anything that is not this
  // layout: cut short, a header longer than the file or than 64 MB, not JSON, an unknown dtype, a
  // negative or overflowing shape, bytes that do not agree with the shape, offsets that overlap,
  // leave gaps or exceed the data. `what` names the file in the message, which also names the
  // tensor.
  static absl::StatusOr<Safetensors> Parse(absl::string_view bytes, absl::string_view what);
};

// A file mapped into memory. Thread-safe.
class SafetensorsFile {
 public:
  // The errors of reading and of Parse.
  static absl::StatusOr<std::unique_ptr<SafetensorsFile>> Open(const std::string& path);

  const MetadataMap& metadata() const { return content_.metadata; }
  const TensorMap& tensors() const { return content_.tensors; }

 private:
  SafetensorsFile() = default;
  std::unique_ptr<MappedFile> file_;
  Safetensors content_;
};

// The bytes of a file that holds `tensors`, in the order of their names. Equal input gives equal
// bytes.
std::string SerializeSafetensors(const MetadataMap& metadata, const TensorMap& tensors);

}  // namespace niwaki::train

#endif  // NIWAKI_LIBS_TRAIN_SAFETENSORS_H_
