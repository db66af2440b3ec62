// Fits the calibrations of counted instructions on published figures.
//
//   fit_calibration SHARED REPOSITORY
//
// reads figures of SHARED and writes libs/latency/transfer/default_calibrations.json of REPOSITORY.

#include <cstdio>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "libs/base/file.h"
#include "libs/base/process/standard_streams.h"
#include "libs/base/status_macros.h"
#include "libs/latency/fit/calibrate.h"
#include "libs/latency/transfer/calibration.h"

namespace niwaki::latency {
namespace {

constexpr char kCalibrations[] = "/libs/latency/transfer/default_calibrations.json";

absl::Status Run(const std::string& shared, const std::string& repository) {
  NIWAKI_ASSIGN_OR_RETURN(const PublishedFactors factors, ReadPublishedFactors(shared));
  return WriteFileAtomically(repository + kCalibrations, CalibrationsToJson(Calibrate(factors)));
}

}  // namespace
}  // namespace niwaki::latency

int main(int argc, char** argv) {
  niwaki::PrepareStandardStreams();
  if (argc != 3) {
    std::fprintf(stderr, "usage: fit_calibration SHARED REPOSITORY\n");
    return 2;
  }
  const absl::Status status = niwaki::latency::Run(argv[1], argv[2]);
  if (!status.ok()) std::fprintf(stderr, "fit_calibration: %s\n", status.ToString().c_str());
  return niwaki::ExitCodeAfterOutput("fit_calibration", status.ok() ? 0 : 1);
}
