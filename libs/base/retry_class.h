// Which errors are worth another try: one table for all who ask again.

#ifndef NIWAKI_LIBS_BASE_RETRY_CLASS_H_
#define NIWAKI_LIBS_BASE_RETRY_CLASS_H_

#include "absl/status/status.h"

namespace niwaki {

// What an error says about the same request made again.
//
//   kOk                                              kNone
//   kUnavailable                                     kAgain
//   kDeadlineExceeded                                kIfIdempotent
//   kResourceExhausted, kAborted                     kLater
//   kInternal, kUnknown, kCancelled                  kPeerFault
//   kPermissionDenied, kUnauthenticated              kOnceAllowed
//   kInvalidArgument, kOutOfRange, kUnimplemented,
//   kNotFound, kAlreadyExists, kFailedPrecondition,
//   kDataLoss                                        kNever
enum class RetryClass {
  kNone,
  // Nothing was done: again, after a short wait.
  kAgain,
  // The outcome is unknown: again where doing it twice is as good as once.
  kIfIdempotent,
  // Room or a race is missing: after a longer wait, or with a new transaction.
  kLater,
  // The peer failed or left; this says nothing about the request. A call is not repeated; a process
  // that outlives its peers asks their successors.
  kPeerFault,
  // A human has to change rights or credentials first.
  kOnceAllowed,
  // The request itself is refused.
  kNever,
};

RetryClass RetryClassOf(absl::StatusCode code);

// Whether a call that failed with `code` may be repeated at once, after a short wait. A caller with
// a way to make its call `idempotent` (a read, a request_id) may repeat more.
bool MayRepeatCall(absl::StatusCode code, bool idempotent);

// Whether one who waits without end, as the long-lived loops of coordinator and worker do, may hope
// for another answer to the same question: every class but kNone and kNever.
bool MayAnswerLater(absl::StatusCode code);

}  // namespace niwaki

#endif  // NIWAKI_LIBS_BASE_RETRY_CLASS_H_
