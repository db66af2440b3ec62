// Precision: the numeric class that scores are computed in. It is part of a score's key: scores of
// different classes are never taken for one another, and a worker gets candidates of its own class
// only.

#ifndef NIWAKI_LIBS_JOBS_PRECISION_H_
#define NIWAKI_LIBS_JOBS_PRECISION_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace niwaki::jobs {

// Float32 on a CPU: the same bit for bit on every machine.
inline constexpr char kCpuF32[] = "cpu-f32";
// Convolutions in bfloat16 on a CUDA device, the rest in float32.
inline constexpr char kCudaBf16[] = "cuda-bf16";

// Of jobs and workers that name none.
inline constexpr const char* kDefaultPrecision = kCpuF32;

// Every class that a job may ask for and a worker may compute in.
const std::vector<std::string>& KnownPrecisions();

// InvalidArgument with reason ARGUMENT_INVALID, naming `field`, the value and the known classes,
// for any other text, the empty one included.
absl::Status ValidatePrecision(absl::string_view precision, absl::string_view field);

// What a field of a message means: itself, or the default where it is empty.
std::string PrecisionOrDefault(absl::string_view precision);

}  // namespace niwaki::jobs

#endif  // NIWAKI_LIBS_JOBS_PRECISION_H_
