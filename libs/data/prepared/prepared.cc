#include "libs/data/prepared/prepared.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "libs/base/digest.h"
#include "libs/base/error.h"
#include "libs/base/log.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"

namespace niwaki::data {
namespace {

// The columns are used in place, as they lie in the file.
static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "the format is little-endian");

constexpr char kMagic[] = "NWKDATA\n";
constexpr uint32_t kVersion = 1;
constexpr size_t kHeaderBytes = 64;
constexpr size_t kAlignment = 64;
constexpr uint32_t kMaxMetadataBytes = 16 << 20;

struct Header {
  char magic[8];
  uint32_t version;
  uint32_t metadata_bytes;
  uint64_t file_bytes;
  uint64_t reserved;
  char payload_sha256[32];
};
static_assert(sizeof(Header) == kHeaderBytes, "see FORMAT.md");

size_t AlignUp(size_t offset) { return (offset + kAlignment - 1) / kAlignment * kAlignment; }

absl::Status Corrupt(const std::string& path, absl::string_view what) {
  return Error(absl::StatusCode::kDataLoss, reason::kDataCorrupt)
      .Field("file")
      .Value(path)
      .Message(absl::StrCat(path, ": ", what));
}

struct Section {
  size_t offset;
  size_t bytes;
};

// Where each split's columns lie: labels, groups, examples, split after split, each aligned.
struct Layout {
  std::array<Section, kSplitCount> labels;
  std::array<Section, kSplitCount> groups;
  std::array<Section, kSplitCount> examples;
  size_t file_bytes;
};

// The bounds of Metadata::Validate keep every sum below 2^64.
Layout LayoutOf(const Metadata& metadata, size_t metadata_bytes) {
  Layout layout;
  size_t offset = AlignUp(kHeaderBytes + metadata_bytes);
  const auto place = [&offset](uint64_t bytes) {
    const Section section = {offset, bytes};
    offset = AlignUp(offset + bytes);
    return section;
  };
  for (int s = 0; s < kSplitCount; ++s) {
    const uint64_t n = metadata.sizes[s];
    layout.labels[s] = place(n * sizeof(uint16_t));
    layout.groups[s] = place(metadata.has_groups ? n * sizeof(uint32_t) : 0);
    layout.examples[s] = place(n * metadata.BytesPerExample());
  }
  layout.file_bytes = offset;
  return layout;
}

template <typename T>
absl::Span<const T> ViewOf(absl::string_view bytes, const Section& section) {
  return absl::MakeConstSpan(reinterpret_cast<const T*>(bytes.data() + section.offset),
                             section.bytes / sizeof(T));
}

// The position of the first label that is no class, or -1.
int64_t FirstBadLabel(absl::Span<const uint16_t> labels, size_t classes) {
  const auto it = std::find_if(labels.begin(), labels.end(),
                               [classes](uint16_t label) { return label >= classes; });
  return it == labels.end() ? -1 : it - labels.begin();
}

absl::Status CheckSplit(const Metadata& metadata, Split split, const SplitView& view) {
  const int64_t n = metadata.sizes[static_cast<int>(split)];
  const int64_t groups = metadata.has_groups ? n : 0;
  const std::string field = absl::StrCat("splits.", SplitName(split));
  const auto mismatch = [&field](absl::string_view column, int64_t value, int64_t limit) {
    return Error(absl::StatusCode::kInvalidArgument, reason::kArgumentInvalid)
        .Field(field)
        .Value(value)
        .Limit(limit)
        .Message(absl::StrCat(field, ": ", column, " ", value, ", expected ", limit));
  };
  if (view.labels.size() != n) return mismatch("labels", view.labels.size(), n);
  if (view.groups.size() != groups) return mismatch("groups", view.groups.size(), groups);
  if (view.examples.size() != n * metadata.BytesPerExample()) {
    return mismatch("bytes of examples", view.examples.size(), n * metadata.BytesPerExample());
  }
  const int64_t bad = FirstBadLabel(view.labels, metadata.class_names.size());
  if (bad >= 0) return mismatch("label", view.labels[bad], metadata.class_names.size() - 1);
  return absl::OkStatus();
}

absl::Status CheckHeader(const std::string& path, absl::string_view bytes, const Header& header) {
  if (std::memcmp(header.magic, kMagic, sizeof(header.magic)) != 0) {
    return Corrupt(path, "not a prepared data file (wrong magic)");
  }
  if (header.version > kVersion) {
    return Error(absl::StatusCode::kFailedPrecondition, reason::kSchemaTooNew)
        .Field("file")
        .Value(header.version)
        .Limit(kVersion)
        .Message(absl::StrCat(path, " has format version ", header.version,
                              ", this program knows up to ", kVersion));
  }
  if (header.version != kVersion || header.reserved != 0) return Corrupt(path, "damaged header");
  if (header.file_bytes != bytes.size()) {
    return Corrupt(path,
                   absl::StrCat("has ", bytes.size(), " bytes, should have ", header.file_bytes));
  }
  if (header.metadata_bytes > kMaxMetadataBytes ||
      kHeaderBytes + header.metadata_bytes > bytes.size()) {
    return Corrupt(path, absl::StrCat("metadata of ", header.metadata_bytes, " bytes"));
  }
  return absl::OkStatus();
}

absl::Status CheckDigest(const std::string& path, absl::string_view bytes, const Header& header) {
  const std::string payload_digest = Sha256Hex(bytes.substr(kHeaderBytes));
  const std::string stored = absl::BytesToHexString(
      absl::string_view(header.payload_sha256, sizeof(header.payload_sha256)));
  if (payload_digest == stored) return absl::OkStatus();
  return Error(absl::StatusCode::kDataLoss, reason::kDigestMismatch)
      .Field("file")
      .Value(payload_digest)
      .Limit(stored)
      .Message(
          absl::StrCat(path, ": content has SHA-256 ", payload_digest, ", header says ", stored));
}

// The header of the file `bytes`, its content not verified.
absl::StatusOr<Header> ReadHeader(const std::string& path, absl::string_view bytes) {
  if (bytes.size() < kHeaderBytes) return Corrupt(path, "shorter than a header");
  Header header;
  std::memcpy(&header, bytes.data(), sizeof(header));
  NIWAKI_RETURN_IF_ERROR(CheckHeader(path, bytes, header));
  return header;
}

absl::StatusOr<Metadata> MetadataOf(const std::string& path, absl::string_view bytes,
                                    const Header& header) {
  absl::StatusOr<Metadata> metadata =
      Metadata::FromJson(bytes.substr(kHeaderBytes, header.metadata_bytes));
  if (!metadata.ok()) return Corrupt(path, metadata.status().message());
  return metadata;
}

void Put(std::string& content, const Section& section, const void* data) {
  if (section.bytes > 0) std::memcpy(&content[section.offset], data, section.bytes);
}

}  // namespace

