// Mutating calls that give the same answer when they are repeated with their request_id.

#ifndef NIWAKI_SERVICES_COORDINATOR_IDEMPOTENCY_H_
#define NIWAKI_SERVICES_COORDINATOR_IDEMPOTENCY_H_

#include <functional>
#include <optional>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "libs/base/error.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"
#include "libs/jobs/engine/engine_loop.h"
#include "libs/jobs/engine/job_engine.h"
#include "libs/rpc/request_digest.h"
#include "libs/store/request_record.h"

namespace niwaki::coordinator {

// What the engine's log knows about a call.
template <typename Request>
store::RequestRecord RecordOf(const std::string& method, const Request& request) {
  return {request.request_id(), method, rpc::RequestDigest(request), "", absl::InfinitePast()};
}

// What a call's command looks up, for EngineLoop::Submit.
template <typename Request>
jobs::ExpectedReads ReadsOf(const Request& request) {
  jobs::ExpectedReads reads;
  if (!request.request_id().empty()) reads.request_ids.push_back(request.request_id());
  return reads;
}

// The remembered answer to `request`, or nullopt; see JobEngine::FindAnswer. DataLoss DATA_CORRUPT
// for a stored answer that cannot be read.
template <typename Response, typename Request>
absl::StatusOr<std::optional<Response>> FindAnswer(const jobs::JobEngine& engine,
                                                   const std::string& method,
                                                   const Request& request) {
  if (request.request_id().empty()) return std::nullopt;
  NIWAKI_ASSIGN_OR_RETURN(const std::optional<std::string> bytes,
                          engine.FindAnswer(RecordOf(method, request)));
  if (!bytes.has_value()) return std::nullopt;
  Response response;
  if (!response.ParseFromString(*bytes)) {
    return Error(absl::StatusCode::kDataLoss, reason::kDataCorrupt)
        .Field("request_id")
        .Value(request.request_id())
        .Message(absl::StrCat("the stored answer to request ", request.request_id(), " (", method,
                              ") is damaged"));
  }
  return response;
}

template <typename Response, typename Request>
void RememberAnswer(jobs::JobEngine& engine, const std::string& method, const Request& request,
                    const Response& response, absl::Time now) {
  if (request.request_id().empty()) return;
  store::RequestRecord record = RecordOf(method, request);
  record.response = response.SerializeAsString();
  record.create_time = now;
  engine.RecordAnswer(std::move(record));
}

// A command of the engine that fills `response`, or repeats what it was. `request` and `response`
// outlive the command. Errors are not remembered.
template <typename Request, typename Response>
jobs::EngineLoop::Apply Idempotent(
    std::string method, const Request& request, Response& response,
    std::function<absl::Status(jobs::JobEngine&, absl::Time)> apply) {
  return [method = std::move(method), &request, &response, apply = std::move(apply)](
             jobs::JobEngine& engine, absl::Time now) -> absl::Status {
    NIWAKI_ASSIGN_OR_RETURN(std::optional<Response> answer,
                            FindAnswer<Response>(engine, method, request));
    if (answer.has_value()) {
      response = *std::move(answer);
      return absl::OkStatus();
    }
    NIWAKI_RETURN_IF_ERROR(apply(engine, now));
    RememberAnswer(engine, method, request, response, now);
    return absl::OkStatus();
  };
}

}  // namespace niwaki::coordinator

#endif  // NIWAKI_SERVICES_COORDINATOR_IDEMPOTENCY_H_
