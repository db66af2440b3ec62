#include "libs/data/class_folder.h"

#include <algorithm>
#include <array>
#include <fstream>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"
#include "libs/data/folder_walk.h"
#include "libs/data/prepared/metadata.h"
#include "libs/data/split_lists.h"

namespace niwaki::data {
namespace {

constexpr size_t kMaxClasses = 65536;
// Different endings that are counted each for itself.
constexpr size_t kMaxEndings = 30;
constexpr size_t kMaxEndingBytes = 8;
constexpr size_t kMaxNamed = 10;

constexpr char kHiddenReason[] = "hidden (a name begins with a dot)";
constexpr char kSpecialReason[] = "no regular file (a pipe, a socket or a device)";
constexpr char kLinkReason[] = "link to a folder that is read elsewhere";
constexpr char kListReason[] = "list of a split";
constexpr char kOutsideReason[] = "outside the folders of classes";
constexpr char kNoiseReason[] = "background noise that is not used";
constexpr char kOtherEnding[] = "other ending";

// The folders' names that stand for splits, in lower case.
constexpr std::pair<absl::string_view, Split> kSplitFolders[] = {
    {"train", Split::kTrain},      {"training", Split::kTrain},         {"val", Split::kValidation},
    {"valid", Split::kValidation}, {"validation", Split::kValidation},  {"test", Split::kTest},
    {"testing", Split::kTest},     {"calibration", Split::kCalibration}};

std::optional<Split> SplitOfFolder(absl::string_view name) {
  for (const auto& [folder, split] : kSplitFolders) {
    if (absl::EqualsIgnoreCase(folder, name)) return split;
  }
  return std::nullopt;
}

absl::Status Missing(const std::string& folder, absl::string_view what) {
  return Error(absl::StatusCode::kNotFound, reason::kFileUnknown)
      .Field("file")
      .Value(folder)
      .Limit(what)
      .Message(absl::StrCat(folder, " holds no ", what));
}

// The file's ending in lower case with its dot; "" for none.
std::string EndingOf(absl::string_view name) {
  const absl::string_view file = name.substr(name.rfind('/') + 1);
  const size_t dot = file.rfind('.');
  if (dot == absl::string_view::npos || dot == 0) return "";
  return absl::AsciiStrToLower(file.substr(dot));
}

std::string EndingReason(const std::string& ending) {
  if (ending.empty()) return "no ending";
  const bool usual = ending.size() > 1 && ending.size() <= kMaxEndingBytes &&
                     std::all_of(ending.begin() + 1, ending.end(), absl::ascii_isalnum) &&
                     !std::all_of(ending.begin() + 1, ending.end(), absl::ascii_isdigit);
  return usual ? absl::StrCat("ending ", ending) : kOtherEnding;
}

std::string FirstBytes(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string bytes(16, '\0');
  file.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  bytes.resize(file.gcount());
  return bytes;
}

// Which folders of the root stand for splits, when it is kept that way; empty when its folders are
// classes.
std::map<std::string, Split, std::less<>> FindSplitFolders(const FolderWalk& walk) {
  // Folder of the root → folders in it.
  std::map<std::string, std::set<std::string>> inner;
  for (const WalkedFile& file : walk.files) {
    const std::vector<std::string> parts = absl::StrSplit(file.name, '/');
    if (parts.size() < 2 || file.kind == WalkedKind::kHidden) continue;
    std::set<std::string>& folders = inner[parts[0]];
    if (parts.size() > 2) folders.insert(parts[1]);
  }
  std::map<std::string, Split, std::less<>> splits;
  std::set<std::string> trained;
  for (const auto& [folder, folders] : inner) {
    const std::optional<Split> split = SplitOfFolder(folder);
    if (!split.has_value()) continue;
    splits.emplace(folder, *split);
    if (*split == Split::kTrain) trained.insert(folders.begin(), folders.end());
  }
  if (trained.empty()) return {};
  // `train` beside other words is a class like them unless a split beside it has the same classes.
  const bool alone = inner.size() == splits.size() && splits.size() == 1;
  const bool shared = std::any_of(splits.begin(), splits.end(), [&](const auto& entry) {
    const std::set<std::string>& folders = inner[entry.first];
    return entry.second != Split::kTrain &&
           std::any_of(folders.begin(), folders.end(),
                       [&](const std::string& name) { return trained.count(name) > 0; });
  });
  if (!alone && !shared) return {};
  return splits;
}

class Lister {
 public:
  Lister(const ClassFolderOptions& options, FolderWalk walk)
      : options_(options), walk_(std::move(walk)) {}

