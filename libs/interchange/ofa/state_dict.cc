#include "libs/interchange/ofa/state_dict.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <map>
#include <optional>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"
#include "libs/base/error.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"

namespace niwaki::interchange {
namespace {

using tensorfile::Dtype;
using tensorfile::TensorMap;
using tensorfile::TensorView;

constexpr char kCounter[] = ".num_batches_tracked";
constexpr char kBlocks[] = "blocks.";

absl::Status BadTensor(absl::string_view what, absl::string_view name, absl::string_view actual,
                       absl::string_view expected, absl::string_view problem) {
  return Error(absl::StatusCode::kInvalidArgument, reason::kFileMalformed)
      .Field(name)
      .Value(actual)
      .Limit(expected)
      .Message(absl::StrCat(what, ": tensor ", name, " ", problem));
}

std::string DescribeExpected(const std::vector<int64_t>& shape) {
  return tensorfile::Describe({Dtype::kF32, shape, ""});
}

// One spelling for a name that different versions of the reference spell differently.
std::string Canonical(absl::string_view name) {
  std::string canonical = absl::StrReplaceAll(name, {{".mobile_inverted_conv.", ".conv."}});
  while (absl::StrReplaceAll({{".conv.conv.", ".conv."},
                              {".bn.bn.", ".bn."},
                              {".linear.linear.", ".linear."},
                              {".reduce.conv.", ".reduce."},
                              {".expand.conv.", ".expand."}},
                             &canonical) > 0) {
  }
  return canonical;
}

// Whether `actual` are the dimensions of `expected` in another order.
bool IsTransposed(std::vector<int64_t> actual, std::vector<int64_t> expected) {
  std::sort(actual.begin(), actual.end());
  std::sort(expected.begin(), expected.end());
  return actual == expected;
}

// The first element that is not finite, if any.
std::optional<int64_t> FindNotFinite(const TensorView& tensor) {
  for (size_t i = 0; i < tensor.bytes.size(); i += sizeof(float)) {
    float value;
    std::memcpy(&value, tensor.bytes.data() + i, sizeof(value));
    if (!std::isfinite(value)) return static_cast<int64_t>(i / sizeof(float));
  }
  return std::nullopt;
}

absl::Status CheckTensor(absl::string_view what, const std::string& name, const TensorView& tensor,
                         const std::vector<int64_t>& shape) {
  const std::string actual = tensorfile::Describe(tensor);
  const std::string expected = DescribeExpected(shape);
  if (tensor.dtype != Dtype::kF32 || tensor.shape != shape) {
    const bool transposed = tensor.dtype == Dtype::kF32 && IsTransposed(tensor.shape, shape);
    return BadTensor(what, name, actual, expected,
                     absl::StrCat("is ", actual, ", expected ", expected,
                                  transposed ? "; it is transposed" : ""));
  }
  const std::optional<int64_t> element = FindNotFinite(tensor);
  if (!element) return absl::OkStatus();
  return BadTensor(
      what, name, actual, "finite numbers",
      absl::StrCat(actual, " holds a number that is not finite at element ", *element));
}

// A state dict under canonical names.
struct Entry {
  std::string name;
  const TensorView* tensor = nullptr;
};

absl::StatusOr<std::map<std::string, Entry>> Canonicalise(const TensorMap& state,
                                                          absl::string_view what) {
  std::map<std::string, Entry> entries;
  for (const auto& [name, tensor] : state) {
    const auto [it, is_new] = entries.try_emplace(Canonical(name), Entry{name, &tensor});
    if (is_new) continue;
    return BadTensor(what, name, "", "",
                     absl::StrCat("and ", it->second.name, " are the same layer's"));
  }
  return entries;
}

// Moves the counters of batch norms out of `entries`.
absl::Status TakeCounters(absl::string_view what, std::map<std::string, Entry>& entries,
                          std::vector<std::string>& ignored) {
  for (auto it = entries.begin(); it != entries.end();) {
    if (!absl::EndsWith(it->first, kCounter)) {
      ++it;
      continue;
    }
    const TensorView& counter = *it->second.tensor;
    if (counter.dtype != Dtype::kI64 || !counter.shape.empty()) {
      return BadTensor(what, it->second.name, tensorfile::Describe(counter), "I64 []",
                       absl::StrCat("is ", tensorfile::Describe(counter), ", expected I64 []"));
    }
    ignored.push_back(it->second.name);
    it = entries.erase(it);
  }
  return absl::OkStatus();
}

// `tensors` under their names, with a counter beside every batch norm.
absl::StatusOr<tensorfile::NamedTensors> Named(const std::vector<supernet::OfaName>& names,
                                               const TensorMap& tensors, absl::string_view what) {
  static constexpr char kZero[sizeof(int64_t)] = {};
  const TensorView counter = {Dtype::kI64, {}, absl::string_view(kZero, sizeof(kZero))};
  tensorfile::NamedTensors state;
  for (const supernet::OfaName& name : names) {
    const auto it = tensors.find(name.ours);
    if (it == tensors.end()) {
      const std::string expected = DescribeExpected(name.shape);
      return BadTensor(what, name.ours, "", expected,
                       absl::StrCat("is missing; expected ", expected));
    }
    NIWAKI_RETURN_IF_ERROR(CheckTensor(what, name.ours, it->second, name.shape));
    state.emplace_back(name.theirs, it->second);
    absl::string_view norm = name.theirs;
    if (absl::ConsumeSuffix(&norm, ".running_var")) {
      state.emplace_back(absl::StrCat(norm, kCounter), counter);
    }
  }
  return state;
}

}  // namespace

absl::StatusOr<ImportedTensors> ImportStateDict(const arch::SearchSpace& space,
                                                const TensorMap& state, absl::string_view what) {
  NIWAKI_ASSIGN_OR_RETURN(auto entries, Canonicalise(state, what));
  ImportedTensors imported;
  NIWAKI_RETURN_IF_ERROR(TakeCounters(what, entries, imported.ignored));
  for (const supernet::OfaName& name :
       supernet::OfaSupernetNames(space, supernet::OfaRepository::kOnceForAll)) {
    const auto it = entries.find(Canonical(name.theirs));
    if (it == entries.end()) {
      const std::string expected = DescribeExpected(name.shape);
      return BadTensor(what, name.theirs, "", expected,
                       absl::StrCat("(", name.ours, ") is missing; expected ", expected));
    }
    NIWAKI_RETURN_IF_ERROR(CheckTensor(what, it->second.name, *it->second.tensor, name.shape));
    imported.tensors[name.ours] = *it->second.tensor;
    imported.mapped.push_back({name.ours, it->second.name, name.shape});
    entries.erase(it);
  }
  if (entries.empty()) return imported;
  const Entry& extra = entries.begin()->second;
  const std::string actual = tensorfile::Describe(*extra.tensor);
  return BadTensor(what, extra.name, actual, "",
                   absl::StrCat(actual, " belongs to no layer of '", space.name(), "'"));
}

absl::StatusOr<tensorfile::NamedTensors> ExportStateDict(const arch::Graph& graph,
                                                         const TensorMap& tensors,
                                                         supernet::OfaRepository repository) {
  return Named(supernet::OfaSubnetNames(graph, repository), tensors, "the network");
}

absl::StatusOr<tensorfile::NamedTensors> ExportSupernetStateDict(
    const arch::SearchSpace& space, const TensorMap& tensors, supernet::OfaRepository repository) {
  return Named(supernet::OfaSupernetNames(space, repository), tensors, "the supernet");
}

absl::StatusOr<TensorMap> RenumberBlocks(const TensorMap& state, const std::vector<int>& blocks,
                                         absl::string_view what) {
  TensorMap renumbered;
  for (const auto& [name, tensor] : state) {
    absl::string_view rest = name;
    if (!absl::ConsumePrefix(&rest, kBlocks)) {
      renumbered[name] = tensor;
      continue;
    }
    int number = -1;
    const size_t dot = rest.find('.');
    const bool is_number =
        dot != absl::string_view::npos && absl::SimpleAtoi(rest.substr(0, dot), &number);
    const auto it = std::find(blocks.begin(), blocks.end(), number);
    if (!is_number || it == blocks.end()) {
      return BadTensor(what, name, tensorfile::Describe(tensor), "",
                       "belongs to no block of the network's description");
    }
    renumbered[absl::StrCat(kBlocks, it - blocks.begin(), rest.substr(dot))] = tensor;
  }
  return renumbered;
}

}  // namespace niwaki::interchange
