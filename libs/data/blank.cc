#include "libs/data/blank.h"

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "libs/base/error.h"
#include "libs/base/range.h"
#include "libs/base/reason.h"
#include "libs/data/source_report.h"

namespace niwaki::data {
namespace {

constexpr char kProblem[] = "silent, or of one colour";

bool MeansSilence(const std::string& class_name) {
  static const auto* const names =
      new std::set<std::string>{"silence", "_silence_", "background", "_background_"};
  return names->count(absl::AsciiStrToLower(class_name)) > 0;
}

std::vector<int64_t> BlankExamples(const ExampleSet& set) {
  std::vector<bool> expected;
  for (const std::string& name : set.class_names) expected.push_back(MeansSilence(name));
  std::vector<int64_t> blank;
  const absl::Span<const uint8_t> all = set.examples;
  const int64_t bytes = set.BytesPerExample();
  for (int64_t i = 0; i < set.size(); ++i) {
    if (!expected[set.labels[i]] && IsBlank(all.subspan(i * bytes, bytes), set.channels)) {
      blank.push_back(i);
    }
  }
  return blank;
}

std::string NameOf(const ExampleSet& set, int64_t i) {
  return set.names.empty() ? absl::StrCat("example ", i) : set.names[i];
}

void Leave(const std::vector<int64_t>& blank, ExampleSet& set) {
  std::vector<bool> keep(set.size(), true);
  std::vector<std::string> names;
  for (int64_t i : blank) {
    keep[i] = false;
    names.push_back(NameOf(set, i));
  }
  const std::set<std::string> lost = KeepExamples(keep, set);
  if (!set.report.has_value()) return;
  // Published sets keep their classes; in a folder a class is what has files.
  const std::vector<std::string> empty =
      set.names.empty() ? std::vector<std::string>() : DropEmptyClasses(set);
  if (!empty.empty()) {
    set.report->notes.push_back(
        absl::StrCat("nothing but silence or one colour, and no classes: ", NameSome(empty, 10)));
  }
  for (const std::string& name : names) set.report->blank.push_back(name);
  set.report->blank_examples += static_cast<int64_t>(blank.size());
  set.report->blank_left_out += static_cast<int64_t>(blank.size());
  for (const std::string& file : lost) {
    --set.report->used;
    ++set.report->bad_files;
    set.report->bad.push_back({file, kProblem});
  }
}

}  // namespace

bool IsBlank(absl::Span<const uint8_t> example, int channels) {
  const size_t plane = example.size() / channels;
  for (int c = 0; c < channels; ++c) {
    const absl::Span<const uint8_t> values = example.subspan(c * plane, plane);
    const auto [low, high] = std::minmax_element(values.begin(), values.end());
    if (*high - *low > 1) return false;
  }
  return true;
}

absl::Status SettleBlank(const BlankOptions& options, ExampleSet& set) {
  const std::vector<int64_t> blank = BlankExamples(set);
  if (blank.empty()) return absl::OkStatus();
  if (options.skip) {
    Leave(blank, set);
    return absl::OkStatus();
  }
  const double share = static_cast<double>(blank.size()) / static_cast<double>(set.size());
  if (share > options.max_share) {
    std::vector<ErrorItem> items;
    for (int64_t i : blank) items.push_back({NameOf(set, i), kProblem});
    absl::Status status =
        Error(absl::StatusCode::kInvalidArgument, reason::kFileMalformed)
            .Field("--max-blank-share")
            .Value(NumberText(share))
            .Limit(NumberText(options.max_share))
            .Message(absl::StrCat(blank.size(), " of ", set.size(),
                                  " examples are silent or of one colour, the first of ",
                                  PlainName(NameOf(set, blank[0])),
                                  "; --skip-bad leaves them out, --max-blank-share 1 takes them"));
    SetErrorItems(status, items);
    return status;
  }
  if (set.report.has_value()) {
    set.report->blank_examples += static_cast<int64_t>(blank.size());
    for (int64_t i : blank) set.report->blank.push_back(NameOf(set, i));
  }
  return absl::OkStatus();
}

}  // namespace niwaki::data
