// Early return on error for functions that return absl::Status or absl::StatusOr.
//
//   NIWAKI_RETURN_IF_ERROR(store->Put(key, value));
//   NIWAKI_ASSIGN_OR_RETURN(Graph graph, BuildGraph(space, subnet));

#ifndef NIWAKI_LIBS_BASE_STATUS_MACROS_H_
#define NIWAKI_LIBS_BASE_STATUS_MACROS_H_

#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#define NIWAKI_RETURN_IF_ERROR(expr)                 \
  do {                                               \
    ::absl::Status niwaki_status_ = (expr);          \
    if (!niwaki_status_.ok()) return niwaki_status_; \
  } while (false)

#define NIWAKI_ASSIGN_OR_RETURN(lhs, expr) \
  NIWAKI_ASSIGN_OR_RETURN_IMPL_(NIWAKI_CONCAT_(niwaki_statusor_, __LINE__), lhs, expr)

#define NIWAKI_CONCAT_INNER_(a, b) a##b
#define NIWAKI_CONCAT_(a, b) NIWAKI_CONCAT_INNER_(a, b)
#define NIWAKI_ASSIGN_OR_RETURN_IMPL_(tmp, lhs, expr) \
  auto tmp = (expr);                                  \
  if (!tmp.ok()) return std::move(tmp).status();      \
  lhs = std::move(tmp).value()

#endif  // NIWAKI_LIBS_BASE_STATUS_MACROS_H_
