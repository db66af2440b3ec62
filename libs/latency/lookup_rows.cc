#include "libs/latency/lookup_rows.h"

#include <map>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "libs/base/error.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"
#include "libs/device/device_message.h"
#include "libs/latency/block_signature.h"
#include "libs/latency/signature.h"
#include "libs/store/request_log.h"
#include "libs/store/statement.h"
#include "proto/niwaki/v1/device.pb.h"

namespace niwaki::latency {
namespace {

using store::Connection;
using store::Statement;

absl::Status Corrupt(absl::string_view what) {
  return Error(absl::StatusCode::kDataLoss, reason::kDataCorrupt)
      .Message(absl::StrCat("lookup table holds a row that cannot be: ", what));
}

// Whether `select` with these arguments finds a row.
template <typename... Args>
absl::StatusOr<bool> Finds(Connection& connection, const char* select, const Args&... args) {
  NIWAKI_ASSIGN_OR_RETURN(Statement statement, connection.Prepare(select));
  statement.BindAll(args...);
  return statement.Step();
}

template <typename... Args>
absl::Status Execute(Connection& connection, const char* change, const Args&... args) {
  NIWAKI_ASSIGN_OR_RETURN(Statement statement, connection.Prepare(change));
  return statement.Run(args...);
}

// By id; 0 is that of rows that name none.
absl::StatusOr<std::map<int64_t, RowBuild>> LoadBuilds(Connection& connection) {
  std::map<int64_t, RowBuild> builds = {{0, RowBuild()}};
  NIWAKI_ASSIGN_OR_RETURN(
      Statement select,
      connection.Prepare("SELECT id, placement, kernel_set, firmware_digest, compiler_digest,"
                         " engine_version FROM build"));
  while (true) {
    NIWAKI_ASSIGN_OR_RETURN(const bool row, select.Step());
    if (!row) return builds;
    RowBuild& build = builds[select.ColumnInt(0)];
    build.placement = std::string(select.ColumnText(1));
    build.kernel_set = std::string(select.ColumnText(2));
    build.firmware_digest = std::string(select.ColumnText(3));
    build.compiler_digest = std::string(select.ColumnText(4));
    build.engine_version = std::string(select.ColumnText(5));
  }
}

// The id of a build, which is made where it is new.
absl::StatusOr<int64_t> IdOf(Connection& connection, const RowBuild& build) {
  if (!build.known()) return 0;
  NIWAKI_RETURN_IF_ERROR(Execute(
      connection,
      "INSERT INTO build(placement, kernel_set, firmware_digest, compiler_digest, engine_version)"
      " VALUES(?1, ?2, ?3, ?4, ?5) ON CONFLICT DO NOTHING",
      build.placement, build.kernel_set, build.firmware_digest, build.compiler_digest,
      build.engine_version));
  NIWAKI_ASSIGN_OR_RETURN(
      Statement select,
      connection.Prepare("SELECT id FROM build WHERE (placement, kernel_set, firmware_digest,"
                         " compiler_digest, engine_version) = (?1, ?2, ?3, ?4, ?5)"));
  select.BindAll(build.placement, build.kernel_set, build.firmware_digest, build.compiler_digest,
                 build.engine_version);
  NIWAKI_ASSIGN_OR_RETURN(const bool row, select.Step());
  return row ? absl::StatusOr<int64_t>(select.ColumnInt(0)) : Corrupt("build");
}

// 0 for the infinite past.
int64_t MicrosOf(absl::Time time) {
  return time == absl::InfinitePast() ? 0 : absl::ToUnixMicros(time);
}

absl::StatusOr<LookupEntry> EntryOf(const Statement& row,
                                    const std::map<int64_t, RowBuild>& builds) {
  LookupEntry entry;
  entry.device = std::string(row.ColumnText(0));
  entry.signature = std::string(row.ColumnText(1));
  const auto provenance = cost::ProvenanceFromNumber(row.ColumnInt(2));
  if (!provenance.has_value() || !IsOfEntry(*provenance)) {
    return Corrupt(absl::StrCat("provenance ", row.ColumnInt(2), " of ", entry.signature));
  }
  entry.provenance = *provenance;
  entry.latency_us = row.ColumnDouble(3);
  entry.spread_us = row.ColumnDouble(4);
  entry.count = row.ColumnInt(5);
  entry.source = std::string(row.ColumnText(6));
  if (!CheckSignature(entry.signature).ok()) return Corrupt(entry.signature);
  entry.form = std::string(row.ColumnText(7));
  const auto build = builds.find(row.ColumnInt(8));
  if (build == builds.end()) return Corrupt(absl::StrCat("build ", row.ColumnInt(8)));
  entry.build = build->second;
  entry.counted = row.ColumnDouble(9);
  entry.counted_spread = row.ColumnDouble(10);
  entry.unit = std::string(row.ColumnText(11));
  entry.clock_hz = row.ColumnInt(12);
  entry.board = std::string(row.ColumnText(13));
  entry.measurement = std::string(row.ColumnText(14));
  if (row.ColumnInt(15) != 0) entry.time = absl::FromUnixMicros(row.ColumnInt(15));
  return entry;
}

constexpr char kSelectEntries[] =
    "SELECT device, signature, provenance, latency_us, spread_us, count, source, form, build,"
    " counted, counted_spread, unit, clock_hz, board, measurement, time_us FROM entry WHERE ";

absl::Status LoadEntries(Connection& connection, int64_t version, SnapshotEditor& editor) {
  NIWAKI_ASSIGN_OR_RETURN(const auto builds, LoadBuilds(connection));
  NIWAKI_ASSIGN_OR_RETURN(Statement select,
                          connection.Prepare(absl::StrCat(
                              kSelectEntries, "since <= ?1 AND (until IS NULL OR until > ?1)")));
  select.BindAll(version);
  while (true) {
    NIWAKI_ASSIGN_OR_RETURN(const bool row, select.Step());
    if (!row) return absl::OkStatus();
    NIWAKI_ASSIGN_OR_RETURN(const LookupEntry entry, EntryOf(select, builds));
    editor.Put(entry);
  }
}

absl::Status LoadModels(Connection& connection, int64_t version, SnapshotEditor& editor) {
  std::map<std::string, LatencyModel> models;
  NIWAKI_ASSIGN_OR_RETURN(
      Statement targets,
      connection.Prepare("SELECT target, interval_ratio, source FROM model"
                         " WHERE since <= ?1 AND (until IS NULL OR until > ?1)"));
  targets.BindAll(version);
  while (true) {
    NIWAKI_ASSIGN_OR_RETURN(const bool row, targets.Step());
    if (!row) break;
    LatencyModel& model = models[std::string(targets.ColumnText(0))];
    model.target = std::string(targets.ColumnText(0));
    model.interval_ratio = targets.ColumnDouble(1);
    model.source = std::string(targets.ColumnText(2));
  }
  NIWAKI_ASSIGN_OR_RETURN(
      Statement kinds, connection.Prepare("SELECT target, kind, per_mac, per_input_byte,"
                                          " per_output_byte, per_weight_byte, per_call"
                                          " FROM coefficient JOIN model USING(target, since)"
                                          " WHERE since <= ?1 AND (until IS NULL OR until > ?1)"));
  kinds.BindAll(version);
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

absl::Status LoadDevices(Connection& connection, int64_t version, SnapshotEditor& editor) {
  NIWAKI_ASSIGN_OR_RETURN(
      Statement select,
      connection.Prepare("SELECT name, description, core, clock_hz, sram_bytes, flash_bytes,"
                         " active_power_mw, source, memory, kernel_set FROM device"
                         " WHERE since <= ?1 AND (until IS NULL OR until > ?1)"));
  select.BindAll(version);
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

}  // namespace

const std::vector<std::string>& LookupMigrations() {
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
)sql",
      // A row holds in the versions from `since` to before `until`, or to now. What was there holds
      // since the version that the table has; those of before are gone.
      R"sql(
ALTER TABLE version ADD COLUMN oldest INTEGER NOT NULL DEFAULT 0;
UPDATE version SET oldest = version;
ALTER TABLE entry RENAME TO held_entry;
CREATE TABLE entry(
  device TEXT NOT NULL, signature TEXT NOT NULL, provenance INTEGER NOT NULL,
  latency_us REAL NOT NULL, spread_us REAL NOT NULL, count INTEGER NOT NULL, source TEXT NOT NULL,
  since INTEGER NOT NULL, until INTEGER CHECK(until > since),
  PRIMARY KEY(device, signature, provenance, since)) STRICT, WITHOUT ROWID;
INSERT INTO entry
  SELECT device, signature, provenance, latency_us, spread_us, count, source, version, NULL
  FROM held_entry, version;
DROP TABLE held_entry;
ALTER TABLE coefficient RENAME TO held_coefficient;
ALTER TABLE model RENAME TO held_model;
CREATE TABLE model(
  target TEXT NOT NULL, interval_ratio REAL NOT NULL, source TEXT NOT NULL,
  since INTEGER NOT NULL, until INTEGER CHECK(until > since),
  PRIMARY KEY(target, since)) STRICT, WITHOUT ROWID;
CREATE TABLE coefficient(
  target TEXT NOT NULL, since INTEGER NOT NULL, kind TEXT NOT NULL,
  per_mac REAL NOT NULL, per_input_byte REAL NOT NULL, per_output_byte REAL NOT NULL,
  per_weight_byte REAL NOT NULL, per_call REAL NOT NULL,
  PRIMARY KEY(target, since, kind), FOREIGN KEY(target, since) REFERENCES model(target, since))
  STRICT, WITHOUT ROWID;
INSERT INTO model SELECT target, interval_ratio, source, version, NULL FROM held_model, version;
INSERT INTO coefficient
  SELECT target, version, kind, per_mac, per_input_byte, per_output_byte, per_weight_byte, per_call
  FROM held_coefficient, version;
DROP TABLE held_coefficient;
DROP TABLE held_model;
ALTER TABLE device RENAME TO held_device;
CREATE TABLE device(
  name TEXT NOT NULL, description TEXT NOT NULL, core TEXT NOT NULL,
  clock_hz INTEGER NOT NULL, sram_bytes INTEGER NOT NULL, flash_bytes INTEGER NOT NULL,
  active_power_mw REAL NOT NULL, source TEXT NOT NULL, memory TEXT NOT NULL,
  kernel_set TEXT NOT NULL, since INTEGER NOT NULL, until INTEGER CHECK(until > since),
  PRIMARY KEY(name, since)) STRICT, WITHOUT ROWID;
INSERT INTO device
  SELECT name, description, core, clock_hz, sram_bytes, flash_bytes, active_power_mw, source,
         memory, kernel_set, version, NULL
  FROM held_device, version;
DROP TABLE held_device;
)sql",
      // Rows say what they are of: `build` 0 is that of rows that do not, as those of before. What
      // was counted, on which board, when (0: not known), in which measurement.
      R"sql(
CREATE TABLE build(
  id INTEGER PRIMARY KEY, placement TEXT NOT NULL, kernel_set TEXT NOT NULL,
  firmware_digest TEXT NOT NULL, compiler_digest TEXT NOT NULL, engine_version TEXT NOT NULL,
  UNIQUE(placement, kernel_set, firmware_digest, compiler_digest, engine_version)) STRICT;
ALTER TABLE entry RENAME TO held_entry;
CREATE TABLE entry(
  device TEXT NOT NULL, signature TEXT NOT NULL, provenance INTEGER NOT NULL,
  form TEXT NOT NULL, build INTEGER NOT NULL,
  latency_us REAL NOT NULL, spread_us REAL NOT NULL, count INTEGER NOT NULL, source TEXT NOT NULL,
  counted REAL NOT NULL, counted_spread REAL NOT NULL, unit TEXT NOT NULL,
  clock_hz INTEGER NOT NULL, board TEXT NOT NULL, measurement TEXT NOT NULL,
  time_us INTEGER NOT NULL, since INTEGER NOT NULL, until INTEGER CHECK(until > since),
  PRIMARY KEY(device, signature, provenance, form, build, since)) STRICT, WITHOUT ROWID;
INSERT INTO entry
  SELECT device, signature, provenance, '', 0, latency_us, spread_us, count, source,
         0.0, 0.0, '', 0, '', '', 0, since, until
  FROM held_entry;
DROP TABLE held_entry;
CREATE INDEX entry_by_measurement ON entry(measurement) WHERE measurement <> '';
)sql"};
  return *migrations;
}

