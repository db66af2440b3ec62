// Feed-forward predictors of others: OFA's published one above all.

#ifndef NIWAKI_LIBS_PREDICTOR_MLP_IMPORT_MLP_H_
#define NIWAKI_LIBS_PREDICTOR_MLP_IMPORT_MLP_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/predictor/mlp/mlp.h"

namespace niwaki::predictor {

struct ImportedMlp {
  Mlp mlp;
  // To be added to the network's output (OFA's `base_acc`).
  double offset = 0;
  // "0.weight [400,128] → layer 0", in the order of the layers.
  std::vector<std::string> mapped;
};

// Reads the state dict of a network of linear layers with ReLU between them: tensors named
// PREFIX.weight [outputs, inputs] and, where there is one, PREFIX.bias [outputs], float32, ordered
// by the numbers in PREFIX; and `base_acc`, one number. `path` is
//   FILE.index.json  the description of raw float32 numbers that lie beside it in FILE.bin: an
//   object
//                    with "tensors", each with name, offset, nbytes, shape, dtype and crc32
//   anything else    a checkpoint of PyTorch since 1.6
// The errors of reading. InvalidArgument with reason FILE_MALFORMED names a tensor that has no
// place, its shape and what is expected; DataLoss with reason DATA_CORRUPT one that is cut short or
// whose checksum is wrong; and the errors of Mlp::Create.
absl::StatusOr<ImportedMlp> ImportMlp(const std::string& path);

}  // namespace niwaki::predictor

#endif  // NIWAKI_LIBS_PREDICTOR_MLP_IMPORT_MLP_H_
