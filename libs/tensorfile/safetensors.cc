#include "libs/tensorfile/safetensors.h"

#include <algorithm>
#include <optional>
#include <tuple>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "libs/base/error.h"
#include "libs/base/json.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"

namespace niwaki::tensorfile {
namespace {

constexpr int64_t kLengthBytes = 8;
constexpr int64_t kMaxHeaderBytes = 64 << 20;
constexpr int64_t kAlignment = 64;
constexpr char kMetadataKey[] = "__metadata__";

absl::Status Corrupt(absl::string_view what, absl::string_view tensor, absl::string_view problem) {
  return Error(absl::StatusCode::kDataLoss, reason::kDataCorrupt)
      .Field(tensor.empty() ? what : tensor)
      .Message(tensor.empty() ? absl::StrCat(what, ": ", problem)
                              : absl::StrCat(what, ": tensor ", tensor, ": ", problem));
}

absl::StatusOr<std::vector<int64_t>> ReadIntegers(const Json& entry, const char* key, size_t most,
                                                  absl::string_view what, const std::string& name) {
  const auto it = entry.find(key);
  if (it == entry.end() || !it->is_array() || it->size() > most) {
    return Corrupt(what, name, absl::StrCat(key, " is not a list of at most ", most, " integers"));
  }
  std::vector<int64_t> integers;
  for (const Json& element : *it) {
    if (!element.is_number_integer() ||
        (element.is_number_unsigned() && element.get<uint64_t>() > uint64_t{1} << 62)) {
      return Corrupt(what, name,
                     absl::StrCat(key, " holds ", element.dump(), ", no valid integer"));
    }
    integers.push_back(element.get<int64_t>());
  }
  return integers;
}

struct Extent {
  int64_t begin = 0;
  int64_t end = 0;
  std::string name;
};

// Reads one entry of the header and its place in `data`.
absl::StatusOr<std::pair<TensorView, Extent>> ReadEntry(const Json& entry, const std::string& name,
                                                        absl::string_view data,
                                                        absl::string_view what) {
  if (!entry.is_object()) return Corrupt(what, name, "its entry is not a JSON object");
  const auto dtype_name = entry.find("dtype");
  if (dtype_name == entry.end() || !dtype_name->is_string()) {
    return Corrupt(what, name, "dtype is not a string");
  }
  const std::optional<Dtype> dtype = ParseDtype(dtype_name->get<std::string>());
  if (!dtype) {
    return Corrupt(what, name, absl::StrCat("dtype ", dtype_name->dump(), " is unknown"));
  }
  TensorView view;
  view.dtype = *dtype;
  NIWAKI_ASSIGN_OR_RETURN(view.shape, ReadIntegers(entry, "shape", kMaxDimensions, what, name));
  NIWAKI_ASSIGN_OR_RETURN(const std::vector<int64_t> offsets,
                          ReadIntegers(entry, "data_offsets", 2, what, name));
  const int64_t size = static_cast<int64_t>(data.size());
  if (offsets.size() != 2 || offsets[0] < 0 || offsets[1] < offsets[0] || offsets[1] > size) {
    return Corrupt(what, name,
                   absl::StrCat("data_offsets [", absl::StrJoin(offsets, ","),
                                ") do not lie within the ", size, " bytes of data"));
  }
  const std::optional<int64_t> count = CountElements(view.shape);
  if (!count || *count * DtypeBytes(view.dtype) != offsets[1] - offsets[0]) {
    return Corrupt(what, name,
                   absl::StrCat(Describe(view), " does not take the ", offsets[1] - offsets[0],
                                " bytes of its data_offsets"));
  }
  view.bytes = data.substr(offsets[0], offsets[1] - offsets[0]);
  return std::make_pair(std::move(view), Extent{offsets[0], offsets[1], name});
}

absl::Status CheckCovered(std::vector<Extent> extents, int64_t size, absl::string_view what) {
  std::sort(extents.begin(), extents.end(), [](const Extent& a, const Extent& b) {
    return std::tie(a.begin, a.end) < std::tie(b.begin, b.end);
  });
  int64_t position = 0;
  for (const Extent& extent : extents) {
    if (extent.begin != position) {
      return Corrupt(what, extent.name,
                     absl::StrCat("begins at byte ", extent.begin,
                                  " of the data, the tensor before ends at ", position));
    }
    position = extent.end;
  }
  if (position != size) {
    return Corrupt(
        what, "",
        absl::StrCat("the tensors end at byte ", position, " of ", size, " bytes of data"));
  }
  return absl::OkStatus();
}

absl::StatusOr<MetadataMap> ReadMetadata(const Json& entry, absl::string_view what) {
  if (!entry.is_object()) return Corrupt(what, kMetadataKey, "is not a JSON object");
  MetadataMap metadata;
  for (const auto& [key, value] : entry.items()) {
    if (!value.is_string()) {
      return Corrupt(what, kMetadataKey, absl::StrCat("'", key, "' is not a string"));
    }
    metadata[key] = value.get<std::string>();
  }
  return metadata;
}

uint64_t LoadLength(absl::string_view bytes) {
  uint64_t length = 0;
  for (int i = kLengthBytes - 1; i >= 0; --i) length = length << 8 | static_cast<uint8_t>(bytes[i]);
  return length;
}

// What a file is that begins in a way in which no length of a header does; null where it may be
// one.
const char* OtherKind(absl::string_view bytes) {
  if (absl::StartsWith(bytes, "PK\x03\x04")) return "a zip archive (a checkpoint of PyTorch?)";
  if (absl::StartsWith(bytes, "\x80\x02\x8A") || absl::StartsWith(bytes, "\x80\x04\x95")) {
    return "a pickle";
  }
  const absl::string_view start = bytes.substr(0, kLengthBytes);
  const bool is_text = std::all_of(start.begin(), start.end(), [](unsigned char c) {
    return absl::ascii_isprint(c) || absl::ascii_isspace(c);
  });
  return is_text ? "text" : nullptr;
}

absl::StatusOr<int64_t> HeaderLength(absl::string_view bytes, absl::string_view what) {
  if (bytes.size() < kLengthBytes) {
    return Corrupt(what, "", absl::StrCat("has ", bytes.size(), " bytes, too few for a header"));
  }
  if (const char* other = OtherKind(bytes); other != nullptr) {
    return Corrupt(
        what, "",
        absl::StrCat("is ", other, ", not a safetensors file, as supernets and predictors are"));
  }
  const uint64_t length = LoadLength(bytes);
  if (length > kMaxHeaderBytes || length > bytes.size() - kLengthBytes) {
    return Corrupt(what, "",
                   absl::StrCat("says that its header has ", length, " bytes; the file has ",
                                bytes.size(), ", the limit is ", kMaxHeaderBytes));
  }
  return static_cast<int64_t>(length);
}

}  // namespace

absl::StatusOr<Safetensors> Safetensors::Parse(absl::string_view bytes, absl::string_view what) {
  NIWAKI_ASSIGN_OR_RETURN(const int64_t length, HeaderLength(bytes, what));
  const absl::string_view data = bytes.substr(kLengthBytes + length);
  const auto header = ParseJson(bytes.substr(kLengthBytes, length), "header");
  if (!header.ok()) return Corrupt(what, "", header.status().message());
  if (!header->is_object()) return Corrupt(what, "", "the header is not a JSON object");
  Safetensors content;
  std::vector<Extent> extents;
  for (const auto& [name, entry] : header->items()) {
    if (name == kMetadataKey) {
      NIWAKI_ASSIGN_OR_RETURN(content.metadata, ReadMetadata(entry, what));
      continue;
    }
    NIWAKI_ASSIGN_OR_RETURN(auto read, ReadEntry(entry, name, data, what));
    content.tensors[name] = std::move(read.first);
    extents.push_back(std::move(read.second));
  }
  NIWAKI_RETURN_IF_ERROR(CheckCovered(std::move(extents), static_cast<int64_t>(data.size()), what));
  return content;
}

absl::StatusOr<std::unique_ptr<SafetensorsFile>> SafetensorsFile::Open(const std::string& path) {
  std::unique_ptr<SafetensorsFile> file(new SafetensorsFile());
  NIWAKI_ASSIGN_OR_RETURN(file->file_, MappedFile::Open(path));
  NIWAKI_ASSIGN_OR_RETURN(file->content_, Safetensors::Parse(file->file_->bytes(), path));
  return file;
}

std::string SerializeSafetensors(const MetadataMap& metadata, const TensorMap& tensors) {
  Json header = Json::object();
  if (!metadata.empty()) header[kMetadataKey] = metadata;
  int64_t offset = 0;
  for (const auto& [name, tensor] : tensors) {
    const int64_t end = offset + static_cast<int64_t>(tensor.bytes.size());
    header[name] = {{"dtype", std::string(DtypeName(tensor.dtype))},
                    {"shape", tensor.shape},
                    {"data_offsets", {offset, end}}};
    offset = end;
  }
  std::string text = header.dump();
  const size_t unaligned = (text.size() + kLengthBytes) % kAlignment;
  if (unaligned != 0) text.append(kAlignment - unaligned, ' ');
  std::string bytes;
  bytes.reserve(kLengthBytes + text.size() + offset);
  for (int i = 0; i < kLengthBytes; ++i) bytes += static_cast<char>(text.size() >> (8 * i));
  bytes += text;
  for (const auto& [name, tensor] : tensors) absl::StrAppend(&bytes, tensor.bytes);
  return bytes;
}

}  // namespace niwaki::tensorfile
