// Inputs made from other inputs, for fuzz targets that run without libFuzzer.

#ifndef NIWAKI_TESTS_FUZZ_MUTATE_H_
#define NIWAKI_TESTS_FUZZ_MUTATE_H_

#include <string>
#include <vector>

#include "libs/base/random.h"

namespace niwaki::fuzz {

// One of `seeds` (at least one) after one to four edits: bits flipped, bytes replaced, inserted,
// removed, repeated or cut off, numbers set to extreme values, the end of another seed. At most
// 64 kB.
std::string Mutate(const std::vector<std::string>& seeds, Random& random);

}  // namespace niwaki::fuzz

#endif  // NIWAKI_TESTS_FUZZ_MUTATE_H_
