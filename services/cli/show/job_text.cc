#include "services/cli/show/job_text.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/time/time.h"
#include "libs/jobfile/metric.h"
#include "libs/jobfile/resource_name.h"
#include "services/cli/show/cost_text.h"

namespace niwaki::cli {
namespace {

constexpr v1::Metric kCsvMetrics[] = {
    v1::METRIC_TOP1,       v1::METRIC_TOP5,        v1::METRIC_LOSS,
    v1::METRIC_SRAM_BYTES, v1::METRIC_FLASH_BYTES, v1::METRIC_LATENCY_US,
    v1::METRIC_ENERGY_MJ,  v1::METRIC_MACS,        v1::METRIC_PARAMS};

std::string WithoutPrefix(const std::string& name, size_t prefix) {
  return name.size() > prefix ? name.substr(prefix) : "?";
}

std::string ScoreCell(const v1::Candidate& candidate, v1::Metric metric) {
  return candidate.has_score()
             ? jobfile::FormatMetric(metric, *jobfile::MetricValue(candidate, metric))
             : "";
}

// Why it is infeasible, failed, or not on the front though its score is good.
std::string ReasonOf(const v1::Candidate& candidate) {
  const v1::Proof& proof = candidate.proof();
  if (!candidate.state_reason().empty() || proof.state() != v1::PROOF_STATE_REFUSED) {
    return candidate.state_reason();
  }
  return absl::StrCat("left the front: ", proof.reason());
}

// Whether a job that is not over says why nothing moves.
bool StandsStill(const v1::Job& job) { return !job.has_end_time() && !job.state_reason().empty(); }

bool FailedFor(const v1::Job& job) {
  return job.state() == v1::JOB_STATE_FAILED && !job.state_reason().empty();
}

std::string Number(double value) { return absl::StrFormat("%.9g", value); }

std::string Quoted(const std::string& text) {
  return absl::StrCat("\"", absl::StrReplaceAll(text, {{"\"", "\"\""}}), "\"");
}

}  // namespace

std::string StateName(v1::JobState state) {
  return WithoutPrefix(v1::JobState_Name(state), sizeof("JOB_STATE_") - 1);
}

std::string StateName(v1::CandidateState state) {
  return WithoutPrefix(v1::CandidateState_Name(state), sizeof("CANDIDATE_STATE_") - 1);
}

int64_t DoneSlots(const v1::JobProgress& progress) {
  return progress.scored() + progress.infeasible() + progress.failed();
}

int64_t AllSlots(const v1::Job& job) {
  return job.spec().max_candidates() + job.progress().proof().extra_slots();
}

std::string ProofNote(const v1::Job& job) {
  if (!job.progress().has_proof()) return "";
  const v1::ProofProgress& proof = job.progress().proof();
  const int64_t under_way =
      proof.pending() + proof.leased() + proof.quantised() + proof.measuring();
  if (under_way == 0 || job.has_end_time()) {
    std::string text = absl::StrCat(proof.proven(), " proven");
    if (proof.refused() > 0) absl::StrAppend(&text, ", ", proof.refused(), " left the front");
    return text;
  }
  std::vector<std::string> where;
  if (proof.pending() > 0) where.push_back(absl::StrCat(proof.pending(), " waiting"));
  if (proof.leased() > 0) where.push_back(absl::StrCat(proof.leased(), " with a worker"));
  if (proof.quantised() > 0) where.push_back(absl::StrCat(proof.quantised(), " made int8"));
  if (proof.measuring() > 0) where.push_back(absl::StrCat(proof.measuring(), " being measured"));
  return absl::StrCat("proving ", under_way, " of ",
                      under_way + proof.proven() + proof.failed() + proof.refused(), " (",
                      absl::StrJoin(where, ", "), ")");
}

std::string ProofLines(const v1::Proof& proof) {
  if (proof.state() == v1::PROOF_STATE_UNSPECIFIED) return "";
  std::string text = absl::StrCat(
      "proof    ", WithoutPrefix(v1::ProofState_Name(proof.state()), sizeof("PROOF_STATE_") - 1),
      proof.reason().empty() ? "" : ": ", proof.reason(), "\n");
  if (!proof.int8_digest().empty()) {
    absl::StrAppend(&text, "int8     ",
                    jobfile::FormatMetric(v1::METRIC_TOP1, proof.int8_score().top1()), " of ",
                    proof.int8_score().images(), " images, network ", proof.int8_digest(), "\n");
  }
  if (!proof.has_figures()) return text;
  const v1::BoardFigures& figures = proof.figures();
  absl::StrAppend(&text, "board    ", jobfile::ResourceId(figures.board()), " (",
                  ProvenanceName(figures.provenance()), "): ", figures.count(), " ", figures.unit(),
                  ", arena ", figures.arena_bytes(), " B, flash as linked ", figures.flash_bytes(),
                  " B, ", figures.inputs(), " outputs equal the host's; bill of materials ",
                  figures.bill_digest(), "\n");
  return text;
}

std::string ProgressNote(const v1::Job& job) {
  const v1::JobProgress& progress = job.progress();
  std::vector<std::string> parts = {absl::StrCat("front ", progress.front_size())};
  if (progress.infeasible() > 0) {
    parts.push_back(absl::StrCat(progress.infeasible(), " infeasible"));
  }
  if (progress.failed() > 0) parts.push_back(absl::StrCat(progress.failed(), " failed"));
  if (progress.rejected() > 0) parts.push_back(absl::StrCat(progress.rejected(), " rejected"));
  if (const std::string proof = ProofNote(job); !proof.empty()) parts.push_back(proof);
  if (job.state() != v1::JOB_STATE_RUNNING) parts.push_back(StateName(job.state()));
  if (StandsStill(job)) parts.push_back(job.state_reason());
  return absl::StrJoin(parts, ", ");
}

std::string JobSummary(const v1::Job& job) {
  const v1::JobProgress& progress = job.progress();
  std::string text = absl::StrCat(
      job.name(), " ", StateName(job.state()), ": ", progress.scored(), " scored, ",
      progress.infeasible(), " infeasible, ", progress.failed(), " failed; ", progress.front_size(),
      progress.front_size() == 1 ? " network" : " networks", " on the front");
  if (const std::string proof = ProofNote(job); !proof.empty()) {
    absl::StrAppend(&text, "; ", proof);
  }
  if (!job.state_reason().empty()) absl::StrAppend(&text, " (", job.state_reason(), ")");
  return text;
}

std::string LimitsText(const google::protobuf::RepeatedPtrField<v1::Constraint>& limits) {
  std::vector<std::string> texts;
  for (const v1::Constraint& limit : limits) {
    texts.push_back(absl::StrCat(jobfile::MetricTitle(limit.metric()), " ",
                                 jobfile::FormatMetric(limit.metric(), limit.max())));
  }
  return absl::StrJoin(texts, ", ");
}

std::string DeviceLimitsNote(const v1::JobSpec& asked, const v1::JobSpec& resolved) {
  std::vector<std::string> limits;
  for (const v1::Constraint& constraint : resolved.constraints()) {
    const bool own = std::any_of(
        asked.constraints().begin(), asked.constraints().end(),
        [&](const v1::Constraint& other) { return other.metric() == constraint.metric(); });
    if (own) continue;
    limits.push_back(absl::StrCat(jobfile::MetricTitle(constraint.metric()), " of ",
                                  jobfile::FormatMetric(constraint.metric(), constraint.max())));
  }
  return limits.empty() ? "" : absl::StrCat("within the device's ", absl::StrJoin(limits, " and "));
}

Table JobTable(const std::vector<v1::Job>& jobs) {
  Table table({{"JOB"},
               {"STATE"},
               {"DONE", Align::kRight},
               {"FRONT", Align::kRight},
               {"SUPERNET"},
               {"DEVICE"},
               {"PRECISION"},
               {"CREATED"},
               {"NAME"}});
  for (const v1::Job& job : jobs) {
    const absl::Time created = absl::FromUnixSeconds(job.create_time().seconds());
    table.AddRow({jobfile::ResourceId(job.name()), StateName(job.state()),
                  absl::StrCat(DoneSlots(job.progress()), "/", AllSlots(job)),
                  absl::StrCat(job.progress().front_size()),
                  jobfile::ResourceId(job.spec().supernet()),
                  jobfile::ResourceId(job.spec().device()), job.spec().evaluation().precision(),
                  absl::FormatTime("%Y-%m-%d %H:%M:%S", created, absl::LocalTimeZone()),
                  job.spec().display_name()});
  }
  return table;
}

std::string StandstillNotes(const std::vector<v1::Job>& jobs) {
  std::string text;
  for (const v1::Job& job : jobs) {
    if (StandsStill(job) || FailedFor(job)) {
      absl::StrAppend(&text, jobfile::ResourceId(job.name()), ": ", job.state_reason(), "\n");
    }
  }
  return text;
}

Table CandidateTable(const std::vector<v1::Candidate>& candidates, bool with_state,
                     const std::vector<v1::Metric>& metrics) {
  const auto has = [&](v1::Metric metric) {
    return std::find(metrics.begin(), metrics.end(), metric) != metrics.end();
  };
  const bool energy = has(v1::METRIC_ENERGY_MJ);
  std::vector<v1::Metric> scores = {v1::METRIC_TOP1};
  std::vector<Column> columns = {{"SLOT", Align::kRight}};
  if (with_state) columns.push_back({"STATE"});
  columns.push_back({"TOP-1", Align::kRight});
  for (const auto& [metric, title] :
       {std::make_pair(v1::METRIC_TOP5, "TOP-5"), {v1::METRIC_LOSS, "LOSS"}}) {
    if (!has(metric)) continue;
    scores.push_back(metric);
    columns.push_back({title, Align::kRight});
  }
  for (const Column& column : CostColumns(energy)) columns.push_back(column);
  columns.push_back({"SUBNET"});
  const bool reasons =
      with_state && std::any_of(candidates.begin(), candidates.end(),
                                [](const auto& candidate) { return !ReasonOf(candidate).empty(); });
  if (reasons) columns.push_back({"REASON"});
  Table table(std::move(columns));
  for (const v1::Candidate& candidate : candidates) {
    std::vector<std::string> cells = {absl::StrCat(candidate.slot())};
    if (with_state) cells.push_back(StateName(candidate.state()));
    for (const v1::Metric metric : scores) cells.push_back(ScoreCell(candidate, metric));
    for (std::string& cell : CostCells(candidate.cost(), energy)) {
      cells.push_back(candidate.has_cost() ? std::move(cell) : "");
    }
    cells.push_back(candidate.subnet_id());
    if (reasons) cells.push_back(ReasonOf(candidate));
    table.AddRow(std::move(cells));
  }
  return table;
}

std::string CandidateCsvTitles() {
  std::string text = "slot,state,subnet_id";
  for (v1::Metric metric : kCsvMetrics) absl::StrAppend(&text, ",", jobfile::MetricName(metric));
  return absl::StrCat(text, ",latency_source,subnet,schedule");
}

std::string CandidateCsvCells(const v1::Candidate& candidate) {
  std::string text =
      absl::StrCat(candidate.slot(), ",", StateName(candidate.state()), ",", candidate.subnet_id());
  for (v1::Metric metric : kCsvMetrics) {
    const auto value = jobfile::MetricValue(candidate, metric);
    absl::StrAppend(&text, ",", value.has_value() ? Number(*value) : "");
  }
  return absl::StrCat(text, ",", ProvenanceName(candidate.cost().latency_us().provenance()), ",",
                      Quoted(candidate.subnet_json()), ",", candidate.cost().schedule());
}

std::string CandidateCsv(const std::vector<v1::Candidate>& candidates) {
  std::string text = absl::StrCat(CandidateCsvTitles(), ",reason\r\n");
  for (const v1::Candidate& candidate : candidates) {
    const std::string reason = ReasonOf(candidate);
    absl::StrAppend(&text, CandidateCsvCells(candidate), ",", reason.empty() ? "" : Quoted(reason),
                    "\r\n");
  }
  return text;
}

}  // namespace niwaki::cli
