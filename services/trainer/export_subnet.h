// One subnet of a supernet as a network of its own, in the reference's files: its slices of the
// shared weights, kernel matrices applied, and batch-norm statistics of its own.

#ifndef NIWAKI_SERVICES_TRAINER_EXPORT_SUBNET_H_
#define NIWAKI_SERVICES_TRAINER_EXPORT_SUBNET_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "libs/arch/subnet.h"
#include "libs/data/prepared/prepared.h"
#include "libs/supernet/ofa_names.h"
#include "libs/supernet/supernet.h"

namespace niwaki::trainer {

struct ExportOptions {
  supernet::OfaRepository repository = supernet::OfaRepository::kOnceForAll;
  // Folder to write (libs/interchange/export_network.h).
  std::string folder;
  // Images of the calibration split for batch-norm recalibration, the first ones; 0 for all.
  int64_t calibration_images = 512;
  int calibration_batch = 64;
};

// Writes `subnet`. InvalidArgument with reason SUBNET_INVALID, or SPACE_INVALID where the format
// cannot say what the network is; FailedPrecondition with reason SUPERNET_MISMATCH where `data` is
// not of the supernet's channels and classes, or has no calibration images; the errors of writing.
absl::Status ExportSubnet(const supernet::Supernet& supernet, const arch::Subnet& subnet,
                          const data::PreparedData& data, const ExportOptions& options);

}  // namespace niwaki::trainer

#endif  // NIWAKI_SERVICES_TRAINER_EXPORT_SUBNET_H_
