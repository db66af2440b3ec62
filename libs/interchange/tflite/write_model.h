// Int8 networks as TensorFlow Lite files: for TensorFlow Lite and its kin, and from one program of
// ours to another.
//
// A network that is read back (read_model) gives the same outputs, byte for byte, and writing what
// was read gives the same file again. What the format says in another way:
// - Padding that is neither SAME nor VALID becomes a PAD of its own; FusePads
// (libs/engine/quantise)
//   takes it back.
// - A global pool is a pool whose window is its input; a standalone activation without function is
//   a QUANTIZE; a mean whose output has another shape than TensorFlow's gets a RESHAPE.
// - Hard-sigmoid, which the format has not, is a depthwise convolution of 1 x 1 that saturates
//   (libs/engine/quantise/activation_table.h): its output has scale 1/256 and zero point -128.
// - The stage, block and role of an operator are left out: an imported network has none.
//
// Tensors are [1, H, W, C]; those of 1 x 1 pixel that only linear layers and what follows them use
// are [1, C]. Operators have the versions that int8 needs, opcodes both numbers, buffer 0 is empty,
// data are aligned to 16 bytes.

#ifndef NIWAKI_LIBS_INTERCHANGE_TFLITE_WRITE_MODEL_H_
#define NIWAKI_LIBS_INTERCHANGE_TFLITE_WRITE_MODEL_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/engine/quantise/quantised_network.h"

namespace niwaki::interchange {

struct WriteOptions {
  // What made the network: the file's description.
  std::string description = "niwaki";
  // Of the subgraph, and of the tensors where it begins and ends.
  std::string name = "main";
  std::string input_name = "input";
  std::string output_name = "output";
  // Of the outputs of operators and what belongs to them, by operator of the graph; empty: the
  // operator's number in the file and TensorFlow's name, "3/CONV_2D".
  std::vector<std::string> operator_names;
};

// The bytes of the file; equal networks and options give equal bytes. InvalidArgument, naming the
// operator by index and kind ("operator 3 (conv2d)"), the field, its value and what is written: for
// a network that is not valid (Validate), and for what the format cannot say, such as a fused
// hard-swish, or padding of a pool that TensorFlow would place otherwise.
absl::StatusOr<std::string> WriteModel(const engine::QuantisedNetwork& network,
                                       const WriteOptions& options = {});

}  // namespace niwaki::interchange

#endif  // NIWAKI_LIBS_INTERCHANGE_TFLITE_WRITE_MODEL_H_
