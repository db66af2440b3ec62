// Errors that a program can read: an absl::Status that carries a reason, the field, its value and
// the limit.
//
// Every error that reaches a user is made here, so that the message names what was wrong and the
// RPC layer can translate the parts into google.rpc.ErrorInfo and BadRequest.
//
//   return Error(absl::StatusCode::kInvalidArgument, reason::kSubnetInvalid)
//       .Field("ks[3]").Value(9).Limit("{3,5,7}")
//       .Message("kernel_size 9 not in {3,5,7} (stage 2, block 1)");

#ifndef NIWAKI_LIBS_BASE_ERROR_H_
#define NIWAKI_LIBS_BASE_ERROR_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace niwaki {

// The machine-readable part of an error. `reason` is UPPER_SNAKE (libs/base/reason.h); the others
// may be empty.
struct ErrorDetail {
  std::string reason;
  // Path of the offending field as the caller wrote it: `constraints[1].max`, `resolution`,
  // `--svg`; `file` where it is a file, whose name is the value.
  std::string field;
  std::string value;
  std::string limit;

  friend bool operator==(const ErrorDetail& a, const ErrorDetail& b) {
    return a.reason == b.reason && a.field == b.field && a.value == b.value && a.limit == b.limit;
  }
};

// Builds a status; `Message` ends the chain. Messages are lower case without a full stop.
class Error {
 public:
  Error(absl::StatusCode code, absl::string_view reason) : code_(code) {
    detail_.reason = std::string(reason);
  }

  Error& Field(absl::string_view field) {
    detail_.field = std::string(field);
    return *this;
  }
  Error& Value(const absl::AlphaNum& value) {
    detail_.value = std::string(value.Piece());
    return *this;
  }
  Error& Limit(const absl::AlphaNum& limit) {
    detail_.limit = std::string(limit.Piece());
    return *this;
  }

  absl::Status Message(absl::string_view message) const;

 private:
  absl::StatusCode code_;
  ErrorDetail detail_;
};

// Attaches or replaces the detail of `status`; OK stays OK.
void SetErrorDetail(absl::Status& status, const ErrorDetail& detail);

// The detail of `status`, or nullopt when it was made elsewhere.
std::optional<ErrorDetail> GetErrorDetail(const absl::Status& status);

// One of the many things that an error is about: a file of a folder, a word of a list.
struct ErrorItem {
  std::string name;
  std::string problem;

  friend bool operator==(const ErrorItem& a, const ErrorItem& b) {
    return a.name == b.name && a.problem == b.problem;
  }
};

// Attaches or replaces the list of what was wrong, for errors of bulk work, which look at
// everything before they end. OK stays OK.
void SetErrorItems(absl::Status& status, const std::vector<ErrorItem>& items);

// All items in their order; none for an error without.
std::vector<ErrorItem> GetErrorItems(const absl::Status& status);

// `status` with "context: " before its message; code, detail and items are kept. OK stays OK.
absl::Status Annotate(const absl::Status& status, absl::string_view context);

// The status of a failed system call: `saved_errno` mapped to a code, the message of strerror.
// ENOENT → NotFound, EEXIST → AlreadyExists, EACCES/EPERM/EROFS → PermissionDenied,
// ENOSPC/EDQUOT/EFBIG/EMFILE/ENFILE/ENOMEM → ResourceExhausted,
// ENAMETOOLONG/ENOTDIR/EISDIR → InvalidArgument,
// EADDRINUSE/ENOTEMPTY/ELOOP/ENXIO/EPIPE → FailedPrecondition,
// EAGAIN/EINTR/ECONNREFUSED/ECONNRESET → Unavailable, others → Internal. `context`, which errors
// of files name the file by, is the value; their field is `file`.
absl::Status ErrnoToStatus(int saved_errno, absl::string_view context);

}  // namespace niwaki

#endif  // NIWAKI_LIBS_BASE_ERROR_H_
