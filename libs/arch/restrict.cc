#include "libs/arch/restrict.h"

#include <algorithm>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "libs/base/error.h"
#include "libs/base/reason.h"
#include "proto/niwaki/v1/arch.pb.h"

namespace niwaki::arch {
namespace {

absl::Status NotOfTheSpace(const SearchSpace& space, const std::string& value) {
  const std::string own =
      absl::StrJoin(space.resolutions(), ", ", [](std::string* out, const Resolution& resolution) {
        absl::StrAppend(out, resolution.value);
      });
  return Error(absl::StatusCode::kInvalidArgument, reason::kSpaceInvalid)
      .Field("resolutions")
      .Value(value)
      .Limit(own)
      .Message(
          absl::StrCat("space ", space.name(), " has no resolution ", value, "; it has ", own));
}

}  // namespace

absl::StatusOr<SearchSpace> WithResolutions(const SearchSpace& space,
                                            const std::vector<int>& values) {
  for (const int value : values) {
    const bool known =
        std::any_of(space.resolutions().begin(), space.resolutions().end(),
                    [&](const Resolution& resolution) { return resolution.value == value; });
    if (!known) return NotOfTheSpace(space, absl::StrCat(value));
  }
  if (values.empty()) return NotOfTheSpace(space, "at all");
  v1::SearchSpace message = space.ToMessage();
  auto* const resolutions = message.mutable_resolutions();
  resolutions->erase(std::remove_if(resolutions->begin(), resolutions->end(),
                                    [&](const v1::Resolution& resolution) {
                                      return std::find(values.begin(), values.end(),
                                                       resolution.value()) == values.end();
                                    }),
                     resolutions->end());
  return SearchSpace::FromMessage(message);
}

}  // namespace niwaki::arch
