#include "libs/latency/lookup_table.h"

#include <cmath>
#include <limits>
#include <map>
#include <optional>
#include <utility>

#include "absl/memory/memory.h"
#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/synchronization/notification.h"
#include "libs/base/error.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"
#include "libs/cost/provenance.h"
#include "libs/device/catalogue.h"
#include "libs/device/device.h"
#include "libs/device/device_message.h"
#include "libs/latency/block_signature.h"
#include "libs/latency/latency_model.h"
#include "libs/latency/signature.h"
#include "libs/store/migrate.h"
#include "libs/store/statement.h"
#include "libs/store/transaction.h"

namespace niwaki::latency {
namespace {

using store::Connection;
using store::Statement;

// "nwkl" in ASCII.
constexpr int32_t kApplicationId = 0x6e776b6c;
constexpr double kMaxMicros = 1e9;
constexpr size_t kMaxSourceLength = 200;
constexpr char kTokenSeparator = '\n';

const std::vector<std::string>& Migrations() {
  static const auto* const migrations = new std::vector<std::string>{
      R"sql(
CREATE TABLE entry(
  device TEXT NOT NULL, signature TEXT NOT NULL, provenance INTEGER NOT NULL,
  latency_us REAL NOT NULL, spread_us REAL NOT NULL, count INTEGER NOT NULL, source TEXT NOT NULL,
  PRIMARY KEY(device, signature, provenance)) STRICT, WITHOUT ROWID;
CREATE TABLE model(
  target TEXT NOT NULL PRIMARY KEY, interval_ratio REAL NOT NULL, source TEXT NOT NULL)
  STRICT, WITHOUT ROWID;
CREATE TABLE coefficient(
  target TEXT NOT NULL REFERENCES model(target), kind INTEGER NOT NULL,
  per_mac REAL NOT NULL, per_input_byte REAL NOT NULL, per_output_byte REAL NOT NULL,
  per_weight_byte REAL NOT NULL, per_call REAL NOT NULL,
  PRIMARY KEY(target, kind)) STRICT, WITHOUT ROWID;
CREATE TABLE version(one INTEGER PRIMARY KEY CHECK(one = 1), version INTEGER NOT NULL) STRICT;
INSERT INTO version VALUES(1, 0);
)sql",
      store::kRequestLogSchema,
      R"sql(
CREATE TABLE device(
  name TEXT NOT NULL PRIMARY KEY, description TEXT NOT NULL, core TEXT NOT NULL,
  clock_hz INTEGER NOT NULL, sram_bytes INTEGER NOT NULL, flash_bytes INTEGER NOT NULL,
  active_power_mw REAL NOT NULL, source TEXT NOT NULL) STRICT, WITHOUT ROWID;
)sql",
      // Kinds of operators by name instead of number; regions of memory, and the kernels that
      // figures are of.
      R"sql(
ALTER TABLE coefficient RENAME TO numbered;
CREATE TABLE coefficient(
  target TEXT NOT NULL REFERENCES model(target), kind TEXT NOT NULL,
  per_mac REAL NOT NULL, per_input_byte REAL NOT NULL, per_output_byte REAL NOT NULL,
  per_weight_byte REAL NOT NULL, per_call REAL NOT NULL,
  PRIMARY KEY(target, kind)) STRICT, WITHOUT ROWID;
INSERT INTO coefficient
  SELECT target, name, per_mac, per_input_byte, per_output_byte, per_weight_byte, per_call
  FROM numbered JOIN (
    SELECT column1 AS number, column2 AS name FROM (VALUES
      (0, 'pointwise_conv'), (1, 'conv'), (2, 'depthwise_conv'), (3, 'add'), (4, 'mul'),
      (5, 'global_avg_pool'), (6, 'linear'))) ON kind = number;
DROP TABLE numbered;
ALTER TABLE device ADD COLUMN memory TEXT NOT NULL DEFAULT '';
ALTER TABLE device ADD COLUMN kernel_set TEXT NOT NULL DEFAULT '';
)sql"};
  return *migrations;
}

absl::Status Wrong(absl::string_view field, const absl::AlphaNum& value, absl::string_view limit) {
  return Error(absl::StatusCode::kInvalidArgument, reason::kArgumentInvalid)
      .Field(field)
      .Value(value)
      .Limit(limit)
      .Message(absl::StrCat(field, " ", value, " is not ", limit));
}

