#include "libs/base/random.h"

#include <cmath>
#include <random>

#include "absl/strings/str_format.h"

namespace niwaki {

double Random::Normal() {
  constexpr double kTwoPi = 6.283185307179586476925;
  // 1 - u lies in (0, 1], so the logarithm is finite.
  const double radius = std::sqrt(-2.0 * std::log(1.0 - UniformDouble()));
  return radius * std::cos(kTwoPi * UniformDouble());
}

uint64_t EntropySeed() {
  std::random_device device;
  return (static_cast<uint64_t>(device()) << 32) | device();
}

std::string NewUuid() {
  const uint64_t high = (EntropySeed() & ~0xF000ull) | 0x4000ull;
  const uint64_t low = (EntropySeed() & ~(0xC000ull << 48)) | (0x8000ull << 48);
  return absl::StrFormat("%08x-%04x-%04x-%04x-%012x", high >> 32, (high >> 16) & 0xFFFF,
                         high & 0xFFFF, low >> 48, low & 0xFFFFFFFFFFFFull);
}

}  // namespace niwaki
