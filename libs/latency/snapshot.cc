#include "libs/latency/snapshot.h"

#include <utility>

#include "libs/base/log.h"

namespace niwaki::latency {

const LatencySnapshot::OpTable* LatencySnapshot::Table(absl::string_view device,
                                                       Provenance provenance) const {
  const auto it = tables_.find({std::string(device), provenance});
  return it == tables_.end() || it->second->empty() ? nullptr : it->second.get();
}

const LatencyModel* LatencySnapshot::ModelFor(const Device& device) const {
  auto it = models_.find(device.name);
  if (it == models_.end()) it = models_.find(device.core);
  return it == models_.end() ? nullptr : &it->second;
}

LatencySnapshot::OpTable& SnapshotEditor::EditTable(const std::string& device,
                                                    Provenance provenance) {
  const LatencySnapshot::TableKey key(device, provenance);
  auto& table = edited_[key];
  if (table == nullptr) {
    const auto it = next_.tables_.find(key);
    table = it == next_.tables_.end() ? std::make_shared<LatencySnapshot::OpTable>()
                                      : std::make_shared<LatencySnapshot::OpTable>(*it->second);
  }
  return *table;
}

void SnapshotEditor::Put(const LookupEntry& entry) {
  const auto signature = OpSignature::FromText(entry.signature);
  NIWAKI_CHECK(signature.ok());
  EditTable(entry.device, entry.provenance)[*signature] = {entry.latency_us, entry.spread_us};
  next_.entries_[{entry.device, entry.signature, entry.provenance}] = entry;
}

void SnapshotEditor::Erase(const EntryKey& key) {
  const auto signature = OpSignature::FromText(std::get<1>(key));
  NIWAKI_CHECK(signature.ok());
  EditTable(std::get<0>(key), std::get<2>(key)).erase(*signature);
  next_.entries_.erase(key);
}

std::shared_ptr<const LatencySnapshot> SnapshotEditor::Finish(int64_t version) {
  for (auto& [key, table] : edited_) next_.tables_[key] = std::move(table);
  edited_.clear();
  next_.version_ = version;
  return std::make_shared<const LatencySnapshot>(std::move(next_));
}

}  // namespace niwaki::latency
