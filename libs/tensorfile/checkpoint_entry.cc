#include "libs/tensorfile/checkpoint_entry.h"

#include <algorithm>
#include <iterator>
#include <tuple>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "libs/base/error.h"
#include "libs/base/reason.h"
#include "libs/tensorfile/float32.h"

namespace niwaki::tensorfile {
namespace {

constexpr char kTop[] = ".";
constexpr int kMaxLevels = 3;
constexpr size_t kMaxKeyBytes = 100;
constexpr size_t kShown = 8;
// In the order in which they are preferred.
constexpr const char* kModels[] = {"state_dict", "model_state_dict", "model",   "net",
                                   "network",    "module",           "weights", "params"};
constexpr const char* kNotModels[] = {"optim", "scheduler", "scaler"};
// Whole words of a key.
constexpr const char* kAverages[] = {"ema",    "avg", "average", "averaged",
                                     "shadow", "swa", "teacher"};
// The dicts of a file that is made to have very many ways to them are not all looked at.
constexpr int kMaxVisits = 10000;

bool IsOfOptimiser(absl::string_view key) {
  return std::any_of(std::begin(kNotModels), std::end(kNotModels),
                     [&](const char* word) { return absl::StrContains(key, word); });
}

bool IsAverage(absl::string_view key) {
  const std::vector<absl::string_view> words = absl::StrSplit(key, absl::ByAnyChar("_-. "));
  return std::any_of(words.begin(), words.end(), [](absl::string_view word) {
    return std::find(std::begin(kAverages), std::end(kAverages), word) != std::end(kAverages);
  });
}

bool IsPlainKey(const PickleValue& key) {
  return key.kind == PickleKind::kString && !key.text.empty() && key.text.size() <= kMaxKeyBytes &&
         std::none_of(key.text.begin(), key.text.end(),
                      [](unsigned char c) { return c < 0x20 || c == 0x7F; });
}

// What a network's weights are: a tensor of several numbers.
bool IsWeight(const PickleValue& value) {
  return value.kind == PickleKind::kTensor && IsFloatingPoint(value.tensor.storage.dtype) &&
         !value.tensor.shape.empty();
}

class Finder {
 public:
  void Visit(const PickleValue& value, const std::string& path, int level) {
    if (value.kind != PickleKind::kDict || ++visits_ > kMaxVisits) return;
    if (!open_.insert(&value).second) return;
    const bool has_weight =
        std::any_of(value.entries.begin(), value.entries.end(), [](const auto& entry) {
          return entry.first->kind == PickleKind::kString && IsWeight(*entry.second);
        });
    if (has_weight) entries_.push_back({path.empty() ? kTop : path, &value});
    if (level < kMaxLevels) {
      for (const auto& [key, below] : value.entries) {
        if (!IsPlainKey(*key) || IsOfOptimiser(key->text)) continue;
        Visit(*below, path.empty() ? key->text : absl::StrCat(path, ".", key->text), level + 1);
      }
    }
    open_.erase(&value);
  }

  std::vector<CheckpointEntry> entries_;

 private:
  // Those that are being visited: a dict may be there under two names.
  absl::flat_hash_set<const PickleValue*> open_;
  int visits_ = 0;
};

// Lower is meant rather.
struct Preference {
  int group = 0;
  long level = 0;
  long word = 0;

  bool operator<(const Preference& other) const {
    return std::tie(group, level, word) < std::tie(other.group, other.level, other.word);
  }
};

Preference PreferenceOf(const CheckpointEntry& entry) {
  if (entry.path == kTop) return {1, 0, 0};
  const std::vector<std::string> keys = absl::StrSplit(entry.path, '.');
  if (IsAverage(entry.path)) return {3, 0, 0};
  const auto* const word = std::find(std::begin(kModels), std::end(kModels), keys.back());
  if (word == std::end(kModels)) return {2, 0, 0};
  return {0, static_cast<long>(keys.size()), word - std::begin(kModels)};
}

std::string PathsText(const std::vector<CheckpointEntry>& entries) {
  std::vector<std::string> paths;
  for (const CheckpointEntry& entry : entries) {
    if (paths.size() == kShown) break;
    paths.push_back(absl::Utf8SafeCHexEscape(entry.path));
  }
  return absl::StrCat(absl::StrJoin(paths, ", "), entries.size() > kShown ? ", …" : "");
}

// "a dict with keys 'epoch', 'best'": for messages.
std::string Describe(const PickleValue& value) {
  if (value.kind == PickleKind::kOpaque || value.kind == PickleKind::kGlobal) {
    return absl::StrCat("an object of ", absl::Utf8SafeCHexEscape(value.text),
                        " (torch.save(model); wanted is torch.save(model.state_dict()))");
  }
  if (value.kind != PickleKind::kDict) return absl::StrCat("a ", PickleKindName(value.kind));
  std::vector<std::string> keys;
  for (const auto& entry : value.entries) {
    if (keys.size() == kShown) break;
    const PickleValue& key = *entry.first;
    keys.push_back(
        key.kind == PickleKind::kString
            ? absl::StrCat("'", absl::Utf8SafeCHexEscape(key.text.substr(0, kMaxKeyBytes)), "'")
        : key.kind == PickleKind::kInt ? absl::StrCat(key.integer)
                                       : std::string(PickleKindName(key.kind)));
  }
  if (keys.empty()) return "an empty dict";
  return absl::StrCat("a dict with keys ", absl::StrJoin(keys, ", "),
                      value.entries.size() > kShown ? ", …" : "");
}

absl::Status Refuse(absl::string_view what, absl::string_view problem) {
  return Error(absl::StatusCode::kInvalidArgument, reason::kFileMalformed)
      .Field("file")
      .Value(what)
      .Message(absl::StrCat(what, ": ", problem));
}

}  // namespace

std::vector<CheckpointEntry> FindCheckpointEntries(const PickleValue& root) {
  Finder finder;
  finder.Visit(root, "", 0);
  return std::move(finder.entries_);
}

absl::StatusOr<CheckpointEntry> ChooseCheckpointEntry(const PickleValue& root,
                                                      const std::string& wanted,
                                                      absl::string_view what) {
  const std::vector<CheckpointEntry> entries = FindCheckpointEntries(root);
  if (entries.empty()) {
    return Refuse(what, absl::StrCat("holds ", Describe(root), ", not a state dict"));
  }
  if (!wanted.empty()) {
    for (const CheckpointEntry& entry : entries) {
      if (entry.path == wanted) return entry;
    }
    return Error(absl::StatusCode::kInvalidArgument, reason::kArgumentInvalid)
        .Field("entry")
        .Value(wanted)
        .Limit(PathsText(entries))
        .Message(absl::StrCat(what, ": no entry '", absl::Utf8SafeCHexEscape(wanted),
                              "' with tensors; there are ", PathsText(entries)));
  }
  const CheckpointEntry* best = &entries.front();
  bool tied = false;
  for (size_t i = 1; i < entries.size(); ++i) {
    const Preference here = PreferenceOf(entries[i]), there = PreferenceOf(*best);
    if (here < there) {
      best = &entries[i];
      tied = false;
    } else if (!(there < here)) {
      tied = true;
    }
  }
  if (!tied) return *best;
  return Refuse(
      what, absl::StrCat("holds several state dicts, choose one by --entry: ", PathsText(entries)));
}

}  // namespace niwaki::tensorfile
