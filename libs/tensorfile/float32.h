// Floating-point elements of any width as float32.

#ifndef NIWAKI_LIBS_TENSORFILE_FLOAT32_H_
#define NIWAKI_LIBS_TENSORFILE_FLOAT32_H_

#include <string>

#include "libs/tensorfile/tensor.h"

namespace niwaki::tensorfile {

// F16, BF16, F32, F64.
bool IsFloatingPoint(Dtype dtype);

// The bytes of the elements of `tensor`, which is of floating point, as float32. F16 and BF16 are
// exact; F64 is rounded to the nearest, beyond float32's range to an infinity. NaN stays NaN.
std::string ToFloat32(const TensorView& tensor);

}  // namespace niwaki::tensorfile

#endif  // NIWAKI_LIBS_TENSORFILE_FLOAT32_H_
