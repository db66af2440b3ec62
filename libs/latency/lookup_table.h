// LookupTable: what is known about latencies, durable in SQLite and served from memory.
//
// Holds the latency of operators and blocks on devices (the LUT), the latency models that stand in
// where the LUT has gaps, and users' own devices.

#ifndef NIWAKI_LIBS_LATENCY_LOOKUP_TABLE_H_
#define NIWAKI_LIBS_LATENCY_LOOKUP_TABLE_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "libs/latency/snapshot.h"
#include "libs/store/connection.h"
#include "libs/store/group_commit.h"
#include "libs/store/request_log.h"

namespace niwaki::latency {

struct EntryPage {
  std::vector<LookupEntry> entries;
  // Empty on the last page.
  std::string next_page_token;
};

// At most `page_size` (from 1) entries of `snapshot` in key order, of `device` or all when empty,
// after those of the page whose token is given ("" for the first). InvalidArgument
// PAGE_TOKEN_INVALID for a token that was not given for this device.
absl::StatusOr<EntryPage> ListEntries(const LatencySnapshot& snapshot, absl::string_view device,
                                      int page_size, absl::string_view page_token);

// Keeps its history: what is replaced or deleted holds on in the versions of before.
//
// Thread-safe. Writes return after their commit and are in the next snapshot(); readers never wait
// for a writer's disk.
class LookupTable {
 public:
  // Opens or creates the database at `path`; a new one starts with DefaultModels(). Errors of
  // store::Connection and store::Migrate; DataLoss for rows that cannot be.
  static absl::StatusOr<std::unique_ptr<LookupTable>> Open(
      const std::string& path, const store::ConnectionOptions& options = {});
  ~LookupTable();

  // The newest version. Cheap; hold it for as long as answers must belong together.
  std::shared_ptr<const LatencySnapshot> snapshot() const;

  // That version; 0 is the newest. Old ones are read from the database, and the last few stay in
  // memory. FailedPrecondition TABLE_VERSION_GONE, naming those that are kept: all since the
  // database was made, or since a program with history first opened it.
  absl::StatusOr<std::shared_ptr<const LatencySnapshot>> SnapshotAt(int64_t version);

  // Writes all entries or none; an entry replaces the one of its key (KeyOf). Returns the version
  // that holds them; writing what is there already changes nothing. InvalidArgument
  // ARGUMENT_INVALID (field `entries[i]…`) for the first bad entry, NotFound DEVICE_UNKNOWN, errors
  // of the commit.
  //
  // A `request` with an id is remembered for store::kRequestMemory from its create_time: its
  // repetition writes nothing and returns the first version; InvalidArgument REQUEST_ID_REUSED for
  // the id with another method or digest.
  absl::StatusOr<int64_t> Put(const std::vector<LookupEntry>& entries,
                              const store::RequestRecord& request = {});

  // Ends the entries that a measurement ("measurements/{number}") brought: they hold in the
  // versions of before. Returns how many there were.
  absl::StatusOr<int64_t> Withdraw(const std::string& measurement);

  // Adds a device of the user's, or replaces it. Returns the version. InvalidArgument for wrong
  // figures; AlreadyExists with reason ALREADY_EXISTS for a name of the catalogue. `request` as in
  // Put.
  absl::StatusOr<int64_t> PutDevice(const device::Device& device,
                                    const store::RequestRecord& request = {});

  // Deletes the entries of an operator, or with an empty signature all of a device, of every
  // provenance. Returns how many there were.
  absl::StatusOr<int64_t> Delete(const std::string& device, const std::string& signature);

  // Writes a latency model; it replaces the one of its target. Returns the version.
  // InvalidArgument.
  absl::StatusOr<int64_t> PutModel(const LatencyModel& model);

  // One read of the database, for health checks.
  absl::Status Probe();

 private:
  explicit LookupTable(std::unique_ptr<store::Connection> connection);

  // Writes rows that hold from `version` on; whether anything changed.
  using Change =
      std::function<absl::StatusOr<bool>(store::Connection& connection, int64_t version)>;

  static absl::StatusOr<std::shared_ptr<const LatencySnapshot>> Load(store::Connection& connection,
                                                                     int64_t version);
  absl::Status LoadNewest(store::Connection& connection);
  // Runs `work` durably, then `edit` on the newest snapshot, in commit order.
  absl::StatusOr<int64_t> Write(const Change& work,
                                const std::function<void(SnapshotEditor&)>& edit);
  // Write, unless `request` was written before: then that time's version.
  absl::StatusOr<int64_t> WriteOnce(const store::RequestRecord& request, const Change& change,
                                    const std::function<void(SnapshotEditor&)>& edit);

  mutable absl::Mutex mutex_;
  std::shared_ptr<const LatencySnapshot> snapshot_ ABSL_GUARDED_BY(mutex_);
  int64_t oldest_version_ ABSL_GUARDED_BY(mutex_) = 0;
  // Of before, most recently used last.
  std::vector<std::shared_ptr<const LatencySnapshot>> old_ ABSL_GUARDED_BY(mutex_);
  std::unique_ptr<store::GroupCommitWriter> writer_;
};

// InvalidArgument, or NotFound DEVICE_UNKNOWN for a device that is not in `snapshot`, with `field`
// before the name of what is wrong.
absl::Status Validate(const LookupEntry& entry, const LatencySnapshot& snapshot,
                      absl::string_view field);

}  // namespace niwaki::latency

#endif  // NIWAKI_LIBS_LATENCY_LOOKUP_TABLE_H_
