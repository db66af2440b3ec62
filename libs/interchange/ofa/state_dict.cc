#include "libs/interchange/ofa/state_dict.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <map>
#include <optional>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"
#include "libs/base/error.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"
#include "libs/tensorfile/state_dict.h"

namespace niwaki::interchange {
namespace {

using tensorfile::Dtype;
using tensorfile::TensorMap;
using tensorfile::TensorView;

constexpr char kCounter[] = ".num_batches_tracked";
// Of each kind of fault in a message.
constexpr size_t kShownFaults = 3;
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

// Elements that are not finite, and the first of them.
struct NotFinite {
  int64_t count = 0;
  int64_t first = 0;
};

NotFinite FindNotFinite(const TensorView& tensor) {
  NotFinite found;
  for (size_t i = 0; i < tensor.bytes.size(); i += sizeof(float)) {
    float value;
    std::memcpy(&value, tensor.bytes.data() + i, sizeof(value));
    if (std::isfinite(value)) continue;
    if (found.count++ == 0) found.first = static_cast<int64_t>(i / sizeof(float));
  }
  return found;
}

// What is wrong with a tensor; nothing where it is as it must be.
struct Fault {
  std::string name;
  std::string actual;
  std::string expected;
  std::string problem;
};

std::optional<Fault> WrongShape(const std::string& name, const TensorView& tensor,
                                const std::vector<int64_t>& shape) {
  if (tensor.dtype == Dtype::kF32 && tensor.shape == shape) return std::nullopt;
  Fault fault = {name, tensorfile::Describe(tensor), DescribeExpected(shape), ""};
  const bool transposed = tensor.dtype == Dtype::kF32 && IsTransposed(tensor.shape, shape);
  fault.problem = absl::StrCat("is ", fault.actual, ", expected ", fault.expected,
                               transposed ? "; it is transposed" : "");
  return fault;
}

std::optional<Fault> HasNotFinite(const std::string& name, const TensorView& tensor,
                                  int64_t& numbers) {
  const NotFinite found = FindNotFinite(tensor);
  if (found.count == 0) return std::nullopt;
  numbers += found.count;
  const std::string actual = tensorfile::Describe(tensor);
  const std::string held =
      found.count == 1
          ? absl::StrCat("a number that is not finite at element ", found.first)
          : absl::StrCat(found.count, " numbers that are not finite, the first at element ",
                         found.first);
  return Fault{name, actual, "finite numbers", absl::StrCat(actual, " holds ", held)};
}

absl::Status CheckTensor(absl::string_view what, const std::string& name, const TensorView& tensor,
                         const std::vector<int64_t>& shape) {
  std::optional<Fault> fault = WrongShape(name, tensor, shape);
  int64_t numbers = 0;
  if (!fault) fault = HasNotFinite(name, tensor, numbers);
  if (!fault) return absl::OkStatus();
  return BadTensor(what, name, fault->actual, fault->expected, fault->problem);
}

// Everything that keeps a state dict from being a network.
class Faults {
 public:
  void AddMissing(Fault fault) { missing_.push_back(std::move(fault)); }
  void AddExtra(Fault fault) { extra_.push_back(std::move(fault)); }
  void AddMisshapen(Fault fault) { misshapen_.push_back(std::move(fault)); }
  void AddNotFinite(Fault fault) { not_finite_.push_back(std::move(fault)); }
  // Of not finite numbers.
  int64_t& numbers() { return numbers_; }

