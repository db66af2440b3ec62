// Calibration: from instructions counted on an emulated board (EMULATED) to the time that a real
// one takes (PREDICTED), for one core and one engine.
//
// The constants are fitted by tests/latency:fit_calibration on published latencies of networks
// whose instructions are counted; what they are worth on figures that a fit has not seen stands
// beside them.

#ifndef NIWAKI_LIBS_LATENCY_TRANSFER_CALIBRATION_H_
#define NIWAKI_LIBS_LATENCY_TRANSFER_CALIBRATION_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "libs/cost/figure.h"

namespace niwaki::latency {

// Of Niwaki's own kernels; others are named as in their publications ("TinyEngine", "CMSIS-NN",
// "TFLM").
inline constexpr char kOwnEngine[] = "niwaki";

struct Calibration {
  // "cortex-m7".
  std::string core;
  std::string engine;
  // Above 0.
  double cycles_per_instruction = 0;
  // Networks with a published latency and a count that the constant is taken from.
  int pairs = 0;
  // Predictions of figures that were left out of the fit: how many, and the mean and largest of
  // their relative errors, from 0.
  int held_out = 0;
  double held_out_error = 0;
  double worst_error = 0;
  // At least 1: nine of ten boards are expected within [prediction / ratio, prediction * ratio].
  double interval_ratio = 1;
  // What it was fitted on.
  std::string source;
};

// InvalidArgument with reason ARGUMENT_INVALID naming the field: a name or source that is empty,
// numbers that are not finite or out of their ranges, counts below 1.
absl::Status Validate(const Calibration& calibration);

// By core, then engine.
const std::vector<Calibration>& DefaultCalibrations();

// NotFound with reason ARGUMENT_INVALID lists the pairs of core and engine that there are.
absl::StatusOr<Calibration> FindCalibration(absl::string_view core, absl::string_view engine);

// So many instructions, from 0, at `clock_mhz`, above 0, in microseconds: PREDICTED.
cost::Figure LatencyOfInstructions(const Calibration& calibration, double instructions,
                                   double clock_mhz);

// The JSON form: a list of objects with the fields' names. InvalidArgument for anything missing,
// unknown or invalid.
absl::StatusOr<std::vector<Calibration>> CalibrationsFromJson(absl::string_view json);
std::string CalibrationsToJson(const std::vector<Calibration>& calibrations);

}  // namespace niwaki::latency

#endif  // NIWAKI_LIBS_LATENCY_TRANSFER_CALIBRATION_H_