// What an entry can be of.
bool IsOfEntry(cost::Provenance provenance) {
  return provenance == cost::Provenance::kMeasured || provenance == cost::Provenance::kEmulated ||
         provenance == cost::Provenance::kPredicted;
}

// Of an operator or a block.
absl::Status CheckSignature(absl::string_view text) {
  return IsBlockSignatureText(text) ? BlockSignature::FromText(text).status()
                                    : OpSignature::FromText(text).status();
}

absl::StatusOr<KeptVersions> ReadKeptVersions(Connection& connection) {
  NIWAKI_ASSIGN_OR_RETURN(const int64_t oldest, connection.QueryInt("SELECT oldest FROM version"));
  NIWAKI_ASSIGN_OR_RETURN(const int64_t newest, connection.QueryInt("SELECT version FROM version"));
  return KeptVersions{oldest, newest};
}

absl::Status BumpVersion(Connection& connection) {
  return Execute(connection, "UPDATE version SET version = version + 1");
}

absl::StatusOr<bool> PutRow(Connection& connection, const LookupEntry& entry, int64_t version) {
  NIWAKI_ASSIGN_OR_RETURN(const int64_t build, IdOf(connection, entry.build));
  const int64_t time_us = MicrosOf(entry.time);
  NIWAKI_ASSIGN_OR_RETURN(
      const bool held,
      Finds(connection,
            "SELECT 1 FROM entry WHERE (device, signature, provenance, form, build)"
            " = (?1, ?2, ?3, ?4, ?5) AND until IS NULL AND (latency_us, spread_us, count, source,"
            " counted, counted_spread, unit, clock_hz, board, measurement, time_us)"
            " IS (?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)",
            entry.device, entry.signature, entry.provenance, entry.form, build, entry.latency_us,
            entry.spread_us, entry.count, entry.source, entry.counted, entry.counted_spread,
            entry.unit, entry.clock_hz, entry.board, entry.measurement, time_us));
  if (held) return false;
  // The key may stand twice in one change: the last one holds.
  NIWAKI_RETURN_IF_ERROR(
      Execute(connection,
              "DELETE FROM entry WHERE (device, signature, provenance, form, build, since)"
              " = (?1, ?2, ?3, ?4, ?5, ?6)",
              entry.device, entry.signature, entry.provenance, entry.form, build, version));
  NIWAKI_RETURN_IF_ERROR(Execute(connection,
                                 "UPDATE entry SET until = ?6"
                                 " WHERE (device, signature, provenance, form, build)"
                                 " = (?1, ?2, ?3, ?4, ?5) AND until IS NULL",
                                 entry.device, entry.signature, entry.provenance, entry.form, build,
                                 version));
  NIWAKI_RETURN_IF_ERROR(Execute(
      connection,
      "INSERT INTO entry VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15,"
      " ?16, ?17, NULL)",
      entry.device, entry.signature, entry.provenance, entry.form, build, entry.latency_us,
      entry.spread_us, entry.count, entry.source, entry.counted, entry.counted_spread, entry.unit,
      entry.clock_hz, entry.board, entry.measurement, time_us, version));
  return true;
}

