#include "libs/data/image/idx.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "libs/base/error.h"
#include "libs/base/file.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"
#include "libs/data/folder_reader.h"
#include "libs/data/folder_walk.h"
#include "libs/data/gzip.h"

namespace niwaki::data {
namespace {

constexpr uint8_t kUnsignedByte = 0x08;
constexpr int kMaxDimensions = 4;
constexpr int kMaxSide = 4096;
constexpr int kMinClasses = 10;
constexpr int64_t kMaxFileBytes = int64_t{1} << 31;
// What the files of a folder begin with.
constexpr const char* kParts[] = {"train-images", "train-labels", "t10k-images", "t10k-labels"};

absl::Status Malformed(absl::string_view what, absl::string_view problem) {
  return Error(absl::StatusCode::kInvalidArgument, reason::kFileMalformed)
      .Field("file")
      .Value(what)
      .Message(absl::StrCat(what, ": ", problem));
}

uint32_t GetBig32(absl::string_view bytes, size_t at) {
  uint32_t value = 0;
  for (size_t k = 0; k < 4; ++k) value = value << 8 | static_cast<uint8_t>(bytes[at + k]);
  return value;
}

absl::StatusOr<IdxArray> ReadIdx(const std::string& folder, const std::vector<std::string>& names,
                                 absl::string_view prefix) {
  for (const std::string& name : names) {
    if (!absl::StartsWith(name, prefix)) continue;
    const std::string path = absl::StrCat(folder, "/", name);
    NIWAKI_ASSIGN_OR_RETURN(std::string bytes, ReadFile(path, kMaxFileBytes));
    if (IsGzip(bytes)) {
      NIWAKI_ASSIGN_OR_RETURN(bytes, Gunzip(bytes, kMaxFileBytes, path));
    }
    return ParseIdx(bytes, path);
  }
  return Error(absl::StatusCode::kNotFound, reason::kFileUnknown)
      .Field("file")
      .Value(folder)
      .Limit(prefix)
      .Message(absl::StrCat(folder, " holds no file ", prefix, "*"));
}

}  // namespace

absl::StatusOr<IdxArray> ParseIdx(absl::string_view bytes, absl::string_view what) {
  if (bytes.size() < 4 || bytes[0] != 0 || bytes[1] != 0) {
    return Malformed(what, "not an IDX file (wrong magic)");
  }
  if (static_cast<uint8_t>(bytes[2]) != kUnsignedByte) {
    return Malformed(what, absl::StrCat("element type ", int{static_cast<uint8_t>(bytes[2])},
                                        " not in {8} (unsigned bytes)"));
  }
  const size_t dimensions = static_cast<uint8_t>(bytes[3]);
  if (dimensions < 1 || dimensions > kMaxDimensions) {
    return Malformed(what,
                     absl::StrCat(dimensions, " dimensions not in [1, ", kMaxDimensions, "]"));
  }
  const size_t header_bytes = 4 + 4 * dimensions;
  if (bytes.size() < header_bytes) return Malformed(what, "shorter than its header");
  IdxArray array;
  const uint64_t left = bytes.size() - header_bytes;
  uint64_t total = 1;
  for (size_t d = 0; d < dimensions; ++d) {
    array.shape.push_back(GetBig32(bytes, 4 + 4 * d));
    // Each factor is below 2^32 and the product is kept at or below the bytes that are left: no
    // overflow.
    total *= array.shape.back();
    if (total > left) break;
  }
  if (total != left || array.shape.size() != dimensions) {
    return Malformed(what, absl::StrCat("shape does not match ", left, " bytes of values"));
  }
  array.values.assign(bytes.begin() + header_bytes, bytes.end());
  return array;
}

absl::StatusOr<ExampleSet> PairIdx(IdxArray images, IdxArray labels, absl::string_view what) {
  if (images.shape.size() != 3 || labels.shape.size() != 1) {
    return Malformed(what, absl::StrCat("images of ", images.shape.size(), " and labels of ",
                                        labels.shape.size(), " dimensions, expected 3 and 1"));
  }
  if (images.shape[0] != labels.shape[0] || labels.shape[0] == 0) {
    return Malformed(what,
                     absl::StrCat(images.shape[0], " images and ", labels.shape[0], " labels"));
  }
  for (int d = 1; d < 3; ++d) {
    if (images.shape[d] < 1 || images.shape[d] > kMaxSide) {
      return Malformed(what, absl::StrCat("side ", images.shape[d], " not in [1, ", kMaxSide, "]"));
    }
  }
  ExampleSet set;
  set.channels = 1;
  set.height = static_cast<int>(images.shape[1]);
  set.width = static_cast<int>(images.shape[2]);
  set.examples = std::move(images.values);
  set.labels.assign(labels.values.begin(), labels.values.end());
  const int highest = *std::max_element(set.labels.begin(), set.labels.end());
  for (int c = 0; c < std::max(kMinClasses, highest + 1); ++c) {
    set.class_names.push_back(absl::StrCat(c));
  }
  return set;
}

absl::StatusOr<IdxFolder> ReadIdxFolder(const std::string& folder) {
  NIWAKI_ASSIGN_OR_RETURN(const FolderWalk walk, WalkFolder(folder));
  std::vector<std::string> names;
  for (const WalkedFile& file : walk.files) names.push_back(file.name);
  IdxArray arrays[4];
  std::vector<ErrorItem> bad;
  // Bad ones that are there.
  int64_t present = 0;
  absl::Status first;
  for (int i = 0; i < 4; ++i) {
    absl::StatusOr<IdxArray> array = ReadIdx(folder, names, kParts[i]);
    if (array.ok()) {
      arrays[i] = *std::move(array);
      continue;
    }
    if (bad.empty()) first = array.status();
    if (!absl::IsNotFound(array.status())) ++present;
    bad.push_back({kParts[i], std::string(array.status().message())});
  }
  const int64_t files = static_cast<int64_t>(names.size());
  if (!bad.empty())
    return BadItems(folder, {files, present, "part", "are missing or cannot be used"}, bad, first,
                    "");
  IdxFolder result;
  NIWAKI_ASSIGN_OR_RETURN(result.train,
                          PairIdx(std::move(arrays[0]), std::move(arrays[1]), folder + "/train"));
  NIWAKI_ASSIGN_OR_RETURN(result.test,
                          PairIdx(std::move(arrays[2]), std::move(arrays[3]), folder + "/t10k"));
  const bool more_in_train = result.train.class_names.size() > result.test.class_names.size();
  (more_in_train ? result.test : result.train).class_names =
      more_in_train ? result.train.class_names : result.test.class_names;
  result.report.files = files;
  result.report.used = 4;
  if (files > 4) result.report.passed_over["no part of the data set by its name"] = files - 4;
  return result;
}

}  // namespace niwaki::data
