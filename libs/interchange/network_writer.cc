#include "libs/interchange/network_writer.h"

#include <algorithm>
#include <string>

#include "libs/arch/describe.h"
#include "libs/arch/operator_facts.h"
#include "libs/base/error.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"
#include "libs/interchange/tensor_ranks.h"

namespace niwaki::interchange {

using arch::Op;
using arch::OpKind;
using arch::ShapeText;
using arch::TensorShape;

absl::Status NetworkWriter::Begin() {
  NIWAKI_RETURN_IF_ERROR(engine::Validate(network_));
  if (graph_.ops.empty()) return Refuse("operators", 0, "at least 1", "the network is empty");
  flat_ = FlatTensors(graph_);
  return absl::OkStatus();
}

absl::Status NetworkWriter::Refuse(absl::string_view field, const absl::AlphaNum& value,
                                   absl::string_view limit, absl::string_view message) const {
  const std::string place =
      index_ < 0 ? std::string() : absl::StrCat(engine::OperatorName(graph_, index_), ": ");
  return Error(absl::StatusCode::kInvalidArgument, reason::kArgumentInvalid)
      .Field(absl::StrCat(place, field))
      .Value(value)
      .Limit(limit)
      .Message(absl::StrCat(place, message, " (", field, " ", value, ", written: ", limit, ")"));
}

absl::Status NetworkWriter::RefuseKind(const Op& op) const {
  return Refuse("kind", static_cast<int>(op.kind), "a kind of libs/arch", "no such operator");
}

absl::Status NetworkWriter::RefuseActivation(const Op& op) const {
  return Refuse("activation", static_cast<int>(op.activation), "an activation of libs/arch",
                "no such activation");
}

absl::Status NetworkWriter::CheckFields(const Op& op) const {
  if (op.kernel_h < 1 || op.kernel_w < 1 || op.stride_h < 1 || op.stride_w < 1) {
    return Refuse(
        "window",
        absl::StrCat(op.kernel_h, "x", op.kernel_w, " by ", op.stride_h, "x", op.stride_w),
        "1x1 by 1x1 and more", "the window has no usable size");
  }
  const bool needs_extra =
      op.kind == OpKind::kConcat || op.kind == OpKind::kMean || op.kind == OpKind::kTranspose;
  if (needs_extra && (op.extra < 0 || op.extra >= static_cast<int>(graph_.extras.size()))) {
    return Refuse("extra", op.extra, absl::StrCat("below ", graph_.extras.size()),
                  "the operator's axes or inputs are missing");
  }
  return absl::OkStatus();
}

absl::Status NetworkWriter::CheckDataBytes(int64_t bytes, int64_t max_bytes) const {
  if (bytes <= max_bytes) return absl::OkStatus();
  return Refuse("bytes of weights", bytes, absl::StrCat(max_bytes),
                "a file of the format holds no more");
}

absl::Status NetworkWriter::ExpectShape(const TensorShape& shape,
                                        const TensorShape& expected) const {
  if (ShapeText(shape) == ShapeText(expected)) return absl::OkStatus();
  return Refuse("output shape", ShapeText(shape), ShapeText(expected),
                "the output's shape does not follow from the input's");
}

absl::Status NetworkWriter::CheckPad(const Op& op) const {
  const arch::Padding& pad = op.padding;
  return ExpectShape(Out(op),
                     {In(op).height + pad.height(), In(op).width + pad.width(), In(op).channels});
}

absl::Status NetworkWriter::CheckReshape(const Op& op) const {
  if (In(op).elements() == Out(op).elements()) return absl::OkStatus();
  return Refuse("output elements", Out(op).elements(), absl::StrCat(In(op).elements()),
                "a reshape keeps every element");
}

absl::Status NetworkWriter::CheckTranspose(const Op& op) const {
  const auto& order = graph_.extras[op.extra].order;
  const int sides[3] = {In(op).height, In(op).width, In(op).channels};
  return ExpectShape(Out(op), {sides[order[0]], sides[order[1]], sides[order[2]]});
}

absl::Status NetworkWriter::CheckUpsample(const Op& op) const {
  if (Out(op).height % In(op).height == 0 && Out(op).width % In(op).width == 0) {
    return absl::OkStatus();
  }
  return Refuse("output shape", ShapeText(Out(op)),
                absl::StrCat("whole multiples of ", ShapeText(In(op))),
                "pixels are repeated whole times");
}

absl::StatusOr<TensorShape> NetworkWriter::KeptByMean(const Op& op) const {
  const auto& axes = graph_.extras[op.extra].axes;
  TensorShape kept = In(op);
  if (axes[0]) kept.height = 1;
  if (axes[1]) kept.width = 1;
  if (axes[2]) kept.channels = 1;
  if ((axes[0] || axes[1] || axes[2]) && kept.elements() == Out(op).elements()) return kept;
  return Refuse("output elements", Out(op).elements(), absl::StrCat(kept.elements()),
                "a mean goes over whole axes");
}

bool NetworkWriter::IsFloat(arch::TensorId id) const {
  return std::any_of(graph_.ops.begin(), graph_.ops.end(), [id](const Op& op) {
    return (op.kind == OpKind::kQuantize && op.input == id) ||
           (op.kind == OpKind::kDequantize && op.output == id);
  });
}

}  // namespace niwaki::interchange
