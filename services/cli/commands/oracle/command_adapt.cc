// niwaki oracle adapt: a known device's latency table as that of a new one.

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "libs/base/error.h"
#include "libs/base/json.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"
#include "libs/client/oracle_client.h"
#include "libs/jobfile/resource_name.h"
#include "libs/latency/snapshot.h"
#include "libs/latency/transfer/adaptation.h"
#include "services/cli/commands/command.h"
#include "services/cli/commands/oracle/oracle_commands.h"

namespace niwaki::cli {
namespace {

// The most that one request may carry (oracle_service.proto).
constexpr size_t kBatch = 4096;

struct AdaptOptions {
  std::string from;
  std::string to;
  bool dry_run = false;
};

latency::LookupEntry EntryOf(const v1::LookupEntry& entry) {
  latency::LookupEntry of;
  of.device = jobfile::ResourceId(entry.device());
  of.signature = entry.signature();
  of.form = entry.form();
  of.latency_us = entry.latency_us();
  of.spread_us = entry.spread_us();
  of.count = entry.count();
  of.source = entry.source();
  return of;
}

v1::LookupEntry MessageOf(const latency::LookupEntry& entry) {
  v1::LookupEntry message;
  message.set_device(absl::StrCat("devices/", entry.device));
  message.set_signature(entry.signature);
  message.set_latency_us(entry.latency_us);
  message.set_spread_us(entry.spread_us);
  message.set_count(entry.count);
  message.set_provenance(v1::PROVENANCE_PREDICTED);
  message.set_source(entry.source);
  return message;
}

// What the device's estimates use, of one provenance: MEASURED, else EMULATED.
absl::StatusOr<std::vector<latency::LookupEntry>> Observed(client::OracleClient& oracle,
                                                           const std::string& device) {
  std::map<v1::Provenance, std::map<std::pair<std::string, std::string>, latency::LookupEntry>> all;
  NIWAKI_RETURN_IF_ERROR(
      oracle.ForEachLookupEntry(device, /*table_version=*/0, [&all](const v1::LookupEntry& entry) {
        // Those that name what they are of come behind those that do not, and go before them.
        if (!entry.superseded()) {
          all[entry.provenance()][{entry.signature(), entry.form()}] = EntryOf(entry);
        }
        return true;
      }));
  const bool measured = all.count(v1::PROVENANCE_MEASURED) > 0;
  std::vector<latency::LookupEntry> entries;
  for (auto& [key, entry] : all[measured ? v1::PROVENANCE_MEASURED : v1::PROVENANCE_EMULATED]) {
    entries.push_back(std::move(entry));
  }
  if (!entries.empty()) return entries;
  return Error(absl::StatusCode::kFailedPrecondition, reason::kLatencyUnknown)
      .Field("device")
      .Value(device)
      .Message(absl::StrCat("the latency table has nothing measured or emulated of ", device,
                            ": see niwaki lut list"));
}

absl::Status RunAdapt(Session& session, const AdaptOptions& options) {
  NIWAKI_ASSIGN_OR_RETURN(const std::string from,
                          jobfile::ResourceName("devices", options.from, "--from"));
  NIWAKI_ASSIGN_OR_RETURN(const std::string to,
                          jobfile::ResourceName("devices", options.to, "--to"));
  if (from == to) {
    return Error(absl::StatusCode::kInvalidArgument, reason::kArgumentInvalid)
        .Field("--to")
        .Value(options.to)
        .Message("--from and --to are the same device");
  }
  NIWAKI_ASSIGN_OR_RETURN(client::OracleClient* const oracle, session.Oracle());
  NIWAKI_ASSIGN_OR_RETURN(const std::vector<latency::LookupEntry> known, Observed(*oracle, from));
  NIWAKI_ASSIGN_OR_RETURN(const std::vector<latency::LookupEntry> measured, Observed(*oracle, to));
  NIWAKI_ASSIGN_OR_RETURN(const latency::Adaptation adaptation,
                          latency::AdaptTable(known, measured));
  std::vector<v1::LookupEntry> entries;
  for (const latency::LookupEntry& entry : adaptation.entries) entries.push_back(MessageOf(entry));
  int64_t version = 0;
  for (size_t begin = 0; !options.dry_run && begin < entries.size(); begin += kBatch) {
    const size_t end = std::min(entries.size(), begin + kBatch);
    NIWAKI_ASSIGN_OR_RETURN(
        version, oracle->PutLookupEntries({entries.begin() + begin, entries.begin() + end}));
  }
  if (session.json()) {
    session.PrintJson(Json{{"from", known[0].device},
                           {"to", measured[0].device},
                           {"provenance", "PREDICTED"},
                           {"samples", adaptation.samples},
                           {"ratio", adaptation.ratio},
                           {"cross_validated_error", adaptation.cross_validated_error},
                           {"worst_error", adaptation.worst_error},
                           {"interval_ratio", adaptation.interval_ratio},
                           {"adapted", adaptation.adapted},
                           {"measured_only", adaptation.measured_only},
                           {"entries", entries.size()},
                           {"table_version", version}});
    return absl::OkStatus();
  }
  session.out() << absl::StrFormat(
      "%d operators in common: %s takes %.3g times as long as %s\n"
      "cross-validated error %.1f %%, worst %.1f %%; nine of ten operators within a factor of "
      "%.2f\n",
      adaptation.samples, measured[0].device, adaptation.ratio, known[0].device,
      100 * adaptation.cross_validated_error, 100 * adaptation.worst_error,
      adaptation.interval_ratio);
  session.out() << entries.size() << " entries predicted, " << adaptation.adapted
                << " of them adapted"
                << (options.dry_run ? std::string("; nothing written\n")
                                    : absl::StrCat(", table version ", version, "\n"));
  return absl::OkStatus();
}

}  // namespace

void AddAdaptCommand(CLI::App& oracle, Session& session) {
  auto options = std::make_shared<AdaptOptions>();
  CLI::App* adapt = AddSubcommand(
      oracle, "adapt",
      "Write the latency table of a new device, PREDICTED: that of a known one, adapted by the "
      "operators\nthat both have. Three measured operators are the least, ten give a scale, a "
      "hundred tell kinds apart;\nthe error is cross-validated on them",
      "niwaki oracle adapt --from stm32f746 --to my-board --dry-run");
  adapt->add_option("--from", options->from, "The device whose table is known")->required();
  adapt->add_option("--to", options->to, "The new device, with some operators measured")
      ->required();
  adapt->add_flag("--dry-run", options->dry_run, "Say how good it would be; write nothing");
  SetAction(adapt, session, options, RunAdapt);
}

}  // namespace niwaki::cli
