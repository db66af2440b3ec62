// A labelled data set as one file that is mapped into memory; FORMAT.md describes every byte.
//
//   NIWAKI_ASSIGN_OR_RETURN(auto data, PreparedData::Open(path));
//   for (int64_t i = 0; i < data->size(Split::kTest); ++i) Use(data->example(Split::kTest, i),
//   data->label(…));

#ifndef NIWAKI_LIBS_DATA_PREPARED_PREPARED_H_
#define NIWAKI_LIBS_DATA_PREPARED_PREPARED_H_

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "libs/base/file.h"
#include "libs/data/prepared/metadata.h"

namespace niwaki::data {

// Views of one split's columns; the owner of the bytes outlives the view.
struct SplitView {
  // [n, channels, height, width] elements, little-endian.
  absl::Span<const uint8_t> examples;
  // [n], each below the number of classes.
  absl::Span<const uint16_t> labels;
  // [n], or empty when the data has no groups.
  absl::Span<const uint32_t> groups;
};

// One split's columns, owned.
struct SplitColumns {
  std::vector<uint8_t> examples;
  std::vector<uint16_t> labels;
  std::vector<uint32_t> groups;

  SplitView View() const { return {examples, labels, groups}; }
};

// An opened file; immutable and thread-safe.
class PreparedData {
 public:
  // Maps and verifies the whole file once. NotFound; DataLoss with reason DATA_CORRUPT (not such a
  // file, cut short, inconsistent, a label out of range) or DIGEST_MISMATCH (bytes changed);
  // FailedPrecondition with SCHEMA_TOO_NEW.
  static absl::StatusOr<std::unique_ptr<PreparedData>> Open(const std::string& path);

  const Metadata& metadata() const { return metadata_; }
  int num_classes() const { return static_cast<int>(metadata_.class_names.size()); }

  // SHA-256 of the whole file in hexadecimal: the same that `sha256sum` prints.
  const std::string& digest() const { return digest_; }

  int64_t size(Split split) const { return metadata_.sizes[static_cast<int>(split)]; }
  // `i` in [0, size(split)). [channels, height, width] elements.
  absl::Span<const uint8_t> example(Split split, int64_t i) const;
  int label(Split split, int64_t i) const;
  // 0 when the data has no groups.
  uint32_t group(Split split, int64_t i) const;

  const SplitView& view(Split split) const { return splits_[static_cast<int>(split)]; }

  // From now on the examples count as prepared like those of `like`: its class names and its
  // normalisation, and for each label l the label `labels[l]`, or l where `labels` is empty. The
  // digest stays that of the file. Not while others use the object; `labels`, where there are any,
  // has one below the number of `like`'s classes for each class.
  void Adopt(const Metadata& like, absl::Span<const uint16_t> labels);

 private:
  PreparedData() = default;
  absl::Status Load(const std::string& path);

  std::unique_ptr<MappedFile> file_;
  Metadata metadata_;
  std::array<SplitView, kSplitCount> splits_;
  // Labels that are not those of the file.
  std::array<std::vector<uint16_t>, kSplitCount> adopted_labels_;
  std::string digest_;
};

// What the prepared file `path` says about itself, without reading the rest: of a file whose
// content is known to be whole. The errors of PreparedData::Open but DIGEST_MISMATCH.
absl::StatusOr<Metadata> ReadMetadata(const std::string& path);

// Writes `path` atomically. `metadata.sizes` and `metadata.has_groups` must agree with the views.
// InvalidArgument when something does not agree or a label is out of range; the errors of writing.
// Holds the whole file in memory while it does.
absl::Status WritePrepared(const std::string& path, const Metadata& metadata,
                           const std::array<SplitView, kSplitCount>& splits);

struct SubsetOptions {
  // First examples of each split to keep, indexed by Split; 0 leaves the split out, -1 keeps all of
  // it.
  std::array<int64_t, kSplitCount> keep = {-1, -1, -1, -1};
};

// Writes a smaller file with the first examples of some splits, so that a worker fetches only what
// it needs. Examples are stored in shuffled order, so the first n are a fair sample.
absl::Status WriteSubset(const PreparedData& data, const SubsetOptions& options,
                         const std::string& path);

}  // namespace niwaki::data

#endif  // NIWAKI_LIBS_DATA_PREPARED_PREPARED_H_
