// niwaki oracle profile: measures what the latency table does not have yet.

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/time.h"
#include "libs/arch/graph.h"
#include "libs/arch/subnet.h"
#include "libs/base/json.h"
#include "libs/base/range.h"
#include "libs/base/status_macros.h"
#include "libs/base/text/progress_bar.h"
#include "libs/client/board_client.h"
#include "libs/client/oracle_client.h"
#include "libs/jobfile/resource_name.h"
#include "libs/latency/space_operators.h"
#include "services/cli/commands/command.h"
#include "services/cli/commands/oracle/oracle_commands.h"
#include "services/cli/commands/oracle/profile_plan.h"
#include "services/cli/commands/oracle/profile_run.h"
#include "services/cli/commands/space_argument.h"
#include "services/cli/interrupt.h"

namespace niwaki::cli {
namespace {

// Of a firmware's weights; half of a device's flash where that is less.
constexpr int64_t kMaxImageBytes = int64_t{3} << 20;
// After which what is still missing is only said: boards change, or turn out bad.
constexpr int kMaxRounds = 3;
constexpr size_t kShownFailures = 10;

struct ProfileOptions {
  std::string device;
  std::string space;
  std::string job;
  std::string board;
  std::vector<std::string> tags;
  int batch = 256;
  int samples = 2;
  int64_t seed = 1;
  int patience_s = 60;
};

// What came of it, all rounds together.
struct ProfileSummary {
  int64_t operators = 0;
  int64_t there_already = 0;
  int64_t measured = 0;
  // Without figures at the end, though nothing failed: their board turned out bad, or is another
  // one now.
  int64_t missing = 0;
  std::map<OperatorKey, std::string> failed;
  bool stopped = false;
  absl::Duration took;
};

absl::StatusOr<std::vector<latency::EmittedOp>> OperatorsOfJob(Session& session,
                                                               const std::string& argument) {
  NIWAKI_ASSIGN_OR_RETURN(const std::string job, jobfile::ResourceName("jobs", argument, "--job"));
  NIWAKI_ASSIGN_OR_RETURN(const arch::SearchSpace space, ReadSpaceArgument(session, job));
  NIWAKI_ASSIGN_OR_RETURN(const auto coordinator, session.Coordinator());
  latency::OperatorSet operators;
  absl::Status wrong;
  NIWAKI_RETURN_IF_ERROR(coordinator->ForEachCandidate(
      job, v1::CANDIDATE_STATE_UNSPECIFIED, [&](const v1::Candidate& candidate) {
        if (candidate.subnet_json().empty()) return true;
        const auto subnet = arch::SubnetFromJson(space, candidate.subnet_json());
        wrong = subnet.status();
        if (subnet.ok()) operators.Add(arch::BuildGraph(space, *subnet));
        return subnet.ok();
      }));
  NIWAKI_RETURN_IF_ERROR(wrong);
  return operators.operators();
}

absl::StatusOr<std::vector<latency::EmittedOp>> OperatorsOf(Session& session,
                                                            const ProfileOptions& options) {
  if (!options.job.empty()) return OperatorsOfJob(session, options.job);
  if (!options.space.empty()) {
    NIWAKI_ASSIGN_OR_RETURN(const arch::SearchSpace space,
                            ReadSpaceArgument(session, options.space));
    return latency::OperatorsOf(space);
  }
  return InvalidValue("--space", "", "given, or --job");
}

// Those of `operators` that the table does not have from these boards.
absl::StatusOr<std::vector<latency::EmittedOp>> MissingOf(
    client::OracleClient& oracle, const std::string& device, const ProfileBoards& boards,
    const std::vector<latency::EmittedOp>& operators) {
  std::set<OperatorKey> there;
  NIWAKI_RETURN_IF_ERROR(oracle.ForEachLookupEntry(device, 0, [&](const v1::LookupEntry& row) {
    if (IsOfBoards(row, boards)) there.insert({row.signature(), row.form()});
    return true;
  }));
  std::vector<latency::EmittedOp> missing;
  for (const latency::EmittedOp& op : operators) {
    if (there.count(KeyOf(op)) == 0) missing.push_back(op);
  }
  return missing;
}

class Profile {
 public:
  Profile(Session& session, const ProfileOptions& options, client::OracleClient& oracle,
          v1::Device device, std::vector<latency::EmittedOp> operators)
      : session_(session),
        options_(options),
        oracle_(oracle),
        client_(oracle.channel(), session.options().client),
        operators_(std::move(operators)) {
    wish_.device = std::move(device);
    wish_.board = jobfile::InCollection("boards", options.board);
    wish_.tags = options.tags;
  }

