// How often a network in int8 answers as it does in floats.

#ifndef NIWAKI_SERVICES_TRAINER_AGREEMENT_H_
#define NIWAKI_SERVICES_TRAINER_AGREEMENT_H_

#include <cstdint>

#include "absl/status/statusor.h"
#include "libs/data/parallel.h"
#include "libs/data/prepared/prepared.h"
#include "libs/int8/quantise_subnet.h"

namespace niwaki::trainer {

struct Agreement {
  // Images whose largest output, of equal ones the first, is the same in floats and in int8.
  int64_t alike = 0;
  int64_t images = 0;

  double share() const { return static_cast<double>(alike) / static_cast<double>(images); }
};

// On the first `images` of a split (0: all), resized to what the network reads; labels are not
// looked at, so the data may have any classes. Floats by the path that calibration reads, int8 by
// the kernels of a device: the same answer on every machine. Progress counts images.
// FailedPrecondition for an empty split; InvalidArgument for data of other channels.
absl::StatusOr<Agreement> CompareAnswers(const int8::QuantisedSubnet& subnet,
                                         const data::PreparedData& data, data::Split split,
                                         int64_t images, const data::ParallelOptions& parallel);

}  // namespace niwaki::trainer

#endif  // NIWAKI_SERVICES_TRAINER_AGREEMENT_H_
