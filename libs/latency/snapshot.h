// LatencySnapshot: one version of the lookup table and the latency models, in memory and immutable.

#ifndef NIWAKI_LIBS_LATENCY_SNAPSHOT_H_
#define NIWAKI_LIBS_LATENCY_SNAPSHOT_H_

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "libs/base/digest.h"
#include "libs/cost/provenance.h"
#include "libs/device/device.h"
#include "libs/latency/block_signature.h"
#include "libs/latency/latency_model.h"
#include "libs/latency/op_form.h"
#include "libs/latency/row_build.h"
#include "libs/latency/signature.h"

namespace niwaki::latency {

// Latency of one operator or block on one device.
struct LookupEntry {
  // Name of a device of the catalogue or of a user's.
  std::string device;
  // OpSignature::ToText, or BlockSignature::ToText for a part measured as one piece.
  std::string signature;
  // Mean, microseconds, from 0 to 1e9.
  double latency_us = 0;
  // Standard deviation over the runs, from 0 to 1e9.
  double spread_us = 0;
  // Runs, from 1.
  int64_t count = 1;
  // kMeasured, kEmulated or kPredicted. Part of the key: figures of several provenances stand side
  // by side. What is emulated is the time of a core that takes one cycle an instruction.
  cost::Provenance provenance = cost::Provenance::kMeasured;
  // Who or what made it; at most 200 characters.
  std::string source;
  // OpFormText, or another text of at most 63 characters, which estimates do not use. Part of the
  // key. Empty for blocks, and where it is not known.
  std::string form;
  // Part of the key.
  RowBuild build;
  // Mean and standard deviation of what was counted, and of what: "cycles" or "instructions"; 0 and
  // empty where nothing was. latency_us is counted / clock_hz then.
  double counted = 0;
  double counted_spread = 0;
  std::string unit;
  int64_t clock_hz = 0;
  // "boards/{board}" and "measurements/{number}" that it is from; empty where a person wrote it.
  std::string board;
  std::string measurement;
  // When it was measured; the infinite past where that is not known.
  absl::Time time = absl::InfinitePast();
};

// Key of an entry in the order of lists: device, signature, provenance, form, build.
using EntryKey = std::tuple<std::string, std::string, cost::Provenance, std::string, RowBuild>;
EntryKey KeyOf(const LookupEntry& entry);

// The rows of one device that have one provenance and one build.
struct RowSet {
  cost::Provenance provenance = cost::Provenance::kMeasured;
  RowBuild build;
  int64_t rows = 0;
  // The latest of their times.
  absl::Time time = absl::InfinitePast();
  bool used = false;
};

struct OpLatency {
  double mean_us = 0;
  double spread_us = 0;
};

// Thread-safe because immutable.
//
// Which rows answer. Rows that name no build are what people wrote: each stands for its operator
// however it is emitted. Of those that do, one build of a device and provenance is used, and no row
// of another is ever added to it: of the builds whose engine is this program's, the one whose
// latest row was measured last, and of two such the greater one. All others stay, superseded.
class LatencySnapshot {
 public:
  using OpTable = absl::flat_hash_map<OpSignature, OpLatency>;
  using BlockTable = absl::flat_hash_map<BlockSignature, OpLatency>;
  // By OpForm; null where there is none.
  using FormTables = std::array<const OpTable*, kNumOpForms>;

  // Grows with every change of the table or the models.
  int64_t version() const { return version_; }

  // Entries of `device` of one provenance that name no build; null when there are none.
  const OpTable* Table(absl::string_view device, cost::Provenance provenance) const;

  // Those of the build that is used, by form; all null when there is none.
  FormTables BuiltTables(absl::string_view device, cost::Provenance provenance) const;

  // All rows of `device`, by provenance, then build.
  const std::vector<RowSet>& RowSets(absl::string_view device) const;

  // Whether `entry`, which is of this snapshot, may answer.
  bool IsUsed(const LookupEntry& entry) const;

  // The same of blocks.
  const BlockTable* Blocks(absl::string_view device, cost::Provenance provenance) const;