absl::Status Corrupt(absl::string_view what) {
  return Error(absl::StatusCode::kDataLoss, reason::kDataCorrupt)
      .Message(absl::StrCat("lookup table holds a row that cannot be: ", what));
}

// What an entry can be of.
bool IsOfEntry(cost::Provenance provenance) {
  return provenance == cost::Provenance::kMeasured || provenance == cost::Provenance::kEmulated ||
         provenance == cost::Provenance::kPredicted;
}

bool IsMicros(double value) { return value >= 0 && value <= kMaxMicros; }

// Of an operator or a block.
absl::Status CheckSignature(absl::string_view text) {
  return IsBlockSignatureText(text) ? BlockSignature::FromText(text).status()
                                    : OpSignature::FromText(text).status();
}

absl::StatusOr<bool> UpsertEntry(Connection& connection, const LookupEntry& entry) {
  NIWAKI_ASSIGN_OR_RETURN(
      Statement upsert,
      connection.Prepare(
          "INSERT INTO entry(device, signature, provenance, latency_us, spread_us, count, source)"
          " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7)"
          " ON CONFLICT DO UPDATE SET latency_us = ?4, spread_us = ?5, count = ?6, source = ?7"
          " WHERE (latency_us, spread_us, count, source) IS NOT (?4, ?5, ?6, ?7)"));
  NIWAKI_RETURN_IF_ERROR(upsert.Run(entry.device, entry.signature, entry.provenance,
                                    entry.latency_us, entry.spread_us, entry.count, entry.source));
  return connection.changes() > 0;
}

absl::Status UpsertModel(Connection& connection, const LatencyModel& model) {
  NIWAKI_ASSIGN_OR_RETURN(
      Statement upsert,
      connection.Prepare("INSERT INTO model VALUES(?1, ?2, ?3)"
                         " ON CONFLICT DO UPDATE SET interval_ratio = ?2, source = ?3"));
  NIWAKI_RETURN_IF_ERROR(upsert.Run(model.target, model.interval_ratio, model.source));
  NIWAKI_ASSIGN_OR_RETURN(Statement erase,
                          connection.Prepare("DELETE FROM coefficient WHERE target = ?1"));
  NIWAKI_RETURN_IF_ERROR(erase.Run(model.target));
  NIWAKI_ASSIGN_OR_RETURN(
      Statement insert,
      connection.Prepare("INSERT INTO coefficient VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7)"));
  for (const auto& [kind, c] : model.coefficients) {
    NIWAKI_RETURN_IF_ERROR(insert.Run(model.target, kind, c.cycles_per_mac, c.cycles_per_input_byte,
                                      c.cycles_per_output_byte, c.cycles_per_weight_byte,
                                      c.cycles_per_call));
  }
  return absl::OkStatus();
}

absl::Status BumpVersion(Connection& connection) {
  NIWAKI_ASSIGN_OR_RETURN(Statement bump,
                          connection.Prepare("UPDATE version SET version = version + 1"));
  return bump.Run();
}

// The version that a repeated request was answered with; nullopt for a new request.
absl::StatusOr<std::optional<int64_t>> RememberedVersion(Connection& connection,
                                                         const store::RequestRecord& request) {
  NIWAKI_ASSIGN_OR_RETURN(const auto known, store::FindRequest(connection, request.request_id));
  NIWAKI_ASSIGN_OR_RETURN(const std::optional<std::string> answer, store::AnswerOf(known, request));
  if (!answer.has_value()) return std::nullopt;
  int64_t version = 0;
  if (!absl::SimpleAtoi(*answer, &version)) return Corrupt("answer of a request");
  return version;
}

// Before the version grows, if it does.
absl::Status Remember(Connection& connection, store::RequestRecord request, bool changed) {
  if (request.request_id.empty()) return absl::OkStatus();
  NIWAKI_RETURN_IF_ERROR(
      store::ForgetRequestsBefore(connection, request.create_time - store::kRequestMemory));
  NIWAKI_ASSIGN_OR_RETURN(const int64_t version,
                          connection.QueryInt("SELECT version FROM version"));
  request.response = absl::StrCat(version + (changed ? 1 : 0));
  return store::WriteRequest(connection, request);
}

