// The parts of an ONNX file as they are written: nodes, constants, values where it begins and ends.

#ifndef NIWAKI_LIBS_INTERCHANGE_ONNX_MODEL_BUILDER_H_
#define NIWAKI_LIBS_INTERCHANGE_ONNX_MODEL_BUILDER_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "libs/interchange/onnx/onnx_proto.h"

namespace niwaki::interchange {

class OnnxBuilder {
 public:
  OnnxBuilder(absl::string_view producer, absl::string_view name);

  // Constants; each gives its name back. Without sizes they are scalars.
  std::string AddFloats(const std::string& name, absl::Span<const float> values,
                        const std::vector<int64_t>& sizes);
  std::string AddInt8(const std::string& name, absl::Span<const int8_t> values,
                      const std::vector<int64_t>& sizes);
  std::string AddInt32(const std::string& name, absl::Span<const int32_t> values,
                       const std::vector<int64_t>& sizes);
  // A list of sizes, axes or paddings.
  std::string AddIntegers(const std::string& name, const std::vector<int64_t>& values);

  // A node behind the others; an empty input is one that is left out. Valid until the next call.
  onnx::NodeProto& AddNode(const std::string& op_type, const std::vector<std::string>& inputs,
                           const std::string& output);
  static void SetInteger(onnx::NodeProto& node, const std::string& name, int64_t value);
  static void SetFloat(onnx::NodeProto& node, const std::string& name, float value);
  static void SetText(onnx::NodeProto& node, const std::string& name, const std::string& value);
  static void SetIntegers(onnx::NodeProto& node, const std::string& name,
                          const std::vector<int64_t>& values);

  void SetInput(const std::string& name, bool is_float, const std::vector<int64_t>& sizes);
  void SetOutput(const std::string& name, bool is_float, const std::vector<int64_t>& sizes);

  int node_count() const { return model_.graph().node_size(); }
  // Of weights and other constants, so far.
  int64_t data_bytes() const { return data_bytes_; }

  std::string Serialize() const { return model_.SerializeAsString(); }

 private:
  std::string AddConstant(const std::string& name, int type, absl::string_view bytes,
                          const std::vector<int64_t>& sizes);

  onnx::ModelProto model_;
  int64_t data_bytes_ = 0;
};

}  // namespace niwaki::interchange

#endif  // NIWAKI_LIBS_INTERCHANGE_ONNX_MODEL_BUILDER_H_