  // A device of the catalogue or of a user's; NotFound with reason DEVICE_UNKNOWN lists the names.
  absl::StatusOr<device::Device> FindDevice(absl::string_view name) const;
  // All of them, by name.
  std::vector<device::Device> AllDevices() const;
  // Users' devices by name.
  const std::map<std::string, device::Device, std::less<>>& devices() const { return devices_; }

  // The model of the device itself, else that of its core; null when there is neither.
  const LatencyModel* ModelFor(const device::Device& device) const;

  // Fingerprint of all that costs on `device` follow from but the network: its core, clock, memory,
  // power and kernels, its entries, the model for it, and what the memory planner and the flash
  // model of this program answer. 32 hexadecimal characters; the same after
  // a restart, and again when what was changed is changed back.
  std::string RevisionOf(const device::Device& device) const;

  // All entries in key order.
  const std::map<EntryKey, LookupEntry>& entries() const { return entries_; }
  const std::map<std::string, LatencyModel, std::less<>>& models() const { return models_; }

 private:
  friend class SnapshotEditor;
  using TableKey = std::pair<std::string, cost::Provenance>;
  // By form.
  using BuiltTable = std::array<OpTable, kNumOpForms>;

  int64_t version_ = 0;
  std::map<EntryKey, LookupEntry> entries_;
  std::map<TableKey, RowBuild> used_builds_;
  std::map<std::string, std::vector<RowSet>, std::less<>> row_sets_;
  std::map<TableKey, std::shared_ptr<const BuiltTable>> built_tables_;
  std::map<TableKey, std::shared_ptr<const OpTable>> tables_;
  std::map<TableKey, std::shared_ptr<const BlockTable>> block_tables_;
  std::map<std::string, device::Device, std::less<>> devices_;
  std::map<std::string, LatencyModel, std::less<>> models_;
  // The sum of the fingerprints of each device's entries, kept in step with them.
  std::map<std::string, Fingerprint, std::less<>> entry_sums_;
};

// Version 1: the models that a new oracle starts with, no devices and no entries.
std::shared_ptr<const LatencySnapshot> DefaultSnapshot();

// Makes the next version from the last one. Tables of devices that do not change are shared; those
// of measured rows are made anew where one of their device and provenance changes.
class SnapshotEditor {
 public:
  explicit SnapshotEditor(const LatencySnapshot& base) : next_(base) {}

  // `entry` must have a signature that OpSignature or BlockSignature reads.
  void Put(const LookupEntry& entry);
  void Erase(const EntryKey& key);
  void PutModel(const LatencyModel& model) { next_.models_[model.target] = model; }
  void PutDevice(const device::Device& device) { next_.devices_[device.name] = device; }

  // Ends the editing.
  std::shared_ptr<const LatencySnapshot> Finish(int64_t version);

 private:
  // A table of this version that may be changed: the base's is copied once.
  template <typename Table>
  using Tables = std::map<LatencySnapshot::TableKey, std::shared_ptr<Table>>;
  template <typename Table>
  static Table& Edit(const LatencySnapshot::TableKey& key, const Tables<const Table>& base,
                     Tables<Table>& edited);
  // Takes the entry that the key has, if any, out of its device's sum, and adds `entry` to it where
  // that is not null.
  void Count(const EntryKey& key, const LookupEntry* entry);
  // The latency of `signature` in this version; null erases it.
  void Set(const EntryKey& key, const OpLatency* latency);
  void RemakeRowSets(const std::string& device);
  // Chooses the build that is used, and fills its table.
  void RemakeBuilt(const LatencySnapshot::TableKey& key);

  LatencySnapshot next_;
  std::set<std::string> changed_devices_;
  // Where rows that name a build have changed.
  std::set<LatencySnapshot::TableKey> changed_built_;
  Tables<LatencySnapshot::OpTable> edited_;
  Tables<LatencySnapshot::BlockTable> edited_blocks_;
};

}  // namespace niwaki::latency

#endif  // NIWAKI_LIBS_LATENCY_SNAPSHOT_H_