// A new database gets the default models; one that had them keeps its own.
absl::Status SeedModels(Connection& connection) {
  NIWAKI_ASSIGN_OR_RETURN(const int64_t models, connection.QueryInt("SELECT count(*) FROM model"));
  if (models > 0) return absl::OkStatus();
  NIWAKI_ASSIGN_OR_RETURN(auto transaction, store::Transaction::Begin(connection));
  for (const LatencyModel& model : DefaultModels()) {
    NIWAKI_RETURN_IF_ERROR(UpsertModel(connection, model));
  }
  NIWAKI_RETURN_IF_ERROR(BumpVersion(connection));
  return transaction.Commit();
}

absl::Status LoadEntries(Connection& connection, SnapshotEditor& editor) {
  NIWAKI_ASSIGN_OR_RETURN(
      Statement select,
      connection.Prepare("SELECT device, signature, provenance, latency_us, spread_us, count,"
                         " source FROM entry"));
  while (true) {
    NIWAKI_ASSIGN_OR_RETURN(const bool row, select.Step());
    if (!row) return absl::OkStatus();
    LookupEntry entry;
    entry.device = std::string(select.ColumnText(0));
    entry.signature = std::string(select.ColumnText(1));
    const auto provenance = cost::ProvenanceFromNumber(select.ColumnInt(2));
    if (!provenance.has_value() || !IsOfEntry(*provenance)) {
      return Corrupt(absl::StrCat("provenance ", select.ColumnInt(2), " of ", entry.signature));
    }
    entry.provenance = *provenance;
    entry.latency_us = select.ColumnDouble(3);
    entry.spread_us = select.ColumnDouble(4);
    entry.count = select.ColumnInt(5);
    entry.source = std::string(select.ColumnText(6));
    if (!CheckSignature(entry.signature).ok()) return Corrupt(entry.signature);
    editor.Put(entry);
  }
}

absl::Status LoadModels(Connection& connection, SnapshotEditor& editor) {
  std::map<std::string, LatencyModel> models;
  NIWAKI_ASSIGN_OR_RETURN(Statement targets,
                          connection.Prepare("SELECT target, interval_ratio, source FROM model"));
  while (true) {
    NIWAKI_ASSIGN_OR_RETURN(const bool row, targets.Step());
    if (!row) break;
    LatencyModel& model = models[std::string(targets.ColumnText(0))];
    model.target = std::string(targets.ColumnText(0));
    model.interval_ratio = targets.ColumnDouble(1);
    model.source = std::string(targets.ColumnText(2));
  }
  NIWAKI_ASSIGN_OR_RETURN(Statement kinds,
                          connection.Prepare("SELECT target, kind, per_mac, per_input_byte,"
                                             " per_output_byte, per_weight_byte, per_call"
                                             " FROM coefficient"));
  while (true) {
    NIWAKI_ASSIGN_OR_RETURN(const bool row, kinds.Step());
    if (!row) break;
    const auto model = models.find(std::string(kinds.ColumnText(0)));
    if (model == models.end()) return Corrupt(kinds.ColumnText(0));
    model->second.coefficients[std::string(kinds.ColumnText(1))] = {
        kinds.ColumnDouble(2), kinds.ColumnDouble(3), kinds.ColumnDouble(4), kinds.ColumnDouble(5),
        kinds.ColumnDouble(6)};
  }
  for (const auto& [target, model] : models) {
    if (!Validate(model).ok()) return Corrupt(target);
    editor.PutModel(model);
  }
  return absl::OkStatus();
}

