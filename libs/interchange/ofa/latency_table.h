// Latency tables in the YAML format of the once-for-all networks: one file for each resolution, a
// map from a block's key to its measured latency in milliseconds.
//
//   Conv-input:160x160x3-output:80x80x24:
//     count: 498
//     mean: 0.495562248995984
//     std: 0.010239557348882489
//   expanded_conv-input:20x20x48-output:10x10x96-expand:144-kernel:3-stride:2-idskip:0-se:0-hs:1:
//     {count: 100, mean: 0.86, std: 0.01}
//
// or JSON of that form: whatever libs/base/text/document.h reads. Numbers may stand in quotes.
//
// Keys begin with Conv, expanded_conv, Conv_1 (1x1 convolution before pooling), AvgPool2D, Conv_2
// (linear layer behind it) or Logits. `expand` is the number of expanded channels where se and hs
// follow (MobileNetV3: hs 0 is relu, 1 is hard swish), else the expansion ratio (ProxylessNAS,
// relu6). `mean` must be there; `count` (1), and `std` or its square `var` (0), may be absent. The
// one Conv says which resolution the file is for.

#ifndef NIWAKI_LIBS_INTERCHANGE_OFA_LATENCY_TABLE_H_
#define NIWAKI_LIBS_INTERCHANGE_OFA_LATENCY_TABLE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "libs/arch/space.h"
#include "libs/latency/block_signature.h"
#include "libs/latency/space_table.h"

namespace niwaki::interchange {

inline constexpr size_t kMaxOfaTableBytes = size_t{4} << 20;
// A part of a network takes less than this on anything that runs networks: larger figures are in
// another unit.
inline constexpr double kMaxOfaMilliseconds = 10'000;

struct OfaEntry {
  latency::BlockSignature signature;
  // Mean, microseconds.
  double latency_us = 0;
  // Standard deviation over the runs, microseconds.
  double spread_us = 0;
  // Runs, from 1.
  int64_t count = 1;
};

// The entries of one file in their order; `what` names it in errors, with the line.
// InvalidArgument with reason FILE_MALFORMED for text that is not of this form, too long, or has a
// key or field twice, with reason ARGUMENT_INVALID (field, value, limit) for two keys of one part,
// a key that cannot be read, no mean, an unknown field, no or a second Conv, and a figure that is
// not a number, negative, infinite or, as milliseconds, beyond kMaxOfaMilliseconds.
absl::StatusOr<std::vector<OfaEntry>> ReadOfaTable(absl::string_view text, absl::string_view what);

// The entries of several files, a text each, with their names. The errors of ReadOfaTable, and
// InvalidArgument when two files are for one resolution.
struct NamedText {
  std::string name;
  std::string text;
};
absl::StatusOr<std::vector<OfaEntry>> ReadOfaTables(const std::vector<NamedText>& files);

// The reverse: a file for each resolution, named as "160x160.yaml", in the order of keys.
std::vector<NamedText> WriteOfaTables(const std::vector<OfaEntry>& entries);

latency::BlockLatencies LatenciesOf(const std::vector<OfaEntry>& entries);

// latency::SpaceTable::OfLatencies, whose errors name parts by their OfaKey, and the space of the
// catalogue that the table is likely of.
absl::StatusOr<latency::SpaceTable> SpaceTableOf(const arch::SearchSpace& space,
                                                 const latency::BlockLatencies& latencies);

// `space` with only the resolutions that the tables are for. InvalidArgument with reason
// ARGUMENT_INVALID where there is none: it names those of both, and the space of the catalogue that
// the tables are likely of.
absl::StatusOr<arch::SearchSpace> CoveredSpace(const arch::SearchSpace& space,
                                               const latency::BlockLatencies& latencies);

// The key of a part in such files, in the MobileNetV3 form; ProxylessNAS's for kRelu6.
std::string OfaKey(const latency::BlockSignature& signature);

}  // namespace niwaki::interchange

#endif  // NIWAKI_LIBS_INTERCHANGE_OFA_LATENCY_TABLE_H_
