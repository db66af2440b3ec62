// Calibrations (libs/latency/transfer) from published figures.

#ifndef NIWAKI_LIBS_LATENCY_FIT_CALIBRATE_H_
#define NIWAKI_LIBS_LATENCY_FIT_CALIBRATE_H_

#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "libs/latency/fit/reference_figures.h"
#include "libs/latency/transfer/calibration.h"

namespace niwaki::latency {

struct PublishedFactors {
  // Cycles an instruction on an M7, one for each network, by engine.
  std::map<std::string, std::vector<double>> by_engine;
  // Cycles on a core over those on an M7 for the same network by the same engine, one for each
  // pair of results, by core.
  std::map<std::string, std::vector<double>> over_m7;
  // The same of M33 over M4.
  std::vector<double> m33_over_m4;
};

// Reads the folder of reference figures. The errors of the files; InvalidArgument where they are
// malformed.
absl::StatusOr<PublishedFactors> ReadPublishedFactors(const std::string& shared);

// Cycles an instruction are geometric means of an engine's networks, times that of the core's
// pairs. Held-out errors: a network is predicted by the mean of the engine's others, on other cores
// times a pair's ratio over the mean of the other pairs. Niwaki's own kernels are taken as
// TinyEngine's; their held-out figures are also all networks of the other engines. By core, then
// engine; an engine has two networks at least, a core two pairs.
std::vector<Calibration> Calibrate(const PublishedFactors& factors);

}  // namespace niwaki::latency

#endif  // NIWAKI_LIBS_LATENCY_FIT_CALIBRATE_H_