absl::StatusOr<bool> UpsertDevice(Connection& connection, const device::Device& device) {
  NIWAKI_ASSIGN_OR_RETURN(
      Statement upsert,
      connection.Prepare(
          "INSERT INTO device(name, description, core, clock_hz, sram_bytes, flash_bytes,"
          " active_power_mw, source, memory, kernel_set)"
          " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)"
          " ON CONFLICT DO UPDATE SET description = ?2, core = ?3, clock_hz = ?4, sram_bytes = ?5,"
          " flash_bytes = ?6, active_power_mw = ?7, source = ?8, memory = ?9, kernel_set = ?10"
          " WHERE (description, core, clock_hz, sram_bytes, flash_bytes, active_power_mw, source,"
          " memory, kernel_set) IS NOT (?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)"));
  // A power of 0 and an empty kernel set are what rows of before have where none was known.
  NIWAKI_RETURN_IF_ERROR(upsert.Run(
      device.name, device.description, device.core, device.clock_hz, device.sram_bytes(),
      device.flash_bytes(), device.active_power_mw.value_or(0.0), device.source,
      device::MemoryToText(device),
      device.kernel_set == device::kDefaultKernelSet ? std::string() : device.kernel_set));
  return connection.changes() > 0;
}

absl::Status LoadDevices(Connection& connection, SnapshotEditor& editor) {
  NIWAKI_ASSIGN_OR_RETURN(
      Statement select,
      connection.Prepare("SELECT name, description, core, clock_hz, sram_bytes, flash_bytes,"
                         " active_power_mw, source, memory, kernel_set FROM device"));
  while (true) {
    NIWAKI_ASSIGN_OR_RETURN(const bool row, select.Step());
    if (!row) return absl::OkStatus();
    v1::Device message;
    message.set_name(std::string(select.ColumnText(0)));
    message.set_description(std::string(select.ColumnText(1)));
    message.set_core(std::string(select.ColumnText(2)));
    message.set_clock_hz(select.ColumnInt(3));
    message.set_sram_bytes(select.ColumnInt(4));
    message.set_flash_bytes(select.ColumnInt(5));
    message.set_active_power_mw(select.ColumnDouble(6));
    message.set_source(std::string(select.ColumnText(7)));
    message.set_kernel_set(std::string(select.ColumnText(9)));
    if (!device::AddMemoryText(select.ColumnText(8), message)) return Corrupt(message.name());
    const absl::StatusOr<device::Device> device = device::DeviceFromMessage(message);
    if (!device.ok()) return Corrupt(message.name());
    editor.PutDevice(*device);
  }
}

std::string TokenOf(absl::string_view device, const EntryKey& last) {
  const std::string separator(1, kTokenSeparator);
  return absl::WebSafeBase64Escape(absl::StrCat(device, separator, std::get<0>(last), separator,
                                                std::get<1>(last), separator,
                                                static_cast<int>(std::get<2>(last))));
}

absl::StatusOr<EntryKey> KeyOfToken(absl::string_view device, absl::string_view token) {
  std::string text;
  int number = 0;
  if (token.size() < 2000 && absl::WebSafeBase64Unescape(token, &text)) {
    const std::vector<std::string> parts = absl::StrSplit(text, kTokenSeparator);
    if (parts.size() == 4 && parts[0] == device && (device.empty() || parts[1] == device) &&
        absl::SimpleAtoi(parts[3], &number) && cost::ProvenanceFromNumber(number).has_value()) {
      return EntryKey(parts[1], parts[2], *cost::ProvenanceFromNumber(number));
    }
  }
  return Error(absl::StatusCode::kInvalidArgument, reason::kPageTokenInvalid)
      .Field("page_token")
      .Value(token.substr(0, 100))
      .Message("page token was not given for this list");
}

}  // namespace

absl::Status Validate(const LookupEntry& entry, const LatencySnapshot& snapshot,
                      absl::string_view field) {
  const auto name = [&](absl::string_view part) { return absl::StrCat(field, ".", part); };
  const auto device = snapshot.FindDevice(entry.device);
  if (!device.ok()) {
    absl::Status status = device.status();
    ErrorDetail detail = GetErrorDetail(status).value_or(ErrorDetail{});
    detail.field = name("device");
    SetErrorDetail(status, detail);
    return status;
  }
  if (const absl::Status status = CheckSignature(entry.signature); !status.ok()) {
    return Wrong(name("signature"), absl::string_view(entry.signature).substr(0, 200),
                 GetErrorDetail(status).value_or(ErrorDetail{}).limit);
  }
  if (!IsMicros(entry.latency_us)) {
    return Wrong(name("latency_us"), entry.latency_us, "from 0 to 1e9");
  }
  if (!IsMicros(entry.spread_us)) {
    return Wrong(name("spread_us"), entry.spread_us, "from 0 to 1e9");
  }
  if (entry.count < 1) return Wrong(name("count"), entry.count, "from 1");
  if (!IsOfEntry(entry.provenance)) {
    return Wrong(name("provenance"), static_cast<int>(entry.provenance),
                 "MEASURED, EMULATED or PREDICTED");
  }
  if (entry.source.size() > kMaxSourceLength) {
    return Wrong(name("source"), absl::string_view(entry.source).substr(0, kMaxSourceLength),
                 "at most 200 characters");
  }
  return absl::OkStatus();
}

