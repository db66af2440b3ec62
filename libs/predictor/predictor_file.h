// Predictors in files (FORMAT.md), with what is known about them.

#ifndef NIWAKI_LIBS_PREDICTOR_PREDICTOR_FILE_H_
#define NIWAKI_LIBS_PREDICTOR_PREDICTOR_FILE_H_

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "libs/arch/space.h"
#include "libs/base/json.h"
#include "libs/predictor/accuracy_predictor.h"
#include "libs/predictor/evaluation.h"
#include "libs/predictor/mlp/mlp_predictor.h"
#include "libs/predictor/structured/structured_predictor.h"

namespace niwaki::predictor {

struct PredictorInfo {
  // "structured" or "mlp".
  std::string kind;
  // Name of an encoding (encoder.h), or "structured" (feature_basis.h).
  std::string encoding;
  std::vector<int> resolutions;
  // The input sizes of the space, of a "structured" one; empty where the file does not say.
  std::vector<arch::Resolution> inputs;
  // The space it is for: name; structure; and fingerprint without the input sizes.
  std::string space;
  std::string structure;
  std::string family;
  // Of the networks; 0 where the file does not say.
  int classes = 0;
  // What it was trained on or imported from, for people; at most 1000 bytes.
  std::string source;
  // Scores that it was trained on, and ScoreTable::Digest of them; 0 and empty where unknown.
  int scores = 0;
  std::string scores_sha256;
  int sessions = 1;
  double noise = 0;
  // Nothing for an imported one that was not checked against scores.
  std::optional<HeldOut> held_out;
};

// As in the file's manifest, for whoever shows it; what is not known is left out.
Json ToJson(const HeldOut& figures);

// Fills in kind, encoding, resolutions, inputs, space, structure, family and classes.
void Describe(const arch::SearchSpace& space, const StructuredPredictor& predictor,
              PredictorInfo& info);
void Describe(const arch::SearchSpace& space, const MlpPredictor& predictor, PredictorInfo& info);

// Write a file atomically; `info` has been described. The errors of WriteFileAtomically.
absl::Status WritePredictor(const std::string& path, const PredictorInfo& info,
                            const StructuredPredictor& predictor);
absl::Status WritePredictor(const std::string& path, const PredictorInfo& info,
                            const MlpPredictor& predictor);

// NotFound; DataLoss with reason DATA_CORRUPT for anything but a whole predictor file, naming the
// tensor or the field.
absl::StatusOr<PredictorInfo> ReadPredictorInfo(const std::string& path);

struct StoredPredictor {
  PredictorInfo info;
  std::unique_ptr<AccuracyPredictor> predictor;
  // Not empty where the space has another number of classes than the predictor's: a sentence for
  // people.
  std::string note;
};

// Also InvalidArgument with reason ARGUMENT_INVALID for a predictor of another space, both named,
// with the numbers of classes where these are all that differs.
// A "structured" one is taken for the same space with fewer input sizes as well
// (arch::WithResolutions); one on OFA's encodings, in which a choice has the same column in every
// space, for the same space with any input sizes that have columns. Any is taken for a space that
// differs in the number of classes alone: no feature depends on it.
absl::StatusOr<StoredPredictor> ReadPredictor(const std::string& path,
                                              const arch::SearchSpace& space);

}  // namespace niwaki::predictor

#endif  // NIWAKI_LIBS_PREDICTOR_PREDICTOR_FILE_H_