absl::Status PutRow(Connection& connection, const LatencyModel& model, int64_t version) {
  NIWAKI_RETURN_IF_ERROR(Execute(connection,
                                 "UPDATE model SET until = ?2 WHERE target = ?1 AND until IS NULL",
                                 model.target, version));
  NIWAKI_RETURN_IF_ERROR(Execute(connection, "INSERT INTO model VALUES(?1, ?2, ?3, ?4, NULL)",
                                 model.target, model.interval_ratio, model.source, version));
  for (const auto& [kind, c] : model.coefficients) {
    NIWAKI_RETURN_IF_ERROR(
        Execute(connection, "INSERT INTO coefficient VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
                model.target, version, kind, c.cycles_per_mac, c.cycles_per_input_byte,
                c.cycles_per_output_byte, c.cycles_per_weight_byte, c.cycles_per_call));
  }
  return absl::OkStatus();
}

absl::StatusOr<bool> PutRow(Connection& connection, const device::Device& device, int64_t version) {
  // A power of 0 and an empty kernel set are what rows of before have where none was known.
  const double power = device.active_power_mw.value_or(0.0);
  const std::string kernel_set =
      device.kernel_set == device::kDefaultKernelSet ? std::string() : device.kernel_set;
  const std::string memory = device::MemoryToText(device);
  NIWAKI_ASSIGN_OR_RETURN(
      const bool held,
      Finds(connection,
            "SELECT 1 FROM device WHERE name = ?1 AND until IS NULL"
            " AND (description, core, clock_hz, sram_bytes, flash_bytes, active_power_mw, source,"
            " memory, kernel_set) IS (?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
            device.name, device.description, device.core, device.clock_hz, device.sram_bytes(),
            device.flash_bytes(), power, device.source, memory, kernel_set));
  if (held) return false;
  NIWAKI_RETURN_IF_ERROR(Execute(connection,
                                 "UPDATE device SET until = ?2 WHERE name = ?1 AND until IS NULL",
                                 device.name, version));
  NIWAKI_RETURN_IF_ERROR(Execute(
      connection, "INSERT INTO device VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, NULL)",
      device.name, device.description, device.core, device.clock_hz, device.sram_bytes(),
      device.flash_bytes(), power, device.source, memory, kernel_set, version));
  return true;
}

