// Nodes that move or rename values and compute nothing: views of the same memory, of values and of
// constants.

#ifndef NIWAKI_LIBS_INTERCHANGE_ONNX_LAYOUT_READER_H_
#define NIWAKI_LIBS_INTERCHANGE_ONNX_LAYOUT_READER_H_

#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "libs/interchange/onnx/constant.h"
#include "libs/interchange/onnx/graph_reader.h"

namespace niwaki::interchange {

class LayoutReader : public GraphReader {
 protected:
  using GraphReader::GraphReader;
  ~LayoutReader() = default;

  absl::Status ReadIdentity();
  absl::Status ReadFlatten();
  absl::Status ReadReshape();
  absl::Status ReadSqueeze();
  absl::Status ReadUnsqueeze();
  absl::Status ReadTranspose();
  absl::Status ReadConstantNode();
  absl::Status ReadConstantOfShape();
  // To the type that the value has: PyTorch writes such casts.
  absl::Status ReadCast();

  std::vector<int64_t> SizesOf(const Value& value) const;

 private:
  // The output is `value` seen as axes of these sizes.
  absl::Status SetView(const Value& value, const std::vector<int64_t>& sizes);
  // The tensor of attribute `value`.
  absl::StatusOr<Constant> ConstantAttribute();
  // Which of so many axes input 1 names.
  absl::StatusOr<std::vector<bool>> AxesMarked(int64_t axes);
};

}  // namespace niwaki::interchange

#endif  // NIWAKI_LIBS_INTERCHANGE_ONNX_LAYOUT_READER_H_
