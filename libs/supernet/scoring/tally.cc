#include "libs/supernet/scoring/tally.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>

#include "libs/base/log.h"

namespace niwaki::supernet {
namespace {

constexpr int kTop = 5;

void Count(const float* logits, int64_t classes, int64_t label, Tally& tally) {
  const double largest = *std::max_element(logits, logits + classes);
  double sum = 0;
  int rank = 0;
  for (int64_t c = 0; c < classes; ++c) {
    sum += std::exp(logits[c] - largest);
    if (logits[c] > logits[label] || (logits[c] == logits[label] && c < label)) ++rank;
  }
  tally.loss += std::log(sum) + largest - logits[label];
  tally.top1 += rank < 1;
  tally.top5 += rank < kTop;
  tally.finite = tally.finite && std::isfinite(tally.loss);
}

}  // namespace

void Tally::Add(const Tally& other) {
  top1 += other.top1;
  top5 += other.top5;
  loss += other.loss;
  finite = finite && other.finite;
}

Tally TallyOf(const at::Tensor& logits, absl::Span<const int64_t> labels) {
  const at::Tensor values = logits.to(at::kCPU, at::kFloat).contiguous();
  const int64_t classes = values.size(1);
  NIWAKI_CHECK(values.size(0) == static_cast<int64_t>(labels.size()));
  Tally tally;
  for (size_t i = 0; i < labels.size(); ++i) {
    Count(values.data_ptr<float>() + i * classes, classes, labels[i], tally);
  }
  return tally;
}

at::Tensor TallyOnDevice(const at::Tensor& logits, const at::Tensor& labels) {
  const at::Tensor values = logits.to(at::kFloat);
  const at::Tensor chosen = labels.unsqueeze(1);
  const at::Tensor own = values.gather(1, chosen);
  const at::Tensor classes = at::arange(values.size(1), labels.options());
  const at::Tensor tied = values.eq(own).logical_and(classes.unsqueeze(0).lt(chosen));
  const at::Tensor rank = values.gt(own).logical_or(tied).sum(1);
  const at::Tensor loss = at::logsumexp(values, 1) - own.squeeze(1);
  return at::stack({rank.lt(1).sum().to(at::kDouble), rank.lt(kTop).sum().to(at::kDouble),
                    loss.to(at::kDouble).sum()});
}

Tally Collect(const at::Tensor& tallies) {
  const at::Tensor sums = tallies.view({-1, 3}).sum(0).to(at::kCPU);
  const double* values = sums.data_ptr<double>();
  Tally tally;
  tally.top1 = static_cast<int64_t>(values[0]);
  tally.top5 = static_cast<int64_t>(values[1]);
  tally.loss = values[2];
  tally.finite = std::isfinite(tally.loss);
  return tally;
}

}  // namespace niwaki::supernet
