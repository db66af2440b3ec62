#include "services/cli/show/worker_text.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "libs/jobfile/resource_name.h"

namespace niwaki::cli {
namespace {

constexpr char kPrefix[] = "WORKER_STATE_";

}  // namespace

std::string StateName(v1::WorkerState state) {
  const std::string name = v1::WorkerState_Name(state);
  return name.rfind(kPrefix, 0) == 0 ? name.substr(sizeof(kPrefix) - 1) : name;
}

std::string AgeText(const google::protobuf::Timestamp* time, absl::Time now) {
  if (time == nullptr) return "-";
  const absl::Time then = absl::FromUnixSeconds(time->seconds()) + absl::Nanoseconds(time->nanos());
  // The clocks of two machines may differ.
  const int64_t seconds = std::max<int64_t>(0, absl::ToInt64Seconds(now - then));
  if (seconds < 60) return absl::StrCat(seconds, " s");
  if (seconds < 3600) return absl::StrCat(seconds / 60, " min");
  if (seconds < 86400) return absl::StrCat(seconds / 3600, " h");
  return absl::StrCat(seconds / 86400, " d");
}

Table WorkerTable(const std::vector<v1::Worker>& workers, absl::Time now) {
  Table table({{"WORKER"},
               {"STATE"},
               {"SINCE", Align::kRight},
               {"LAST CALL", Align::kRight},
               {"PRECISION"},
               {"HELD", Align::kRight},
               {"RUNNING", Align::kRight},
               {"SCORED", Align::kRight},
               {"FAILED", Align::kRight},
               {"LOST", Align::kRight}});
  for (const v1::Worker& worker : workers) {
    table.AddRow({jobfile::ResourceId(worker.name()), StateName(worker.state()),
                  AgeText(worker.has_state_time() ? &worker.state_time() : nullptr, now),
                  AgeText(worker.has_last_seen_time() ? &worker.last_seen_time() : nullptr, now),
                  worker.precision().empty() ? "-" : worker.precision(),
                  absl::StrCat(worker.held()), absl::StrCat(worker.running()),
                  absl::StrCat(worker.scored()), absl::StrCat(worker.failed()),
                  absl::StrCat(worker.lost())});
  }
  return table;
}

std::string TroubleNotes(const std::vector<v1::Worker>& workers) {
  std::string text;
  for (const v1::Worker& worker : workers) {
    if (worker.trouble().empty()) continue;
    absl::StrAppend(&text, jobfile::ResourceId(worker.name()), " ended: ", worker.trouble(), "\n");
  }
  return text;
}

std::string DrainNote(const v1::Worker& worker) {
  const std::string is = absl::StrCat(worker.name(), " is ", StateName(worker.state()));
  switch (worker.state()) {
    case v1::WORKER_STATE_DRAINING:
      return absl::StrCat(is, ": it finishes the ", worker.held(), " candidates that it holds");
    case v1::WORKER_STATE_DRAINED:
      return absl::StrCat(is, ": it holds nothing");
    case v1::WORKER_STATE_GONE:
      return absl::StrCat(is, ": the next one under its name is given candidates again");
    default:
      return absl::StrCat(is, ": it is given candidates");
  }
}

}  // namespace niwaki::cli
