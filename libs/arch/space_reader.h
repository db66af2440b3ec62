// From the proto message to a SearchSpace: validates. Private to //libs/arch:space.

#ifndef NIWAKI_LIBS_ARCH_SPACE_READER_H_
#define NIWAKI_LIBS_ARCH_SPACE_READER_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "libs/arch/space.h"
#include "proto/niwaki/v1/arch.pb.h"

namespace niwaki::arch {

// Checks field by field, in the order of the message, and stops at the first error:
// InvalidArgument, SPACE_INVALID.
class SpaceReader {
 public:
  static absl::StatusOr<SearchSpace> Read(const v1::SearchSpace& message);

 private:
  absl::Status ReadTop(const v1::SearchSpace& message);
  absl::Status ReadResolutions(const v1::SearchSpace& message);
  absl::Status ReadWidthMults(const v1::SearchSpace& message);
  absl::Status ReadStem(const v1::SearchSpace& message);
  absl::Status ReadStages(const v1::SearchSpace& message);
  absl::Status ReadStage(const v1::Stage& message, const std::string& path);
  absl::Status ReadExpandRatios(const v1::Stage& message, const std::string& path,
                                Stage& stage) const;
  absl::Status ReadHead(const v1::SearchSpace& message);

  // What a bottleneck does not have.
  static absl::Status CheckBottleneck(const v1::Stage& message, const std::string& path);
  // `width` at the largest multiplier.
  int Scaled(int width) const;
  // That `width`, scaled by the largest multiplier, stays within what the counts of MACs can hold.
  absl::Status CheckScaledWidth(const std::string& field, int width) const;

  SearchSpace space_;
};

// At most 80 bytes of `text` for a message; escaped unless all of them are printable ASCII.
std::string Printable(absl::string_view text);

}  // namespace niwaki::arch

#endif  // NIWAKI_LIBS_ARCH_SPACE_READER_H_
