// The record of what a quantised network was made from.

#ifndef NIWAKI_SERVICES_TRAINER_QUANTISATION_RECORD_H_
#define NIWAKI_SERVICES_TRAINER_QUANTISATION_RECORD_H_

#include <string>

#include "absl/strings/string_view.h"
#include "libs/int8/quantise_subnet.h"
#include "libs/train/checkpoint/manifest.h"

namespace niwaki::trainer {

// What a quantised network's file does not say, as JSON: its key and what that is made of, the
// scales of input and output, and of the supernet's data the names of classes and the preparation.
// `file` is the content of the file that was written.
std::string QuantisationRecord(const int8::QuantisedSubnet& subnet, const train::Manifest& manifest,
                               absl::string_view file);

}  // namespace niwaki::trainer

#endif  // NIWAKI_SERVICES_TRAINER_QUANTISATION_RECORD_H_
