#include "libs/latency/snapshot.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "libs/base/digest.h"
#include "libs/base/log.h"
#include "libs/device/catalogue.h"
#include "libs/engine/plan/costs/cost.h"

namespace niwaki::latency {

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
  const auto& [device, text, provenance] = key;
  const auto set = [latency](auto& table, const auto& signature) {
    NIWAKI_CHECK(signature.ok());
    if (latency == nullptr) {
      table.erase(*signature);
    } else {
      table[*signature] = *latency;
    }
  };
  const LatencySnapshot::TableKey table(device, provenance);
  if (IsBlockSignatureText(text)) {
    set(Edit(table, next_.block_tables_, edited_blocks_), BlockSignature::FromText(text));
  } else {
    set(Edit(table, next_.tables_, edited_), OpSignature::FromText(text));
  }
}

void SnapshotEditor::Count(const EntryKey& key, const LookupEntry* entry) {
  const auto fingerprint = [](const LookupEntry& one) {
    const std::string text =
        absl::StrFormat("%s|%d|%.17g|%.17g", one.signature, static_cast<int>(one.provenance),
                        one.latency_us, one.spread_us);
    return FingerprintOf(text.data(), text.size());
  };
  Fingerprint& sum = next_.entry_sums_[std::get<0>(key)];
  const auto it = next_.entries_.find(key);
  if (it != next_.entries_.end()) {
    const Fingerprint gone = fingerprint(it->second);
    sum.high -= gone.high;
    sum.low -= gone.low;
  }
  if (entry != nullptr) {
    const Fingerprint added = fingerprint(*entry);
    sum.high += added.high;
    sum.low += added.low;
  }
  // A device without entries has no sum, whether it had some before or not.
  if (sum == Fingerprint()) next_.entry_sums_.erase(std::get<0>(key));
}

void SnapshotEditor::Put(const LookupEntry& entry) {
  const EntryKey key(entry.device, entry.signature, entry.provenance);
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

std::shared_ptr<const LatencySnapshot> SnapshotEditor::Finish(int64_t version) {
  for (auto& [key, table] : edited_) next_.tables_[key] = std::move(table);
  edited_.clear();
  for (auto& [key, table] : edited_blocks_) next_.block_tables_[key] = std::move(table);
  edited_blocks_.clear();
  next_.version_ = version;
  return std::make_shared<const LatencySnapshot>(std::move(next_));
}

std::shared_ptr<const LatencySnapshot> DefaultSnapshot() {
  SnapshotEditor editor((LatencySnapshot()));
  for (const LatencyModel& model : DefaultModels()) editor.PutModel(model);
  return editor.Finish(1);
}

}  // namespace niwaki::latency
