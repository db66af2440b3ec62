// One subnet of a supernet in int8, and the record of what it was made from.

#ifndef NIWAKI_SERVICES_TRAINER_QUANTISE_SUBNET_H_
#define NIWAKI_SERVICES_TRAINER_QUANTISE_SUBNET_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "libs/arch/subnet.h"
#include "libs/data/prepared/prepared.h"
#include "libs/engine/floats/float_network.h"
#include "libs/engine/quantise/quantise_options.h"
#include "libs/engine/quantise/quantised_network.h"
#include "libs/supernet/supernet.h"
#include "libs/train/checkpoint/manifest.h"

namespace niwaki::trainer {

struct QuantiseSubnetOptions {
  engine::QuantiseOptions quantise;
  // SHA-256 of the supernet's file: part of the key.
  std::string supernet_digest;
  // Images of the calibration split, the first ones; 0 for all. For batch norm and for ranges.
  int64_t calibration_images = 512;
  int calibration_batch = 64;
  // Batch norm as the weights have it, instead of recalibrated.
  bool keep_statistics = false;
  int threads = 1;
};

struct QuantisedSubnet {
  engine::QuantisedNetwork network;
  // What was quantised: batch norm as it was recalibrated or kept.
  engine::FloatNetwork floats;
  engine::QuantiseKey key;
};

// Recalibrates batch norm as a score does, then engine::QuantiseNetwork. Equal keys give equal
// networks, on every machine and whatever the number of threads. InvalidArgument with reason
// SUBNET_INVALID; FailedPrecondition with reason SUPERNET_MISMATCH where `data` is not of the
// supernet's channels, or has no calibration images; the errors of QuantiseNetwork. Labels are not
// looked at.
absl::StatusOr<QuantisedSubnet> QuantiseSubnet(const supernet::Supernet& supernet,
                                               const arch::Subnet& subnet,
                                               const data::PreparedData& data,
                                               const QuantiseSubnetOptions& options);

// What a quantised network's file does not say, as JSON: its key and what that is made of, the
// scales of input and output, and of the supernet's data the names of classes and the preparation.
// `file` is the content of the file that was written.
std::string QuantisationRecord(const QuantisedSubnet& subnet, const train::Manifest& manifest,
                               absl::string_view file);

}  // namespace niwaki::trainer

#endif  // NIWAKI_SERVICES_TRAINER_QUANTISE_SUBNET_H_