LookupTable::LookupTable(std::unique_ptr<Connection> connection)
    : snapshot_(std::make_shared<const LatencySnapshot>()),
      writer_(std::make_unique<store::GroupCommitWriter>(std::move(connection),
                                                         store::GroupCommitOptions())) {}

LookupTable::~LookupTable() { writer_->Stop(); }

absl::StatusOr<std::unique_ptr<LookupTable>> LookupTable::Open(
    const std::string& path, const store::ConnectionOptions& options) {
  NIWAKI_ASSIGN_OR_RETURN(auto connection, Connection::Open(path, options));
  NIWAKI_RETURN_IF_ERROR(store::Migrate(*connection, kApplicationId, Migrations()));
  NIWAKI_RETURN_IF_ERROR(SeedModels(*connection));
  auto table = absl::WrapUnique(new LookupTable(std::move(connection)));
  NIWAKI_RETURN_IF_ERROR(
      table->writer_->Run([&](Connection& writing) { return table->Load(writing); }));
  return table;
}

absl::Status LookupTable::Load(Connection& connection) {
  SnapshotEditor editor((LatencySnapshot()));
  NIWAKI_RETURN_IF_ERROR(LoadEntries(connection, editor));
  NIWAKI_RETURN_IF_ERROR(LoadModels(connection, editor));
  NIWAKI_RETURN_IF_ERROR(LoadDevices(connection, editor));
  NIWAKI_ASSIGN_OR_RETURN(const int64_t version,
                          connection.QueryInt("SELECT version FROM version"));
  absl::MutexLock lock(&mutex_);
  snapshot_ = editor.Finish(version);
  return absl::OkStatus();
}

std::shared_ptr<const LatencySnapshot> LookupTable::snapshot() const {
  absl::MutexLock lock(&mutex_);
  return snapshot_;
}

absl::StatusOr<int64_t> LookupTable::Write(std::function<absl::StatusOr<bool>(Connection&)> work,
                                           std::function<void(SnapshotEditor&)> edit) {
  bool changed = false;
  absl::Status result;
  int64_t version = 0;
  absl::Notification finished;
  const auto run = [&](Connection& connection) -> absl::Status {
    NIWAKI_ASSIGN_OR_RETURN(changed, work(connection));
    return changed ? BumpVersion(connection) : absl::OkStatus();
  };
  // Only the writer's thread replaces the snapshot, in commit order, so versions equal the
  // database's.
  const auto done = [&](const absl::Status& status) {
    result = status;
    auto next = snapshot();
    if (status.ok() && changed) {
      SnapshotEditor editor(*next);
      edit(editor);
      next = editor.Finish(next->version() + 1);
      absl::MutexLock lock(&mutex_);
      snapshot_ = next;
    }
    version = next->version();
    finished.Notify();
  };
  NIWAKI_RETURN_IF_ERROR(writer_->Submit(run, done));
  finished.WaitForNotification();
  NIWAKI_RETURN_IF_ERROR(result);
  return version;
}

absl::StatusOr<int64_t> LookupTable::WriteOnce(
    const store::RequestRecord& request,
    const std::function<absl::StatusOr<bool>(store::Connection&)>& change,
    const std::function<void(SnapshotEditor&)>& edit) {
  std::optional<int64_t> remembered;
  NIWAKI_ASSIGN_OR_RETURN(const int64_t version,
                          Write(
                              [&](Connection& connection) -> absl::StatusOr<bool> {
                                NIWAKI_ASSIGN_OR_RETURN(remembered,
                                                        RememberedVersion(connection, request));
                                if (remembered.has_value()) return false;
                                NIWAKI_ASSIGN_OR_RETURN(const bool changed, change(connection));
                                NIWAKI_RETURN_IF_ERROR(Remember(connection, request, changed));
                                return changed;
                              },
                              edit));
  return remembered.value_or(version);
}

