// Sessions: scores that were measured under one condition.
//
// Scores of one supernet that were measured at different times are often off by a constant:
// calibrated on other images, or by another version of the scorer. A constant that a model takes
// for the work of the architecture spoils it; a session that is known can be accounted for.

#ifndef NIWAKI_LIBS_PREDICTOR_SESSIONS_H_
#define NIWAKI_LIBS_PREDICTOR_SESSIONS_H_

#include <vector>

#include "absl/types/span.h"

namespace niwaki::predictor {

// The first row of every session but the first, ascending, from what a model leaves of scores in
// the order in which they were measured. The series is cut in two where that explains most, and
// each part again, while a cut explains far more than chance would; no session is shorter than 20.
std::vector<int> FindSessions(absl::Span<const double> residuals);

}  // namespace niwaki::predictor

#endif  // NIWAKI_LIBS_PREDICTOR_SESSIONS_H_
