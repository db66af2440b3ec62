#include "libs/data/prepared/twins.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "libs/data/blank.h"

namespace niwaki::data {
namespace {

// Calibration examples are seen as training ones are, and no score is computed on either.
Split SideOf(Split split) { return split == Split::kCalibration ? Split::kTrain : split; }

}  // namespace

void TwinFinder::Take(absl::Span<const uint8_t> example, int channels, Place place) {
  if (IsBlank(example, channels)) return;
  const Fingerprint content = FingerprintOf(example.data(), example.size());
  const auto it = first_.find(content);
  if (it == first_.end()) {
    first_.emplace(content, std::move(place));
    return;
  }
  const Place& first = it->second;
  if (SideOf(first.split) == SideOf(place.split)) return;
  ++found_;
  if (named_.size() == kMaxNamed) return;
  const bool other = first.class_name != place.class_name;
  const auto text = [other](const Place& at) {
    return absl::StrCat(PlainName(at.name), " (", SplitName(at.split),
                        other ? absl::StrCat(", ", PlainName(at.class_name)) : "", ")");
  };
  named_.push_back(absl::StrCat(text(place), " = ", text(first)));
}

void TwinFinder::Add(const ExampleSet& set, const Partition& partition, absl::string_view source) {
  const absl::Span<const uint8_t> all = set.examples;
  const int64_t bytes = set.BytesPerExample();
  for (Split split : kAllSplits) {
    for (int64_t i : partition[static_cast<int>(split)]) {
      Place place;
      place.name = set.names.empty() ? absl::StrCat(source, " example ", i) : set.names[i];
      place.class_name = set.class_names[set.labels[i]];
      place.split = split;
      Take(all.subspan(i * bytes, bytes), set.channels, std::move(place));
    }
  }
}

void TwinFinder::AddPrepared(absl::Span<const uint8_t> examples, absl::Span<const uint16_t> labels,
                             const std::vector<std::string>& class_names, int channels, Split split,
                             const std::string& path) {
  if (labels.empty()) return;
  const size_t bytes = examples.size() / labels.size();
  for (size_t i = 0; i < labels.size(); ++i) {
    Take(examples.subspan(i * bytes, bytes), channels,
         {absl::StrCat("example ", i, " of ", path), class_names[labels[i]], split});
  }
}

void TwinFinder::FillIn(SourceReport& report) const {
  report.across_splits += found_;
  report.across_splits_examples.insert(report.across_splits_examples.end(), named_.begin(),
                                       named_.end());
}

}  // namespace niwaki::data
