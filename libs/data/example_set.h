// What a reader hands over: examples and labels in the order of the source, not yet split.

#ifndef NIWAKI_LIBS_DATA_EXAMPLE_SET_H_
#define NIWAKI_LIBS_DATA_EXAMPLE_SET_H_

#include <cstdint>
#include <string>
#include <vector>

namespace niwaki::data {

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

  int64_t size() const { return static_cast<int64_t>(labels.size()); }
  int64_t BytesPerExample() const { return int64_t{channels} * height * width; }
};

}  // namespace niwaki::data

#endif  // NIWAKI_LIBS_DATA_EXAMPLE_SET_H_
