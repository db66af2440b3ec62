// Nodes with windows or weights: convolutions, products with matrices, pools, pads, resizes.

#ifndef NIWAKI_LIBS_INTERCHANGE_ONNX_LAYER_READER_H_
#define NIWAKI_LIBS_INTERCHANGE_ONNX_LAYER_READER_H_

#include <cstdint>
#include <memory>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "libs/arch/graph.h"
#include "libs/engine/quantise/quantised_network.h"
#include "libs/interchange/onnx/constant.h"
#include "libs/interchange/onnx/graph_reader.h"
#include "libs/interchange/onnx/layout_reader.h"

namespace niwaki::interchange {

class LayerReader : public LayoutReader {
 protected:
  using LayoutReader::LayoutReader;
  ~LayerReader() = default;

  absl::Status ReadConv();
  absl::Status ReadGemm();
  absl::Status ReadMatMul();
  // An addition behind ReadMatMul whose other operand is `bias`.
  absl::Status AddBias(const Value& product, const Constant& bias);
  absl::Status ReadMaxPool();
  absl::Status ReadAveragePool();
  absl::Status ReadGlobalAveragePool();
  absl::Status ReadMean();
  absl::Status ReadPad();
  absl::Status ReadResize();

 private:
  // The tensor of input 0, an image.
  absl::StatusOr<arch::TensorId> ImageInput();
  // Window of `op`, whose input is known, by the node's attributes; gives the output's sizes, with
  // as many channels as the input.
  absl::StatusOr<std::vector<int64_t>> SetWindow(arch::Op& op, int64_t kernel_h, int64_t kernel_w);
  absl::Status SetAxis(absl::string_view name, int64_t in, int64_t kernel, int64_t stride,
                       int64_t before, int64_t after, int64_t& out, uint8_t& pad_before,
                       uint8_t& pad_after) const;
  absl::Status SetAutoPads(absl::string_view rule, const arch::Op& op,
                           std::vector<int64_t>& pads) const;
  absl::StatusOr<std::vector<int64_t>> KernelOfPool() const;

  // Input 1, int8 with scales for the positions of `channel_axis`, or one for all.
  absl::StatusOr<std::shared_ptr<const Constant>> WeightsInput(int axes, int channel_axis);
  absl::Status SetBiases(const Constant& bias, const engine::Quantisation& input,
                         engine::QuantisedWeight& weight) const;
  absl::Status CheckSums(const engine::QuantisedWeight& weight, arch::TensorId input,
                         bool channels_outermost) const;
  // A product of input 0 with weights [channels, elements of the input], in ONNX's order.
  absl::StatusOr<PendingOp> Product(const Constant& weights);
};

}  // namespace niwaki::interchange

#endif  // NIWAKI_LIBS_INTERCHANGE_ONNX_LAYER_READER_H_
