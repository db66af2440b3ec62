#include "libs/base/error.h"

#include <errno.h>
#include <string.h>

#include <vector>

#include "absl/strings/cord.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "libs/base/reason.h"

namespace niwaki {
namespace {

constexpr char kPayloadUrl[] = "niwaki/error_detail";
// Strings, each as its length, a colon and its bytes: name, problem, name, problem, …
constexpr char kItemsUrl[] = "niwaki/error_items";
// Parts are joined by a byte that no field name, value or limit contains.
constexpr char kSeparator = '\x1f';

absl::StatusCode CodeOfErrno(int saved_errno) {
  switch (saved_errno) {
    case ENOENT:
      return absl::StatusCode::kNotFound;
    case EEXIST:
      return absl::StatusCode::kAlreadyExists;
    case EACCES:
    case EPERM:
    case EROFS:
      return absl::StatusCode::kPermissionDenied;
    case ENOSPC:
    case EDQUOT:
    case EMFILE:
    case ENFILE:
    case ENOMEM:
    case EFBIG:
      return absl::StatusCode::kResourceExhausted;
    case ENAMETOOLONG:
    case ENOTDIR:
    case EISDIR:
      return absl::StatusCode::kInvalidArgument;
    case EADDRINUSE:
    case ENOTEMPTY:
    case ELOOP:
    case ENXIO:
    case EPIPE:
      return absl::StatusCode::kFailedPrecondition;
    case EAGAIN:
    case EINTR:
    case ECONNREFUSED:
    case ECONNRESET:
      return absl::StatusCode::kUnavailable;
    default:
      return absl::StatusCode::kInternal;
  }
}

absl::string_view ReasonOfErrno(int saved_errno) {
  switch (saved_errno) {
    case ENOENT:
      return reason::kFileUnknown;
    case EEXIST:
      return reason::kAlreadyExists;
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
      return reason::kDiskFull;
    case EADDRINUSE:
      return reason::kAddressInUse;
    default:
      return reason::kSystemError;
  }
}

// Whether the error is one of a file, which its context names.
bool IsOfFile(int saved_errno) {
  switch (saved_errno) {
    case ENOENT:
    case EEXIST:
    case EACCES:
    case EROFS:
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
    case ENAMETOOLONG:
    case ENOTDIR:
    case EISDIR:
    case ENOTEMPTY:
    case ELOOP:
    case ENXIO:
      return true;
    default:
      return false;
  }
}

// Takes the first string off `payload`; nullopt when there is none.
std::optional<std::string> TakeString(absl::string_view& payload) {
  const size_t colon = payload.find(':');
  size_t size = 0;
  if (colon == absl::string_view::npos || !absl::SimpleAtoi(payload.substr(0, colon), &size) ||
      size > payload.size() - colon - 1) {
    return std::nullopt;
  }
  const std::string text(payload.substr(colon + 1, size));
  payload.remove_prefix(colon + 1 + size);
  return text;
}

}  // namespace

absl::Status Error::Message(absl::string_view message) const {
  absl::Status status(code_, message);
  SetErrorDetail(status, detail_);
  return status;
}

void SetErrorDetail(absl::Status& status, const ErrorDetail& detail) {
  if (status.ok()) return;
  const std::string separator(1, kSeparator);
  status.SetPayload(kPayloadUrl,
                    absl::Cord(absl::StrCat(detail.reason, separator, detail.field, separator,
                                            detail.value, separator, detail.limit)));
}

std::optional<ErrorDetail> GetErrorDetail(const absl::Status& status) {
  const auto payload = status.GetPayload(kPayloadUrl);
  if (!payload.has_value()) return std::nullopt;
  const std::vector<std::string> parts = absl::StrSplit(std::string(*payload), kSeparator);
  if (parts.size() != 4) return std::nullopt;
  return ErrorDetail{parts[0], parts[1], parts[2], parts[3]};
}

void SetErrorItems(absl::Status& status, const std::vector<ErrorItem>& items) {
  if (status.ok()) return;
  std::string payload;
  for (const ErrorItem& item : items) {
    absl::StrAppend(&payload, item.name.size(), ":", item.name, item.problem.size(), ":",
                    item.problem);
  }
  status.SetPayload(kItemsUrl, absl::Cord(payload));
}

std::vector<ErrorItem> GetErrorItems(const absl::Status& status) {
  std::vector<ErrorItem> items;
  const auto payload = status.GetPayload(kItemsUrl);
  if (!payload.has_value()) return items;
  const std::string text(*payload);
  absl::string_view left = text;
  while (!left.empty()) {
    std::optional<std::string> name = TakeString(left);
    std::optional<std::string> problem = TakeString(left);
    if (!name.has_value() || !problem.has_value()) break;
    items.push_back({*std::move(name), *std::move(problem)});
  }
  return items;
}

absl::Status Annotate(const absl::Status& status, absl::string_view context) {
  if (status.ok()) return status;
  absl::Status annotated(status.code(), absl::StrCat(context, ": ", status.message()));
  status.ForEachPayload([&annotated](absl::string_view url, const absl::Cord& payload) {
    annotated.SetPayload(url, payload);
  });
  return annotated;
}

absl::Status ErrnoToStatus(int saved_errno, absl::string_view context) {
  return Error(CodeOfErrno(saved_errno), ReasonOfErrno(saved_errno))
      .Field(IsOfFile(saved_errno) ? "file" : "")
      .Value(context)
      .Message(absl::StrCat(context, ": ", strerror(saved_errno)));
}

}  // namespace niwaki
