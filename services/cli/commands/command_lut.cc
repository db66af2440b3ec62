// niwaki lut put FILE | import FILE... --device NAME | export PATH --device NAME | list

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "google/protobuf/text_format.h"
#include "libs/arch/catalogue.h"
#include "libs/base/error.h"
#include "libs/base/file.h"
#include "libs/base/json.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"
#include "libs/base/text/progress_bar.h"
#include "libs/base/text/text_file.h"
#include "libs/interchange/ofa/latency_table.h"
#include "libs/jobfile/resource_name.h"
#include "libs/latency/block_signature.h"
#include "libs/latency/space_table.h"
#include "services/cli/commands/command.h"
#include "services/cli/commands/commands.h"
#include "services/cli/input/lut_file.h"
#include "services/cli/input/ofa_files.h"
#include "services/cli/show/cost_text.h"
#include "services/cli/show/proto_json.h"
#include "services/cli/show/table.h"
#include "services/program/argument_checks.h"

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
  int64_t table_version = 0;
  bool csv = false;
};

struct ImportOptions {
  std::vector<std::string> files;
  std::string device;
  std::string device_file;
  std::string space;
};

struct ExportOptions {
  std::string path;
  std::string device;
  std::string format = "csv";
  int64_t table_version = 0;
};

bool IsCsv(const std::string& path) { return absl::EndsWith(path, ".csv"); }

