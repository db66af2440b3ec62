// Numbers and names of TensorFlow Lite's operators: those that are read, and those whose names an
// error should say.

#ifndef NIWAKI_LIBS_INTERCHANGE_TFLITE_OPERATOR_NAMES_H_
#define NIWAKI_LIBS_INTERCHANGE_TFLITE_OPERATOR_NAMES_H_

#include <string>

namespace niwaki::interchange {

// The format's numbers.
enum class TfliteOperator : int {
  kAdd = 0,
  kAveragePool2d = 1,
  kConcatenation = 2,
  kConv2d = 3,
  kDepthwiseConv2d = 4,
  kDequantize = 6,
  kFullyConnected = 9,
  kLogistic = 14,
  kMaxPool2d = 17,
  kMul = 18,
  kRelu = 19,
  kRelu6 = 21,
  kReshape = 22,
  kSoftmax = 25,
  kPad = 34,
  kTranspose = 39,
  kMean = 40,
  kResizeNearestNeighbor = 97,
  kQuantize = 114,
  kHardSwish = 117,
};

// "CONV_2D"; "operator code 150" where the name is not known here.
std::string TfliteOperatorName(int code);

// Whether `code` is one of TfliteOperator: those that read_model reads.
bool IsTfliteOperator(int code);

}  // namespace niwaki::interchange

#endif  // NIWAKI_LIBS_INTERCHANGE_TFLITE_OPERATOR_NAMES_H_
