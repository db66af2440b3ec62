#include "libs/predictor/mlp/mlp_training.h"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "libs/base/random.h"
#include "libs/base/range.h"
#include "libs/base/status_macros.h"
#include "libs/predictor/training.h"

namespace niwaki::predictor {
namespace {

constexpr double kPi = 3.14159265358979323846;
// Of a training whose length is not given.
constexpr int kLeastSteps = 300;
constexpr int kPasses = 10;

// y += scale * x.
void AddScaled(float scale, const float* x, int count, float* y) {
  for (int i = 0; i < count; ++i) y[i] += scale * x[i];
}

// One array of parameters with its gradient and Adam's moments (Kingma, Ba 2015).
struct Parameters {
  std::vector<float> values;
  std::vector<float> gradient;
  std::vector<float> first;
  std::vector<float> second;

  explicit Parameters(size_t size) : values(size), gradient(size), first(size), second(size) {}

  // `step` counts from 1.
  void Descend(int step, double learning_rate, double decay) {
    constexpr double kBeta1 = 0.9;
    constexpr double kBeta2 = 0.999;
    constexpr float kEpsilon = 1e-8f;
    const auto rate = static_cast<float>(learning_rate / (1 - std::pow(kBeta1, step)));
    const auto correction = static_cast<float>(1 / (1 - std::pow(kBeta2, step)));
    const auto pull = static_cast<float>(decay);
    for (size_t i = 0; i < values.size(); ++i) {
      const float g = gradient[i] + pull * values[i];
      first[i] += static_cast<float>(1 - kBeta1) * (g - first[i]);
      second[i] += static_cast<float>(1 - kBeta2) * (g * g - second[i]);
      values[i] -= rate * first[i] / (std::sqrt(second[i] * correction) + kEpsilon);
      gradient[i] = 0;
    }
  }
};

// A dense layer in training. Weights are [inputs, outputs], so that every inner loop below runs
// along a row, and an input of 0 (half of what ReLU gives) costs nothing.
struct TrainedLayer {
  int inputs;
  int outputs;
  Parameters weights;
  Parameters bias;
  // [outputs, inputs]: for the gradients of the inputs.
  std::vector<float> transposed;

  TrainedLayer(int in, int out, Random& random)
      : inputs(in),
        outputs(out),
        weights(size_t(in) * out),
        bias(out),
        transposed(size_t(in) * out) {
    // The usual uniform distribution of released predictors: small enough that what the network
    // says before training does not outlive it.
    const double range = 1 / std::sqrt(in);
    for (float& weight : weights.values) {
      weight = static_cast<float>(range * (2 * random.UniformDouble() - 1));
    }
    Transpose();
  }

  const float* row(int input) const { return &weights.values[size_t(input) * outputs]; }
  float* gradient_row(int input) { return &weights.gradient[size_t(input) * outputs]; }

  void Transpose() {
    for (int i = 0; i < inputs; ++i) {
      for (int o = 0; o < outputs; ++o) transposed[size_t(o) * inputs + i] = row(i)[o];
    }
  }

  void Descend(int step, double learning_rate, double decay) {
    weights.Descend(step, learning_rate, decay);
    bias.Descend(step, learning_rate, 0);
    Transpose();
  }

  DenseLayer Layer() const { return {inputs, outputs, transposed, bias.values}; }
};

class Network {
 public:
  Network(int columns, const MlpTrainingOptions& options) {
    Random random(options.seed);
    int inputs = columns;
    for (int i = 0; i < options.hidden_layers; ++i) {
      layers_.emplace_back(inputs, options.width, random);
      inputs = options.width;
    }
    layers_.emplace_back(inputs, 1, random);
    for (const TrainedLayer& layer : layers_) outputs_.emplace_back(layer.outputs);
    slopes_ = outputs_;
  }

  // Adds the gradient of (output - target)^2 / 2 to the parameters'.
  void Learn(absl::Span<const int32_t> columns, double target, double weight) {
    Forward(columns);
    slopes_.back()[0] = static_cast<float>(weight * (outputs_.back()[0] - target));
    for (size_t l = layers_.size(); l-- > 1;) Backward(l);
    for (const int32_t column : columns) {
      AddScaled(1, slopes_[0].data(), layers_[0].outputs, layers_[0].gradient_row(column));
    }
    AddScaled(1, slopes_[0].data(), layers_[0].outputs, layers_[0].bias.gradient.data());
  }

  void Descend(int step, double learning_rate, double decay) {
    for (TrainedLayer& layer : layers_) layer.Descend(step, learning_rate, decay);
  }

  // Outputs are `scale` times what was learnt.
  absl::StatusOr<Mlp> ToMlp(double scale) const {
    std::vector<DenseLayer> layers;
    for (const TrainedLayer& layer : layers_) layers.push_back(layer.Layer());
    for (float& weight : layers.back().weights) weight *= static_cast<float>(scale);
    for (float& bias : layers.back().bias) bias *= static_cast<float>(scale);
    return Mlp::Create(std::move(layers));
  }

