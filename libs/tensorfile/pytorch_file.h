// Checkpoints as torch.save writes them: since PyTorch 1.6 a zip archive of a pickle and the
// storages that its tensors lie in.
//
//   NAME/data.pkl    the pickle (libs/tensorfile/pickle/pickle.h)
//   NAME/data/KEY    the elements of one storage, little-endian, at a multiple of 64
//   NAME/version     "3"
//   NAME/byteorder   "little"; from PyTorch 2.1
//
// NAME is any folder. Before (_use_new_zipfile_serialization=False), one after the other:
//
//   a pickle of 0x1950a86a20f9469cfc6c, one of 1001, one of {"little_endian": True, ...}
//   the pickle of what was saved
//   a pickle of the list of the storages' keys, in order
//   of each storage the number of its elements, in 8 bytes, and the elements, little-endian
//
// Nothing of a file is ever executed.

#ifndef NIWAKI_LIBS_TENSORFILE_PYTORCH_FILE_H_
#define NIWAKI_LIBS_TENSORFILE_PYTORCH_FILE_H_

#include <deque>
#include <functional>
#include <memory>
#include <set>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "libs/base/file.h"
#include "libs/tensorfile/pickle/pickle.h"
#include "libs/tensorfile/pickle/pickle_value.h"
#include "libs/tensorfile/tensor.h"

namespace niwaki::tensorfile {

// A checkpoint in memory, mapped where it is a file. Immutable; thread-safe.
class PyTorchFile {
 public:
  // The errors of reading, of ZipReader and of Pickle. InvalidArgument with reason FILE_MALFORMED
  // for a TorchScript archive, and for big-endian elements. DataLoss with reason DATA_CORRUPT for a
  // storage that is missing, damaged or not as long as its tensors say, and for tensors that
  // repeat elements until they are larger than the file and 64 MiB.
  static absl::StatusOr<std::unique_ptr<PyTorchFile>> Open(const std::string& path);
  // Of bytes in memory, which the result keeps.
  static absl::StatusOr<std::unique_ptr<PyTorchFile>> Parse(std::string bytes,
                                                            absl::string_view what);

  // What was saved, as a tree.
  const PickleValue& root() const { return pickle_->root(); }

  // The tensor of a kTensor value of that tree, contiguous.
  const TensorView& TensorOf(const PickleValue& value) const { return tensors_.at(&value); }

  // The globals of the file that mean nothing here (Pickle::foreign).
  const std::set<std::string>& foreign() const { return pickle_->foreign(); }

  // The tensors of one entry (checkpoint_entry.h) as the file has them; what else stands in its
  // dict is left out. The errors of ChooseCheckpointEntry, and InvalidArgument with reason
  // FILE_MALFORMED for a name that is empty, long or holds control characters.
  absl::StatusOr<TensorMap> StateDict(const std::string& entry = "") const;

 private:
  PyTorchFile() = default;
  absl::Status Read(absl::string_view bytes, absl::string_view what);
  absl::Status ReadArchive(absl::string_view bytes, absl::string_view what);
  // Of the format from before PyTorch 1.6.
  absl::Status ReadLegacy(absl::string_view bytes, absl::string_view what);
  // `read` gives the bytes of a storage.
  using StorageReader = std::function<absl::StatusOr<absl::string_view>(const std::string& key)>;
  absl::Status ReadTensors(const StorageReader& read);
  // The view of `tensor` in `storage`, copied where its elements do not lie in order.
  absl::StatusOr<TensorView> MakeView(const PickledTensor& tensor, absl::string_view storage);

  std::string what_;
  std::unique_ptr<MappedFile> file_;
  std::string bytes_;
  std::unique_ptr<Pickle> pickle_;
  absl::flat_hash_map<const PickleValue*, TensorView> tensors_;
  // Of tensors whose elements do not lie in order in the file.
  std::deque<std::string> copies_;
  size_t copied_bytes_ = 0;
  size_t max_copied_bytes_ = 0;
};

}  // namespace niwaki::tensorfile

#endif  // NIWAKI_LIBS_TENSORFILE_PYTORCH_FILE_H_
