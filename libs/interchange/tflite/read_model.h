// Int8 networks from TensorFlow Lite files.
//
// Read: one subgraph with one input and one output, a batch of 1, tensors of up to four axes, and
// the operators CONV_2D, DEPTHWISE_CONV_2D, FULLY_CONNECTED, ADD, MUL, AVERAGE_POOL_2D,
// MAX_POOL_2D, MEAN, PAD, CONCATENATION, RESHAPE, TRANSPOSE, SOFTMAX, RESIZE_NEAREST_NEIGHBOR by
// whole factors, RELU, RELU6, LOGISTIC, HARD_SWISH, QUANTIZE and DEQUANTIZE. Shapes become height x
// width x channels: [1, n] is 1 x 1 x n, [1, a, b] is 1 x a x b.

#ifndef NIWAKI_LIBS_INTERCHANGE_TFLITE_READ_MODEL_H_
#define NIWAKI_LIBS_INTERCHANGE_TFLITE_READ_MODEL_H_

#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "libs/engine/quantise/quantised_network.h"
#include "libs/interchange/unread_operator.h"

namespace niwaki::interchange {

// `file` is the whole content of a .tflite, from anyone: it is verified before it is used. One
// operator of the file becomes one of the graph, in the file's order, so their numbers agree.
// InvalidArgument with reason FILE_MALFORMED names the operator by index and TensorFlow's name
// ("operator 3 (CONV_2D)"), the field, its value and what is read; a float network is refused with
// how to quantise it.
absl::StatusOr<engine::QuantisedNetwork> ReadTflite(absl::string_view file);

// All operators whose code is not read, whatever their options; none for a file that is damaged.
std::vector<UnreadOperator> UnreadTfliteOperators(absl::string_view file);

}  // namespace niwaki::interchange

#endif  // NIWAKI_LIBS_INTERCHANGE_TFLITE_READ_MODEL_H_
