// absl::Mutex and its kin as ThreadSanitizer wants to see them; only in tests under --config=tsan,
// see bazel/BUILD.bazel.
//
// Debian's Abseil is not instrumented: its mutexes order threads, but ThreadSanitizer does not see
// it and reports everything that they guard. The definitions here take the place of Abseil's in the
// whole process (also for calls from gRPC), say what happens to the mutex, and call the real ones.
//
// Between `pre` and `post` ThreadSanitizer ignores the thread's own accesses. That covers the
// conditions that Abseil evaluates inside its calls, for whichever thread they are: they are run
// under the mutex, so there is nothing to find.

#include <dlfcn.h>
#include <sanitizer/tsan_interface.h>

#include <atomic>
#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include "absl/base/options.h"
#include "absl/synchronization/blocking_counter.h"
#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "absl/time/time.h"

#if ABSL_OPTION_USE_INLINE_NAMESPACE != 1
#error "the symbols below are those of an Abseil with an inline namespace"
#endif

#define NIWAKI_TEXT(x) #x
#define NIWAKI_TEXT_OF(x) NIWAKI_TEXT(x)

namespace {

constexpr char kInlineNamespace[] = NIWAKI_TEXT_OF(ABSL_OPTION_INLINE_NAMESPACE_NAME);
constexpr unsigned kExclusive = 0;
constexpr unsigned kShared = __tsan_mutex_read_lock;

// The function of Abseil's library whose mangled name ends like this. `is_const`: a const member.
template <typename Function>
Function* Real(const char* suffix, bool is_const = false) {
  char name[200];
  snprintf(name, sizeof name, "_Z%s4absl%zu%s%s", is_const ? "NK" : "N",
           sizeof kInlineNamespace - 1, kInlineNamespace, suffix);
  void* const found = dlsym(RTLD_NEXT, name);
  if (found == nullptr) {
    fprintf(stderr, "no symbol %s behind this program: another Abseil?\n", name);
    abort();
  }
  return reinterpret_cast<Function*>(found);
}

// Whether the mutex, which the caller holds, is held for writing: bit 3 of Abseil's state.
unsigned ModeOf(const absl::Mutex* mutex) {
  constexpr intptr_t kWriter = 0x8;
  const auto* state = reinterpret_cast<const std::atomic<intptr_t>*>(mutex);
  return (state->load(std::memory_order_relaxed) & kWriter) != 0 ? kExclusive : kShared;
}

// The mutex whose real function runs on this thread: some of those call others of the same mutex,
// which are then a part of what has been said already.
thread_local const absl::Mutex* inside = nullptr;

// Runs a real function of the mutex.
template <typename Call>
auto Between(absl::Mutex* mutex, Call call) {
  struct Mark {
    explicit Mark(const absl::Mutex* mutex) : before(inside) { inside = mutex; }
    ~Mark() { inside = before; }
    const absl::Mutex* const before;
  } mark(mutex);
  return call();
}

// Runs `take`, which returns with the mutex held.
template <typename Take>
auto Locking(absl::Mutex* mutex, unsigned mode, Take take) {
  if (inside == mutex) return take();
  struct Annotation {
    Annotation(absl::Mutex* mutex, unsigned mode) : mutex(mutex), mode(mode) {
      __tsan_mutex_pre_lock(mutex, mode);
    }
    ~Annotation() { __tsan_mutex_post_lock(mutex, mode, /*recursion=*/0); }
    absl::Mutex* const mutex;
    const unsigned mode;
  } annotation(mutex, mode);
  return Between(mutex, take);
}

template <typename Release>
void Unlocking(absl::Mutex* mutex, unsigned mode, Release release) {
  if (inside == mutex) return release();
  __tsan_mutex_pre_unlock(mutex, mode);
  Between(mutex, release);
  __tsan_mutex_post_unlock(mutex, mode);
}

template <typename Try>
bool TryLocking(absl::Mutex* mutex, unsigned mode, Try attempt) {
  if (inside == mutex) return attempt();
  const unsigned flags = mode | __tsan_mutex_try_lock;
  __tsan_mutex_pre_lock(mutex, flags);
  const bool taken = Between(mutex, attempt);
  __tsan_mutex_post_lock(mutex, taken ? flags : flags | __tsan_mutex_try_lock_failed, 0);
  return taken;
}

// Runs `wait`, which gives the mutex away and takes it again.
template <typename Wait>
auto Waiting(absl::Mutex* mutex, Wait wait) {
  if (inside == mutex) return wait();
  const unsigned mode = ModeOf(mutex);
  Unlocking(mutex, mode, [] {});
  return Locking(mutex, mode, wait);
}

// What HasBeenNotified, which is inlined, looks at.
void* FlagOf(const absl::Notification* notification) {
  static_assert(sizeof(absl::Notification) == 2 * sizeof(absl::Mutex),
                "a mutex and a flag behind it");
  return const_cast<char*>(reinterpret_cast<const char*>(notification)) + sizeof(absl::Mutex);
}

}  // namespace

