#include "services/oracle/space_cache.h"

#include <algorithm>
#include <utility>

#include "libs/arch/catalogue.h"
#include "libs/base/error.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"
#include "services/oracle/convert.h"

namespace niwaki::oracle {
namespace {

using Request = v1::EstimateCostsRequest;

constexpr uint64_t kNameSeed = 1;
constexpr uint64_t kDefinitionSeed = 2;

Fingerprint KeyOf(const Request& request) {
  const bool named = request.space_case() == Request::kSpaceName;
  const std::string text =
      named ? request.space_name() : request.space_definition().SerializeAsString();
  return FingerprintOf(text.data(), text.size(), named ? kNameSeed : kDefinitionSeed);
}

absl::StatusOr<arch::SearchSpace> Read(const Request& request) {
  if (request.space_case() == Request::kSpaceName) {
    return arch::CatalogueSpace(request.space_name());
  }
  absl::StatusOr<arch::SearchSpace> space =
      arch::SearchSpace::FromMessage(request.space_definition());
  if (!space.ok()) return WithinField(space.status(), "space_definition");
  return space;
}

}  // namespace

absl::StatusOr<std::shared_ptr<const arch::SearchSpace>> SpaceCache::Get(const Request& request) {
  if (request.space_case() == Request::SPACE_NOT_SET) {
    return Error(absl::StatusCode::kInvalidArgument, reason::kArgumentInvalid)
        .Field("space")
        .Limit("space_name or space_definition")
        .Message("the request names no space");
  }
  const Fingerprint key = KeyOf(request);
  if (auto space = Find(key)) return space;
  NIWAKI_ASSIGN_OR_RETURN(arch::SearchSpace read, Read(request));
  auto space = std::make_shared<const arch::SearchSpace>(std::move(read));
  Insert(key, space);
  return space;
}

std::shared_ptr<const arch::SearchSpace> SpaceCache::Find(const Fingerprint& key) {
  absl::MutexLock lock(&mutex_);
  const auto found = entries_.find(key);
  if (found == entries_.end()) return nullptr;
  found->second.last_used = ++uses_;
  return found->second.space;
}

void SpaceCache::Insert(const Fingerprint& key, std::shared_ptr<const arch::SearchSpace> space) {
  absl::MutexLock lock(&mutex_);
  entries_[key] = {std::move(space), ++uses_};
  if (entries_.size() <= static_cast<size_t>(capacity_)) return;
  entries_.erase(std::min_element(
      entries_.begin(), entries_.end(),
      [](const auto& a, const auto& b) { return a.second.last_used < b.second.last_used; }));
}

int SpaceCache::size() const {
  absl::MutexLock lock(&mutex_);
  return static_cast<int>(entries_.size());
}

}  // namespace niwaki::oracle
