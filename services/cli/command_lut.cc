// niwaki lut put FILE | list

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "libs/base/file.h"
#include "libs/base/json.h"
#include "libs/base/progress_bar.h"
#include "libs/base/status_macros.h"
#include "services/cli/command.h"
#include "services/cli/commands.h"
#include "services/cli/cost_text.h"
#include "services/cli/lut_file.h"
#include "services/cli/proto_json.h"
#include "services/cli/resource_name.h"
#include "services/cli/table.h"

namespace niwaki::cli {
namespace {

// The most that one request may carry (oracle_service.proto).
constexpr size_t kBatch = 4096;
constexpr int64_t kMaxFileBytes = int64_t{1} << 30;

struct PutOptions {
  std::string file;
};

struct ListOptions {
  std::string device;
  int64_t limit = 0;
  bool csv = false;
};

absl::Status RunPut(Session& session, const PutOptions& options) {
  NIWAKI_ASSIGN_OR_RETURN(const std::string text, ReadFile(options.file, kMaxFileBytes));
  NIWAKI_ASSIGN_OR_RETURN(const std::vector<v1::LookupEntry> entries,
                          ParseLutFile(text, options.file));
  NIWAKI_ASSIGN_OR_RETURN(client::OracleClient* const oracle, session.Oracle());
  int64_t version = 0;
  ProgressOptions progress = session.SideProgress("lut");
  if (entries.size() <= kBatch) progress.style = ProgressStyle::kNone;
  ProgressBar bar(progress);
  for (size_t begin = 0; begin < entries.size(); begin += kBatch) {
    const size_t end = std::min(entries.size(), begin + kBatch);
    NIWAKI_ASSIGN_OR_RETURN(
        version, oracle->PutLookupEntries({entries.begin() + begin, entries.begin() + end}));
    bar.Update(end, entries.size());
  }
  bar.Finish();
  if (session.json()) {
    session.PrintJson(Json{{"entries", entries.size()}, {"table_version", version}});
  } else {
    session.out() << entries.size() << " entries written, table version " << version << "\n";
  }
  return absl::OkStatus();
}

Table EntryTable(const std::vector<v1::LookupEntry>& entries) {
  Table table({{"DEVICE"},
               {"LATENCY_US", Align::kRight},
               {"SPREAD_US", Align::kRight},
               {"RUNS", Align::kRight},
               {"PROVENANCE"},
               {"SOURCE"},
               {"SIGNATURE"}});
  for (const v1::LookupEntry& entry : entries) {
    table.AddRow({ResourceId(entry.device()), absl::StrFormat("%.2f", entry.latency_us()),
                  absl::StrFormat("%.2f", entry.spread_us()), absl::StrCat(entry.count()),
                  ProvenanceName(entry.provenance()), entry.source(), entry.signature()});
  }
  return table;
}

absl::Status RunList(Session& session, const ListOptions& options) {
  std::string device;
  if (!options.device.empty()) {
    NIWAKI_ASSIGN_OR_RETURN(device, ResourceName("devices", options.device, "--device"));
  }
  NIWAKI_ASSIGN_OR_RETURN(client::OracleClient* const oracle, session.Oracle());
  std::vector<v1::LookupEntry> entries;
  NIWAKI_RETURN_IF_ERROR(oracle->ForEachLookupEntry(device, [&](const v1::LookupEntry& entry) {
    entries.push_back(entry);
    return options.limit <= 0 || static_cast<int64_t>(entries.size()) < options.limit;
  }));
  if (options.csv) {
    session.out() << LutToCsv(entries);
  } else if (session.json()) {
    Json list = Json::array();
    for (const v1::LookupEntry& entry : entries) list.push_back(MessageToJson(entry));
    session.PrintJson(Json{{"entries", std::move(list)}});
  } else {
    session.out() << EntryTable(entries).ToString();
  }
  return absl::OkStatus();
}

}  // namespace

void AddLutCommand(CLI::App& app, Session& session) {
  CLI::App* lut =
      AddSubcommand(app, "lut", "The oracle's latency table", "niwaki lut list --device stm32f746");
  lut->require_subcommand(1);

  auto put_options = std::make_shared<PutOptions>();
  CLI::App* put = AddSubcommand(*lut, "put", "Write entries from a CSV or JSON file",
                                "niwaki lut put measured.csv");
  put->add_option("file", put_options->file,
                  "Fields: device, signature, latency_us, provenance, spread_us, count, source")
      ->required();
  SetAction(put, session, put_options, RunPut);

  auto list_options = std::make_shared<ListOptions>();
  CLI::App* list = AddSubcommand(*lut, "list", "List entries by device and signature",
                                 "niwaki lut list --device stm32f746 --csv > lut.csv");
  list->add_option("--device", list_options->device, "Only this device");
  list->add_option("--limit", list_options->limit, "At most this many; 0 for all")
      ->check(CLI::NonNegativeNumber);
  list->add_flag("--csv", list_options->csv, "Print CSV, as put reads it");
  SetAction(list, session, list_options, RunList);
}

}  // namespace niwaki::cli
