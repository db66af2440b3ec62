// The log of mutating calls: the same request_id gives the same answer, also after a restart.
//
// One table, `requests`, in the database that the calls change. The record of a call is written in
// the transaction that holds its effect, so there is never one without the other:
//
//   NIWAKI_ASSIGN_OR_RETURN(const auto known, FindRequest(connection, request.request_id));
//   NIWAKI_ASSIGN_OR_RETURN(const auto answer, AnswerOf(known, request));
//   if (answer.has_value()) return *answer;
//   …                                              // the effect
//   NIWAKI_RETURN_IF_ERROR(WriteRequest(connection, request));
//
// Records are kept for kRequestMemory; whoever owns the database forgets older ones now and then.

#ifndef NIWAKI_LIBS_STORE_REQUEST_LOG_H_
#define NIWAKI_LIBS_STORE_REQUEST_LOG_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "libs/store/connection.h"
#include "libs/store/request_record.h"

namespace niwaki::store {

// SQL that makes the table; a part of a migration, so it is never edited.
extern const char kRequestLogSchema[];

// nullopt for an id that is not in the log, and for "".
absl::StatusOr<std::optional<RequestRecord>> FindRequest(Connection& connection,
                                                         absl::string_view request_id);

// The records of those of `request_ids` that are in the log, in no order. One statement for each
// 1024 ids.
absl::StatusOr<std::vector<RequestRecord>> FindRequests(Connection& connection,
                                                        absl::Span<const std::string> request_ids);

// Writes or replaces a record; nothing for one without an id. The caller holds the transaction.
absl::Status WriteRequest(Connection& connection, const RequestRecord& record);

// Deletes the records made before `time`.
absl::Status ForgetRequestsBefore(Connection& connection, absl::Time time);

}  // namespace niwaki::store

#endif  // NIWAKI_LIBS_STORE_REQUEST_LOG_H_
