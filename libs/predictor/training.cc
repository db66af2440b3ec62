#include "libs/predictor/training.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "absl/algorithm/container.h"
#include "libs/base/random.h"
#include "libs/base/status_macros.h"
#include "libs/predictor/sessions.h"
#include "libs/predictor/structured/evidence_regression.h"
#include "libs/predictor/structured/feature_basis.h"

namespace niwaki::predictor {
namespace {

constexpr int kParts = 5;
// Coordinate of the input's size in a FeatureBasis.
constexpr int kResolution = 0;
// Expected of the variance of accuracies: of choices where they are all there is, and of sessions
// where such were found.
constexpr double kChoicesShare = 0.5;
constexpr double kSessionShare = 0.02;
constexpr double kSessionSlopeShare = 0.005;
// Gene of the input's size, in every space.
constexpr int kResolutionGene = 0;

FeatureMatrix FeaturesOf(const FeatureBasis& basis, const ScoreTable& table) {
  FeatureMatrix matrix;
  matrix.rows = table.rows();
  matrix.group = basis.groups();
  matrix.expected = FeatureBasis::ExpectedShares();
  matrix.values.resize(static_cast<size_t>(matrix.rows) * matrix.columns());
  for (int i = 0; i < matrix.rows; ++i) basis.Write(table.subnets[i], matrix.row(i));
  return matrix;
}

// `matrix` with an offset for each session, and one that grows with the input's size: 0 for the
// mean session.
FeatureMatrix WithSessions(const FeatureMatrix& matrix, const FeatureBasis& basis,
                           const ScoreTable& table, const std::vector<int>& cuts) {
  const int sessions = static_cast<int>(cuts.size()) + 1;
  const int group = static_cast<int>(matrix.expected.size());
  FeatureMatrix wider;
  wider.rows = matrix.rows;
  wider.group = matrix.group;
  wider.group.insert(wider.group.end(), sessions, group);
  wider.group.insert(wider.group.end(), sessions, group + 1);
  wider.expected = matrix.expected;
  wider.expected.insert(wider.expected.end(), {kSessionShare, kSessionSlopeShare});
  wider.values.resize(static_cast<size_t>(wider.rows) * wider.columns());
  std::vector<int> session_of(matrix.rows);
  std::vector<double> share(sessions, 0.0);
  for (int i = 0; i < matrix.rows; ++i) {
    session_of[i] = static_cast<int>(absl::c_upper_bound(cuts, i) - cuts.begin());
    share[session_of[i]] += 1.0 / matrix.rows;
  }
  for (int i = 0; i < matrix.rows; ++i) {
    double* to = std::copy(matrix.row(i), matrix.row(i) + matrix.columns(), wider.row(i));
    const double resolution = basis.Coordinates(table.subnets[i])[kResolution];
    for (int s = 0; s < sessions; ++s) {
      const double offset = (session_of[i] == s ? 1.0 : 0.0) - share[s];
      to[s] = offset;
      to[sessions + s] = offset * resolution;
    }
  }
  return wider;
}

// Of `matrix` the choices, in one group, and whatever lies beyond the groups of a FeatureBasis.
FeatureMatrix ChoicesOf(const FeatureMatrix& matrix, std::vector<int>& columns) {
  const int groups = static_cast<int>(FeatureBasis::ExpectedShares().size());
  FeatureMatrix choices;
  choices.rows = matrix.rows;
  choices.expected = {kChoicesShare};
  choices.expected.insert(choices.expected.end(), matrix.expected.begin() + groups,
                          matrix.expected.end());
  for (int i = 0; i < matrix.columns(); ++i) {
    const int group = matrix.group[i];
    if (group < groups && !FeatureBasis::IsChoice(group)) continue;
    columns.push_back(i);
    choices.group.push_back(group < groups ? 0 : 1 + group - groups);
  }
  for (int r = 0; r < matrix.rows; ++r) {
    for (const int column : columns) choices.values.push_back(matrix.row(r)[column]);
  }
  return choices;
}

// On all features, and on the choices alone, mixed by how probable the targets are on each: where
// nothing is smooth or alike, the features that say so are noise.
LinearFit FitMixture(const FeatureMatrix& matrix, absl::Span<const double> targets) {
  LinearFit fit = FitByEvidence(matrix, targets);
  std::vector<int> columns;
  const LinearFit plain = FitByEvidence(ChoicesOf(matrix, columns), targets);
  const double share = 1 / (1 + std::exp(fit.log_evidence - plain.log_evidence));
  for (double& weight : fit.weights) weight *= 1 - share;
  for (size_t i = 0; i < columns.size(); ++i) fit.weights[columns[i]] += share * plain.weights[i];
  fit.intercept += share * (plain.intercept - fit.intercept);
  fit.noise += share * (plain.noise - fit.noise);
  return fit;
}

}  // namespace

std::vector<int> Shuffled(int rows, uint64_t seed) {
  std::vector<int> order(rows);
  std::iota(order.begin(), order.end(), 0);
  Random random(seed);
  for (int i = rows - 1; i > 0; --i) std::swap(order[i], order[random.Uniform(i + 1)]);
  return order;
}

std::vector<int> InputsOf(const ScoreTable& table) {
  std::vector<int> inputs;
  for (const arch::Subnet& subnet : table.subnets) inputs.push_back(subnet.genes[kResolutionGene]);
  return inputs;
}

std::optional<double> KendallWithinSessions(const ScoreTable& table,
                                            const CrossValidation& validation,
                                            const std::vector<int>& session_starts) {
  if (session_starts.empty()) return std::nullopt;
  const std::vector<int> inputs = InputsOf(table);
  std::vector<double> predicted;
  std::vector<double> measured;
  std::vector<int> group;
  for (int i = 0; i < table.rows(); ++i) {
    if (validation.part[i] < 0) continue;
    const auto session = absl::c_upper_bound(session_starts, i) - session_starts.begin();
    predicted.push_back(validation.predicted[i]);
    measured.push_back(table.top1[i]);
    // A number for each part, session and input size, of which there are fewer than 256.
    group.push_back((static_cast<int>(session) * kParts + validation.part[i]) * 256 + inputs[i]);
  }
  KendallWithin within;
  within.Add(predicted, measured, group);
  return within.tau();
}

ScoreTable Select(const ScoreTable& table, const std::vector<int>& rows) {
  ScoreTable selected;
  for (const int row : rows) {
    selected.subnets.push_back(table.subnets[row]);
    selected.top1.push_back(table.top1[row]);
  }
  return selected;
}

HeldOut Evaluate(const AccuracyPredictor& predictor, const ScoreTable& table,
                 const std::vector<int>& rows) {
  const ScoreTable selected = Select(table, rows);
  std::vector<double> predicted(selected.rows());
  predictor.Predict(selected.subnets, absl::MakeSpan(predicted));
  KendallWithin within;
  within.Add(predicted, selected.top1, InputsOf(selected));
  HeldOut figures{1, selected.rows(), KendallTau(predicted, selected.top1),
                  SpearmanRho(predicted, selected.top1),
                  RootMeanSquaredError(predicted, selected.top1)};
  figures.kendall_within = within.tau();
  return figures;
}

std::unique_ptr<StructuredPredictor> FitStructured(const arch::SearchSpace& space,
                                                   const ScoreTable& table,
                                                   TrainedPredictor* figures) {
  FeatureBasis basis(space, table.subnets);
  const FeatureMatrix matrix = FeaturesOf(basis, table);
  LinearFit fit = FitMixture(matrix, table.top1);
  std::vector<double> residuals(table.rows());
  for (int i = 0; i < table.rows(); ++i) {
    residuals[i] = table.top1[i] - fit.Predict(matrix.row(i));
  }
  const std::vector<int> cuts = FindSessions(residuals);
  if (!cuts.empty()) {
    fit = FitMixture(WithSessions(matrix, basis, table, cuts), table.top1);
    fit.weights.resize(matrix.columns());
  }
  if (figures != nullptr) {
    figures->sessions = static_cast<int>(cuts.size()) + 1;
    figures->session_starts = cuts;
    figures->noise = fit.noise;
  }
  return std::make_unique<StructuredPredictor>(space, std::move(basis), fit.intercept,
                                               std::move(fit.weights));
}

absl::StatusOr<CrossValidation> CrossValidate(const ScoreTable& table,
                                              const TrainingOptions& options, const Fit& fit) {
  NIWAKI_RETURN_IF_ERROR(CheckScores(table));
  const std::vector<int> order = Shuffled(table.rows(), options.seed);
  CrossValidation validation;
  validation.predicted.assign(table.rows(), 0.0);
  validation.part.assign(table.rows(), -1);
  HeldOut& mean = validation.held_out;
  KendallWithin within;
  for (int part = 0; part < kParts; ++part) {
    if (options.progress) options.progress(part, kParts + 1);
    std::vector<int> held;
    std::vector<int> rest;
    for (int i = 0; i < table.rows(); ++i) (i % kParts == part ? held : rest).push_back(order[i]);
    // As measured, for the sessions.
    absl::c_sort(rest);
    const ScoreTable training = Select(table, rest);
    if (absl::c_count(training.top1, training.top1[0]) == training.rows()) continue;
    NIWAKI_ASSIGN_OR_RETURN(const auto predictor, fit(training));
    const HeldOut figures = Evaluate(*predictor, table, held);
    const ScoreTable seen = Select(table, held);
    std::vector<double> predicted(held.size());
    predictor->Predict(seen.subnets, absl::MakeSpan(predicted));
    within.Add(predicted, seen.top1, InputsOf(seen));
    for (size_t i = 0; i < held.size(); ++i) {
      validation.predicted[held[i]] = predicted[i];
      validation.part[held[i]] = part;
    }
    mean.parts += 1;
    mean.networks += figures.networks;
    mean.kendall += figures.kendall;
    mean.spearman += figures.spearman;
    mean.rmse += figures.rmse;
  }
  if (mean.parts > 0) {
    for (double* figure : {&mean.kendall, &mean.spearman, &mean.rmse}) *figure /= mean.parts;
  }
  mean.kendall_within = within.tau();
  if (options.progress) options.progress(kParts, kParts + 1);
  return validation;
}

absl::StatusOr<TrainedPredictor> TrainPredictor(const arch::SearchSpace& space,
                                                const ScoreTable& table,
                                                const TrainingOptions& options) {
  const auto fit =
      [&](const ScoreTable& training) -> absl::StatusOr<std::unique_ptr<AccuracyPredictor>> {
    return FitStructured(space, training);
  };
  TrainedPredictor trained;
  NIWAKI_ASSIGN_OR_RETURN(const CrossValidation validation, CrossValidate(table, options, fit));
  trained.predictor = FitStructured(space, table, &trained);
  trained.held_out = validation.held_out;
  trained.held_out.kendall_session =
      KendallWithinSessions(table, validation, trained.session_starts);
  if (options.progress) options.progress(kParts + 1, kParts + 1);
  return trained;
}

}  // namespace niwaki::predictor
