// Two kinds of things to lease, for tests: the table must not care which.

#ifndef NIWAKI_LIBS_LEASE_TEST_REFS_H_
#define NIWAKI_LIBS_LEASE_TEST_REFS_H_

#include <array>
#include <cstdint>
#include <optional>
#include <utility>

namespace niwaki::lease {

// Named by two numbers, as a candidate of a job is. The first is 1 or more.
struct PairRef {
  int64_t parent = 0;
  int64_t index = 0;

  static constexpr char kLeaseLetter = 'l';
  std::array<int64_t, 2> ToNumbers() const { return {parent, index}; }
  static std::optional<PairRef> FromNumbers(const std::array<int64_t, 2>& numbers) {
    if (numbers[0] < 1) return std::nullopt;
    return PairRef{numbers[0], numbers[1]};
  }

  friend bool operator==(const PairRef& a, const PairRef& b) {
    return a.parent == b.parent && a.index == b.index;
  }
  friend bool operator<(const PairRef& a, const PairRef& b) {
    return std::pair(a.parent, a.index) < std::pair(b.parent, b.index);
  }
  template <typename H>
  friend H AbslHashValue(H h, const PairRef& r) {
    return H::combine(std::move(h), r.parent, r.index);
  }
};

// Named by one number, as a measurement on a board would be.
struct NumberRef {
  int64_t uid = 0;

  static constexpr char kLeaseLetter = 'm';
  std::array<int64_t, 1> ToNumbers() const { return {uid}; }
  static std::optional<NumberRef> FromNumbers(const std::array<int64_t, 1>& numbers) {
    return NumberRef{numbers[0]};
  }

  friend bool operator==(const NumberRef& a, const NumberRef& b) { return a.uid == b.uid; }
  friend bool operator<(const NumberRef& a, const NumberRef& b) { return a.uid < b.uid; }
  template <typename H>
  friend H AbslHashValue(H h, const NumberRef& r) {
    return H::combine(std::move(h), r.uid);
  }
};

}  // namespace niwaki::lease

#endif  // NIWAKI_LIBS_LEASE_TEST_REFS_H_
