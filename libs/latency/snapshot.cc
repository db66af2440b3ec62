#include "libs/latency/snapshot.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "libs/base/digest.h"
#include "libs/base/log.h"
#include "libs/device/catalogue.h"
#include "libs/engine/emit/engine_version.h"
#include "libs/engine/plan/costs/cost.h"

namespace niwaki::latency {
namespace {

constexpr auto kMinProvenance = cost::Provenance::kUnknown;

// Of what estimates follow from.
Fingerprint FingerprintOfRow(const LookupEntry& row) {
  std::string text =
      absl::StrFormat("%s|%d|%.17g|%.17g", row.signature, static_cast<int>(row.provenance),
                      row.latency_us, row.spread_us);
  if (row.build.known() || !row.form.empty()) {
    absl::StrAppend(&text, "|", row.form, "|", row.build.engine_version, "|", row.build.kernel_set,
                    "|", row.build.firmware_digest, "|", row.build.compiler_digest, "|",
                    row.build.placement, "|", absl::ToUnixMicros(row.time));
  }
  return FingerprintOf(text.data(), text.size());
}

// Calls `visit` for each row of the device, in order.
template <typename Visit>
void ForEachRow(const std::map<EntryKey, LookupEntry>& entries, absl::string_view device,
                const Visit& visit) {
  auto it = entries.lower_bound({std::string(device), "", kMinProvenance, "", RowBuild()});
  for (; it != entries.end() && it->second.device == device; ++it) visit(it->second);
}

}  // namespace

EntryKey KeyOf(const LookupEntry& entry) {
  return {entry.device, entry.signature, entry.provenance, entry.form, entry.build};
}

const LatencySnapshot::OpTable* LatencySnapshot::Table(absl::string_view device,
                                                       cost::Provenance provenance) const {
  const auto it = tables_.find({std::string(device), provenance});
  return it == tables_.end() || it->second->empty() ? nullptr : it->second.get();
}

const LatencySnapshot::BlockTable* LatencySnapshot::Blocks(absl::string_view device,
                                                           cost::Provenance provenance) const {
  const auto it = block_tables_.find({std::string(device), provenance});
  return it == block_tables_.end() || it->second->empty() ? nullptr : it->second.get();
}

LatencySnapshot::FormTables LatencySnapshot::BuiltTables(absl::string_view device,
                                                         cost::Provenance provenance) const {
  FormTables tables = {};
  const auto it = built_tables_.find({std::string(device), provenance});
  if (it == built_tables_.end()) return tables;
  for (size_t i = 0; i < tables.size(); ++i) {
    if (!(*it->second)[i].empty()) tables[i] = &(*it->second)[i];
  }
  return tables;
}

bool LatencySnapshot::IsUsed(const LookupEntry& entry) const {
  if (!entry.build.known()) return true;
  const auto used = used_builds_.find({entry.device, entry.provenance});
  return used != used_builds_.end() && used->second == entry.build;
}

const std::vector<RowSet>& LatencySnapshot::RowSets(absl::string_view device) const {
  static const auto* const none = new std::vector<RowSet>();
  const auto it = row_sets_.find(device);
  return it == row_sets_.end() ? *none : it->second;
}

absl::StatusOr<device::Device> LatencySnapshot::FindDevice(absl::string_view name) const {
  const auto it = devices_.find(name);
  if (it != devices_.end()) return it->second;
  for (const device::Device& device : device::CatalogueDevices()) {
    if (device.name == name) return device;
  }
  return device::NoSuchDevice(name, AllDevices());
}

std::vector<device::Device> LatencySnapshot::AllDevices() const {
  std::vector<device::Device> all = device::CatalogueDevices();
  for (const auto& [name, device] : devices_) all.push_back(device);
  std::sort(all.begin(), all.end(),
            [](const device::Device& a, const device::Device& b) { return a.name < b.name; });
  return all;
}

const LatencyModel* LatencySnapshot::ModelFor(const device::Device& device) const {
  auto it = models_.find(device.name);
  if (it == models_.end()) it = models_.find(device.core);
  return it == models_.end() ? nullptr : &it->second;
}

std::string LatencySnapshot::RevisionOf(const device::Device& device) const {
  std::string text = absl::StrFormat("%s|%s|%d|%.17g|%s", device.name, device.core, device.clock_hz,
                                     device.active_power_mw.value_or(0), device.kernel_set);
  for (const device::MemoryRegion& region : device.memory) {
    absl::StrAppendFormat(&text, "|%s %d %d %d", region.name, static_cast<int>(region.kind),
                          region.bytes, static_cast<int>(region.use));
  }
  absl::StrAppend(&text, "|", engine::CostFingerprint());
  const auto sum = entry_sums_.find(device.name);
  if (sum != entry_sums_.end()) absl::StrAppend(&text, "|", sum->second.ToHex());
  if (const LatencyModel* model = ModelFor(device)) {
    absl::StrAppendFormat(&text, "|%s %.17g", model->target, model->interval_ratio);
    for (const auto& [kind, c] : model->coefficients) {
      absl::StrAppendFormat(&text, "|%s %.17g %.17g %.17g %.17g %.17g", kind, c.cycles_per_mac,
                            c.cycles_per_input_byte, c.cycles_per_output_byte,
                            c.cycles_per_weight_byte, c.cycles_per_call);
    }
  }
  return FingerprintOf(text.data(), text.size()).ToHex();
}

template <typename Table>
Table& SnapshotEditor::Edit(const LatencySnapshot::TableKey& key, const Tables<const Table>& base,
                            Tables<Table>& edited) {
  auto& table = edited[key];
  if (table == nullptr) {
    const auto it = base.find(key);
    table = it == base.end() ? std::make_shared<Table>() : std::make_shared<Table>(*it->second);
  }
  return *table;
}

void SnapshotEditor::Set(const EntryKey& key, const OpLatency* latency) {
  const std::string& text = std::get<1>(key);
  const LatencySnapshot::TableKey table(std::get<0>(key), std::get<2>(key));
  if (std::get<4>(key).known()) {
    changed_built_.insert(table);
    return;
  }
  const auto set = [latency](auto& into, const auto& signature) {
    NIWAKI_CHECK(signature.ok());
    if (latency == nullptr) {
      into.erase(*signature);
    } else {
      into[*signature] = *latency;
    }
  };
  if (IsBlockSignatureText(text)) {
    set(Edit(table, next_.block_tables_, edited_blocks_), BlockSignature::FromText(text));
  } else if (std::get<3>(key).empty()) {
    set(Edit(table, next_.tables_, edited_), OpSignature::FromText(text));
  }
}

void SnapshotEditor::Count(const EntryKey& key, const LookupEntry* entry) {
  changed_devices_.insert(std::get<0>(key));
  Fingerprint& sum = next_.entry_sums_[std::get<0>(key)];
  const auto it = next_.entries_.find(key);
  if (it != next_.entries_.end()) {
    const Fingerprint gone = FingerprintOfRow(it->second);
    sum.high -= gone.high;
    sum.low -= gone.low;
  }
  if (entry != nullptr) {
    const Fingerprint added = FingerprintOfRow(*entry);
    sum.high += added.high;
    sum.low += added.low;
  }
  // A device without entries has no sum, whether it had some before or not.
  if (sum == Fingerprint()) next_.entry_sums_.erase(std::get<0>(key));
}

void SnapshotEditor::Put(const LookupEntry& entry) {
  const EntryKey key = KeyOf(entry);
  Count(key, &entry);
  const OpLatency latency = {entry.latency_us, entry.spread_us};
  Set(key, &latency);
  next_.entries_[key] = entry;
}

void SnapshotEditor::Erase(const EntryKey& key) {
  Count(key, nullptr);
  Set(key, nullptr);
  next_.entries_.erase(key);
}

void SnapshotEditor::RemakeRowSets(const std::string& device) {
  std::map<std::pair<cost::Provenance, RowBuild>, RowSet> sets;
  ForEachRow(next_.entries_, device, [&](const LookupEntry& row) {
    RowSet& set = sets[{row.provenance, row.build}];
    set.provenance = row.provenance;
    set.build = row.build;
    set.time = std::max(set.time, row.time);
    ++set.rows;
  });
  std::vector<RowSet>& list = next_.row_sets_[device];
  list.clear();
  for (auto& [key, set] : sets) list.push_back(std::move(set));
}

void SnapshotEditor::RemakeBuilt(const LatencySnapshot::TableKey& key) {
  next_.used_builds_.erase(key);
  next_.built_tables_.erase(key);
  const RowSet* newest = nullptr;
  const std::vector<RowSet>& sets = next_.RowSets(key.first);
  for (const RowSet& set : sets) {
    if (set.provenance != key.second || set.build.engine_version != engine::EngineVersion()) {
      continue;
    }
    if (newest == nullptr || set.time >= newest->time) newest = &set;
  }
  if (newest == nullptr) return;
  next_.used_builds_[key] = newest->build;
  auto table = std::make_shared<LatencySnapshot::BuiltTable>();
  ForEachRow(next_.entries_, key.first, [&](const LookupEntry& row) {
    if (row.provenance != key.second || row.build != newest->build) return;
    const std::optional<OpForm> form = OpFormOf(row.form);
    const absl::StatusOr<OpSignature> signature = OpSignature::FromText(row.signature);
    if (!form.has_value() || !signature.ok()) return;
    (*table)[static_cast<size_t>(*form)][*signature] = {row.latency_us, row.spread_us};
  });
  next_.built_tables_[key] = std::move(table);
}

std::shared_ptr<const LatencySnapshot> SnapshotEditor::Finish(int64_t version) {
  for (auto& [key, table] : edited_) next_.tables_[key] = std::move(table);
  edited_.clear();
  for (auto& [key, table] : edited_blocks_) next_.block_tables_[key] = std::move(table);
  edited_blocks_.clear();
  for (const std::string& device : changed_devices_) RemakeRowSets(device);
  for (const LatencySnapshot::TableKey& key : changed_built_) RemakeBuilt(key);
  for (const std::string& device : changed_devices_) {
    for (RowSet& set : next_.row_sets_[device]) {
      const auto used = next_.used_builds_.find({device, set.provenance});
      set.used =
          !set.build.known() || (used != next_.used_builds_.end() && used->second == set.build);
    }
  }
  changed_built_.clear();
  changed_devices_.clear();
  next_.version_ = version;
  return std::make_shared<const LatencySnapshot>(std::move(next_));
}

std::shared_ptr<const LatencySnapshot> DefaultSnapshot() {
  SnapshotEditor editor((LatencySnapshot()));
  for (const LatencyModel& model : DefaultModels()) editor.PutModel(model);
  return editor.Finish(1);
}

}  // namespace niwaki::latency