  absl::StatusOr<ClassFolder> Run() {
    if (options_.use_splits) {
      split_folders_ = FindSplitFolders(walk_);
      if (split_folders_.empty()) {
        NIWAKI_ASSIGN_OR_RETURN(lists_, ReadSplitLists(options_.root));
      }
    }
    result_.report.files = static_cast<int64_t>(walk_.files.size());
    for (const WalkedFile& file : walk_.files) Take(file);
    for (const std::string& name : walk_.empty_folders) TakeEmpty(name);
    NIWAKI_RETURN_IF_ERROR(NameClasses());
    NIWAKI_RETURN_IF_ERROR(CheckLists());
    AddNotes();
    return std::move(result_);
  }

 private:
  // What the file's place says of it.
  struct Place {
    std::string class_name;
    Dealing dealing;
  };

  void PassOver(const std::string& reason) { ++result_.report.passed_over[reason]; }

  void PassOverEnding(const std::string& ending) {
    const std::string reason = EndingReason(ending);
    const bool known = result_.report.passed_over.count(reason) > 0;
    if (!known && reason != kOtherEnding && ++endings_ > kMaxEndings) {
      PassOver(kOtherEnding);
    } else {
      PassOver(reason);
    }
  }

  bool IsList(const std::string& name) const {
    return (lists_.has_testing && name == kTestingList) ||
           (lists_.has_validation && name == kValidationList);
  }

  // Nullopt outside the folders of classes.
  std::optional<Place> PlaceOf(const std::string& name) const {
    const std::vector<std::string> parts = absl::StrSplit(name, '/');
    const size_t level = split_folders_.empty() ? 0 : 1;
    if (parts.size() < level + 2) return std::nullopt;
    Place place;
    place.class_name = parts[level];
    if (level == 1) {
      const auto it = split_folders_.find(parts[0]);
      if (it == split_folders_.end()) return std::nullopt;
      // What lies in `train` is shared with the splits that have no folder.
      if (it->second != Split::kTrain) place.dealing.split = it->second;
      return place;
    }
    const auto it = lists_.splits.find(name);
    if (it != lists_.splits.end()) place.dealing.split = it->second;
    return place;
  }

  bool IsRead(const std::string& name, const std::string& ending) const {
    if (!ending.empty()) {
      const auto& known = options_.extensions;
      return std::find(known.begin(), known.end(), ending) != known.end();
    }
    return options_.looks_right && options_.looks_right(FirstBytes(PathOf(name)));
  }

  std::string PathOf(const std::string& name) const {
    return absl::StrCat(options_.root, "/", name);
  }

  void Take(const WalkedFile& file) {
    switch (file.kind) {
      case WalkedKind::kHidden:
        CountFolder(HiddenFolder(file.name), folders_.hidden);
        return PassOver(kHiddenReason);
      case WalkedKind::kSpecial:
        return PassOver(kSpecialReason);
      case WalkedKind::kFolderLink:
        folders_.links.push_back(file.name);
        return PassOver(kLinkReason);
      case WalkedKind::kUnreadable:
        result_.unreadable.push_back({file.name, file.problem});
        return;
      case WalkedKind::kFile:
        break;
    }
    if (IsList(file.name)) return PassOver(kListReason);
    const std::optional<Place> place = PlaceOf(file.name);
    if (!place.has_value()) {
      CountFolder(OtherFolder(file.name), folders_.outside);
      return PassOver(kOutsideReason);
    }
    const std::string ending = EndingOf(file.name);
    const bool noise = !options_.noise_folder.empty() && place->class_name == options_.noise_folder;
    if (noise && !options_.use_noise) return PassOver(kNoiseReason);
    if (!noise) {
      by_class_[place->class_name];
      ++held_[place->class_name];
    }
    if (!IsRead(file.name, ending)) return PassOverEnding(ending);
    ClassFile taken = {PathOf(file.name), file.name, 0, place->dealing};
    if (noise) {
      // The lists of Speech Commands do not name it: no split is without it for that.
      taken.dealing.over_all = split_folders_.empty();
      result_.noise.push_back(std::move(taken));
    } else {
      by_class_[place->class_name].push_back(std::move(taken));
    }
  }

