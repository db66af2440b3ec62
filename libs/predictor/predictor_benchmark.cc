#include "libs/predictor/predictor_benchmark.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <utility>
#include <vector>

#include "absl/algorithm/container.h"
#include "absl/time/time.h"
#include "libs/arch/catalogue.h"
#include "libs/base/clock.h"
#include "libs/base/random.h"
#include "libs/base/status_macros.h"
#include "libs/predictor/baselines.h"
#include "libs/predictor/evaluation.h"
#include "libs/predictor/mlp/encoder.h"
#include "libs/predictor/mlp/mlp_predictor.h"
#include "libs/predictor/structured/evidence_regression.h"
#include "libs/predictor/structured/structured_predictor.h"
#include "libs/predictor/training.h"

namespace niwaki::predictor {
namespace {

constexpr int kBatch = 4096;

double SecondsSince(absl::Time start) { return absl::ToDoubleSeconds(Clock::Real().Now() - start); }

FeatureMatrix OneHot(const Encoder& encoder, const ScoreTable& table) {
  FeatureMatrix matrix;
  matrix.rows = table.rows();
  matrix.group.assign(encoder.columns(), 0);
  matrix.values.resize(static_cast<size_t>(matrix.rows) * matrix.columns());
  SparseRows rows;
  for (const arch::Subnet& subnet : table.subnets) encoder.Append(subnet, rows);
  for (int i = 0; i < matrix.rows; ++i) {
    for (const int32_t column : rows.row(i)) matrix.row(i)[column] = 1;
  }
  return matrix;
}

HeldOut EvaluateLinear(const Encoder& encoder, const ScoreTable& training, const ScoreTable& held) {
  const LinearFit fit = FitByEvidence(OneHot(encoder, training), training.top1);
  const FeatureMatrix features = OneHot(encoder, held);
  std::vector<double> predicted;
  for (int i = 0; i < held.rows(); ++i) predicted.push_back(fit.Predict(features.row(i)));
  HeldOut figures;
  figures.parts = 1;
  figures.networks = held.rows();
  figures.kendall = KendallTau(predicted, held.top1);
  figures.spearman = SpearmanRho(predicted, held.top1);
  figures.rmse = RootMeanSquaredError(predicted, held.top1);
  KendallWithin within;
  within.Add(predicted, held.top1, InputsOf(held));
  figures.kendall_within = within.tau();
  return figures;
}

// Of the networks of one input size and one session, for `rows` of a table with these sessions.
double WithinSessions(const AccuracyPredictor& predictor, const ScoreTable& table,
                      const std::vector<int>& rows, const std::vector<int>& session_starts) {
  const ScoreTable held = Select(table, rows);
  std::vector<double> predicted(held.rows());
  predictor.Predict(held.subnets, absl::MakeSpan(predicted));
  std::vector<int> group = InputsOf(held);
  for (size_t i = 0; i < rows.size(); ++i) {
    const auto session = absl::c_upper_bound(session_starts, rows[i]) - session_starts.begin();
    // There are fewer than 256 input sizes.
    group[i] += 256 * static_cast<int>(session);
  }
  KendallWithin within;
  within.Add(predicted, held.top1, group);
  return within.tau().value_or(0);
}

DenseLayer RandomLayer(int inputs, int outputs, Random& random) {
  DenseLayer layer{inputs, outputs, {}, std::vector<float>(outputs, 0.01f)};
  for (int i = 0; i < inputs * outputs; ++i) {
    layer.weights.push_back(static_cast<float>(random.Normal() / std::sqrt(inputs)));
  }
  return layer;
}

// Microseconds for one of `subnets`: the best of repeated calls, because others use the machine.
double MicrosecondsEach(const AccuracyPredictor& predictor,
                        const std::vector<arch::Subnet>& subnets, double seconds) {
  std::vector<double> top1(subnets.size());
  double best = 1e300;
  const absl::Time start = Clock::Real().Now();
  do {
    const absl::Time begin = Clock::Real().Now();
    predictor.Predict(subnets, absl::MakeSpan(top1));
    best = std::min(best, SecondsSince(begin));
  } while (SecondsSince(start) < seconds);
  return best * 1e6 / subnets.size();
}

// A dense layer whose weights and inputs stay in the first-level cache.
double PeakMultiplyAdds(double seconds) {
  constexpr int kInputs = 128;
  constexpr int kOutputs = 32;
  constexpr int kRows = 12;
  constexpr int kCalls = 2000;
  const std::vector<float> weights(kInputs * kOutputs, 0.5f);
  const std::vector<float> bias(kOutputs, 0.0f);
  const std::vector<float> inputs(kInputs * kRows, 0.25f);
  std::vector<float> outputs(kRows * kOutputs);
  const PackedLayer layer{weights.data(), bias.data(), kInputs, kOutputs / kPanel};
  double best = 1e300;
  const absl::Time start = Clock::Real().Now();
  do {
    const absl::Time begin = Clock::Real().Now();
    for (int i = 0; i < kCalls; ++i) {
      BestDenseKernels().dense_relu(layer, inputs.data(), kInputs, kRows, outputs.data());
    }
    best = std::min(best, SecondsSince(begin));
  } while (SecondsSince(start) < seconds);
  return static_cast<double>(kCalls) * kRows * kInputs * kOutputs / best;
}

}  // namespace

absl::StatusOr<SplitFigures> MeasureSplits(const arch::SearchSpace& space, const ScoreTable& table,
                                           int splits) {
  NIWAKI_RETURN_IF_ERROR(CheckScores(table));
  NIWAKI_ASSIGN_OR_RETURN(const Encoder encoder, Encoder::Create(Encoding::kOneHot, space));
  SplitFigures figures;
  figures.splits = splits;
  figures.least_kendall = 1;
  for (int split = 1; split <= splits; ++split) {
    const std::vector<int> order = Shuffled(table.rows(), split);
    const int count = table.rows() * 4 / 5;
    std::vector<int> rest(order.begin(), order.begin() + count);
    const std::vector<int> held(order.begin() + count, order.end());
    absl::c_sort(rest);
    const ScoreTable training = Select(table, rest);
    const absl::Time start = Clock::Real().Now();
    const auto predictor = FitStructured(space, training);
    figures.training_seconds += SecondsSince(start) / splits;
    const HeldOut ours = Evaluate(*predictor, table, held);
    const HeldOut linear = EvaluateLinear(encoder, training, Select(table, held));
    figures.kendall += ours.kendall / splits;
    figures.least_kendall = std::min(figures.least_kendall, ours.kendall);
    figures.rmse += ours.rmse / splits;
    figures.linear_kendall += linear.kendall / splits;
    figures.linear_rmse += linear.rmse / splits;
    figures.within += ours.kendall_within.value_or(0) / splits;
    figures.linear_within += linear.kendall_within.value_or(0) / splits;
  }
  HeldOut baselines;
  MeasureBaselines(space, table, baselines);
  figures.macs = *baselines.macs;
  figures.parameters = *baselines.parameters;
  return figures;
}

absl::StatusOr<std::vector<SizeFigures>> MeasureSizes(const arch::SearchSpace& space,
                                                      const ScoreTable& table, int held, int draws,
                                                      const std::vector<int>& sizes) {
  NIWAKI_RETURN_IF_ERROR(CheckScores(table));
  NIWAKI_ASSIGN_OR_RETURN(const Encoder encoder, Encoder::Create(Encoding::kOneHot, space));
  TrainedPredictor whole;
  FitStructured(space, table, &whole);
  std::vector<SizeFigures> all;
  for (const int size : sizes) {
    SizeFigures figures;
    figures.scores = std::min(size, table.rows() - held);
    for (int draw = 1; draw <= draws; ++draw) {
      const std::vector<int> order = Shuffled(table.rows(), draw);
      const std::vector<int> unseen(order.begin(), order.begin() + held);
      std::vector<int> seen(order.begin() + held, order.begin() + held + figures.scores);
      absl::c_sort(seen);
      const ScoreTable training = Select(table, seen);
      const absl::Time start = Clock::Real().Now();
      const auto predictor = FitStructured(space, training);
      figures.seconds += SecondsSince(start) / draws;
      const HeldOut ours = Evaluate(*predictor, table, unseen);
      const HeldOut linear = EvaluateLinear(encoder, training, Select(table, unseen));
      figures.kendall += ours.kendall / draws;
      figures.within += ours.kendall_within.value_or(0) / draws;
      figures.session += WithinSessions(*predictor, table, unseen, whole.session_starts) / draws;
      figures.linear_kendall += linear.kendall / draws;
      figures.linear_within += linear.kendall_within.value_or(0) / draws;
    }
    all.push_back(figures);
  }
  return all;
}

absl::StatusOr<PredictionRates> MeasurePredictions(double seconds_each) {
  NIWAKI_ASSIGN_OR_RETURN(const arch::SearchSpace space, arch::CatalogueSpace("ofa_mbv3_w12"));
  NIWAKI_ASSIGN_OR_RETURN(Encoder encoder, Encoder::Create(Encoding::kOfaTutorial, space));
  Random random(1);
  std::vector<arch::Subnet> subnets;
  SparseRows rows;
  for (int i = 0; i < kBatch; ++i) {
    subnets.push_back(arch::SampleSubnet(space, random));
    encoder.Append(subnets.back(), rows);
  }
  NIWAKI_ASSIGN_OR_RETURN(
      Mlp mlp, Mlp::Create({RandomLayer(128, 400, random), RandomLayer(400, 400, random),
                            RandomLayer(400, 400, random), RandomLayer(400, 1, random)}));
  PredictionRates rates;
  rates.mlp_multiply_adds = static_cast<double>(
      mlp.MultiplyAdds(static_cast<int>(std::lround(1.0 * rows.columns.size() / kBatch))));
  NIWAKI_ASSIGN_OR_RETURN(const auto predictor,
                          MlpPredictor::Create(std::move(encoder), std::move(mlp)));
  rates.mlp_us = MicrosecondsEach(*predictor, subnets, seconds_each);
  rates.peak_multiply_adds_per_second = PeakMultiplyAdds(seconds_each);

  FeatureBasis basis(space, subnets);
  std::vector<double> weights;
  for (int i = 0; i < basis.size(); ++i) weights.push_back(random.Normal());
  const StructuredPredictor structured(space, std::move(basis), 0.7, std::move(weights));
  rates.structured_us = MicrosecondsEach(structured, subnets, seconds_each);
  return rates;
}

}  // namespace niwaki::predictor
