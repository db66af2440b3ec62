// What a user should know of data and a search space before a training of hours.

#ifndef NIWAKI_SERVICES_TRAINER_DATA_NOTES_H_
#define NIWAKI_SERVICES_TRAINER_DATA_NOTES_H_

#include <string>
#include <vector>

#include "libs/arch/space.h"
#include "libs/data/prepared/metadata.h"

namespace niwaki::trainer {

// Calibration examples below which a score depends on which ones they are.
inline constexpr int64_t kFewCalibrationExamples = 100;

// Sentences in lower case without a full stop: pictures that are larger or smaller than every
// network of the space sees them, and batch norm that will be calibrated on very few examples.
// None where all is well.
std::vector<std::string> DataNotes(const arch::SearchSpace& space, const data::Metadata& data);

}  // namespace niwaki::trainer

#endif  // NIWAKI_SERVICES_TRAINER_DATA_NOTES_H_
