// ScoreTable: subnets of one space and their measured accuracies, what a predictor is trained on.
//
// As CSV, a title line and a line for each network (RFC 4180); unknown columns are ignored:
//   top1         measured accuracy, 0 to 1; where it is empty the line is left out
//   subnet       OFA's JSON; or instead
//   d, ks, e     its lists with '-' between the numbers ("3-3-2-4-4"), and
//   image_size   its "r" (also named r); needed where the space has several
//   w            its width multiplier; needed where the space has several
// This reads what `niwaki candidates --csv` prints, and published tables of measured networks.
//
// As JSON: a list, or an object with the list "candidates" or "scores", of objects with
//   subnet       OFA's JSON, as an object or as a string (also named subnet_json)
//   top1         a number (also as "score": {"top1": …}); without it the entry is left out
//
// The order is that in which the networks were measured (sessions.h).

#ifndef NIWAKI_LIBS_PREDICTOR_SCORE_TABLE_H_
#define NIWAKI_LIBS_PREDICTOR_SCORE_TABLE_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "libs/arch/space.h"
#include "libs/arch/subnet.h"

namespace niwaki::predictor {

// The fewest rows that a predictor is trained on.
inline constexpr int kLeastScores = 20;

struct ScoreTable {
  std::vector<arch::Subnet> subnets;
  std::vector<double> top1;

  int rows() const { return static_cast<int>(top1.size()); }
  // SHA-256 of the ids and scores in order, in hexadecimal.
  std::string Digest(const arch::SearchSpace& space) const;
};

// InvalidArgument with reason FILE_MALFORMED or SUBNET_INVALID names the row, the field, its value
// and the limit; also for missing columns and for a score that is not a number from 0 to 1.
absl::StatusOr<ScoreTable> ParseScores(const arch::SearchSpace& space, absl::string_view text,
                                       absl::string_view what);

// Reads a file of either form. NotFound, and the errors of ParseScores.
absl::StatusOr<ScoreTable> ReadScores(const arch::SearchSpace& space, const std::string& path);

// InvalidArgument with reason ARGUMENT_INVALID for fewer than kLeastScores rows, a score that is
// not a number from 0 to 1, or scores that are all the same.
absl::Status CheckScores(const ScoreTable& table);

}  // namespace niwaki::predictor

#endif  // NIWAKI_LIBS_PREDICTOR_SCORE_TABLE_H_
