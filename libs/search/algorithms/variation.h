// How a proposal changes from attempt to attempt: what the algorithms share.
//
// A proposal is refused because the job has it already or because it breaks a limit; the optimizer
// does not learn which. So later attempts look for both: they vary more (against duplicates) and
// lean towards smaller networks (against limits), until the last ones are next to the smallest
// network of the space.

#ifndef NIWAKI_LIBS_SEARCH_ALGORITHMS_VARIATION_H_
#define NIWAKI_LIBS_SEARCH_ALGORITHMS_VARIATION_H_

#include <cstdint>

#include "libs/arch/space.h"
#include "libs/arch/subnet.h"
#include "libs/base/random.h"

namespace niwaki::search {

// Attempts below this one are the algorithm's plain proposals.
inline constexpr int kPlainAttempts = 16;
// From this attempt on everything is varied as widely as it gets.
inline constexpr int kWidestAttempt = 256;

// The stream of one proposal.
Random ProposalStream(uint64_t seed, int64_t slot, int attempt);

// 0 for plain attempts, then growing evenly to 1 at kWidestAttempt.
double Widening(int attempt);

// A random subnet for a slot without parents: uniform over the genes for plain attempts; later each
// gene is the least of several uniform draws, one more draw every eight attempts (33 at most).
arch::Subnet SampleForAttempt(const arch::SearchSpace& space, int attempt, Random& random);

// Every gene that is not its smallest choice is, with `probability`, redrawn below its value.
arch::Subnet Shrink(const arch::SearchSpace& space, const arch::Subnet& subnet, double probability,
                    Random& random);

// The probability of mutation at `attempt`: `base` for plain and for odd attempts, else raised
// towards 1 by the widening.
double MutationProbability(double base, int attempt);

// What an algorithm's child becomes at `attempt`. Plain attempts leave it alone. Later, odd
// attempts shrink it with a probability that grows with the widening; from attempt 32 on one
// attempt in four is replaced by SampleForAttempt.
arch::Subnet FinishChild(const arch::SearchSpace& space, const arch::Subnet& child, int attempt,
                         Random& random);

}  // namespace niwaki::search

#endif  // NIWAKI_LIBS_SEARCH_ALGORITHMS_VARIATION_H_
