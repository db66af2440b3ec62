#include "libs/interchange/network_file.h"

#include "absl/strings/match.h"
#include "libs/interchange/onnx/read_model.h"
#include "libs/interchange/tflite/read_model.h"

namespace niwaki::interchange {
namespace {

bool SaysTflite(absl::string_view file) { return file.size() >= 8 && file.substr(4, 4) == "TFL3"; }

// The first field of an ONNX file is its version of the format, a small number.
bool BeginsAsOnnx(absl::string_view file) {
  return file.size() >= 3 && file[0] == '\x08' && file[1] > 0 && file[1] < 32;
}

bool IsOnnx(absl::string_view file, absl::string_view name) {
  return !SaysTflite(file) && (absl::EndsWithIgnoreCase(name, ".onnx") || BeginsAsOnnx(file));
}

}  // namespace

bool IsNetworkFileName(absl::string_view name) {
  return absl::EndsWithIgnoreCase(name, ".tflite") || absl::EndsWithIgnoreCase(name, ".onnx");
}

absl::StatusOr<engine::QuantisedNetwork> ReadNetworkFile(absl::string_view file,
                                                         absl::string_view name) {
  return IsOnnx(file, name) ? ReadOnnx(file) : ReadTflite(file);
}

std::vector<UnreadOperator> UnreadOperators(absl::string_view file, absl::string_view name) {
  return IsOnnx(file, name) ? UnreadOnnxOperators(file) : UnreadTfliteOperators(file);
}

}  // namespace niwaki::interchange
