// The one place where LibTorch's exceptions become statuses; no exception of it leaves
// libs/supernet and libs/train.
//
//   NIWAKI_ASSIGN_OR_RETURN(at::Tensor logits, GuardTorch("forward", [&] { return Forward(...);
//   }));

#ifndef NIWAKI_LIBS_SUPERNET_TORCH_GUARD_H_
#define NIWAKI_LIBS_SUPERNET_TORCH_GUARD_H_

#include <c10/util/Exception.h>

#include <exception>
#include <new>
#include <type_traits>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "libs/base/error.h"
#include "libs/base/reason.h"

namespace niwaki::supernet {

// The status of a failure inside LibTorch: out of memory (host or device) → ResourceExhausted,
// anything else → Internal.
inline absl::Status TorchError(absl::string_view what, absl::string_view message,
                               bool out_of_memory) {
  // LibTorch appends a C++ stack trace after the first line.
  const absl::string_view first_line = message.substr(0, message.find('\n'));
  out_of_memory = out_of_memory || absl::StrContains(message, "out of memory") ||
                  absl::StrContains(message, "can't allocate memory");
  return Error(out_of_memory ? absl::StatusCode::kResourceExhausted : absl::StatusCode::kInternal,
               out_of_memory ? reason::kOutOfMemory : reason::kSystemError)
      .Field(what)
      .Message(absl::StrCat(what, ": ", first_line));
}

// Calls `body` and returns its result. A body that returns void, Status or StatusOr<T> gives
// Status, Status or StatusOr<T>; any other T gives StatusOr<T>.
template <typename Body>
auto GuardTorch(absl::string_view what, Body&& body) {
  using Value = std::invoke_result_t<Body>;
  using Returned =
      std::conditional_t<std::is_void_v<Value>, absl::Status,
                         std::conditional_t<std::is_constructible_v<Value, absl::Status>, Value,
                                            absl::StatusOr<Value>>>;
  try {
    if constexpr (std::is_void_v<Value>) {
      std::forward<Body>(body)();
      return absl::OkStatus();
    } else {
      return Returned(std::forward<Body>(body)());
    }
  } catch (const c10::OutOfMemoryError& e) {
    return Returned(TorchError(what, e.what_without_backtrace(), /*out_of_memory=*/true));
  } catch (const c10::Error& e) {
    return Returned(TorchError(what, e.what_without_backtrace(), /*out_of_memory=*/false));
  } catch (const std::bad_alloc& e) {
    return Returned(TorchError(what, e.what(), /*out_of_memory=*/true));
  } catch (const std::exception& e) {
    return Returned(TorchError(what, e.what(), /*out_of_memory=*/false));
  }
}

}  // namespace niwaki::supernet

#endif  // NIWAKI_LIBS_SUPERNET_TORCH_GUARD_H_
