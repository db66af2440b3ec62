// Tensors in a file: the safetensors layout, with every length, offset and name checked before it
// is used.
//
//   8 bytes   n: length of the header, little-endian
//   n bytes   JSON object: name → {"dtype", "shape", "data_offsets": [begin, end)}, and
//   "__metadata__" → strings;
//             padded with blanks so that the data begins at a multiple of 64
//   the rest  the tensors' elements, row-major, little-endian, without gap or overlap

#ifndef NIWAKI_LIBS_TENSORFILE_SAFETENSORS_H_
#define NIWAKI_LIBS_TENSORFILE_SAFETENSORS_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "libs/base/file.h"
#include "libs/tensorfile/tensor.h"

namespace niwaki::tensorfile {

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

}  // namespace niwaki::tensorfile

#endif  // NIWAKI_LIBS_TENSORFILE_SAFETENSORS_H_
