#include "services/cli/show/plots/svg_text.h"

#include <cstddef>

namespace niwaki::cli {
namespace {

constexpr size_t kMaxTextBytes = 300;

}  // namespace

std::string SvgText(absl::string_view text) {
  std::string escaped;
  for (const char c : text.substr(0, kMaxTextBytes)) {
    switch (c) {
      case '&':
        escaped += "&amp;";
        break;
      case '<':
        escaped += "&lt;";
        break;
      case '>':
        escaped += "&gt;";
        break;
      case '"':
        escaped += "&quot;";
        break;
      case '\n':
        escaped += "&#10;";
        break;
      default:
        // Control characters are no XML, and other bytes may be no UTF-8 after the cut.
        escaped += c >= 0x20 && c < 0x7f ? std::string(1, c) : "?";
    }
  }
  return escaped;
}

}  // namespace niwaki::cli
