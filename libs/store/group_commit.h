// GroupCommitWriter: many small durable writes at the price of few commits.
//
// A commit with synchronous=FULL costs a flush of the disk. The one writer thread takes what has
// been queued meanwhile (up to `max_group` items), runs it in one transaction, commits, and only
// then answers: `done` is never called with OK before the item's effect would survive power loss.

#ifndef NIWAKI_LIBS_STORE_GROUP_COMMIT_H_
#define NIWAKI_LIBS_STORE_GROUP_COMMIT_H_

#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "libs/store/connection.h"

namespace niwaki::store {

struct GroupCommitOptions {
  // Items in one transaction, at most.
  size_t max_group = 64;
  // Items waiting, at most.
  size_t max_queue = 65536;
  // Called on the writer thread when a group is lost, with the error and before the `done` of its
  // items: whoever keeps a copy of the database in memory must load it again, since work functions
  // may have changed it.
  std::function<void(const absl::Status&)> on_commit_failed;
};

// Thread-safe. The connection belongs to the writer thread alone; readers open their own.
class GroupCommitWriter {
 public:
  // Runs on the writer thread inside a savepoint. Must not begin or end transactions. An error
  // undoes this item alone.
  using Work = std::function<absl::Status(Connection&)>;
  // Called once for each accepted item, on the writer thread, in the order of submission, after the
  // commit. Must not block; may Submit.
  using Done = std::function<void(absl::Status)>;

  GroupCommitWriter(std::unique_ptr<Connection> connection, GroupCommitOptions options);
  // Stops.
  ~GroupCommitWriter();
  GroupCommitWriter(const GroupCommitWriter&) = delete;
  GroupCommitWriter& operator=(const GroupCommitWriter&) = delete;

  // Queues an item. When the result is not OK, neither function will be called: ResourceExhausted
  // QUEUE_FULL, Unavailable SHUTTING_DOWN.
  //
  // `done` gets the item's own error when `work` failed and the rest was committed; and the
  // commit's error, whatever `work` returned, when the group as a whole was lost (its result may
  // have rested on items that are gone).
  absl::Status Submit(Work work, Done done);

  // Submits and waits for `done`. Not from the writer thread.
  absl::Status Run(Work work);

  // Refuses new items, finishes the queued ones and joins the thread. Idempotent.
  void Stop();

  size_t queued() const;

 private:
  struct Item {
    Work work;
    Done done;
  };

  void Loop();
  std::vector<Item> TakeGroup();
  void CommitGroup(std::vector<Item>& group);
  // Fills `results`; an error means that the whole group is lost.
  absl::Status RunGroup(std::vector<Item>& group, std::vector<absl::Status>& results);
  // Fills the item's own `result`; an error means that the transaction around it is gone.
  absl::Status RunItem(const Work& work, absl::Status& result);

  const std::unique_ptr<Connection> connection_;
  const GroupCommitOptions options_;

  mutable absl::Mutex mutex_;
  std::deque<Item> queue_ ABSL_GUARDED_BY(mutex_);
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;

  absl::Mutex join_mutex_;
  std::thread thread_;
};

}  // namespace niwaki::store

#endif  // NIWAKI_LIBS_STORE_GROUP_COMMIT_H_
