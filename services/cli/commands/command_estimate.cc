// niwaki estimate --space NAME --device NAME --subnet SUBNET…

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "libs/arch/catalogue.h"
#include "libs/arch/space.h"
#include "libs/arch/subnet.h"
#include "libs/arch/subnets/subnet_argument.h"
#include "libs/base/error.h"
#include "libs/base/json.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"
#include "libs/base/text/progress_bar.h"
#include "libs/jobfile/resource_name.h"
#include "services/cli/arch_message.h"
#include "services/cli/commands/command.h"
#include "services/cli/commands/commands.h"
#include "services/cli/show/cost_text.h"
#include "services/cli/show/proto_json.h"
#include "services/cli/show/table.h"
#include "services/program/argument_checks.h"

namespace niwaki::cli {
namespace {

// The most that one request may carry (oracle_service.proto).
constexpr size_t kBatch = 4096;

struct EstimateOptions {
  std::string space;
  std::string device;
  std::vector<std::string> subnets;
  std::string file;
  int64_t table_version = 0;
};

absl::StatusOr<std::vector<arch::Subnet>> ReadSubnets(const arch::SearchSpace& space,
                                                      const EstimateOptions& options) {
  std::vector<arch::Subnet> subnets;
  for (const std::string& text : options.subnets) {
    NIWAKI_ASSIGN_OR_RETURN(arch::Subnet subnet, arch::ReadSubnetArgument(space, text));
    subnets.push_back(std::move(subnet));
  }
  if (!options.file.empty()) {
    NIWAKI_ASSIGN_OR_RETURN(const std::vector<arch::Subnet> more,
                            arch::ReadSubnetFile(space, options.file));
    subnets.insert(subnets.end(), more.begin(), more.end());
  }
  if (!subnets.empty()) return subnets;
  return Error(absl::StatusCode::kInvalidArgument, reason::kArgumentInvalid)
      .Field("--subnet")
      .Limit("at least one")
      .Message("no subnet given: use --subnet or --file");
}

absl::StatusOr<v1::EstimateCostsResponse> EstimateAll(Session& session,
                                                      const arch::SearchSpace& space,
                                                      const std::string& device,
                                                      const std::vector<arch::Subnet>& subnets,
                                                      int64_t table_version) {
  NIWAKI_ASSIGN_OR_RETURN(client::OracleClient* const oracle, session.Oracle());
  v1::EstimateCostsResponse all;
  const size_t total = subnets.size();
  ProgressOptions progress = session.SideProgress("estimate");
  if (total <= kBatch) progress.style = ProgressStyle::kNone;
  ProgressBar bar(progress);
  for (size_t begin = 0; begin < total; begin += kBatch) {
    const size_t end = std::min(total, begin + kBatch);
    v1::EstimateCostsRequest request =
        MakeEstimateRequest(space, device, {subnets.begin() + begin, subnets.begin() + end});
    // All batches of one version.
    request.set_table_version(begin == 0 ? table_version : all.table_version());
    NIWAKI_ASSIGN_OR_RETURN(const v1::EstimateCostsResponse response,
                            oracle->EstimateCosts(request));
    all.mutable_costs()->MergeFrom(response.costs());
    all.set_table_version(response.table_version());
    bar.Update(end, total);
  }
  bar.Finish();
  return all;
}

absl::Status RunEstimate(Session& session, const EstimateOptions& options) {
  NIWAKI_ASSIGN_OR_RETURN(const arch::SearchSpace space, arch::LoadSpace(options.space));
  NIWAKI_ASSIGN_OR_RETURN(const std::string device,
                          jobfile::ResourceName("devices", options.device, "--device"));
  NIWAKI_ASSIGN_OR_RETURN(const std::vector<arch::Subnet> subnets, ReadSubnets(space, options));
  NIWAKI_ASSIGN_OR_RETURN(const v1::EstimateCostsResponse response,
                          EstimateAll(session, space, device, subnets, options.table_version));
  std::vector<Column> columns = {{"#", Align::kRight}};
  for (const Column& column : CostColumns(/*with_energy=*/true)) columns.push_back(column);
  columns.push_back({"SUBNET"});
  Table table(std::move(columns));
  Json list = Json::array();
  for (int i = 0; i < response.costs_size(); ++i) {
    const std::string id = arch::IdOf(space, subnets[i]).ToHex();
    if (session.json()) {
      Json entry;
      entry["subnet_id"] = id;
      entry["subnet_json"] = arch::ToJson(space, subnets[i]);
      entry["cost"] = MessageToJson(response.costs(i));
      list.push_back(std::move(entry));
      continue;
    }
    std::vector<std::string> cells = {absl::StrCat(i + 1)};
    for (std::string& cell : CostCells(response.costs(i), /*with_energy=*/true)) {
      cells.push_back(std::move(cell));
    }
    cells.push_back(id);
    table.AddRow(std::move(cells));
  }
  if (session.json()) {
    session.PrintJson(
        Json{{"estimates", std::move(list)}, {"table_version", response.table_version()}});
  } else {
    session.out() << table.ToString() << UnknownNotes(response.costs());
  }
  return absl::OkStatus();
}

}  // namespace

void AddEstimateCommand(CLI::App& app, Session& session) {
  auto options = std::make_shared<EstimateOptions>();
  CLI::App* estimate =
      AddSubcommand(app, "estimate", "Ask the oracle what networks cost on a device",
                    "niwaki estimate --space kws --device stm32f746 --subnet min --subnet max\n"
                    "  niwaki estimate --space kws --device stm32f746 --file subnets.jsonl");
  estimate->add_option("--space", options->space, "Catalogue name, or path of a textproto file")
      ->required();
  estimate->add_option("--device", options->device, "The device")->required();
  estimate
      ->add_option("--subnet", options->subnets, "min, max, OFA's JSON or @FILE; may be repeated")
      ->expected(1)
      ->take_all();
  estimate->add_option("--file", options->file, "File with one subnet in JSON for each line");
  estimate
      ->add_option("--table-version", options->table_version,
                   "By this version of the oracle's latency table; 0 for the newest")
      ->check(program::FromZero());
  SetAction(estimate, session, options, RunEstimate);
}

}  // namespace niwaki::cli
