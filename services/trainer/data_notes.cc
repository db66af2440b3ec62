#include "services/trainer/data_notes.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace niwaki::trainer {
namespace {

std::string Size(int height, int width) { return absl::StrCat(height, "x", width); }

}  // namespace

std::vector<std::string> DataNotes(const arch::SearchSpace& space, const data::Metadata& data) {
  std::vector<std::string> notes;
  const auto largest = std::max_element(
      space.resolutions().begin(), space.resolutions().end(),
      [](const auto& a, const auto& b) { return a.height * a.width < b.height * b.width; });
  const std::string seen = Size(largest->height, largest->width);
  if (data.height > largest->height || data.width > largest->width) {
    notes.push_back(absl::StrCat(
        "the data is ", Size(data.height, data.width), ", networks of ", space.name(),
        " see at most ", seen, ": what lies between is lost; prepare it with --height ",
        largest->height, " --width ", largest->width, " or take a space of larger pictures"));
  } else if (data.height < largest->height || data.width < largest->width) {
    notes.push_back(absl::StrCat("the data is ", Size(data.height, data.width), ", networks of ",
                                 space.name(), " see up to ", seen,
                                 ": it is enlarged, which adds work and no detail"));
  }
  const int64_t calibration = data.sizes[static_cast<int>(data::Split::kCalibration)];
  if (calibration < kFewCalibrationExamples) {
    notes.push_back(absl::StrCat(
        "batch norm is calibrated on ", calibration, calibration == 1 ? " example" : " examples",
        " only, and scores depend on which they are: at least ", kFewCalibrationExamples,
        " are better (--calibration-share of niwaki data prepare)"));
  }
  return notes;
}

}  // namespace niwaki::trainer
