// How many examples an evaluation may use of its data.

#ifndef NIWAKI_SERVICES_COORDINATOR_SUBMIT_DATA_SPLITS_H_
#define NIWAKI_SERVICES_COORDINATOR_SUBMIT_DATA_SPLITS_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "libs/jobs/score.h"

namespace niwaki::coordinator {

// Examples of a prepared data file (libs/data/prepared/FORMAT.md).
struct DataSplits {
  int64_t calibration = 0;
  int64_t validation = 0;
  int64_t test = 0;
};

// What the head of the file at `path` says; nullopt for what is no prepared data. Reads the head
// alone, however large the file.
std::optional<DataSplits> ReadDataSplits(const std::string& path);

// InvalidArgument ARGUMENT_INVALID, naming spec.evaluation.evaluation_images, for more images than
// there are to validate on, and where there are none; with `own_calibration`, which says that the
// user wrote the number, the same for spec.evaluation.calibration_images. The default is cut to
// what is there by whoever scores, as it always was.
absl::Status CheckImages(const jobs::Evaluation& evaluation, const DataSplits& splits,
                         bool own_calibration);

// An error of this code that names `field` where there is no image to test a front on.
absl::Status CheckTestSplit(const DataSplits& splits, absl::StatusCode code,
                            absl::string_view field);

}  // namespace niwaki::coordinator

#endif  // NIWAKI_SERVICES_COORDINATOR_SUBMIT_DATA_SPLITS_H_
