// Quantised ONNX files, as PyTorch exports them, as networks of ours.
//
// Read are networks with QuantizeLinear and DequantizeLinear around what computes (QDQ), opset 13
// to 17, one input, one output and a batch of 1. Activations are int8 or uint8, the latter held
// less 128 with zero points less 128: 128 is what the sensor's byte and the network's input differ
// by. Weights are int8 (or uint8 around 128) with one scale or one a channel, as levels or as
// floats with a QuantizeLinear behind; biases are int32 or floats, which are rounded to the scale
// of their sum.
//
// Images of a file are [1, C, H, W], tensors of the network [H, W, C]: its input is given row by
// row, pixel by pixel, and so is its output. Transposes and reshapes of the file are operators of
// the network only where they move levels; a product behind a flattened image has its weights in
// the order of the image's memory instead.
//
//   Conv (group 1, or one group a channel)        conv2d, depthwise_conv2d
//   Gemm; MatMul, with an Add of a constant       linear
//   Add, Mul, Concat (channels), Pad (zeros)      of the same name
//   MaxPool, AveragePool, GlobalAveragePool       of the same name
//   ReduceMean, Softmax (channels)                mean, softmax
//   Resize (nearest, whole factors)               upsample
//   Relu, Clip (0 to 6, or from 0)                part of the operator before, or activation
//   HardSwish, HardSigmoid, x * HardSigmoid(x), Sigmoid   activation
//   Flatten, Reshape, Squeeze, Unsqueeze, Transpose, Identity, Dropout   as said above
//   Constant, ConstantOfShape, Cast (to the same type)
//   QuantizeLinear of what has another scale      rescale
//
// Where a network computes with real numbers what kernels compute with levels, outputs differ from
// a float runtime's by one level at most for an operator: it is the rounding of
// libs/engine/quantise/kernel_parameters.h.

#ifndef NIWAKI_LIBS_INTERCHANGE_ONNX_READ_MODEL_H_
#define NIWAKI_LIBS_INTERCHANGE_ONNX_READ_MODEL_H_

#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "libs/engine/quantise/quantised_network.h"
#include "libs/interchange/unread_operator.h"

namespace niwaki::interchange {

// Of a whole file in memory. InvalidArgument with reason FILE_MALFORMED for anything else than the
// above: a damaged file, data in other files, another opset, shapes that are not fixed, operators
// that are not read; it names the node by index, operator and name, the field, its value and what
// is read.
absl::StatusOr<engine::QuantisedNetwork> ReadOnnx(absl::string_view file);

// All nodes whose operator is not read, whatever their attributes; none for what is no ONNX file.
std::vector<UnreadOperator> UnreadOnnxOperators(absl::string_view file);

}  // namespace niwaki::interchange

#endif  // NIWAKI_LIBS_INTERCHANGE_ONNX_READ_MODEL_H_