  absl::StatusOr<ProfileSummary> Run() {
    const absl::Time begin = session_.options().clock->Now();
    summary_.operators = static_cast<int64_t>(operators_.size());
    NIWAKI_ASSIGN_OR_RETURN(std::vector<latency::EmittedOp> missing, Missing());
    summary_.there_already = summary_.operators - static_cast<int64_t>(missing.size());
    for (int round = 0; round < kMaxRounds && !missing.empty() && !summary_.stopped; ++round) {
      NIWAKI_RETURN_IF_ERROR(Round(std::move(missing)));
      // Another firmware may have come meanwhile, or a board have turned out bad.
      NIWAKI_ASSIGN_OR_RETURN(missing, Missing());
    }
    summary_.missing = static_cast<int64_t>(missing.size());
    summary_.took = session_.options().clock->Now() - begin;
    return std::move(summary_);
  }

 private:
  // Of the boards that are there now, without what has failed.
  absl::StatusOr<std::vector<latency::EmittedOp>> Missing() {
    NIWAKI_ASSIGN_OR_RETURN(const std::vector<v1::Board> all, client_.ListBoards());
    NIWAKI_ASSIGN_OR_RETURN(boards_, ChooseBoards(all, wish_));
    NIWAKI_ASSIGN_OR_RETURN(std::vector<latency::EmittedOp> missing,
                            MissingOf(oracle_, wish_.device.name(), boards_, operators_));
    missing.erase(std::remove_if(missing.begin(), missing.end(),
                                 [this](const latency::EmittedOp& op) {
                                   return summary_.failed.count(KeyOf(op)) > 0;
                                 }),
                  missing.end());
    return missing;
  }

  absl::Status Round(std::vector<latency::EmittedOp> missing) {
    const auto total = static_cast<int64_t>(missing.size());
    const Interrupt interrupt;
    ProgressBar bar(session_.SideProgress("profile"));
    ProfileRunOptions run;
    run.samples = options_.samples;
    run.seed = options_.seed;
    run.patience = absl::Seconds(options_.patience_s);
    run.clock = session_.options().clock;
    run.on_progress = [&](int64_t ended) {
      bar.Update(ended, total, absl::StrCat("on ", boards_.names.size(), " boards"));
    };
    run.stopping = [&interrupt] { return interrupt.requested(); };
    int64_t image = kMaxImageBytes;
    if (wish_.device.flash_bytes() > 0 && boards_.provenance == v1::PROVENANCE_MEASURED) {
      image = std::min(image, wish_.device.flash_bytes() / 2);
    }
    // So many batches that all boards have some.
    const int64_t boards = static_cast<int64_t>(boards_.names.size());
    const int batch =
        static_cast<int>(std::clamp<int64_t>((total + boards - 1) / boards, 1, options_.batch));
    const auto outcome =
        RunProfile(client_, boards_, BatchesOf(std::move(missing), batch, image), run);
    bar.Finish();
    NIWAKI_RETURN_IF_ERROR(outcome.status());
    summary_.measured += outcome->measured;
    summary_.failed.insert(outcome->failed.begin(), outcome->failed.end());
    summary_.stopped = outcome->stopped;
    return absl::OkStatus();
  }

