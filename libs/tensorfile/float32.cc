#include "libs/tensorfile/float32.h"

#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>

namespace niwaki::tensorfile {
namespace {

float FromBits(uint32_t bits) {
  float value;
  std::memcpy(&value, &bits, sizeof(value));
  return value;
}

template <typename T>
T Load(const char* bytes) {
  T value;
  std::memcpy(&value, bytes, sizeof(value));
  return value;
}

// IEEE 754 binary16: 1 bit of sign, 5 of exponent (bias 15), 10 of fraction.
float FromHalf(uint16_t half) {
  const uint32_t sign = uint32_t{half} >> 15 << 31;
  const uint32_t exponent = half >> 10 & 0x1F;
  const uint32_t fraction = half & 0x3FF;
  if (exponent == 0x1F) return FromBits(sign | 0x7F800000 | fraction << 13);
  if (exponent != 0) return FromBits(sign | (exponent + 112) << 23 | fraction << 13);
  // Zero, or a number without the leading 1.
  const float magnitude = std::ldexp(static_cast<float>(fraction), -24);
  return sign != 0 ? -magnitude : magnitude;
}

// A conversion beyond float's range is not defined.
float FromDouble(double value) {
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  // Halfway between the largest float and what would come after it: rounded up from here.
  constexpr double kBeyond = 0x1.ffffffp127;
  if (value >= kBeyond) return kInfinity;
  if (value <= -kBeyond) return -kInfinity;
  return static_cast<float>(value);
}

float LoadElement(Dtype dtype, const char* bytes) {
  switch (dtype) {
    case Dtype::kF16:
      return FromHalf(Load<uint16_t>(bytes));
    case Dtype::kBF16:
      return FromBits(uint32_t{Load<uint16_t>(bytes)} << 16);
    case Dtype::kF64:
      return FromDouble(Load<double>(bytes));
    default:
      return Load<float>(bytes);
  }
}

}  // namespace

bool IsFloatingPoint(Dtype dtype) {
  return dtype == Dtype::kF16 || dtype == Dtype::kBF16 || dtype == Dtype::kF32 ||
         dtype == Dtype::kF64;
}

std::string ToFloat32(const TensorView& tensor) {
  const size_t element = DtypeBytes(tensor.dtype);
  const size_t count = tensor.bytes.size() / element;
  std::string bytes(count * sizeof(float), '\0');
  for (size_t i = 0; i < count; ++i) {
    const float value = LoadElement(tensor.dtype, tensor.bytes.data() + i * element);
    std::memcpy(bytes.data() + i * sizeof(float), &value, sizeof(value));
  }
  return bytes;
}

}  // namespace niwaki::tensorfile
