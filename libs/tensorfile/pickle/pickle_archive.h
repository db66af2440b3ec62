// The archive that a pickle is the heart of, for fuzz targets: the storages that its tensors ask
// for, of zeros, and the checksums around all of it are made here, or no change of the pickle would
// ever get past them.

#ifndef NIWAKI_LIBS_TENSORFILE_PICKLE_PICKLE_ARCHIVE_H_
#define NIWAKI_LIBS_TENSORFILE_PICKLE_PICKLE_ARCHIVE_H_

#include <map>
#include <set>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "libs/tensorfile/pickle/pickle.h"
#include "libs/tensorfile/pickle/pickle_value.h"
#include "libs/tensorfile/tensor.h"
#include "libs/tensorfile/zip_writer.h"

namespace niwaki::tensorfile {

// Every storage of the tree's tensors, by key.
inline void AddStorages(const PickleValue& value, std::set<const PickleValue*>& seen,
                        std::map<std::string, size_t>& bytes) {
  if (!seen.insert(&value).second) return;
  if (value.kind == PickleKind::kTensor) {
    const PickledStorage& storage = value.tensor.storage;
    bytes[storage.key] = storage.elements * DtypeBytes(storage.dtype);
  }
  for (const PickleValue* item : value.items) AddStorages(*item, seen, bytes);
  for (const auto& [key, entry] : value.entries) AddStorages(*entry, seen, bytes);
}

// Storages beyond a megabyte together are left out.
inline std::string PickleArchive(absl::string_view pickle) {
  std::map<std::string, size_t> storages;
  if (const auto parsed = Pickle::Parse(pickle, "pickle"); parsed.ok()) {
    std::set<const PickleValue*> seen;
    AddStorages(parsed->root(), seen, storages);
  }
  ZipWriter zip;
  zip.Add("a/data.pkl", pickle);
  size_t left = 1 << 20;
  for (const auto& [key, bytes] : storages) {
    if (bytes > left) continue;
    left -= bytes;
    zip.Add(absl::StrCat("a/data/", key), std::string(bytes, '\0'));
  }
  zip.Add("a/version", "3\n");
  return std::move(zip).Finish();
}

}  // namespace niwaki::tensorfile

#endif  // NIWAKI_LIBS_TENSORFILE_PICKLE_PICKLE_ARCHIVE_H_