absl::StatusOr<std::unique_ptr<PreparedData>> PreparedData::Open(const std::string& path) {
  std::unique_ptr<PreparedData> data(new PreparedData());
  NIWAKI_RETURN_IF_ERROR(data->Load(path));
  return data;
}

absl::Status PreparedData::Load(const std::string& path) {
  NIWAKI_ASSIGN_OR_RETURN(file_, MappedFile::Open(path));
  const absl::string_view bytes = file_->bytes();
  NIWAKI_ASSIGN_OR_RETURN(const Header header, ReadHeader(path, bytes));
  NIWAKI_RETURN_IF_ERROR(CheckDigest(path, bytes, header));
  NIWAKI_ASSIGN_OR_RETURN(metadata_, MetadataOf(path, bytes, header));
  const Layout layout = LayoutOf(metadata_, header.metadata_bytes);
  if (layout.file_bytes != bytes.size()) {
    return Corrupt(path, absl::StrCat("metadata asks for ", layout.file_bytes, " bytes, there are ",
                                      bytes.size()));
  }
  for (int s = 0; s < kSplitCount; ++s) {
    splits_[s] = {ViewOf<uint8_t>(bytes, layout.examples[s]),
                  ViewOf<uint16_t>(bytes, layout.labels[s]),
                  ViewOf<uint32_t>(bytes, layout.groups[s])};
    if (FirstBadLabel(splits_[s].labels, metadata_.class_names.size()) >= 0) {
      return Corrupt(path, "a label is out of range");
    }
  }
  digest_ = Sha256Hex(bytes);
  return absl::OkStatus();
}