// Writes `entries` in batches and says how many there were.
absl::Status PutEntries(Session& session, const std::vector<v1::LookupEntry>& entries) {
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

absl::Status RunPut(Session& session, const PutOptions& options) {
  NIWAKI_ASSIGN_OR_RETURN(const std::string text, ReadTextFile(options.file, kMaxFileBytes));
  NIWAKI_ASSIGN_OR_RETURN(const std::vector<v1::LookupEntry> entries,
                          ParseLutFile(text, options.file));
  return PutEntries(session, entries);
}

// That the table has every part of every network of the space, at each resolution it is for.
absl::Status CheckCovers(const std::string& space_name, const latency::BlockLatencies& latencies) {
  NIWAKI_ASSIGN_OR_RETURN(const arch::SearchSpace space, arch::LoadSpace(space_name));
  NIWAKI_ASSIGN_OR_RETURN(const arch::SearchSpace covered,
                          interchange::CoveredSpace(space, latencies));
  return interchange::SpaceTableOf(covered, latencies).status();
}

// Adds the device of a textproto file under the name that the command line gives; the file gives
// the same or none.
absl::Status PutDevice(Session& session, const std::string& name, const std::string& file) {
  NIWAKI_ASSIGN_OR_RETURN(const std::string text, ReadTextFile(file, kMaxFileBytes));
  v1::Device device;
  if (!google::protobuf::TextFormat::ParseFromString(text, &device)) {
    return Error(absl::StatusCode::kInvalidArgument, reason::kFileMalformed)
        .Field("--device-file")
        .Value(file)
        .Limit("textproto of niwaki.v1.Device")
        .Message(absl::StrCat(file, " is not the textproto of a device"));
  }
  // Where the file names its device, that is the one that is meant.
  const std::string id = jobfile::ResourceId(name);
  if (!device.name().empty() && device.name() != id && device.name() != name) {
    return Error(absl::StatusCode::kInvalidArgument, reason::kArgumentInvalid)
        .Field("--device")
        .Value(id)
        .Limit(device.name())
        .Message(absl::StrCat("--device says '", id, "', but ", file, " is of the device '",
                              device.name(), "': make both the same"));
  }
  device.set_name(name);
  NIWAKI_ASSIGN_OR_RETURN(client::OracleClient* const oracle, session.Oracle());
  return oracle->PutDevice(device).status();
}

// Files that put reads, whose rows say their device: it must be the one that is meant.
absl::Status ImportCsv(Session& session, const ImportOptions& options, const std::string& device) {
  std::vector<v1::LookupEntry> entries;
  for (const std::string& file : options.files) {
    NIWAKI_ASSIGN_OR_RETURN(const std::string text, ReadTextFile(file, kMaxFileBytes));
    NIWAKI_ASSIGN_OR_RETURN(const std::vector<v1::LookupEntry> read, ParseLutFile(text, file));
    for (const v1::LookupEntry& entry : read) {
      if (entry.device() == device) {
        entries.push_back(entry);
        continue;
      }
      return Error(absl::StatusCode::kInvalidArgument, reason::kArgumentInvalid)
          .Field("--device")
          .Value(jobfile::ResourceId(device))
          .Limit(jobfile::ResourceId(entry.device()))
          .Message(absl::StrCat(file, " has rows of '", jobfile::ResourceId(entry.device()),
                                "': niwaki lut put writes rows of any device"));
    }
  }
  return PutEntries(session, entries);
}

absl::Status RunImport(Session& session, const ImportOptions& options) {
  NIWAKI_ASSIGN_OR_RETURN(const std::string device,
                          jobfile::ResourceName("devices", options.device, "--device"));
  if (std::all_of(options.files.begin(), options.files.end(), IsCsv)) {
    return ImportCsv(session, options, device);
  }
  NIWAKI_ASSIGN_OR_RETURN(const std::vector<interchange::OfaEntry> table,
                          ReadOfaFiles(options.files));
  if (!options.space.empty()) {
    NIWAKI_RETURN_IF_ERROR(CheckCovers(options.space, interchange::LatenciesOf(table)));
  }
  if (!options.device_file.empty()) {
    NIWAKI_RETURN_IF_ERROR(PutDevice(session, device, options.device_file));
  }
  std::vector<v1::LookupEntry> entries;
  for (const interchange::OfaEntry& one : table) {
    v1::LookupEntry& entry = entries.emplace_back();
    entry.set_device(device);
    entry.set_signature(one.signature.ToText());
    entry.set_latency_us(one.latency_us);
    entry.set_spread_us(one.spread_us);
    entry.set_count(one.count);
    entry.set_provenance(v1::PROVENANCE_MEASURED);
    entry.set_source("OFA latency table");
  }
  return PutEntries(session, entries);
}

// The blocks of a device's table, as the files of once-for-all in `folder`.
absl::Status ExportOfa(Session& session, const std::vector<v1::LookupEntry>& entries,
                       const std::string& folder) {
  std::vector<interchange::OfaEntry> blocks;
  for (const v1::LookupEntry& entry : entries) {
    if (!latency::IsBlockSignatureText(entry.signature())) continue;
    interchange::OfaEntry& block = blocks.emplace_back();
    NIWAKI_ASSIGN_OR_RETURN(block.signature, latency::BlockSignature::FromText(entry.signature()));
    block.latency_us = entry.latency_us();
    block.spread_us = entry.spread_us();
    block.count = entry.count();
  }
  if (blocks.empty()) {
    return Error(absl::StatusCode::kFailedPrecondition, reason::kArgumentInvalid)
        .Field("--format")
        .Value("ofa")
        .Limit("csv")
        .Message("tables of once-for-all hold blocks; the device has rows of operators alone");
  }
  NIWAKI_RETURN_IF_ERROR(MakeFolders(folder));
  for (const interchange::NamedText& file : interchange::WriteOfaTables(blocks)) {
    NIWAKI_RETURN_IF_ERROR(WriteFileAtomically(absl::StrCat(folder, "/", file.name), file.text));
  }
  session.out() << blocks.size() << " blocks written to " << folder << "\n";
  return absl::OkStatus();
}

absl::Status RunExport(Session& session, const ExportOptions& options) {
  NIWAKI_ASSIGN_OR_RETURN(const std::string device,
                          jobfile::ResourceName("devices", options.device, "--device"));
  NIWAKI_ASSIGN_OR_RETURN(client::OracleClient* const oracle, session.Oracle());
  std::vector<v1::LookupEntry> entries;
  NIWAKI_RETURN_IF_ERROR(
      oracle->ForEachLookupEntry(device, options.table_version, [&](const v1::LookupEntry& entry) {
        entries.push_back(entry);
        return true;
      }));
  if (options.format == "ofa") return ExportOfa(session, entries, options.path);
  NIWAKI_RETURN_IF_ERROR(WriteFileAtomically(options.path, LutToCsv(entries)));
  session.out() << entries.size() << " entries written to " << options.path << "\n";
  return absl::OkStatus();
}

Table EntryTable(const std::vector<v1::LookupEntry>& entries) {
  Table table({{"DEVICE"},
               {"LATENCY", Align::kRight},
               {"SPREAD", Align::kRight},
               {"RUNS", Align::kRight},
               {"PROVENANCE"},
               {"USED"},
               {"SOURCE"},
               {"SIGNATURE"}});
  for (const v1::LookupEntry& entry : entries) {
    table.AddRow(
        {jobfile::ResourceId(entry.device()), absl::StrFormat("%.2f us", entry.latency_us()),
         absl::StrFormat("%.2f us", entry.spread_us()), absl::StrCat(entry.count()),
         ProvenanceName(entry.provenance()), entry.superseded() ? "no" : "yes", entry.source(),
         absl::StrCat(entry.signature(), entry.form().empty() ? "" : ", ", entry.form())});
  }
  return table;
}

absl::Status RunList(Session& session, const ListOptions& options) {
  std::string device;
  if (!options.device.empty()) {
    NIWAKI_ASSIGN_OR_RETURN(device, jobfile::ResourceName("devices", options.device, "--device"));
  }
  NIWAKI_ASSIGN_OR_RETURN(client::OracleClient* const oracle, session.Oracle());
  std::vector<v1::LookupEntry> entries;
  NIWAKI_RETURN_IF_ERROR(
      oracle->ForEachLookupEntry(device, options.table_version, [&](const v1::LookupEntry& entry) {
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

  auto import_options = std::make_shared<ImportOptions>();
  CLI::App* import_tables = AddSubcommand(
      *lut, "import",
      "Write the entries of latency tables in the YAML (or JSON) format of once-for-all, or of CSV "
      "files as export writes them",
      "niwaki lut import note10/*.yaml --device note10 --device-file note10.textproto\n"
      "  niwaki lut import stm32f746.csv --device stm32f746");
  import_tables->add_option("file", import_options->files, "A file for each resolution")
      ->required();
  import_tables->add_option("--device", import_options->device, "The device they were measured on")
      ->required();
  import_tables->add_option("--device-file", import_options->device_file,
                            "Also add the device, or replace it: textproto with core, clock_hz, "
                            "sram_bytes, flash_bytes, and active_power_mw where energies are "
                            "wanted; its name, if it has one, is that of --device. Running jobs go "
                            "on with the device and the entries that they began with");
  import_tables->add_option("--space", import_options->space,
                            "Check that the tables have every block of this space (name or file)");
  SetAction(import_tables, session, import_options, RunImport);

  auto export_options = std::make_shared<ExportOptions>();
  CLI::App* export_table = AddSubcommand(*lut, "export", "Write a device's entries into files",
                                         "niwaki lut export stm32f746.csv --device stm32f746\n"
                                         "  niwaki lut export note10 --device note10 --format ofa");
  export_table->add_option("path", export_options->path, "A file; of ofa a folder")->required();
  export_table->add_option("--device", export_options->device, "Whose entries")->required();
  export_table
      ->add_option("--format", export_options->format,
                   "csv: all, with what they are of; ofa: blocks, a YAML file for each resolution")
      ->check(CLI::IsMember({"csv", "ofa"}))
      ->capture_default_str();
  export_table
      ->add_option("--table-version", export_options->table_version,
                   "Entries as they were in this version of the table; 0 for the newest")
      ->check(program::FromZero());
  SetAction(export_table, session, export_options, RunExport);

  auto list_options = std::make_shared<ListOptions>();
  CLI::App* list = AddSubcommand(*lut, "list", "List entries by device and signature",
                                 "niwaki lut list --device stm32f746 --csv > lut.csv\n"
                                 "  niwaki lut list --table-version 7");
  list->add_option("--device", list_options->device, "Only this device");
  list->add_option("--limit", list_options->limit, "At most this many; 0 for all")
      ->check(program::FromZero());
  list->add_option("--table-version", list_options->table_version,
                   "Entries as they were in this version of the table; 0 for the newest")
      ->check(program::FromZero());
  list->add_flag("--csv", list_options->csv, "Print CSV, as put reads it");
  SetAction(list, session, list_options, RunList);
}

}  // namespace niwaki::cli
