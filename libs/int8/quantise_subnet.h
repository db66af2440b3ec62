// One subnet of a supernet in int8.

#ifndef NIWAKI_LIBS_INT8_QUANTISE_SUBNET_H_
#define NIWAKI_LIBS_INT8_QUANTISE_SUBNET_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "libs/arch/subnet.h"
#include "libs/data/prepared/prepared.h"
#include "libs/engine/floats/float_network.h"
#include "libs/engine/quantise/quantise_options.h"
#include "libs/engine/quantise/quantised_network.h"
#include "libs/supernet/supernet.h"

namespace niwaki::int8 {

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

}  // namespace niwaki::int8

#endif  // NIWAKI_LIBS_INT8_QUANTISE_SUBNET_H_
