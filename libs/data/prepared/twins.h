// Examples that are in two splits: what a network was trained on flatters every score on it.

#ifndef NIWAKI_LIBS_DATA_PREPARED_TWINS_H_
#define NIWAKI_LIBS_DATA_PREPARED_TWINS_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/types/span.h"
#include "libs/base/digest.h"
#include "libs/data/example_set.h"
#include "libs/data/prepared/metadata.h"
#include "libs/data/prepared/partition.h"
#include "libs/data/source_report.h"

namespace niwaki::data {

// Looks for equal content (the prepared bytes) in different splits, of which training and
// calibration count as one. Blank examples are no twins.
// Not thread-safe.
class TwinFinder {
 public:
  // Pairs that are named, at most.
  static constexpr size_t kMaxNamed = 100;

  // The examples of `set` that `partition` deals. Of a set without names "training example 3" and
  // so on are the names, `source` ("training", "test") being the part of the source that it is.
  void Add(const ExampleSet& set, const Partition& partition, absl::string_view source);

  // Examples [n, channels, …] of `split` of the prepared file `path`, with the classes of their
  // labels.
  void AddPrepared(absl::Span<const uint8_t> examples, absl::Span<const uint16_t> labels,
                   const std::vector<std::string>& class_names, int channels, Split split,
                   const std::string& path);

  // Adds what was found to `report`.
  void FillIn(SourceReport& report) const;

 private:
  struct Place {
    std::string name;
    std::string class_name;
    Split split = Split::kTrain;
  };

  void Take(absl::Span<const uint8_t> example, int channels, Place place);

  // Content → where it was met first.
  std::map<Fingerprint, Place> first_;
  int64_t found_ = 0;
  std::vector<std::string> named_;
};

}  // namespace niwaki::data

#endif  // NIWAKI_LIBS_DATA_PREPARED_TWINS_H_