namespace absl {
ABSL_NAMESPACE_BEGIN

Mutex::~Mutex() {
  static auto* const real = Real<void(Mutex*)>("5MutexD1Ev");
  __tsan_mutex_destroy(this, __tsan_mutex_not_static);
  real(this);
}

void Mutex::Lock() {
  static auto* const real = Real<void(Mutex*)>("5Mutex4LockEv");
  Locking(this, kExclusive, [this] { real(this); });
}

void Mutex::Unlock() {
  static auto* const real = Real<void(Mutex*)>("5Mutex6UnlockEv");
  Unlocking(this, kExclusive, [this] { real(this); });
}

bool Mutex::TryLock() {
  static auto* const real = Real<bool(Mutex*)>("5Mutex7TryLockEv");
  return TryLocking(this, kExclusive, [this] { return real(this); });
}

void Mutex::ReaderLock() {
  static auto* const real = Real<void(Mutex*)>("5Mutex10ReaderLockEv");
  Locking(this, kShared, [this] { real(this); });
}

void Mutex::ReaderUnlock() {
  static auto* const real = Real<void(Mutex*)>("5Mutex12ReaderUnlockEv");
  Unlocking(this, kShared, [this] { real(this); });
}

bool Mutex::ReaderTryLock() {
  static auto* const real = Real<bool(Mutex*)>("5Mutex13ReaderTryLockEv");
  return TryLocking(this, kShared, [this] { return real(this); });
}

void Mutex::Await(const Condition& cond) {
  static auto* const real = Real<void(Mutex*, const Condition&)>("5Mutex5AwaitERKNS0_9ConditionE");
  Waiting(this, [&] { real(this, cond); });
}

bool Mutex::AwaitWithTimeout(const Condition& cond, Duration timeout) {
  static auto* const real = Real<bool(Mutex*, const Condition&, Duration)>(
      "5Mutex16AwaitWithTimeoutERKNS0_9ConditionENS0_8DurationE");
  return Waiting(this, [&] { return real(this, cond, timeout); });
}

bool Mutex::AwaitWithDeadline(const Condition& cond, Time deadline) {
  static auto* const real = Real<bool(Mutex*, const Condition&, Time)>(
      "5Mutex17AwaitWithDeadlineERKNS0_9ConditionENS0_4TimeE");
  return Waiting(this, [&] { return real(this, cond, deadline); });
}

void Mutex::LockWhen(const Condition& cond) {
  static auto* const real =
      Real<void(Mutex*, const Condition&)>("5Mutex8LockWhenERKNS0_9ConditionE");
  Locking(this, kExclusive, [&] { real(this, cond); });
}

bool Mutex::LockWhenWithTimeout(const Condition& cond, Duration timeout) {
  static auto* const real = Real<bool(Mutex*, const Condition&, Duration)>(
      "5Mutex19LockWhenWithTimeoutERKNS0_9ConditionENS0_8DurationE");
  return Locking(this, kExclusive, [&] { return real(this, cond, timeout); });
}

bool Mutex::LockWhenWithDeadline(const Condition& cond, Time deadline) {
  static auto* const real = Real<bool(Mutex*, const Condition&, Time)>(
      "5Mutex20LockWhenWithDeadlineERKNS0_9ConditionENS0_4TimeE");
  return Locking(this, kExclusive, [&] { return real(this, cond, deadline); });
}

void Mutex::ReaderLockWhen(const Condition& cond) {
  static auto* const real =
      Real<void(Mutex*, const Condition&)>("5Mutex14ReaderLockWhenERKNS0_9ConditionE");
  Locking(this, kShared, [&] { real(this, cond); });
}

bool Mutex::ReaderLockWhenWithTimeout(const Condition& cond, Duration timeout) {
  static auto* const real = Real<bool(Mutex*, const Condition&, Duration)>(
      "5Mutex25ReaderLockWhenWithTimeoutERKNS0_9ConditionENS0_8DurationE");
  return Locking(this, kShared, [&] { return real(this, cond, timeout); });
}

bool Mutex::ReaderLockWhenWithDeadline(const Condition& cond, Time deadline) {
  static auto* const real = Real<bool(Mutex*, const Condition&, Time)>(
      "5Mutex26ReaderLockWhenWithDeadlineERKNS0_9ConditionENS0_4TimeE");
  return Locking(this, kShared, [&] { return real(this, cond, deadline); });
}

void CondVar::Wait(Mutex* mutex) {
  static auto* const real = Real<void(CondVar*, Mutex*)>("7CondVar4WaitEPNS0_5MutexE");
  Waiting(mutex, [&] { real(this, mutex); });
}

bool CondVar::WaitWithTimeout(Mutex* mutex, Duration timeout) {
  static auto* const real = Real<bool(CondVar*, Mutex*, Duration)>(
      "7CondVar15WaitWithTimeoutEPNS0_5MutexENS0_8DurationE");
  return Waiting(mutex, [&] { return real(this, mutex, timeout); });
}

bool CondVar::WaitWithDeadline(Mutex* mutex, Time deadline) {
  static auto* const real =
      Real<bool(CondVar*, Mutex*, Time)>("7CondVar16WaitWithDeadlineEPNS0_5MutexENS0_4TimeE");
  return Waiting(mutex, [&] { return real(this, mutex, deadline); });
}

// These publish through atomics of their own as well, without the mutex.

void Notification::Notify() {
  static auto* const real = Real<void(Notification*)>("12Notification6NotifyEv");
  __tsan_release(FlagOf(this));
  real(this);
}

void Notification::WaitForNotification() const {
  static auto* const real =
      Real<void(const Notification*)>("12Notification19WaitForNotificationEv", true);
  real(this);
  __tsan_acquire(FlagOf(this));
}

bool Notification::WaitForNotificationWithTimeout(Duration timeout) const {
  static auto* const real = Real<bool(const Notification*, Duration)>(
      "12Notification30WaitForNotificationWithTimeoutENS0_8DurationE", true);
  const bool notified = real(this, timeout);
  if (notified) __tsan_acquire(FlagOf(this));
  return notified;
}

bool Notification::WaitForNotificationWithDeadline(Time deadline) const {
  static auto* const real = Real<bool(const Notification*, Time)>(
      "12Notification31WaitForNotificationWithDeadlineENS0_4TimeE", true);
  const bool notified = real(this, deadline);
  if (notified) __tsan_acquire(FlagOf(this));
  return notified;
}

bool BlockingCounter::DecrementCount() {
  static auto* const real = Real<bool(BlockingCounter*)>("15BlockingCounter14DecrementCountEv");
  __tsan_release(this);
  return real(this);
}

void BlockingCounter::Wait() {
  static auto* const real = Real<void(BlockingCounter*)>("15BlockingCounter4WaitEv");
  real(this);
  __tsan_acquire(this);
}

ABSL_NAMESPACE_END
}  // namespace absl
