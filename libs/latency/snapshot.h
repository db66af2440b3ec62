// LatencySnapshot: one version of the lookup table and the latency models, in memory and immutable.

#ifndef NIWAKI_LIBS_LATENCY_SNAPSHOT_H_
#define NIWAKI_LIBS_LATENCY_SNAPSHOT_H_

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <tuple>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "libs/latency/device.h"
#include "libs/latency/latency_model.h"
#include "libs/latency/provenance.h"
#include "libs/latency/signature.h"

namespace niwaki::latency {

// Latency of one operator on one device.
struct LookupEntry {
  // Name of a device of the catalogue.
  std::string device;
  // OpSignature::ToText.
  std::string signature;
  // Mean, microseconds, from 0 to 1e9.
  double latency_us = 0;
  // Standard deviation over the runs, from 0 to 1e9.
  double spread_us = 0;
  // Runs, from 1.
  int64_t count = 1;
  // kMeasured, kEmulated or kPredicted. Part of the key: figures of several provenances stand side
  // by side.
  Provenance provenance = Provenance::kMeasured;
  // Who or what made it; at most 200 characters.
  std::string source;
};

// Key of an entry in the order of lists.
using EntryKey = std::tuple<std::string, std::string, Provenance>;

struct OpLatency {
  double mean_us = 0;
  double spread_us = 0;
};

// Thread-safe because immutable.
class LatencySnapshot {
 public:
  using OpTable = absl::flat_hash_map<OpSignature, OpLatency>;

  // Grows with every change of the table or the models.
  int64_t version() const { return version_; }

  // Entries of `device` of one provenance; null when there are none.
  const OpTable* Table(absl::string_view device, Provenance provenance) const;

  // The model of the device itself, else that of its core; null when there is neither.
  const LatencyModel* ModelFor(const Device& device) const;

  // All entries in key order.
  const std::map<EntryKey, LookupEntry>& entries() const { return entries_; }
  const std::map<std::string, LatencyModel, std::less<>>& models() const { return models_; }

 private:
  friend class SnapshotEditor;
  using TableKey = std::pair<std::string, Provenance>;

  int64_t version_ = 0;
  std::map<EntryKey, LookupEntry> entries_;
  std::map<TableKey, std::shared_ptr<const OpTable>> tables_;
  std::map<std::string, LatencyModel, std::less<>> models_;
};

// Makes the next version from the last one. Tables of devices that do not change are shared.
class SnapshotEditor {
 public:
  explicit SnapshotEditor(const LatencySnapshot& base) : next_(base) {}

  // `entry` must have a signature that FromText reads.
  void Put(const LookupEntry& entry);
  void Erase(const EntryKey& key);
  void PutModel(const LatencyModel& model) { next_.models_[model.target] = model; }

  // Ends the editing.
  std::shared_ptr<const LatencySnapshot> Finish(int64_t version);

 private:
  LatencySnapshot::OpTable& EditTable(const std::string& device, Provenance provenance);

  LatencySnapshot next_;
  std::map<LatencySnapshot::TableKey, std::shared_ptr<LatencySnapshot::OpTable>> edited_;
};

}  // namespace niwaki::latency

#endif  // NIWAKI_LIBS_LATENCY_SNAPSHOT_H_
