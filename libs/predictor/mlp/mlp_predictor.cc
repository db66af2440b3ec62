#include "libs/predictor/mlp/mlp_predictor.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "libs/base/error.h"
#include "libs/base/log.h"
#include "libs/base/reason.h"

namespace niwaki::predictor {
namespace {

// Subnets that are encoded at a time.
constexpr size_t kChunk = 960;

}  // namespace

absl::StatusOr<std::unique_ptr<MlpPredictor>> MlpPredictor::Create(Encoder encoder, Mlp mlp,
                                                                   double offset) {
  if (mlp.inputs() != encoder.columns()) {
    return Error(absl::StatusCode::kInvalidArgument, reason::kArgumentInvalid)
        .Field("layers[0].inputs")
        .Value(mlp.inputs())
        .Limit(encoder.columns())
        .Message(absl::StrCat("the network has ", mlp.inputs(), " inputs, encoding ",
                              EncodingName(encoder.encoding()), " has ", encoder.columns(),
                              " columns here"));
  }
  return std::unique_ptr<MlpPredictor>(
      new MlpPredictor(std::move(encoder), std::move(mlp), offset));
}

void MlpPredictor::Predict(absl::Span<const arch::Subnet> subnets, absl::Span<double> top1) const {
  NIWAKI_CHECK(subnets.size() == top1.size());
  SparseRows rows;
  std::vector<float> outputs(std::min(kChunk, subnets.size()));
  for (size_t first = 0; first < subnets.size(); first += kChunk) {
    const size_t count = std::min(kChunk, subnets.size() - first);
    rows.clear();
    for (size_t i = 0; i < count; ++i) encoder_.Append(subnets[first + i], rows);
    mlp_.Forward(rows, absl::MakeSpan(outputs).subspan(0, count));
    for (size_t i = 0; i < count; ++i) top1[first + i] = outputs[i] + offset_;
  }
}

}  // namespace niwaki::predictor
