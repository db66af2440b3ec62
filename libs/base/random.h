// Randomness that is the same everywhere: a seeded generator whose draws do not depend on the
// standard library.

#ifndef NIWAKI_LIBS_BASE_RANDOM_H_
#define NIWAKI_LIBS_BASE_RANDOM_H_

#include <cstdint>
#include <string>

namespace niwaki {

// One step of SplitMix64 (Steele, Lea, Flood 2014) as a mixing function: a bijection of 64 bits
// that scatters.
constexpr uint64_t Mix64(uint64_t x) {
  x += 0x9E3779B97F4A7C15u;
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9u;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EBu;
  return x ^ (x >> 31);
}

// A seed for a part of a larger whole: `DeriveSeed(job_seed, slot)`.
constexpr uint64_t DeriveSeed(uint64_t seed, uint64_t stream) {
  return Mix64(Mix64(seed) ^ (stream * 0xD1342543DE82EF95u));
}

// SplitMix64 stream. Cheap to make, 8 bytes; not thread-safe; not for secrets.
class Random {
 public:
  explicit Random(uint64_t seed) : state_(seed) {}

  uint64_t Next() {
    const uint64_t x = state_;
    state_ += 0x9E3779B97F4A7C15u;
    return Mix64(x);
  }

  // Uniform in [0, n); n must be positive.
  uint64_t Uniform(uint64_t n) {
    return static_cast<uint64_t>((static_cast<unsigned __int128>(Next()) * n) >> 64);
  }

  // Uniform in [0, 1), 53 bits.
  double UniformDouble() { return static_cast<double>(Next() >> 11) * 0x1.0p-53; }

  bool Bernoulli(double probability) { return UniformDouble() < probability; }

  // Normal with mean 0 and deviation 1 (Box-Muller; two draws a call).
  double Normal();

 private:
  uint64_t state_;
};

// Unseeded: 64 bits from the operating system.
uint64_t EntropySeed();

// A random UUID, version 4, in the usual 36 characters.
std::string NewUuid();

}  // namespace niwaki

#endif  // NIWAKI_LIBS_BASE_RANDOM_H_
