// What a fuzz target defines: a parser to run, and inputs to begin with.
//
// A target is one file FOO_fuzz_test.cc beside the parser, declared with cc_fuzz_test. In every
// build it is a test: the seeds and a fixed number of seeded mutations of them. Under --config=fuzz
// the same file is a libFuzzer program; `./dev fuzz` runs it.

#ifndef NIWAKI_TESTS_FUZZ_FUZZ_TARGET_H_
#define NIWAKI_TESTS_FUZZ_FUZZ_TARGET_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace niwaki::fuzz {

// Small inputs that the parser accepts, at least one.
std::vector<std::string> Seeds();

// Parses, checks what must hold for anything that was accepted (NIWAKI_CHECK), and says whether it
// was. Returns for every input; no state is carried from one to the next.
bool Run(absl::string_view input);

}  // namespace niwaki::fuzz

#endif  // NIWAKI_TESTS_FUZZ_FUZZ_TARGET_H_
