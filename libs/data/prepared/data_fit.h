// Does a data set belong to a network that was trained on another? A label is a position, so the
// same classes in another order turn a good network into a bad one without an error, and so do
// other examples under the same labels.

#ifndef NIWAKI_LIBS_DATA_PREPARED_DATA_FIT_H_
#define NIWAKI_LIBS_DATA_PREPARED_DATA_FIT_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "libs/data/prepared/metadata.h"
#include "libs/data/prepared/prepared.h"

namespace niwaki::data {

// What is known of the data behind a network's weights.
struct TrainedOn {
  Metadata data;
  // Whether the class names of `data` are names, and not the numbers of the outputs of a network
  // whose classes nobody has said.
  bool class_names_known = true;
  // Whether kind, size and type of the examples are known, and not the normalisation alone.
  bool preparation_known = true;
};

// "0", "1", …: what stands for the names of `classes` classes where nobody has said them.
std::vector<std::string> NumberedClasses(int classes);

// What turns a data set into one for the network.
struct DataFit {
  // By label of the data, the label of the network; empty where they are the same.
  std::vector<uint16_t> labels;
  // What was done and what could not be compared, for people: whole sentences in lower case,
  // without a full stop.
  std::vector<std::string> notes;
};

// Compares classes (as sets, by name), kind, channels, type and size of the examples and the
// parameters of the front end. FailedPrecondition with reason SUPERNET_MISMATCH names the first
// that differs and both its values, `name` being the data. What is not known is not compared, and
// said. Mean and deviation need not agree: those of `trained` are taken (PreparedData::Adopt).
absl::StatusOr<DataFit> FitData(const TrainedOn& trained, const Metadata& data,
                                absl::string_view name);

struct FittedData {
  std::unique_ptr<PreparedData> data;
  std::vector<std::string> notes;
};

// Opens `path` as data for the network: its labels are positions among the network's classes, and
// it is normalised as the network's training data was. The errors of PreparedData::Open and
// FitData.
absl::StatusOr<FittedData> OpenFitted(const TrainedOn& trained, const std::string& path);

// As OpenFitted for what does not look at labels: the classes may be others. Preparation is
// compared and the normalisation is the network's; class names and labels stay the data's own.
absl::StatusOr<FittedData> OpenUnlabelled(const TrainedOn& trained, const std::string& path);

// The class names, of many the first few and how many there are: `cat, dog, … (12)`. `names` may be
// the first of `count` (0: all).
std::string ClassesText(const std::vector<std::string>& names, size_t count = 0);

// How the examples were made, on one line: `3x32x32 uint8 pictures` or `log-mel 1x49x40 uint8,
// 16000 Hz, window 480, stride 320, FFT 512, 40 bins of 60 to 7600 Hz, floor -96 dB, version 2`.
std::string PreparationText(const Metadata& data);

}  // namespace niwaki::data

#endif  // NIWAKI_LIBS_DATA_PREPARED_DATA_FIT_H_
