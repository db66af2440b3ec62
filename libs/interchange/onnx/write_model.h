// Int8 networks as ONNX files with QuantizeLinear and DequantizeLinear (QDQ), opset 13: for ONNX
// Runtime and its kin, and from one program of ours to another.
//
// Every operator stands between DequantizeLinears of what it reads and a QuantizeLinear of what it
// gives. Weights are int8 with one scale or one a channel, biases int32 at the scale of the sum.
// A network that is read back (read_model) gives the same outputs, byte for byte, and writing what
// was read gives the same file again. What the format says in another way:
// - Images are [1, C, H, W], where ours lie as [H, W, C]; tensors of one pixel that only linear
//   layers and what follows them use are [1, C]. A reshape stands between two transposes.
// - Hard-swish is x * HardSigmoid(x), which opset 13 has; an activation without function is a
//   QuantizeLinear at another scale, and none at all at the same.
// - The stage, block and role of an operator are left out: an imported network has none.

#ifndef NIWAKI_LIBS_INTERCHANGE_ONNX_WRITE_MODEL_H_
#define NIWAKI_LIBS_INTERCHANGE_ONNX_WRITE_MODEL_H_

#include <string>

#include "absl/status/statusor.h"
#include "libs/engine/quantise/quantised_network.h"

namespace niwaki::interchange {

struct OnnxOptions {
  // What made the network: the file's producer.
  std::string producer = "niwaki";
  // Of the graph, and of the values where it begins and ends.
  std::string name = "main";
  std::string input_name = "input";
  std::string output_name = "output";
};

// The bytes of the file; equal networks and options give equal bytes. InvalidArgument, naming the
// operator by index and kind ("operator 3 (conv2d)"), the field, its value and what is written: for
// a network that is not valid (Validate), and for what the format cannot say, such as a fused
// hard-swish or a softmax at another scale than 1/256.
absl::StatusOr<std::string> WriteOnnx(const engine::QuantisedNetwork& network,
                                      const OnnxOptions& options = {});

}  // namespace niwaki::interchange

#endif  // NIWAKI_LIBS_INTERCHANGE_ONNX_WRITE_MODEL_H_
