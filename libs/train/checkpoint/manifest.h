// What a supernet file says about itself: enough to know whether it fits a space and a data set,
// and how it was made.

#ifndef NIWAKI_LIBS_TRAIN_CHECKPOINT_MANIFEST_H_
#define NIWAKI_LIBS_TRAIN_CHECKPOINT_MANIFEST_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "libs/data/prepared/data_fit.h"
#include "libs/data/prepared/metadata.h"
#include "libs/train/recipe/recipe.h"

namespace niwaki::train {

inline constexpr int kManifestVersion = 1;

struct Manifest {
  // The search space as canonical textproto, and the hexadecimal fingerprint of its structure.
  std::string space_textproto;
  std::string space_structure;
  // SHA-256 of the training data's file; empty for untrained weights.
  std::string data_digest;
  // Classes, normalisation and front end of the data, as in its file.
  data::Metadata data;
  // Whether data.class_names are names; else the numbers from 0 stand for what nobody has said. A
  // file that does not tell has names, unless it is of no data and has just these numbers.
  bool class_names_known = true;
  Recipe recipe;
  uint64_t seed = 0;
  // Optimiser steps done, and how far the training had come, in [0, 1].
  int64_t step = 0;
  double progress = 0;

  // What data for the weights is compared with. The preparation is known of data that had a file.
  data::TrainedOn trained_on() const;

  std::string ToJson() const;
  // DataLoss with reason DATA_CORRUPT, or FailedPrecondition with SCHEMA_TOO_NEW for a later
  // version.
  static absl::StatusOr<Manifest> FromJson(absl::string_view text);
};

}  // namespace niwaki::train

#endif  // NIWAKI_LIBS_TRAIN_CHECKPOINT_MANIFEST_H_
