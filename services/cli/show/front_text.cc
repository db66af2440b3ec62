#include "services/cli/show/front_text.h"

#include <algorithm>
#include <cstdint>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "libs/jobfile/metric.h"
#include "libs/jobfile/resource_name.h"
#include "libs/search/front/noise.h"
#include "services/cli/show/cost_text.h"
#include "services/cli/show/job_text.h"
#include "services/cli/show/proto_json.h"
#include "services/cli/show/table.h"

namespace niwaki::cli {
namespace {

// Which score of a candidate.
enum class Of { kSearch, kTest, kInt8, kInt8Test };

const v1::Score* ScoreOf(const v1::Candidate& candidate, Of of) {
  const v1::Proof& proof = candidate.proof();
  switch (of) {
    case Of::kSearch:
      return candidate.has_score() ? &candidate.score() : nullptr;
    case Of::kTest:
      return candidate.has_test_score() ? &candidate.test_score() : nullptr;
    case Of::kInt8:
      return proof.has_int8_score() ? &proof.int8_score() : nullptr;
    case Of::kInt8Test:
      break;
  }
  return proof.has_int8_test_score() ? &proof.int8_test_score() : nullptr;
}

search::MeasuredShare ShareOf(const v1::Score* score, v1::Metric metric) {
  if (score == nullptr) return {};
  return {metric == v1::METRIC_TOP5 ? score->top5() : score->top1(), score->images()};
}

bool HasAny(const client::Front& front, Of of) {
  return std::any_of(front.candidates.begin(), front.candidates.end(),
                     [of](const v1::Candidate& one) { return ScoreOf(one, of) != nullptr; });
}

bool IsTested(const client::Front& front) { return HasAny(front, Of::kTest); }

bool IsProving(const client::Front& front) {
  return std::any_of(front.candidates.begin(), front.candidates.end(),
                     [](const v1::Candidate& one) { return one.has_proof(); });
}

// "3.21 M instructions", of one inference.
std::string CountText(const v1::BoardFigures& figures) {
  return absl::StrFormat("%.4g M %s", static_cast<double>(figures.count()) / 1e6, figures.unit());
}

// On what a candidate is proven, or how far that is, or why not.
std::string ProofCell(const v1::Candidate& candidate) {
  if (!candidate.has_proof()) return "-";
  const v1::Proof& proof = candidate.proof();
  switch (proof.state()) {
    case v1::PROOF_STATE_PROVEN:
      if (proof.has_figures()) {
        return absl::StrCat(jobfile::ResourceId(proof.figures().board()), ": ",
                            CountText(proof.figures()));
      }
      return proof.reason().empty() ? "int8 only" : absl::StrCat("int8 only: ", proof.reason());
    case v1::PROOF_STATE_REFUSED:
    case v1::PROOF_STATE_FAILED:
      return absl::StrCat("refused: ", proof.reason());
    case v1::PROOF_STATE_MEASURING:
      return "being measured";
    case v1::PROOF_STATE_QUANTISED:
      return "int8, not measured yet";
    case v1::PROOF_STATE_LEASED:
      return "with a worker";
    default:
      return "waiting";
  }
}

// Enough of a digest to tell it from others.
std::string BillCell(const v1::Candidate& candidate) {
  constexpr size_t kShown = 12;
  return candidate.proof().figures().bill_digest().substr(0, kShown);
}

std::vector<bool> NoiseMarks(const client::Front& front, Of of, v1::Metric metric) {
  std::vector<search::MeasuredShare> shares;
  for (const v1::Candidate& candidate : front.candidates) {
    shares.push_back(ShareOf(ScoreOf(candidate, of), metric));
  }
  return search::WithinNoiseOfNext(shares);
}

// The cells of an accuracy, all ending alike so that they align to the right.
std::vector<std::string> AccuracyCells(const client::Front& front, Of of, v1::Metric metric) {
  const std::vector<bool> marks = NoiseMarks(front, of, metric);
  const bool marked = std::find(marks.begin(), marks.end(), true) != marks.end();
  std::vector<std::string> cells;
  for (size_t i = 0; i < front.candidates.size(); ++i) {
    const v1::Score* score = ScoreOf(front.candidates[i], of);
    if (score == nullptr) {
      cells.push_back("");
      continue;
    }
    const std::optional<double> error = StandardErrorOf(*score, metric);
    cells.push_back(
        absl::StrCat(jobfile::FormatMetric(metric, ShareOf(score, metric).share), " ± ",
                     error.has_value() ? absl::StrFormat("%.1f", 100 * *error) : "unknown",
                     !marked    ? ""
                     : marks[i] ? " ~"
                                : "  "));
  }
  return cells;
}

// "720", "500 to 720", "an unknown number of".
std::string ImageCounts(const client::Front& front, Of of) {
  std::set<int64_t> counts;
  for (const v1::Candidate& candidate : front.candidates) {
    const v1::Score* score = ScoreOf(candidate, of);
    if (score != nullptr) counts.insert(score->images());
  }
  if (counts.empty() || *counts.begin() < 1) return "an unknown number of";
  if (counts.size() == 1) return absl::StrCat(*counts.begin());
  return absl::StrCat(*counts.begin(), " to ", *counts.rbegin());
}

// Whether it was to be proven where that was possible, and was not.
bool IsUnproven(const v1::Job& job) {
  return job.state() == v1::JOB_STATE_SUCCEEDED && job.spec().has_proof() &&
         job.spec().proof().members() != v1::PROOF_MEMBERS_NONE && !job.progress().has_proof();
}

std::string ProofLegend(const client::Front& front) {
  std::string text = absl::StrCat("INT8: the proven network itself, of ",
                                  ImageCounts(front, Of::kInt8), " validation images");
  if (HasAny(front, Of::kInt8Test)) {
    absl::StrAppend(&text, " and ", ImageCounts(front, Of::kInt8Test), " test images");
  }
  return absl::StrCat(text,
                      "; PROOF: the board whose outputs are the host's byte for byte, beside the "
                      "search's figures; BILL: of what was built\n");
}

std::string Legend(const v1::Job& job, const client::Front& front) {
  const bool on_test = job.spec().evaluation().split() == v1::SPLIT_TEST;
  std::string text = absl::StrCat("± one standard error, of ", ImageCounts(front, Of::kSearch),
                                  on_test ? " test images" : " validation images");
  const bool tested = IsTested(front) || HasAny(front, Of::kInt8Test);
  if (IsTested(front))
    absl::StrAppend(&text, " and ", ImageCounts(front, Of::kTest), " test images");
  absl::StrAppend(&text, "\n~ not told apart from the next lower accuracy: less than ",
                  search::kNoiseFactor, " standard errors between them\n");
  if (IsProving(front)) absl::StrAppend(&text, ProofLegend(front));
  if (job.progress().proof().refused() > 0) {
    absl::StrAppend(&text, job.progress().proof().refused(), " left the front: niwaki candidates ",
                    jobfile::ResourceId(job.name()), " says why\n");
  }
  if (IsUnproven(job)) {
    absl::StrAppend(&text, "Not proven as int8 networks: no worker that proves took part\n");
  }
  if (on_test || tested || !front.test_job.empty()) return text;
  return absl::StrCat(text, "The best of many is a lucky one: niwaki front ",
                      jobfile::ResourceId(job.name()),
                      " --test scores these on images that no search has seen\n");
}

std::string Cell(const std::optional<double>& value) {
  return value.has_value() ? absl::StrFormat("%.9g", *value) : "";
}

Json OrNull(const std::optional<double>& value) {
  return value.has_value() ? Json(*value) : Json();
}

std::optional<double> ErrorOf(const v1::Candidate& candidate, Of of, v1::Metric metric) {
  const v1::Score* score = ScoreOf(candidate, of);
  return score == nullptr ? std::nullopt : StandardErrorOf(*score, metric);
}

// Empty where nothing is proven.
std::string ProofCsvCells(const v1::Candidate& candidate) {
  const v1::Proof& proof = candidate.proof();
  const auto share = [](bool known, double value) { return known ? Cell(value) : ""; };
  const bool on_board = proof.has_figures();
  return absl::StrCat(
      share(proof.has_int8_score(), proof.int8_score().top1()), ",",
      Cell(ErrorOf(candidate, Of::kInt8, v1::METRIC_TOP1)), ",",
      share(proof.has_int8_test_score(), proof.int8_test_score().top1()), ",",
      candidate.has_proof() ? v1::ProofState_Name(proof.state()).substr(sizeof("PROOF_STATE_") - 1)
                            : "",
      ",", on_board ? jobfile::ResourceId(proof.figures().board()) : "", ",",
      on_board ? absl::StrCat(proof.figures().count()) : "", ",", proof.figures().bill_digest());
}

}  // namespace

std::vector<v1::Metric> MetricsOf(const v1::JobSpec& spec) {
  std::vector<v1::Metric> metrics;
  for (const int metric : spec.objectives()) metrics.push_back(static_cast<v1::Metric>(metric));
  for (const v1::Constraint& constraint : spec.constraints()) {
    metrics.push_back(constraint.metric());
  }
  return metrics;
}

std::optional<double> StandardErrorOf(const v1::Score& score, v1::Metric metric) {
  if (metric != v1::METRIC_TOP1 && metric != v1::METRIC_TOP5) return std::nullopt;
  return search::StandardError(ShareOf(&score, metric));
}

std::string FrontText(const v1::Job& job, const client::Front& front) {
  const std::vector<v1::Metric> metrics = MetricsOf(job.spec());
  const auto has = [&](v1::Metric metric) {
    return std::find(metrics.begin(), metrics.end(), metric) != metrics.end();
  };
  std::vector<Column> columns = {{"SLOT", Align::kRight}};
  std::vector<std::vector<std::string>> accuracies;
  const auto add = [&](absl::string_view title, Of of, v1::Metric metric) {
    columns.push_back({std::string(title), Align::kRight});
    accuracies.push_back(AccuracyCells(front, of, metric));
  };
  const bool tested = IsTested(front);
  add("TOP-1", Of::kSearch, v1::METRIC_TOP1);
  if (tested) add("TEST TOP-1", Of::kTest, v1::METRIC_TOP1);
  if (HasAny(front, Of::kInt8)) add("INT8 TOP-1", Of::kInt8, v1::METRIC_TOP1);
  if (HasAny(front, Of::kInt8Test)) add("INT8 TEST TOP-1", Of::kInt8Test, v1::METRIC_TOP1);
  if (has(v1::METRIC_TOP5)) {
    add("TOP-5", Of::kSearch, v1::METRIC_TOP5);
    if (tested) add("TEST TOP-5", Of::kTest, v1::METRIC_TOP5);
  }
  const bool loss = has(v1::METRIC_LOSS);
  if (loss) columns.push_back({"LOSS", Align::kRight});
  const bool energy = has(v1::METRIC_ENERGY_MJ);
  for (Column& column : CostColumns(energy)) columns.push_back(std::move(column));
  const bool proving = IsProving(front);
  if (proving) {
    columns.push_back({"PROOF"});
    columns.push_back({"BILL"});
  }
  columns.push_back({"SUBNET"});
  Table table(std::move(columns));
  for (size_t i = 0; i < front.candidates.size(); ++i) {
    const v1::Candidate& candidate = front.candidates[i];
    std::vector<std::string> cells = {absl::StrCat(candidate.slot())};
    for (const auto& column : accuracies) cells.push_back(column[i]);
    if (loss) {
      cells.push_back(jobfile::FormatMetric(v1::METRIC_LOSS, candidate.score().loss()));
    }
    for (std::string& cell : CostCells(candidate.cost(), energy)) cells.push_back(std::move(cell));
    if (proving) {
      cells.push_back(ProofCell(candidate));
      cells.push_back(BillCell(candidate));
    }
    cells.push_back(candidate.subnet_id());
    table.AddRow(std::move(cells));
  }
  return front.candidates.empty() ? table.ToString()
                                  : absl::StrCat(table.ToString(), "\n", Legend(job, front));
}

std::string FrontCsv(const client::Front& front) {
  const std::vector<bool> marks = NoiseMarks(front, Of::kSearch, v1::METRIC_TOP1);
  std::string text = absl::StrCat(
      CandidateCsvTitles(), ",images,top1_standard_error,top5_standard_error,test_top1,test_top5,",
      "test_loss,test_images,test_top1_standard_error,within_noise_of_next,int8_top1,",
      "int8_top1_standard_error,int8_test_top1,proof,board,board_count,bill_digest\r\n");
  for (size_t i = 0; i < front.candidates.size(); ++i) {
    const v1::Candidate& candidate = front.candidates[i];
    const v1::Score* test = ScoreOf(candidate, Of::kTest);
    const auto of_test = [&](double value) { return test == nullptr ? "" : Cell(value); };
    absl::StrAppend(&text, CandidateCsvCells(candidate), ",", candidate.score().images(), ",",
                    Cell(ErrorOf(candidate, Of::kSearch, v1::METRIC_TOP1)), ",",
                    Cell(ErrorOf(candidate, Of::kSearch, v1::METRIC_TOP5)), ",",
                    of_test(candidate.test_score().top1()), ",",
                    of_test(candidate.test_score().top5()), ",",
                    of_test(candidate.test_score().loss()), ",",
                    of_test(static_cast<double>(candidate.test_score().images())), ",",
                    Cell(ErrorOf(candidate, Of::kTest, v1::METRIC_TOP1)), ",", marks[i] ? "1" : "0",
                    ",", ProofCsvCells(candidate), "\r\n");
  }
  return text;
}

Json FrontJson(const v1::Job& job, const client::Front& front) {
  Json json;
  json["job"] = job.name();
  json["etag"] = front.etag;
  json["test_job"] = front.test_job.empty() ? Json() : Json(front.test_job);
  json["noise_factor"] = search::kNoiseFactor;
  json["objectives"] = Json::array();
  for (const v1::Metric metric : front.objectives) {
    json["objectives"].push_back(jobfile::MetricName(metric));
  }
  json["candidates"] = Json::array();
  const std::vector<bool> marks = NoiseMarks(front, Of::kSearch, v1::METRIC_TOP1);
  for (size_t i = 0; i < front.candidates.size(); ++i) {
    const v1::Candidate& candidate = front.candidates[i];
    Json row = MessageToJson(candidate);
    row["top1_standard_error"] = OrNull(ErrorOf(candidate, Of::kSearch, v1::METRIC_TOP1));
    row["top5_standard_error"] = OrNull(ErrorOf(candidate, Of::kSearch, v1::METRIC_TOP5));
    row["test_top1_standard_error"] = OrNull(ErrorOf(candidate, Of::kTest, v1::METRIC_TOP1));
    row["int8_top1_standard_error"] = OrNull(ErrorOf(candidate, Of::kInt8, v1::METRIC_TOP1));
    row["int8_test_top1_standard_error"] =
        OrNull(ErrorOf(candidate, Of::kInt8Test, v1::METRIC_TOP1));
    row["within_noise_of_next"] = static_cast<bool>(marks[i]);
    json["candidates"].push_back(std::move(row));
  }
  return json;
}

}  // namespace niwaki::cli
