// Predicted accuracies as they are shown: no share lies outside 0 to 1, whatever a predictor says
// of networks that are unlike those it was trained on. What was cut is marked.

#ifndef NIWAKI_SERVICES_CLI_SHOW_SHOWN_SHARE_H_
#define NIWAKI_SERVICES_CLI_SHOW_SHOWN_SHARE_H_

#include <string>

namespace niwaki::cli {

// `predicted`, or the nearest end of 0 to 1.
double ShownShare(double predicted);

// Whether that is another number.
bool IsCut(double predicted);

// " *" for what was cut, "" for the rest.
const char* CutMark(double predicted);

// What the mark means, as a line with its end; "" for a count of 0.
std::string CutNote(int count);

}  // namespace niwaki::cli

#endif  // NIWAKI_SERVICES_CLI_SHOW_SHOWN_SHARE_H_
