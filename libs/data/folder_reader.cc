#include "libs/data/folder_reader.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "libs/base/digest.h"
#include "libs/base/file.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"

namespace niwaki::data {
namespace {

// Pairs of equal files that are named, of each kind.
constexpr size_t kMostPairs = 100;

struct Outcome {
  absl::Status status;
  Fingerprint content;
  std::string warning;
};

absl::Status EmptyFile(const std::string& name) {
  return Error(absl::StatusCode::kInvalidArgument, reason::kFileMalformed)
      .Field(name)
      .Message("empty file");
}

// The message without the file's name in front, which the item has already.
std::string ProblemOf(const absl::Status& status, const ClassFile& file) {
  absl::string_view message = status.message();
  for (const std::string& name : {file.path, file.name}) {
    if (absl::ConsumePrefix(&message, name)) {
      absl::ConsumePrefix(&message, ":");
      absl::ConsumePrefix(&message, " ");
      break;
    }
  }
  return message.empty() ? absl::StatusCodeToString(status.code()) : std::string(message);
}

class Reading {
 public:
  Reading(const ClassFolder& folder, const FolderReadOptions& options)
      : folder_(folder), options_(options), outcomes_(folder.files.size() + folder.noise.size()) {}

  absl::Status Run(const ParallelOptions& parallel, const DecodeFn& decode) {
    return ParallelFor(static_cast<int64_t>(outcomes_.size()), parallel, [&](int64_t i) {
      outcomes_[i].status = ReadOne(i, decode);
      return absl::OkStatus();
    });
  }

  absl::StatusOr<FolderContent> Settle(const std::string& root) {
    content_.report = folder_.report;
    Gather();
    if (!bad_.empty() && !options_.skip_bad) {
      const bool one = bad_.size() == 1;
      const int64_t folders = static_cast<int64_t>(folder_.unreadable.size());
      return BadItems(root, {folder_.report.files - folders, bad_readable_, "folder"}, bad_, first_,
                      one ? "--skip-bad goes on without it" : "--skip-bad goes on without them");
    }
    DropUntrained();
    KeepClasses();
    if (content_.class_names.empty()) {
      return Error(absl::StatusCode::kNotFound, reason::kFileUnknown)
          .Field("file")
          .Value(content_.report.bad_files)
          .Message(absl::StrCat(root, ": none of the files can be used"));
    }
    FillReport();
    return std::move(content_);
  }

 private:
  const ClassFile& FileAt(int64_t i) const {
    const int64_t files = static_cast<int64_t>(folder_.files.size());
    return i < files ? folder_.files[i] : folder_.noise[i - files];
  }
  bool IsNoise(int64_t i) const { return i >= static_cast<int64_t>(folder_.files.size()); }

  absl::Status ReadOne(int64_t i, const DecodeFn& decode) {
    const ClassFile& file = FileAt(i);
    NIWAKI_ASSIGN_OR_RETURN(const std::string bytes, ReadFile(file.path, options_.max_file_bytes));
    if (bytes.empty()) return EmptyFile(file.name);
    outcomes_[i].content = FingerprintOf(bytes.data(), bytes.size());
    return decode(i, bytes, outcomes_[i].warning);
  }

  void Blame(std::string name, std::string problem, const absl::Status& status) {
    if (bad_.empty()) first_ = status;
    bad_.push_back({std::move(name), std::move(problem)});
  }

  // Parts good files from bad things.
  void Gather() {
    for (size_t i = 0; i < outcomes_.size(); ++i) {
      const absl::Status& status = outcomes_[i].status;
      if (status.ok()) {
        content_.kept.push_back(static_cast<int64_t>(i));
      } else {
        Blame(FileAt(i).name, ProblemOf(status, FileAt(i)), status);
      }
    }
    bad_readable_ = static_cast<int64_t>(bad_.size());
    for (const ErrorItem& item : folder_.unreadable) {
      Blame(item.name, item.problem, absl::PermissionDeniedError(item.problem));
    }
    content_.report.bad_files = static_cast<int64_t>(bad_.size());
    content_.report.bad = bad_;
    for (const ErrorItem& item : folder_.barren)
      Blame(item.name, item.problem, NoExample(item.name));
    FindUntrained();
  }

  static absl::Status NoExample(const std::string& class_name) {
    return Error(absl::StatusCode::kNotFound, reason::kFileUnknown)
        .Field("class")
        .Value(class_name)
        .Message(class_name);
  }

  // Classes all of whose files the source gives to other splits than training.
  void FindUntrained() {
    if (!options_.for_training) return;
    std::vector<int64_t> files(folder_.class_names.size(), 0);
    std::vector<bool> trained(files.size(), false);
    for (int64_t i : content_.kept) {
      if (IsNoise(i)) continue;
      const ClassFile& file = FileAt(i);
      ++files[file.label];
      const Split split = file.dealing.split.value_or(Split::kTrain);
      if (split == Split::kTrain) trained[file.label] = true;
    }
    for (size_t c = 0; c < files.size(); ++c) {
      if (files[c] == 0 || trained[c]) continue;
      untrained_.insert(static_cast<uint16_t>(c));
      const std::string& name = folder_.class_names[c];
      Blame(name,
            absl::StrCat("a class without a training example: none of its ", files[c],
                         files[c] == 1 ? " file is" : " files is", " in the training split"),
            NoExample(name));
    }
  }

  // Takes the files of untrained classes out.
  void DropUntrained() {
    if (untrained_.empty()) return;
    const size_t before = content_.kept.size();
    content_.kept.erase(
        std::remove_if(
            content_.kept.begin(), content_.kept.end(),
            [&](int64_t i) { return !IsNoise(i) && untrained_.count(FileAt(i).label) > 0; }),
        content_.kept.end());
    content_.report.passed_over["of a class without a training example"] =
        static_cast<int64_t>(before - content_.kept.size());
  }

