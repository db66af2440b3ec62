#include "services/cli/show/shown_share.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace niwaki::cli {

double ShownShare(double predicted) { return std::min(std::max(predicted, 0.0), 1.0); }

bool IsCut(double predicted) { return predicted < 0 || predicted > 1; }

const char* CutMark(double predicted) { return IsCut(predicted) ? " *" : ""; }

std::string CutNote(int count) {
  if (count == 0) return "";
  return absl::StrCat("* ", count, count == 1 ? " prediction" : " predictions",
                      " outside 0 to 100 %, cut: the predictor knows too few networks like ",
                      count == 1 ? "this one" : "these", "\n");
}

}  // namespace niwaki::cli
