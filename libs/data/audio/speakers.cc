#include "libs/data/audio/speakers.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "libs/base/error.h"
#include "libs/base/reason.h"

namespace niwaki::data {
namespace {

using Family = std::vector<std::string>;

constexpr int kWomen = 0;
// espeak-ng has four times as many men; drawn alike they would drown the women.
constexpr double kWomenShare = 0.4;

// Variants of espeak-ng 1.51 that sound like people; left out are robots, whispers and announcers.
// `caleb` is `klatt` under another name.
const std::vector<Family>& Women() {
  static const auto& families = *new std::vector<Family>{
      {"f1"},     {"f2"},     {"f3"},    {"f4"},      {"f5"},    {"Alicia"},
      {"Andrea"}, {"Annie"},  {"aunty"}, {"belinda"}, {"linda"}, {"steph", "steph2", "steph3"},
      {"anika"},  {"grandma"}};
  return families;
}

const std::vector<Family>& Men() {
  static const auto& families = *new std::vector<Family>{
      {"m1"},
      {"m2"},
      {"m3"},
      {"m4"},
      {"m5"},
      {"m6"},
      {"m7"},
      {"m8"},
      {"adam"},
      {"Alex"},
      {"Andy"},
      {"antonio"},
      {"benjamin"},
      {"boris"},
      {"david"},
      {"Denis"},
      {"Diogo"},
      {"ed", "edward", "edward2"},
      {"Gene", "Gene2"},
      {"gustave"},
      {"Henrique"},
      {"Hugo"},
      {"iven", "iven2", "iven3", "iven4"},
      {"Jacky"},
      {"john"},
      {"kaukovalta"},
      {"Lee"},
      {"marcelo"},
      {"Marco"},
      {"max"},
      {"Michael"},
      {"michel"},
      {"miguel"},
      {"Mike"},
      {"Mr serious"},
      {"Nguyen"},
      {"norbert"},
      {"pablo"},
      {"paul"},
      {"pedro"},
      {"quincy"},
      {"rob"},
      {"robert"},
      {"RicishayMax", "RicishayMax2", "RicishayMax3"},
      {"sandro"},
      {"shelby"},
      {"Storm"},
      {"travis"},
      {"Tweaky"},
      {"victor"},
      {"zac"},
      {"croak"},
      {"grandpa"},
      {"caleb", "klatt", "klatt2", "klatt3", "klatt4", "klatt5", "klatt6"}};
  return families;
}

// The families without the variants that are not installed.
std::vector<Family> Installed(const std::vector<Family>& families,
                              const std::set<std::string>& installed) {
  std::vector<Family> kept;
  for (const Family& family : families) {
    Family members;
    for (const std::string& variant : family) {
      if (installed.count(variant) > 0) members.push_back(variant);
    }
    if (!members.empty()) kept.push_back(std::move(members));
  }
  return kept;
}

void Shuffle(std::vector<Family>& families, Random& random) {
  for (size_t i = families.size(); i > 1; --i)
    std::swap(families[i - 1], families[random.Uniform(i)]);
}

// How many of `n` families each split gets: its share rounded, but at least one; train takes the
// rest.
std::array<int64_t, kSplitCount> Allot(int64_t n, const std::array<double, kSplitCount>& shares) {
  double total = 0;
  for (double share : shares) total += share;
  std::array<int64_t, kSplitCount> counts;
  int64_t rest = n;
  for (int s = 1; s < kSplitCount; ++s) {
    counts[s] = std::max<int64_t>(1, std::lround(n * shares[s] / total));
    rest -= counts[s];
  }
  // Large shares of few families must not leave train without any.
  for (; rest < 1; ++rest) --*std::max_element(counts.begin() + 1, counts.end());
  counts[0] = rest;
  return counts;
}

}  // namespace

absl::StatusOr<Speakers> Speakers::Create(const std::set<std::string>& installed,
                                          const std::vector<std::string>& accents,
                                          const std::array<double, kSplitCount>& shares,
                                          uint64_t seed) {
  Speakers speakers(accents);
  Random random(seed);
  for (int kind = 0; kind < 2; ++kind) {
    std::vector<Family> families = Installed(kind == kWomen ? Women() : Men(), installed);
    if (families.size() < kSplitCount) {
      return Error(absl::StatusCode::kFailedPrecondition, reason::kToolMissing)
          .Field("espeak-ng variants")
          .Value(families.size())
          .Limit(kSplitCount)
          .Message(absl::StrCat("only ", families.size(), " voice variants of a kind, at least ",
                                kSplitCount,
                                " are needed; install the Debian package "
                                "espeak-ng-data"));
    }
    Shuffle(families, random);
    const std::array<int64_t, kSplitCount> counts = Allot(families.size(), shares);
    auto next = families.begin();
    for (int s = 0; s < kSplitCount; ++s) {
      for (int64_t k = 0; k < counts[s]; ++k, ++next) {
        std::vector<std::string>& to = speakers.by_kind_[kind][s];
        to.insert(to.end(), next->begin(), next->end());
      }
    }
  }
  for (int s = 0; s < kSplitCount; ++s) {
    std::vector<std::string>& variants = speakers.variants_[s];
    for (const auto& kind : speakers.by_kind_) {
      variants.insert(variants.end(), kind[s].begin(), kind[s].end());
    }
    std::sort(variants.begin(), variants.end());
    speakers.all_.insert(speakers.all_.end(), variants.begin(), variants.end());
  }
  std::sort(speakers.all_.begin(), speakers.all_.end());
  return speakers;
}

Speaker Speakers::Draw(Split split, Random& random) const {
  const int kind = random.Bernoulli(kWomenShare) ? kWomen : 1 - kWomen;
  const std::vector<std::string>& own = by_kind_[kind][static_cast<int>(split)];
  Speaker speaker;
  speaker.variant = own[random.Uniform(own.size())];
  const uint64_t accent = random.Uniform(accents_.size());
  speaker.accent = accents_[accent];
  speaker.pitch_band = static_cast<int>(random.Uniform(kPitchBands));
  const uint64_t variant =
      std::lower_bound(all_.begin(), all_.end(), speaker.variant) - all_.begin();
  speaker.id = (variant * accents_.size() + accent) * kPitchBands + speaker.pitch_band;
  return speaker;
}

}  // namespace niwaki::data