  // An empty folder where those of classes are is a class without a file.
  void TakeEmpty(const std::string& name) {
    const std::optional<Place> place = PlaceOf(name + "/");
    const bool noise = place.has_value() && place->class_name == options_.noise_folder;
    const std::vector<std::string> parts = absl::StrSplit(name, '/');
    const size_t level = split_folders_.empty() ? 0 : 1;
    if (place.has_value() && !noise && parts.size() == level + 1) by_class_[place->class_name];
  }

  // "a/.b" of "a/.b/c/d.png"; "" for a hidden file.
  static std::string HiddenFolder(const std::string& name) {
    const std::vector<std::string> parts = absl::StrSplit(name, '/');
    std::string folder;
    for (size_t i = 0; i + 1 < parts.size(); ++i) {
      absl::StrAppend(&folder, i == 0 ? "" : "/", parts[i]);
      if (absl::StartsWith(parts[i], ".")) return folder;
    }
    return "";
  }

  // The folder beside those of splits that holds the file; "" for none.
  std::string OtherFolder(const std::string& name) const {
    const std::string folder = name.substr(0, name.find('/'));
    const bool other = folder.size() < name.size() && split_folders_.count(folder) == 0;
    return other ? folder : "";
  }

  static void CountFolder(const std::string& folder, std::map<std::string, int64_t>& counts) {
    if (!folder.empty()) ++counts[folder];
  }

  // Numbers the classes that have files.
  absl::Status NameClasses() {
    for (auto& [name, files] : by_class_) {
      if (files.empty()) {
        result_.barren.push_back({name, BarrenText(name)});
        continue;
      }
      if (result_.class_names.size() == kMaxClasses) {
        return Error(absl::StatusCode::kInvalidArgument, reason::kArgumentInvalid)
            .Field("file")
            .Value(options_.root)
            .Limit(kMaxClasses)
            .Message(absl::StrCat(options_.root, " has more than ", kMaxClasses, " sub-folders"));
      }
      const uint16_t label = static_cast<uint16_t>(result_.class_names.size());
      result_.class_names.push_back(name);
      for (ClassFile& file : files) {
        file.label = label;
        result_.files.push_back(std::move(file));
      }
    }
    if (!result_.class_names.empty()) return CheckClassNames(result_.class_names);
    if (result_.barren.empty()) return Missing(options_.root, "sub-folder per class");
    return Missing(absl::StrCat(options_.root, "/", result_.barren[0].name), Wanted());
  }

  std::string BarrenText(const std::string& class_name) const {
    const auto held = held_.find(class_name);
    if (held == held_.end()) return absl::StrCat("an empty folder, without a ", options_.what);
    return absl::StrCat("holds no ", options_.what, ": ", held->second,
                        held->second == 1 ? " file" : " files", ", none of which is read");
  }

  std::string Wanted() const {
    return absl::StrCat(options_.what, " (a file ending in ",
                        absl::StrJoin(options_.extensions, ", "), ")");
  }

  absl::Status CheckLists() {
    std::array<int64_t, kSplitCount> found = {};
    for (const ClassFile& file : result_.files) {
      if (file.dealing.split.has_value()) ++found[static_cast<int>(*file.dealing.split)];
    }
    const std::pair<bool, std::pair<const char*, Split>> lists[] = {
        {lists_.has_testing, {kTestingList, Split::kTest}},
        {lists_.has_validation, {kValidationList, Split::kValidation}}};
    for (const auto& [there, list] : lists) {
      const auto& [name, split] = list;
      if (!there) continue;
      int64_t named = 0;
      for (const auto& [file, its] : lists_.splits) named += its == split;
      const int64_t missing = named - found[static_cast<int>(split)];
      if (named > 0 && missing == named) {
        return Error(absl::StatusCode::kInvalidArgument, reason::kFileMalformed)
            .Field("file")
            .Value(named)
            .Message(absl::StrCat(PathOf(name), " names ", named, " files, of which none is in ",
                                  options_.root, "; --splits shares deals without it"));
      }
      if (missing > 0) {
        Note(absl::StrCat(name, " names ", missing, " files that are not there"));
      }
    }
    return absl::OkStatus();
  }

