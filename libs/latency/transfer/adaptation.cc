#include "libs/latency/transfer/adaptation.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "libs/arch/graph.h"
#include "libs/base/error.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"
#include "libs/cost/provenance.h"
#include "libs/latency/latency_model.h"
#include "libs/latency/signature.h"
#include "libs/latency/transfer/ridge.h"

namespace niwaki::latency {
namespace {

// By signature and form.
using Table = std::map<std::pair<std::string, std::string>, const LookupEntry*>;

// What blocks are, which are of several kinds.
constexpr char kBlock[] = "block";

// Of cross-validation, at the most: with fewer samples each is a fold of its own.
constexpr size_t kFolds = 20;

const std::vector<double>& Penalties() {
  static const auto* const penalties = new std::vector<double>{0.1, 1, 10, 100, 1e4};
  return *penalties;
}

absl::Status Invalid(absl::string_view field, absl::string_view value, absl::string_view message) {
  return Error(absl::StatusCode::kInvalidArgument, reason::kArgumentInvalid)
      .Field(field)
      .Value(value)
      .Message(message);
}

absl::StatusOr<Table> TableOf(const std::vector<LookupEntry>& entries, absl::string_view field) {
  Table table;
  for (const LookupEntry& entry : entries) {
    if (entry.device != entries[0].device) {
      return Invalid(field, entry.device,
                     absl::StrCat("the table is of ", entries[0].device, " and ", entry.device));
    }
    if (!table.emplace(std::pair(entry.signature, entry.form), &entry).second) {
      return Invalid(field, entry.signature,
                     absl::StrCat(entry.device, " has '", entry.signature, "' twice"));
    }
  }
  return table;
}

std::string KindOf(const std::string& text) {
  const absl::StatusOr<OpSignature> signature = OpSignature::FromText(text);
  if (!signature.ok()) return kBlock;
  arch::Op op;
  op.kind = signature->kind;
  op.SetWindow(signature->kernel_h, signature->stride_h);
  op.kernel_w = static_cast<uint16_t>(signature->kernel_w);
  return std::string(CostKindOf(op));
}

// Columns: the logarithm of the known latency, and one for each kind.
std::vector<double> RowOf(const LookupEntry& known) {
  static const auto* const kinds = [] {
    auto* all = new std::vector<std::string>(CostKinds());
    all->push_back(kBlock);
    return all;
  }();
  std::vector<double> row = {std::log(known.latency_us)};
  const std::string kind = KindOf(known.signature);
  for (const std::string& one : *kinds) row.push_back(one == kind ? 1 : 0);
  return row;
}

// The entry of `table` for the operator of `entry`: of its form, or of any where one of the two
// does not say its form. Null where there is none.
const LookupEntry* Find(const Table& table, const LookupEntry& entry) {
  const auto exact = table.find({entry.signature, entry.form});
  if (exact != table.end()) return exact->second;
  const auto first = table.lower_bound({entry.signature, ""});
  if (first == table.end() || first->first.first != entry.signature) return nullptr;
  return entry.form.empty() || first->second->form.empty() ? first->second : nullptr;
}

// Of Student's distribution with `freedom` degrees: 95 % lie below. Cornish and Fisher's expansion
// about the normal distribution, two terms.
double StudentQuantile(double freedom) {
  constexpr double kNormal = 1.6448536;
  const double cube = std::pow(kNormal, 3);
  return kNormal + (cube + kNormal) / (4 * freedom) +
         (5 * std::pow(kNormal, 5) + 16 * cube + 3 * kNormal) / (96 * freedom * freedom);
}

// Target minus prediction of each row by a fit, choice of the penalty included, that has seen
// nothing of the row's fold.
absl::StatusOr<std::vector<double>> CrossValidate(const std::vector<std::vector<double>>& rows,
                                                  const std::vector<double>& targets) {
  const size_t folds = std::min(rows.size(), kFolds);
  std::vector<double> errors(rows.size());
  for (size_t fold = 0; fold < folds; ++fold) {
    std::vector<std::vector<double>> others;
    std::vector<double> of_others;
    for (size_t i = 0; i < rows.size(); ++i) {
      if (i % folds == fold) continue;
      others.push_back(rows[i]);
      of_others.push_back(targets[i]);
    }
    NIWAKI_ASSIGN_OR_RETURN(const Ridge ridge, FitRidge(others, of_others, Penalties()));
    for (size_t i = fold; i < rows.size(); i += folds) {
      errors[i] = targets[i] - ridge.Predict(rows[i]);
    }
  }
  return errors;
}

double RootMeanSquare(const std::vector<double>& errors) {
  double squares = 0;
  for (const double error : errors) squares += error * error / static_cast<double>(errors.size());
  return std::sqrt(squares);
}

void SetErrors(const std::vector<double>& errors, Adaptation& adaptation) {
  const auto samples = static_cast<double>(adaptation.samples);
  for (const double error : errors) {
    const double relative = std::abs(std::expm1(-error));
    adaptation.cross_validated_error += relative / samples;
    adaptation.worst_error = std::max(adaptation.worst_error, relative);
  }
  adaptation.interval_ratio =
      std::exp(StudentQuantile(samples - 1) * RootMeanSquare(errors) * std::sqrt(1 + 1 / samples));
}

// The mean of one operator's forms, all of one table.
LookupEntry MeanOf(const std::vector<const LookupEntry*>& forms) {
  LookupEntry mean;
  mean.signature = forms[0]->signature;
  mean.count = forms[0]->count;
  mean.source = forms[0]->source;
  const auto count = static_cast<double>(forms.size());
  for (const LookupEntry* const form : forms) {
    mean.latency_us += form->latency_us / count;
    mean.spread_us += form->spread_us / count;
  }
  return mean;
}

std::map<std::string, std::vector<const LookupEntry*>> BySignature(const Table& table) {
  std::map<std::string, std::vector<const LookupEntry*>> by_signature;
  for (const auto& [key, entry] : table) by_signature[key.first].push_back(entry);
  return by_signature;
}

void FillEntries(const Table& from, const Table& to, const Ridge& ridge, double spread,
                 Adaptation& adaptation) {
  const std::string source = absl::StrFormat(
      "adapted from %s by %d operators, cross-validated error %.1f %%",
      from.begin()->second->device, adaptation.samples, 100 * adaptation.cross_validated_error);
  const auto measured = BySignature(to);
  const auto known = BySignature(from);
  auto all = known;
  all.insert(measured.begin(), measured.end());
  for (const auto& [signature, forms] : all) {
    const auto found = measured.find(signature);
    LookupEntry entry = MeanOf(found == measured.end() ? forms : found->second);
    entry.device = to.begin()->second->device;
    entry.provenance = cost::Provenance::kPredicted;
    if (found != measured.end()) {
      if (known.count(signature) == 0) ++adaptation.measured_only;
    } else {
      ++adaptation.adapted;
      if (entry.latency_us > 0) entry.latency_us *= std::exp(ridge.Predict(RowOf(entry)));
      entry.spread_us = entry.latency_us * spread;
      entry.count = adaptation.samples;
      entry.source = source;
    }
    adaptation.entries.push_back(std::move(entry));
  }
}

}  // namespace

absl::StatusOr<Adaptation> AdaptTable(const std::vector<LookupEntry>& known,
                                      const std::vector<LookupEntry>& measured) {
  NIWAKI_ASSIGN_OR_RETURN(const Table from, TableOf(known, "known"));
  NIWAKI_ASSIGN_OR_RETURN(const Table to, TableOf(measured, "measured"));
  std::vector<std::vector<double>> rows;
  std::vector<double> targets;
  for (const auto& [key, entry] : from) {
    const LookupEntry* const real = Find(to, *entry);
    if (real == nullptr || entry->latency_us <= 0 || real->latency_us <= 0) continue;
    rows.push_back(RowOf(*entry));
    targets.push_back(std::log(real->latency_us / entry->latency_us));
  }
  if (rows.size() < kMinAdaptationSamples) {
    return Invalid("samples", absl::StrCat(rows.size()),
                   absl::StrCat("the two tables have ", rows.size(),
                                " operators in common: an adaptation needs ", kMinAdaptationSamples,
                                " at least, ten are better"));
  }
  NIWAKI_ASSIGN_OR_RETURN(const Ridge ridge, FitRidge(rows, targets, Penalties()));
  NIWAKI_ASSIGN_OR_RETURN(const std::vector<double> errors, CrossValidate(rows, targets));
  Adaptation adaptation;
  adaptation.samples = static_cast<int64_t>(rows.size());
  adaptation.ratio = std::exp(ridge.target_mean);
  SetErrors(errors, adaptation);
  FillEntries(from, to, ridge, RootMeanSquare(errors), adaptation);
  return adaptation;
}

}  // namespace niwaki::latency
