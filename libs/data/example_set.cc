#include "libs/data/example_set.h"

#include <algorithm>
#include <utility>

namespace niwaki::data {
namespace {

template <typename T>
void KeepOf(const std::vector<bool>& keep, std::vector<T>& column) {
  if (column.empty()) return;
  size_t to = 0;
  for (size_t i = 0; i < keep.size(); ++i) {
    if (!keep[i]) continue;
    if (to != i) column[to] = std::move(column[i]);
    ++to;
  }
  column.resize(to);
}

}  // namespace

std::set<std::string> KeepExamples(const std::vector<bool>& keep, ExampleSet& set) {
  std::set<std::string> lost;
  std::set<std::string> left;
  for (size_t i = 0; i < set.names.size(); ++i) (keep[i] ? left : lost).insert(set.names[i]);
  for (const std::string& name : left) lost.erase(name);
  const int64_t bytes = set.BytesPerExample();
  int64_t to = 0;
  for (int64_t i = 0; i < set.size(); ++i) {
    if (!keep[i]) continue;
    if (to != i) {
      std::copy_n(set.examples.begin() + i * bytes, bytes, set.examples.begin() + to * bytes);
    }
    ++to;
  }
  set.examples.resize(to * bytes);
  KeepOf(keep, set.labels);
  KeepOf(keep, set.groups);
  KeepOf(keep, set.dealing);
  KeepOf(keep, set.names);
  return lost;
}

std::vector<std::string> DropEmptyClasses(ExampleSet& set) {
  std::vector<bool> there(set.class_names.size(), false);
  for (uint16_t label : set.labels) there[label] = true;
  std::vector<uint16_t> renumbered(there.size(), 0);
  std::vector<std::string> kept;
  std::vector<std::string> dropped;
  for (size_t c = 0; c < there.size(); ++c) {
    renumbered[c] = static_cast<uint16_t>(kept.size());
    (there[c] ? kept : dropped).push_back(std::move(set.class_names[c]));
  }
  set.class_names = std::move(kept);
  for (uint16_t& label : set.labels) label = renumbered[label];
  return dropped;
}

}  // namespace niwaki::data