  void KeepClasses() {
    std::vector<bool> used(folder_.class_names.size(), false);
    for (int64_t i : content_.kept) {
      if (!IsNoise(i)) used[FileAt(i).label] = true;
    }
    std::vector<uint16_t> label(used.size(), 0);
    std::vector<std::string> lost;
    for (const ErrorItem& item : folder_.barren) lost.push_back(item.name);
    for (size_t c = 0; c < used.size(); ++c) {
      if (!used[c]) {
        lost.push_back(folder_.class_names[c]);
        continue;
      }
      label[c] = static_cast<uint16_t>(content_.class_names.size());
      content_.class_names.push_back(folder_.class_names[c]);
    }
    for (int64_t i : content_.kept)
      content_.labels.push_back(IsNoise(i) ? 0 : label[FileAt(i).label]);
    if (lost.empty()) return;
    std::sort(lost.begin(), lost.end());
    content_.report.notes.push_back(
        absl::StrCat("without a file that can be used, and no classes: ", NameSome(lost, 10)));
  }

  // Files that were used in spite of something.
  void NoteWarnings() {
    constexpr int64_t kMostNamed = 10;
    int64_t odd = 0;
    std::string named;
    for (const int64_t i : content_.kept) {
      const std::string& warning = outcomes_[i].warning;
      if (warning.empty()) continue;
      if (odd < kMostNamed) {
        absl::StrAppend(&named, odd == 0 ? "" : "; ", PlainName(FileAt(i).name), ": ", warning);
      }
      ++odd;
    }
    if (odd == 0) return;
    if (odd > kMostNamed) absl::StrAppend(&named, " and ", odd - kMostNamed, " more");
    content_.report.notes.push_back(absl::StrCat(odd, " used although odd: ", named));
  }

  void FillReport() {
    NoteWarnings();
    SourceReport& report = content_.report;
    report.used = static_cast<int64_t>(content_.kept.size());
    // Content → the first of the kept files that has it.
    std::map<Fingerprint, size_t> seen;
    std::vector<std::string> elsewhere, same;
    for (size_t k = 0; k < content_.kept.size(); ++k) {
      const auto [it, fresh] = seen.emplace(outcomes_[content_.kept[k]].content, k);
      if (fresh) continue;
      ++report.duplicates;
      const std::string class_here = ClassOf(k);
      const std::string class_there = ClassOf(it->second);
      const bool other = class_here != class_there;
      if (other) ++report.duplicates_elsewhere;
      std::vector<std::string>& pairs = other ? elsewhere : same;
      if (pairs.size() == kMostPairs) continue;
      pairs.push_back(absl::StrCat(NameOf(k), other ? absl::StrCat(" (", class_here, ")") : "",
                                   " = ", NameOf(it->second),
                                   other ? absl::StrCat(" (", class_there, ")") : ""));
    }
    report.duplicate_files = std::move(elsewhere);
    report.duplicate_files.insert(report.duplicate_files.end(), same.begin(), same.end());
  }

  std::string NameOf(size_t kept) const { return PlainName(FileAt(content_.kept[kept]).name); }
  std::string ClassOf(size_t kept) const {
    return IsNoise(content_.kept[kept]) ? "background noise"
                                        : PlainName(content_.class_names[content_.labels[kept]]);
  }

  const ClassFolder& folder_;
  const FolderReadOptions& options_;
  // Each filled in by one thread.
  std::vector<Outcome> outcomes_;
  std::vector<ErrorItem> bad_;
  // Files among them.
  int64_t bad_readable_ = 0;
  // Labels, in the listing, of classes without a training example.
  std::set<uint16_t> untrained_;
  absl::Status first_;
  FolderContent content_;
};

}  // namespace

absl::StatusOr<FolderContent> ReadClassFolder(const ClassFolder& folder, const std::string& root,
                                              const FolderReadOptions& options,
                                              const ParallelOptions& parallel,
                                              const DecodeFn& decode) {
  Reading reading(folder, options);
  NIWAKI_RETURN_IF_ERROR(reading.Run(parallel, decode));
  return reading.Settle(root);
}

absl::Status BadItems(const std::string& place, const BadCount& count,
                      const std::vector<ErrorItem>& bad, const absl::Status& first,
                      absl::string_view remedy) {
  const std::string end = remedy.empty() ? "" : absl::StrCat("; ", remedy);
  if (bad.size() == 1) {
    const std::optional<ErrorDetail> detail = GetErrorDetail(first);
    ErrorDetail own = detail.value_or(ErrorDetail{reason::kFileMalformed, "", "", ""});
    own.field = bad[0].name;
    absl::Status status(first.code(),
                        absl::StrCat(place, "/", bad[0].name, ": ", bad[0].problem, end));
    SetErrorDetail(status, own);
    SetErrorItems(status, bad);
    return status;
  }
  const int64_t others = static_cast<int64_t>(bad.size()) - count.bad_files;
  std::vector<std::string> what;
  if (count.bad_files > 0) {
    what.push_back(absl::StrCat(count.bad_files, " of ", count.files, " files"));
  }
  if (others > 0) what.push_back(absl::StrCat(others, " ", count.other, others == 1 ? "" : "s"));
  absl::Status status = Error(absl::StatusCode::kInvalidArgument, reason::kFileMalformed)
                            .Field("input")
                            .Value(place)
                            .Message(absl::StrCat(absl::StrJoin(what, " and "), " of ", place, " ",
                                                  count.verdict, end));
  SetErrorItems(status, bad);
  return status;
}

}  // namespace niwaki::data
