#include "libs/jobfile/suggest.h"

#include <algorithm>

#include "absl/strings/ascii.h"

namespace niwaki::jobfile {

int EditDistance(absl::string_view a_text, absl::string_view b_text) {
  const std::string a = absl::AsciiStrToLower(a_text);
  const std::string b = absl::AsciiStrToLower(b_text);
  std::vector<std::vector<int>> distance(a.size() + 1, std::vector<int>(b.size() + 1));
  for (size_t i = 0; i <= a.size(); ++i) distance[i][0] = i;
  for (size_t j = 0; j <= b.size(); ++j) distance[0][j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    for (size_t j = 1; j <= b.size(); ++j) {
      const int replace = distance[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      int best = std::min({distance[i - 1][j] + 1, distance[i][j - 1] + 1, replace});
      const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped) best = std::min(best, distance[i - 2][j - 2] + 1);
      distance[i][j] = best;
    }
  }
  return distance[a.size()][b.size()];
}

std::string ClosestName(absl::string_view typed, const std::vector<std::string>& names) {
  constexpr size_t kMaxLength = 64;
  if (typed.size() > kMaxLength) return "";
  std::string closest;
  int closest_distance = 0;
  for (const std::string& name : names) {
    const int distance = EditDistance(typed, name);
    if (distance > static_cast<int>(name.size() / 3) + 1) continue;
    if (!closest.empty() && distance >= closest_distance) continue;
    closest = name;
    closest_distance = distance;
  }
  return closest;
}

}  // namespace niwaki::jobfile
