// RandomSearch: every proposal uniform over the genes, whatever was told.

#ifndef NIWAKI_LIBS_SEARCH_ALGORITHMS_RANDOM_SEARCH_H_
#define NIWAKI_LIBS_SEARCH_ALGORITHMS_RANDOM_SEARCH_H_

#include <cstdint>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "libs/arch/space.h"
#include "libs/arch/subnet.h"
#include "libs/search/front/objectives.h"
#include "libs/search/optimizer.h"
#include "libs/search/option.h"

namespace niwaki::search {

struct RandomSearchOptions {
  static constexpr absl::string_view kName = "random";
  static constexpr int kMostObjectives = kMaxObjectives;
  // Empty: there is nothing to set.
  static absl::Span<const OptionOf<RandomSearchOptions>> Table() { return {}; }
};

// Attempts are not biased towards small networks: what fits a limit is sampled uniformly too.
class RandomSearch : public Optimizer {
 public:
  RandomSearch(const arch::SearchSpace& space, uint64_t seed) : space_(space), seed_(seed) {}

  arch::Subnet Ask(int64_t slot, int attempt) const override;
  void Tell(int64_t slot, const arch::Subnet& subnet, const Outcome& outcome) override;
  int64_t version() const override { return 0; }
  int64_t VersionAfter(int64_t) const override { return 0; }

 private:
  const arch::SearchSpace& space_;
  const uint64_t seed_;
  int64_t told_ = 0;
};

}  // namespace niwaki::search

#endif  // NIWAKI_LIBS_SEARCH_ALGORITHMS_RANDOM_SEARCH_H_