  void Note(std::string text) { result_.report.notes.push_back(std::move(text)); }

  void AddNotes() {
    if (!split_folders_.empty()) {
      std::vector<std::string> folders;
      for (const auto& [folder, split] : split_folders_) folders.push_back(folder);
      Note(absl::StrCat("the folders ", NameSome(folders, kMaxNamed),
                        " are splits; calibration, and ",
                        "what has no folder, is dealt from the training files by the shares"));
    }
    if (!walk_.empty_folders.empty()) {
      Note(absl::StrCat(walk_.empty_folders.size(),
                        walk_.empty_folders.size() == 1 ? " folder is" : " folders are",
                        " empty: ", NameSome(walk_.empty_folders, kMaxNamed)));
    }
    NoteFolders("folders that are no splits and are passed over: ", folders_.outside);
    NoteFolders("hidden folders are passed over: ", folders_.hidden);
    if (!folders_.links.empty()) {
      Note(absl::StrCat("links that are not followed, since their folders are read elsewhere: ",
                        NameSome(folders_.links, kMaxNamed)));
    }
    std::map<std::string, std::vector<std::string>> alike;
    for (const std::string& name : result_.class_names) {
      alike[absl::AsciiStrToLower(absl::StripAsciiWhitespace(name))].push_back(name);
    }
    for (const auto& [key, names] : alike) {
      if (names.size() < 2) continue;
      Note(absl::StrCat("classes whose names differ by case or blanks alone: ",
                        NameSome(names, kMaxNamed)));
    }
    NoteOneClass();
  }

  void NoteFolders(absl::string_view what, const std::map<std::string, int64_t>& counts) {
    if (counts.empty()) return;
    std::vector<std::string> texts;
    for (const auto& [folder, count] : counts) {
      if (texts.size() == kMaxNamed) break;
      texts.push_back(
          absl::StrCat(PlainName(folder), " (", count, count == 1 ? " file)" : " files)"));
    }
    const size_t left = counts.size() - texts.size();
    Note(absl::StrCat(what, absl::StrJoin(texts, ", "),
                      left > 0 ? absl::StrCat(" and ", left, " more") : ""));
  }

  // A folder too many around the classes makes one class of them all.
  void NoteOneClass() {
    if (result_.class_names.size() != 1) return;
    const size_t level = split_folders_.empty() ? 1 : 2;
    std::set<std::string> inner;
    for (const ClassFile& file : result_.files) {
      const std::vector<std::string> parts = absl::StrSplit(file.name, '/');
      if (parts.size() > level + 1) inner.insert(parts[level]);
    }
    if (inner.size() < 2) return;
    Note(absl::StrCat(
        "there is one class, ", PlainName(result_.class_names[0]),
        ", whose folder holds others: ", NameSome({inner.begin(), inner.end()}, kMaxNamed),
        "; give that folder where they are the classes"));
  }

  const ClassFolderOptions& options_;
  const FolderWalk walk_;
  std::map<std::string, Split, std::less<>> split_folders_;
  SplitLists lists_;
  // Every class's folder with a file in it; those that are read.
  std::map<std::string, std::vector<ClassFile>> by_class_;
  // Files in every class's folder, those that are not read among them.
  std::map<std::string, int64_t> held_;
  // Passed over as a whole: how many files each holds.
  struct {
    std::map<std::string, int64_t> outside;
    std::map<std::string, int64_t> hidden;
    std::vector<std::string> links;
  } folders_;
  size_t endings_ = 0;
  ClassFolder result_;
};

}  // namespace

absl::StatusOr<ClassFolder> ListClassFolder(const ClassFolderOptions& options) {
  NIWAKI_ASSIGN_OR_RETURN(FolderWalk walk, WalkFolder(options.root));
  return Lister(options, std::move(walk)).Run();
}

}  // namespace niwaki::data
