#include "libs/engine/quantise/scales/quantise_weights.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>

#include "libs/arch/operator_facts.h"

namespace niwaki::engine {
namespace {

constexpr double kLargestLevel = 127;

class Quantiser {
 public:
  Quantiser(const arch::Graph& graph, const arch::Op& op, const FloatWeight& weight,
            const Quantisation& input, const Quantisation& output,
            const std::vector<double>& input_means)
      : weight_(weight),
        input_(input),
        output_(output),
        input_means_(input_means),
        depthwise_(op.kind == arch::OpKind::kDepthwiseConv2d),
        channels_(OutputChannels(graph, op)),
        input_channels_(graph.shape(op.input).channels),
        terms_(static_cast<int64_t>(weight.values.size()) / channels_) {}

  QuantisedWeight Run() {
    result_.values.resize(weight_.values.size());
    for (int c = 0; c < channels_; ++c) RunChannel(c);
    return result_;
  }

 private:
  int64_t IndexOf(int channel, int64_t term) const {
    return depthwise_ ? term * channels_ + channel : channel * terms_ + term;
  }

  // The mean of what a weight is multiplied with.
  double MeanOf(int channel, int64_t term) const {
    return input_means_[depthwise_ ? channel : term % input_channels_];
  }

  float ScaleOf(int channel, double bias) const {
    double largest = 0;
    for (int64_t t = 0; t < terms_; ++t) {
      largest = std::max(largest, std::abs(double{weight_.values[IndexOf(channel, t)]}));
    }
    const double for_bias = std::abs(bias) / input_.scale * 0x1p-30;
    const double for_output = double{output_.scale} / input_.scale * 0x1p-24;
    const double scale = std::max({largest / kLargestLevel, for_bias, for_output});
    return static_cast<float>(std::clamp<double>(scale, std::numeric_limits<float>::min(),
                                                 std::numeric_limits<float>::max()));
  }

  void RunChannel(int channel) {
    double bias = weight_.bias.empty() ? 0.0 : weight_.bias[channel];
    const float scale = ScaleOf(channel, bias);
    for (int64_t t = 0; t < terms_; ++t) {
      const int64_t i = IndexOf(channel, t);
      const double level =
          std::clamp(std::round(double{weight_.values[i]} / scale), -kLargestLevel, kLargestLevel);
      result_.values[i] = static_cast<int8_t>(level);
      if (input_means_.empty()) continue;
      bias -= (level * scale - weight_.values[i]) * MeanOf(channel, t);
    }
    result_.scales.push_back(scale);
    const double unit = double{input_.scale} * double{scale};
    result_.biases.push_back(static_cast<int32_t>(
        std::clamp<double>(std::round(bias / unit), std::numeric_limits<int32_t>::min(),
                           std::numeric_limits<int32_t>::max())));
  }

  const FloatWeight& weight_;
  const Quantisation input_;
  const Quantisation output_;
  const std::vector<double>& input_means_;
  const bool depthwise_;
  const int channels_;
  const int input_channels_;
  // Weights of an output channel.
  const int64_t terms_;
  QuantisedWeight result_;
};

}  // namespace

QuantisedWeight QuantiseWeight(const arch::Graph& graph, const arch::Op& op,
                               const FloatWeight& weight, const Quantisation& input,
                               const Quantisation& output, const std::vector<double>& input_means) {
  return Quantiser(graph, op, weight, input, output, input_means).Run();
}

}  // namespace niwaki::engine