absl::StatusOr<int64_t> LookupTable::Put(const std::vector<LookupEntry>& entries,
                                         const store::RequestRecord& request) {
  const auto now = snapshot();
  for (size_t i = 0; i < entries.size(); ++i) {
    NIWAKI_RETURN_IF_ERROR(Validate(entries[i], *now, absl::StrCat("entries[", i, "]")));
  }
  return WriteOnce(
      request,
      [&](Connection& connection) -> absl::StatusOr<bool> {
        bool changed = false;
        for (const LookupEntry& entry : entries) {
          NIWAKI_ASSIGN_OR_RETURN(const bool one, UpsertEntry(connection, entry));
          changed |= one;
        }
        return changed;
      },
      [&](SnapshotEditor& editor) {
        for (const LookupEntry& entry : entries) editor.Put(entry);
      });
}

absl::StatusOr<int64_t> LookupTable::Delete(const std::string& device,
                                            const std::string& signature) {
  int64_t deleted = 0;
  NIWAKI_RETURN_IF_ERROR(
      Write(
          [&](Connection& connection) -> absl::StatusOr<bool> {
            NIWAKI_ASSIGN_OR_RETURN(
                Statement erase,
                connection.Prepare(
                    "DELETE FROM entry WHERE device = ?1 AND (?2 = '' OR signature = ?2)"));
            NIWAKI_RETURN_IF_ERROR(erase.Run(device, signature));
            deleted = connection.changes();
            return deleted > 0;
          },
          [&](SnapshotEditor& editor) {
            const auto now = snapshot();
            auto it = now->entries().lower_bound({device, signature, cost::Provenance{}});
            for (; it != now->entries().end() && std::get<0>(it->first) == device; ++it) {
              if (signature.empty() || std::get<1>(it->first) == signature) editor.Erase(it->first);
            }
          })
          .status());
  return deleted;
}

absl::StatusOr<int64_t> LookupTable::PutDevice(const device::Device& device,
                                               const store::RequestRecord& request) {
  NIWAKI_RETURN_IF_ERROR(device::Validate(device));
  if (device::FindDevice(device.name).ok()) {
    return Error(absl::StatusCode::kAlreadyExists, reason::kAlreadyExists)
        .Field("name")
        .Value(device.name)
        .Limit("a name of your own")
        .Message(absl::StrCat("device '", device.name,
                              "' is in the catalogue; give yours another name"));
  }
  return WriteOnce(
      request, [&](Connection& connection) { return UpsertDevice(connection, device); },
      [&](SnapshotEditor& editor) { editor.PutDevice(device); });
}

absl::StatusOr<int64_t> LookupTable::PutModel(const LatencyModel& model) {
  NIWAKI_RETURN_IF_ERROR(Validate(model));
  return Write(
      [&](Connection& connection) -> absl::StatusOr<bool> {
        NIWAKI_RETURN_IF_ERROR(UpsertModel(connection, model));
        return true;
      },
      [&](SnapshotEditor& editor) { editor.PutModel(model); });
}

absl::StatusOr<EntryPage> LookupTable::List(absl::string_view device, int page_size,
                                            absl::string_view page_token) const {
  const auto now = snapshot();
  const auto& entries = now->entries();
  auto it = entries.lower_bound({std::string(device), "", cost::Provenance{}});
  if (!page_token.empty()) {
    NIWAKI_ASSIGN_OR_RETURN(const EntryKey last, KeyOfToken(device, page_token));
    it = entries.upper_bound(last);
  }
  EntryPage page;
  const auto in_list = [&] {
    return it != entries.end() && (device.empty() || std::get<0>(it->first) == device);
  };
  for (; in_list() && static_cast<int>(page.entries.size()) < page_size; ++it) {
    page.entries.push_back(it->second);
  }
  if (in_list() && !page.entries.empty()) {
    page.next_page_token = TokenOf(device, std::prev(it)->first);
  }
  return page;
}

absl::Status LookupTable::Probe() {
  return writer_->Run([](Connection& connection) {
    return connection.QueryInt("SELECT version FROM version").status();
  });
}

}  // namespace niwaki::latency
