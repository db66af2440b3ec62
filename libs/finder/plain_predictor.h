// A predictor's network as plain tensors: little-endian float32 in NAME.bin, described by
// NAME.index.json ({"tensors": [{"name", "offset", "shape", "dtype"}, …]}). Its layers are
// N.weight and N.bias with ascending N.

#ifndef NIWAKI_LIBS_FINDER_PLAIN_PREDICTOR_H_
#define NIWAKI_LIBS_FINDER_PLAIN_PREDICTOR_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "libs/arch/space.h"
#include "libs/predictor/accuracy_predictor.h"
#include "libs/predictor/encoder.h"

namespace niwaki::finder {

// `index_path` ends in ".index.json". The errors of reading; InvalidArgument with reason
// FILE_MALFORMED for an index that is not of this form or does not fit the data; the errors of
// predictor::Encoder, Mlp and MlpPredictor, among them PREDICTOR_MISMATCH for another encoding.
absl::StatusOr<std::shared_ptr<const predictor::AccuracyPredictor>> LoadPlainPredictor(
    const std::string& index_path, predictor::Encoding encoding, const arch::SearchSpace& space);

}  // namespace niwaki::finder

#endif  // NIWAKI_LIBS_FINDER_PLAIN_PREDICTOR_H_