absl::Span<const uint8_t> PreparedData::example(Split split, int64_t i) const {
  NIWAKI_CHECK(i >= 0 && i < size(split));
  const int64_t bytes = metadata_.BytesPerExample();
  return view(split).examples.subspan(i * bytes, bytes);
}

int PreparedData::label(Split split, int64_t i) const {
  NIWAKI_CHECK(i >= 0 && i < size(split));
  return view(split).labels[i];
}

uint32_t PreparedData::group(Split split, int64_t i) const {
  NIWAKI_CHECK(i >= 0 && i < size(split));
  return metadata_.has_groups ? view(split).groups[i] : 0;
}

void PreparedData::Adopt(const Metadata& like, absl::Span<const uint16_t> labels) {
  NIWAKI_CHECK(labels.empty() || labels.size() == metadata_.class_names.size());
  for (int s = 0; s < kSplitCount && !labels.empty(); ++s) {
    std::vector<uint16_t> adopted;
    adopted.reserve(splits_[s].labels.size());
    for (const uint16_t label : splits_[s].labels) adopted.push_back(labels[label]);
    adopted_labels_[s] = std::move(adopted);
    splits_[s].labels = adopted_labels_[s];
  }
  metadata_.class_names = like.class_names;
  metadata_.scale = like.scale;
  metadata_.offset = like.offset;
  metadata_.mean = like.mean;
  metadata_.stddev = like.stddev;
}

absl::StatusOr<Metadata> ReadMetadata(const std::string& path) {
  NIWAKI_ASSIGN_OR_RETURN(const std::unique_ptr<MappedFile> file, MappedFile::Open(path));
  NIWAKI_ASSIGN_OR_RETURN(const Header header, ReadHeader(path, file->bytes()));
  return MetadataOf(path, file->bytes(), header);
}

absl::Status WritePrepared(const std::string& path, const Metadata& metadata,
                           const std::array<SplitView, kSplitCount>& splits) {
  NIWAKI_RETURN_IF_ERROR(metadata.Validate());
  for (Split split : kAllSplits) {
    NIWAKI_RETURN_IF_ERROR(CheckSplit(metadata, split, splits[static_cast<int>(split)]));
  }
  const std::string json = metadata.ToJson();
  const Layout layout = LayoutOf(metadata, json.size());
  std::string content(layout.file_bytes, '\0');
  Put(content, {kHeaderBytes, json.size()}, json.data());
  for (int s = 0; s < kSplitCount; ++s) {
    Put(content, layout.labels[s], splits[s].labels.data());
    Put(content, layout.groups[s], splits[s].groups.data());
    Put(content, layout.examples[s], splits[s].examples.data());
  }
  Header header = {};
  std::memcpy(header.magic, kMagic, sizeof(header.magic));
  header.version = kVersion;
  header.metadata_bytes = json.size();
  header.file_bytes = content.size();
  const std::string sha256 =
      absl::HexStringToBytes(Sha256Hex(absl::string_view(content).substr(kHeaderBytes)));
  std::memcpy(header.payload_sha256, sha256.data(), sizeof(header.payload_sha256));
  std::memcpy(&content[0], &header, sizeof(header));
  return WriteFileAtomically(path, content);
}

absl::Status WriteSubset(const PreparedData& data, const SubsetOptions& options,
                         const std::string& path) {
  Metadata metadata = data.metadata();
  std::array<SplitView, kSplitCount> splits;
  for (Split split : kAllSplits) {
    const int s = static_cast<int>(split);
    const int64_t keep = options.keep[s] < 0 ? data.size(split) : options.keep[s];
    const int64_t n = std::min(keep, data.size(split));
    const SplitView& view = data.view(split);
    metadata.sizes[s] = n;
    splits[s] = {view.examples.subspan(0, n * metadata.BytesPerExample()),
                 view.labels.subspan(0, n), view.groups.subspan(0, metadata.has_groups ? n : 0)};
  }
  return WritePrepared(path, metadata, splits);
}

}  // namespace niwaki::data
