// Text of other people's making inside an SVG picture.

#ifndef NIWAKI_SERVICES_CLI_SHOW_PLOTS_SVG_TEXT_H_
#define NIWAKI_SERVICES_CLI_SHOW_PLOTS_SVG_TEXT_H_

#include <string>

#include "absl/strings/string_view.h"

namespace niwaki::cli {

// The first 300 bytes of `text` as character data or an attribute of XML. Lines stay apart; other
// control characters, and bytes that are not ASCII, become question marks.
std::string SvgText(absl::string_view text);

}  // namespace niwaki::cli

#endif  // NIWAKI_SERVICES_CLI_SHOW_PLOTS_SVG_TEXT_H_