absl::StatusOr<int64_t> EndEntries(Connection& connection, const std::string& device,
                                   const std::string& signature, int64_t version) {
  NIWAKI_RETURN_IF_ERROR(Execute(connection,
                                 "UPDATE entry SET until = ?3 WHERE device = ?1"
                                 " AND (?2 = '' OR signature = ?2) AND until IS NULL",
                                 device, signature, version));
  return connection.changes();
}

absl::StatusOr<std::vector<EntryKey>> EndRowsOf(Connection& connection,
                                                const std::string& measurement, int64_t version) {
  std::vector<EntryKey> ended;
  if (measurement.empty()) return ended;
  NIWAKI_ASSIGN_OR_RETURN(const auto builds, LoadBuilds(connection));
  {
    NIWAKI_ASSIGN_OR_RETURN(
        Statement select,
        connection.Prepare(absl::StrCat(
            kSelectEntries, "measurement = ?1 AND measurement <> '' AND until IS NULL")));
    select.BindAll(measurement);
    while (true) {
      NIWAKI_ASSIGN_OR_RETURN(const bool row, select.Step());
      if (!row) break;
      NIWAKI_ASSIGN_OR_RETURN(const LookupEntry entry, EntryOf(select, builds));
      ended.push_back(KeyOf(entry));
    }
  }
  NIWAKI_RETURN_IF_ERROR(
      Execute(connection,
              "UPDATE entry SET until = ?2 WHERE measurement = ?1 AND measurement <> ''"
              " AND until IS NULL",
              measurement, version));
  return ended;
}

absl::Status LoadVersion(Connection& connection, int64_t version, SnapshotEditor& editor) {
  NIWAKI_RETURN_IF_ERROR(LoadEntries(connection, version, editor));
  NIWAKI_RETURN_IF_ERROR(LoadModels(connection, version, editor));
  return LoadDevices(connection, version, editor);
}

}  // namespace niwaki::latency
