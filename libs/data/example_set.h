// What a reader hands over: examples and labels in the order of the source, not yet dealt to
// splits.

#ifndef NIWAKI_LIBS_DATA_EXAMPLE_SET_H_
#define NIWAKI_LIBS_DATA_EXAMPLE_SET_H_

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "libs/data/prepared/metadata.h"
#include "libs/data/source_report.h"

namespace niwaki::data {

// How an example comes to its split.
struct Dealing {
  // As the source says; nullopt where it is dealt by shares.
  std::optional<Split> split;
  // Dealt over every split with a share; else only over those that the source gives no examples.
  bool over_all = false;

  friend bool operator==(const Dealing& a, const Dealing& b) {
    return a.split == b.split && a.over_all == b.over_all;
  }
};

struct ExampleSet {
  std::vector<std::string> class_names;
  int channels = 0;
  int height = 0;
  int width = 0;
  // [n, channels, height, width] uint8.
  std::vector<uint8_t> examples;
  // [n], each below the number of classes.
  std::vector<uint16_t> labels;
  // [n] or empty: who or what an example came from; examples of one group belong in one split.
  std::vector<uint32_t> groups;
  // [n], or empty where all are dealt by shares.
  std::vector<Dealing> dealing;
  // [n] files that the examples came from, relative to the source, or empty.
  std::vector<std::string> names;
  // Of a source that is a folder of many files.
  std::optional<SourceReport> report;

  int64_t size() const { return static_cast<int64_t>(labels.size()); }
  int64_t BytesPerExample() const { return int64_t{channels} * height * width; }
};

// Keeps the examples whose `keep` [n] is true, in their order. Returns the names of the files of
// which no example is left.
std::set<std::string> KeepExamples(const std::vector<bool>& keep, ExampleSet& set);

// Takes classes without an example out of the set's classes and renumbers the labels. Returns their
// names.
std::vector<std::string> DropEmptyClasses(ExampleSet& set);

}  // namespace niwaki::data

#endif  // NIWAKI_LIBS_DATA_EXAMPLE_SET_H_