  Session& session_;
  const ProfileOptions& options_;
  client::OracleClient& oracle_;
  client::BoardClient client_;
  const std::vector<latency::EmittedOp> operators_;
  ProfileWish wish_;
  ProfileBoards boards_;
  ProfileSummary summary_;
};

double RateOf(const ProfileSummary& summary) {
  const double seconds = absl::ToDoubleSeconds(summary.took);
  return seconds > 0 ? static_cast<double>(summary.measured) / seconds : 0;
}

Json ToJson(const ProfileSummary& summary) {
  Json failed = Json::array();
  for (const auto& [key, why] : summary.failed) {
    failed.push_back(Json{{"signature", key.first}, {"form", key.second}, {"problem", why}});
  }
  return Json{{"operators", summary.operators},
              {"there_already", summary.there_already},
              {"measured", summary.measured},
              {"failed", std::move(failed)},
              {"missing", summary.missing},
              {"seconds", absl::ToDoubleSeconds(summary.took)},
              {"operators_per_second", RateOf(summary)}};
}

std::string ToText(const ProfileSummary& summary) {
  std::string text =
      absl::StrFormat("%d operators: %d measured in %s (%.1f/s), %d were there already, %d failed",
                      summary.operators, summary.measured, FormatSeconds(summary.took),
                      RateOf(summary), summary.there_already, summary.failed.size());
  if (summary.missing > 0) absl::StrAppend(&text, ", ", summary.missing, " are missing");
  text += "\n";
  size_t shown = 0;
  for (const auto& [key, why] : summary.failed) {
    if (shown++ == kShownFailures) {
      absl::StrAppend(&text, "  and ", summary.failed.size() - kShownFailures,
                      " more (--output json has all)\n");
      break;
    }
    absl::StrAppend(&text, "  ", key.first, ", ", key.second, ": ", why, "\n");
  }
  return text;
}

absl::Status RunProfileCommand(Session& session, const ProfileOptions& options) {
  NIWAKI_ASSIGN_OR_RETURN(const std::string device,
                          jobfile::ResourceName("devices", options.device, "--device"));
  NIWAKI_ASSIGN_OR_RETURN(client::OracleClient* const oracle, session.Oracle());
  NIWAKI_ASSIGN_OR_RETURN(const v1::GetDeviceResponse found, oracle->GetDevice(device));
  NIWAKI_ASSIGN_OR_RETURN(std::vector<latency::EmittedOp> operators, OperatorsOf(session, options));
  NIWAKI_ASSIGN_OR_RETURN(
      const ProfileSummary summary,
      Profile(session, options, *oracle, found.device(), std::move(operators)).Run());
  if (session.json()) {
    session.PrintJson(ToJson(summary));
  } else {
    session.out() << ToText(summary);
  }
  if (!summary.stopped) return absl::OkStatus();
  return absl::CancelledError("stopped; what is measured is in the table: run it again to go on");
}

}  // namespace

void AddProfileCommand(CLI::App& oracle, Session& session) {
  auto options = std::make_shared<ProfileOptions>();
  CLI::App* profile = AddSubcommand(
      oracle, "profile",
      "Measure the operators of a space's networks, or of a job's candidates, for the latency\n"
      "table: each distinct one that the table does not have from these boards, firmware and\n"
      "engine, many to a firmware image, every output compared with this machine's. Goes on where\n"
      "it was stopped; spaces share what they have in common.",
      "niwaki oracle profile --device stm32f746 --space kws\n"
      "  niwaki oracle profile --device stm32f746 --job words\n"
      "  niwaki oracle profile --device stm32h743 --space mcunet --tag bench --output json");
  profile->add_option("--device", options->device, "Whose table is filled (niwaki devices)")
      ->required();
  auto* space = profile->add_option("--space", options->space,
                                    "Every operator of this space: name, file, supernets/NAME");
  profile->add_option("--job", options->job, "The operators of this job's candidates")
      ->excludes(space);
  profile->add_option("--board", options->board, "On this board alone");
  profile->add_option("--tag,--tags", options->tags, "That boards must have; may be given again");
  profile->add_option("--batch", options->batch, "Operators in one firmware at most")
      ->check(CLI::Range(1, 512))
      ->capture_default_str();
  profile->add_option("--samples", options->samples, "Runs of each, on inputs of their own")
      ->check(CLI::Range(1, 64))
      ->capture_default_str();
  profile->add_option("--seed", options->seed, "Of weights and inputs")->capture_default_str();
  profile
      ->add_option("--patience", options->patience_s,
                   "Seconds to wait where no board is there any more")
      ->check(CLI::Range(1, 86400))
      ->capture_default_str();
  SetAction(profile, session, options, RunProfileCommand);
}

}  // namespace niwaki::cli
