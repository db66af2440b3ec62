#include "libs/data/image/cifar.h"

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "libs/base/error.h"
#include "libs/base/file.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"
#include "libs/base/text/text_file.h"
#include "libs/data/folder_reader.h"
#include "libs/data/folder_walk.h"

namespace niwaki::data {
namespace {

constexpr int kSide = 32;
constexpr size_t kPixels = 3 * kSide * kSide;
constexpr int64_t kMaxFileBytes = int64_t{1} << 30;
constexpr int64_t kMaxNamesBytes = 1 << 16;

size_t LabelBytes(CifarKind kind) { return kind == CifarKind::kCifar10 ? 1 : 2; }
int Classes(CifarKind kind) { return kind == CifarKind::kCifar10 ? 10 : 100; }

absl::Status Malformed(absl::string_view what, absl::string_view problem,
                       const absl::AlphaNum& value, const absl::AlphaNum& limit) {
  return Error(absl::StatusCode::kInvalidArgument, reason::kFileMalformed)
      .Field("file")
      .Value(value)
      .Limit(limit)
      .Message(absl::StrCat(what, ": ", problem, " ", value, " not in ", limit));
}

// The names file of the kind, one name a line; the built-in names unless it holds one for each
// class, which is noted where the file is there.
std::vector<std::string> ReadNames(const std::string& folder, CifarKind kind,
                                   SourceReport& report) {
  const absl::string_view name =
      kind == CifarKind::kCifar10 ? "batches.meta.txt" : "fine_label_names.txt";
  const absl::StatusOr<std::string> text =
      ReadTextFile(absl::StrCat(folder, "/", name), kMaxNamesBytes);
  if (absl::IsNotFound(text.status())) return CifarClassNames(kind);
  std::vector<std::string> names;
  if (text.ok()) {
    for (const absl::string_view line : absl::StrSplit(*text, absl::ByAnyChar("\r\n"))) {
      const absl::string_view stripped = absl::StripAsciiWhitespace(line);
      if (!stripped.empty()) names.emplace_back(stripped);
    }
  }
  if (names.size() == Classes(kind)) return names;
  report.notes.push_back(
      absl::StrCat(name,
                   text.ok() ? absl::StrCat(" holds ", names.size(), " names, not ", Classes(kind))
                             : absl::StrCat(" cannot be read (", text.status().message(), ")"),
                   ": the classes have the usual names"));
  return CifarClassNames(kind);
}

absl::Status AppendFile(const std::string& folder, const std::string& name, CifarKind kind,
                        ExampleSet& set) {
  const std::string path = absl::StrCat(folder, "/", name);
  NIWAKI_ASSIGN_OR_RETURN(const std::string bytes, ReadFile(path, kMaxFileBytes));
  return AppendCifar(bytes, kind, name, set);
}

absl::Status CheckFound(const ExampleSet& set, const std::string& folder, absl::string_view names) {
  if (set.size() > 0) return absl::OkStatus();
  return Error(absl::StatusCode::kNotFound, reason::kFileUnknown)
      .Field("file")
      .Value(folder)
      .Limit(names)
      .Message(absl::StrCat(folder, " holds no ", names));
}

}  // namespace

std::vector<std::string> CifarClassNames(CifarKind kind) {
  if (kind == CifarKind::kCifar10) {
    return {"airplane", "automobile", "bird",  "cat",  "deer",
            "dog",      "frog",       "horse", "ship", "truck"};
  }
  std::vector<std::string> names;
  for (int i = 0; i < 100; ++i) names.push_back(absl::StrFormat("class%02d", i));
  return names;
}

absl::Status AppendCifar(absl::string_view bytes, CifarKind kind, absl::string_view what,
                         ExampleSet& set) {
  const size_t record_bytes = LabelBytes(kind) + kPixels;
  if (bytes.empty() || bytes.size() % record_bytes != 0) {
    return Malformed(what, "size", bytes.size(), absl::StrCat("multiples of ", record_bytes));
  }
  set.channels = 3;
  set.height = set.width = kSide;
  if (set.class_names.empty()) set.class_names = CifarClassNames(kind);
  const int64_t size_before = set.size();
  for (size_t at = 0; at < bytes.size(); at += record_bytes) {
    const uint8_t label = bytes[at + LabelBytes(kind) - 1];
    if (label >= Classes(kind)) {
      set.labels.resize(size_before);
      set.examples.resize(size_before * kPixels);
      return Malformed(what, absl::StrCat("label of record ", at / record_bytes), int{label},
                       absl::StrCat("[0, ", Classes(kind) - 1, "]"));
    }
    const absl::string_view pixels = bytes.substr(at + LabelBytes(kind), kPixels);
    set.labels.push_back(label);
    set.examples.insert(set.examples.end(), pixels.begin(), pixels.end());
  }
  return absl::OkStatus();
}

absl::StatusOr<CifarFolder> ReadCifarFolder(const std::string& folder, CifarKind kind,
                                            bool skip_bad) {
  NIWAKI_ASSIGN_OR_RETURN(const FolderWalk walk, WalkFolder(folder));
  CifarFolder result;
  SourceReport& report = result.report;
  result.train.class_names = result.test.class_names = ReadNames(folder, kind, report);
  report.files = static_cast<int64_t>(walk.files.size());
  absl::Status first;
  for (const WalkedFile& file : walk.files) {
    const std::string& name = file.name;
    const bool batch = absl::StartsWith(name, "data_batch") && absl::EndsWith(name, ".bin");
    const bool train = batch || name == "train.bin";
    if (!train && name != "test_batch.bin" && name != "test.bin") {
      const bool names = name == "batches.meta.txt" || name == "fine_label_names.txt";
      ++report.passed_over[names ? "names of the classes" : "no part of the data set by its name"];
      continue;
    }
    const absl::Status status = AppendFile(folder, name, kind, train ? result.train : result.test);
    if (status.ok()) {
      ++report.used;
      continue;
    }
    if (report.bad.empty()) first = status;
    report.bad.push_back({name, std::string(status.message())});
  }
  report.bad_files = static_cast<int64_t>(report.bad.size());
  if (report.bad_files > 0 && !skip_bad) {
    return BadItems(folder, {report.files, report.bad_files, ""}, report.bad, first,
                    "--skip-bad goes on without");
  }
  NIWAKI_RETURN_IF_ERROR(CheckFound(result.train, folder, "data_batch_*.bin or train.bin"));
  NIWAKI_RETURN_IF_ERROR(CheckFound(result.test, folder, "test_batch.bin or test.bin"));
  return result;
}

}  // namespace niwaki::data
