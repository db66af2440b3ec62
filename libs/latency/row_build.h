// RowBuild: what a figure of an operator is of, besides the operator. Figures of two builds are
// never added up.

#ifndef NIWAKI_LIBS_LATENCY_ROW_BUILD_H_
#define NIWAKI_LIBS_LATENCY_ROW_BUILD_H_

#include <string>
#include <tuple>

namespace niwaki::latency {

// All of it is known, or nothing: what people write down does not say.
struct RowBuild {
  // Regions of memory where activations and constants lay: "ram/flash".
  std::string placement;
  // As device::Device::kernel_set.
  std::string kernel_set;
  // SHA-256 in hexadecimal.
  std::string firmware_digest;
  std::string compiler_digest;
  // As engine::EngineVersion.
  std::string engine_version;

  bool known() const { return !engine_version.empty(); }

  friend bool operator==(const RowBuild& a, const RowBuild& b) { return a.Tie() == b.Tie(); }
  friend bool operator!=(const RowBuild& a, const RowBuild& b) { return !(a == b); }
  friend bool operator<(const RowBuild& a, const RowBuild& b) { return a.Tie() < b.Tie(); }

 private:
  std::tuple<const std::string&, const std::string&, const std::string&, const std::string&,
             const std::string&>
  Tie() const {
    return std::tie(engine_version, kernel_set, firmware_digest, compiler_digest, placement);
  }
};

}  // namespace niwaki::latency

#endif  // NIWAKI_LIBS_LATENCY_ROW_BUILD_H_