  // How many there are of each kind, and the first of each.
  absl::Status ToStatus(absl::string_view what, absl::string_view space) const {
    std::vector<const Fault*> shown;
    size_t count = 0;
    for (const std::vector<Fault>* kind : {&missing_, &misshapen_, &not_finite_, &extra_}) {
      count += kind->size();
      for (size_t i = 0; i < std::min(kind->size(), kShownFaults); ++i) {
        shown.push_back(&(*kind)[i]);
      }
    }
    if (count == 0) return absl::OkStatus();
    const Fault& first = *shown.front();
    if (count == 1) {
      return BadTensor(what, first.name, first.actual, first.expected, first.problem);
    }
    std::vector<std::string> counts;
    if (!missing_.empty()) counts.push_back(absl::StrCat(missing_.size(), " missing"));
    if (!misshapen_.empty()) {
      counts.push_back(absl::StrCat(misshapen_.size(), " of another shape or type"));
    }
    if (!not_finite_.empty()) {
      counts.push_back(
          absl::StrCat(not_finite_.size(), " with ", numbers_, " numbers that are not finite"));
    }
    if (!extra_.empty()) counts.push_back(absl::StrCat(extra_.size(), " that belong to no layer"));
    std::string examples;
    for (const Fault* fault : shown) {
      absl::StrAppend(&examples, examples.empty() ? "" : "; ", fault->name, " ", fault->problem);
    }
    return Error(absl::StatusCode::kInvalidArgument, reason::kFileMalformed)
        .Field(first.name)
        .Value(first.actual)
        .Limit(first.expected)
        .Message(absl::StrCat(what, ": of the tensors of '", space, "', ",
                              absl::StrJoin(counts, ", "), ": ", examples,
                              shown.size() < count ? "; …" : ""));
  }

 private:
  std::vector<Fault> missing_;
  std::vector<Fault> misshapen_;
  std::vector<Fault> not_finite_;
  std::vector<Fault> extra_;
  int64_t numbers_ = 0;
};

// A state dict under canonical names.
struct Entry {
  std::string name;
  const TensorView* tensor = nullptr;
};

// Counters are put into `ignored`.
absl::StatusOr<std::map<std::string, Entry>> Canonicalise(const TensorMap& state,
                                                          absl::string_view what,
                                                          std::vector<std::string>& ignored) {
  std::map<std::string, Entry> entries;
  for (const auto& [name, tensor] : state) {
    if (tensorfile::IsCounter(name)) {
      ignored.push_back(name);
      continue;
    }
    const auto [it, is_new] = entries.try_emplace(Canonical(name), Entry{name, &tensor});
    if (is_new) continue;
    return BadTensor(what, name, "", "",
                     absl::StrCat("and ", it->second.name, " are the same layer's"));
  }
  return entries;
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
  ImportedTensors imported;
  NIWAKI_ASSIGN_OR_RETURN(auto entries, Canonicalise(state, what, imported.ignored));
  Faults faults;
  for (const supernet::OfaName& name :
       supernet::OfaSupernetNames(space, supernet::OfaRepository::kOnceForAll)) {
    const auto it = entries.find(Canonical(name.theirs));
    if (it == entries.end()) {
      const std::string expected = DescribeExpected(name.shape);
      faults.AddMissing({name.theirs, "", expected,
                         absl::StrCat("(", name.ours, ") is missing; expected ", expected)});
      continue;
    }
    const auto& [actual, tensor] = it->second;
    if (auto fault = WrongShape(actual, *tensor, name.shape)) {
      faults.AddMisshapen(*std::move(fault));
    } else if (auto held = HasNotFinite(actual, *tensor, faults.numbers())) {
      faults.AddNotFinite(*std::move(held));
    }
    imported.tensors[name.ours] = *tensor;
    imported.mapped.push_back({name.ours, actual, name.shape});
    entries.erase(it);
  }
  for (const auto& [canonical, extra] : entries) {
    const std::string actual = tensorfile::Describe(*extra.tensor);
    faults.AddExtra({extra.name, actual, "",
                     absl::StrCat(actual, " belongs to no layer of '", space.name(), "'")});
  }
  NIWAKI_RETURN_IF_ERROR(faults.ToStatus(what, space.name()));
  return imported;
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
    if (!absl::ConsumePrefix(&rest, kBlocks) || tensorfile::IsCounter(name)) {
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
