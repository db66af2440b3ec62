// Int8 network files of every format that is read, told apart by what they are.

#ifndef NIWAKI_LIBS_INTERCHANGE_NETWORK_FILE_H_
#define NIWAKI_LIBS_INTERCHANGE_NETWORK_FILE_H_

#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "libs/engine/quantise/quantised_network.h"
#include "libs/interchange/unread_operator.h"

namespace niwaki::interchange {

// Whether the name is that of a network file: it ends in .tflite or .onnx, in letters of any case.
bool IsNetworkFileName(absl::string_view name);

// The network that `file`, a whole file in memory, holds: TensorFlow Lite where its bytes 4 to 7
// say so, ONNX where they do not and `name` ends in .onnx or the bytes begin as ONNX files do, else
// TensorFlow Lite. The errors of ReadTflite and ReadOnnx.
absl::StatusOr<engine::QuantisedNetwork> ReadNetworkFile(absl::string_view file,
                                                         absl::string_view name);

// All operators of the file that are not read, whatever their options; none for a file that is
// damaged.
std::vector<UnreadOperator> UnreadOperators(absl::string_view file, absl::string_view name);

}  // namespace niwaki::interchange

#endif  // NIWAKI_LIBS_INTERCHANGE_NETWORK_FILE_H_