 private:
  void Forward(absl::Span<const int32_t> columns) {
    for (size_t l = 0; l < layers_.size(); ++l) {
      const TrainedLayer& layer = layers_[l];
      std::vector<float>& out = outputs_[l];
      out = layer.bias.values;
      if (l == 0) {
        for (const int32_t column : columns)
          AddScaled(1, layer.row(column), layer.outputs, out.data());
      } else {
        const std::vector<float>& in = outputs_[l - 1];
        for (int i = 0; i < layer.inputs; ++i) {
          if (in[i] != 0) AddScaled(in[i], layer.row(i), layer.outputs, out.data());
        }
      }
      if (l + 1 == layers_.size()) break;
      for (float& value : out) value = std::max(value, 0.0f);
    }
  }

  // From the slopes of layer `l`'s outputs to its parameters' and its inputs'.
  void Backward(size_t l) {
    TrainedLayer& layer = layers_[l];
    const std::vector<float>& in = outputs_[l - 1];
    const std::vector<float>& slope = slopes_[l];
    std::vector<float>& in_slope = slopes_[l - 1];
    std::fill(in_slope.begin(), in_slope.end(), 0.0f);
    for (int o = 0; o < layer.outputs; ++o) {
      if (slope[o] == 0) continue;
      AddScaled(slope[o], &layer.transposed[size_t(o) * layer.inputs], layer.inputs,
                in_slope.data());
    }
    for (int i = 0; i < layer.inputs; ++i) {
      if (in[i] == 0) {
        in_slope[i] = 0;
      } else {
        AddScaled(in[i], slope.data(), layer.outputs, layer.gradient_row(i));
      }
    }
    AddScaled(1, slope.data(), layer.outputs, layer.bias.gradient.data());
  }

  std::vector<TrainedLayer> layers_;
  // Of one example, after ReLU, and the loss's slopes along them (before ReLU).
  std::vector<std::vector<float>> outputs_;
  std::vector<std::vector<float>> slopes_;
};

struct Moments {
  double mean = 0;
  double deviation = 0;
};

Moments MomentsOf(const std::vector<double>& values) {
  Moments moments;
  for (const double value : values) moments.mean += value / static_cast<double>(values.size());
  for (const double value : values) {
    moments.deviation += (value - moments.mean) * (value - moments.mean);
  }
  moments.deviation = std::sqrt(moments.deviation / static_cast<double>(values.size()));
  return moments;
}

}  // namespace

absl::Status MlpTrainingOptions::Validate() const {
  NIWAKI_RETURN_IF_ERROR(CheckRange("hidden_layers", hidden_layers, 1, 16));
  NIWAKI_RETURN_IF_ERROR(CheckRange("width", width, 1, 4096));
  NIWAKI_RETURN_IF_ERROR(CheckRange("steps", steps, 0, 1e7));
  NIWAKI_RETURN_IF_ERROR(CheckRange("batch_size", batch_size, 1, 65536));
  NIWAKI_RETURN_IF_ERROR(CheckRange("learning_rate", learning_rate, 1e-9, 10));
  return CheckRange("weight_decay", weight_decay, 0, 1);
}

absl::StatusOr<std::unique_ptr<MlpPredictor>> FitMlp(const Encoder& encoder,
                                                     const ScoreTable& table,
                                                     const MlpTrainingOptions& options) {
  SparseRows rows;
  for (const arch::Subnet& subnet : table.subnets) encoder.Append(subnet, rows);
  const Moments moments = MomentsOf(table.top1);
  Network network(encoder.columns(), options);
  const int batch = std::min(options.batch_size, table.rows());
  std::vector<int> order;
  uint64_t epoch = 0;
  const int steps =
      options.steps > 0 ? options.steps : std::max(kLeastSteps, kPasses * table.rows() / batch);
  for (int step = 0; step < steps; ++step) {
    for (int i = 0; i < batch; ++i) {
      if (order.empty()) order = Shuffled(table.rows(), DeriveSeed(options.seed, ++epoch));
      const int row = order.back();
      order.pop_back();
      network.Learn(rows.row(row), (table.top1[row] - moments.mean) / moments.deviation,
                    1.0 / batch);
    }
    const double progress = static_cast<double>(step) / steps;
    network.Descend(step + 1, options.learning_rate * (1 + std::cos(kPi * progress)) / 2,
                    options.weight_decay);
  }
  NIWAKI_ASSIGN_OR_RETURN(Mlp mlp, network.ToMlp(moments.deviation));
  return MlpPredictor::Create(encoder, std::move(mlp), moments.mean);
}

absl::StatusOr<TrainedMlp> TrainMlp(const Encoder& encoder, const ScoreTable& table,
                                    const MlpTrainingOptions& options) {
  NIWAKI_RETURN_IF_ERROR(options.Validate());
  const auto fit =
      [&](const ScoreTable& training) -> absl::StatusOr<std::unique_ptr<AccuracyPredictor>> {
    return FitMlp(encoder, training, options);
  };
  TrainedMlp trained;
  NIWAKI_ASSIGN_OR_RETURN(const CrossValidation validation,
                          CrossValidate(table, {options.seed, options.progress}, fit));
  trained.held_out = validation.held_out;
  NIWAKI_ASSIGN_OR_RETURN(trained.predictor, FitMlp(encoder, table, options));
  return trained;
}

}  // namespace niwaki::predictor
