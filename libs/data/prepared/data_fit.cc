#include "libs/data/prepared/data_fit.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "libs/base/error.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"

namespace niwaki::data {
namespace {

absl::Status Mismatch(absl::string_view field, const absl::AlphaNum& value,
                      const absl::AlphaNum& limit, absl::string_view message) {
  return Error(absl::StatusCode::kFailedPrecondition, reason::kSupernetMismatch)
      .Field(field)
      .Value(value)
      .Limit(limit)
      .Message(message);
}

// One thing in which the examples of both must be alike.
struct Trait {
  std::string field;
  std::string data;
  std::string trained;
};

absl::string_view KindOf(const Metadata& data) {
  return data.front_end.has_value() ? "log-mel recordings" : "pictures";
}

std::vector<Trait> TraitsOf(const Metadata& data, const Metadata& trained) {
  std::vector<Trait> traits;
  const auto add = [&traits](absl::string_view field, const absl::AlphaNum& a,
                             const absl::AlphaNum& b) {
    traits.push_back({std::string(field), std::string(a.Piece()), std::string(b.Piece())});
  };
  if (!data.front_end.has_value() || !trained.front_end.has_value()) {
    add("height", data.height, trained.height);
    add("width", data.width, trained.width);
    return traits;
  }
  const LogMelOptions& a = *data.front_end;
  const LogMelOptions& b = *trained.front_end;
  add("front_end.version", a.version, b.version);
  add("front_end.sample_rate_hz", a.sample_rate_hz, b.sample_rate_hz);
  add("front_end.clip_samples", a.clip_samples, b.clip_samples);
  add("front_end.window_samples", a.window_samples, b.window_samples);
  add("front_end.stride_samples", a.stride_samples, b.stride_samples);
  add("front_end.fft_size", a.fft_size, b.fft_size);
  add("front_end.mel_bins", a.mel_bins, b.mel_bins);
  add("front_end.low_hz", a.low_hz, b.low_hz);
  add("front_end.high_hz", a.high_hz, b.high_hz);
  add("front_end.floor_db", a.floor_db, b.floor_db);
  // The same decibels as other bytes.
  add("scale", data.scale, trained.scale);
  add("offset", data.offset, trained.offset);
  return traits;
}

absl::Status CheckPreparation(const TrainedOn& trained, const Metadata& data,
                              absl::string_view name) {
  std::vector<Trait> traits = {
      {"channels", absl::StrCat(data.channels), absl::StrCat(trained.data.channels)},
      {"element", std::string(ElementTypeName(data.element_type)),
       std::string(ElementTypeName(trained.data.element_type))}};
  if (trained.preparation_known) {
    traits.push_back({"kind", std::string(KindOf(data)), std::string(KindOf(trained.data))});
    for (Trait& trait : TraitsOf(data, trained.data)) traits.push_back(std::move(trait));
  }
  for (const Trait& trait : traits) {
    if (trait.data == trait.trained) continue;
    return Mismatch(trait.field, trait.data, trait.trained,
                    absl::StrCat(name, " is prepared otherwise than the supernet's training data: ",
                                 trait.field, " ", trait.data, ", the supernet's ", trait.trained,
                                 "; prepare it again with that"));
  }
  return absl::OkStatus();
}

std::string Quoted(const std::string& name) { return absl::StrCat("'", name, "'"); }

// The first of `names` that is not in `others`; null where all are.
const std::string* FirstMissing(const std::vector<std::string>& names,
                                const std::set<absl::string_view>& others) {
  for (const std::string& name : names) {
    if (others.count(name) == 0) return &name;
  }
  return nullptr;
}

absl::Status OtherClasses(const std::vector<std::string>& data,
                          const std::vector<std::string>& trained, absl::string_view name) {
  const std::string* mine = FirstMissing(data, {trained.begin(), trained.end()});
  const std::string* theirs = FirstMissing(trained, {data.begin(), data.end()});
  std::vector<std::string> parts;
  if (data.size() != trained.size()) {
    parts.push_back(
        absl::StrCat("there are ", data.size(), " of them, the supernet has ", trained.size()));
  }
  if (mine != nullptr) parts.push_back(Quoted(*mine) + " is none of the supernet's");
  if (theirs != nullptr) parts.push_back("the supernet's " + Quoted(*theirs) + " is not there");
  return Mismatch("classes", mine == nullptr ? ClassesText(data) : *mine,
                  theirs == nullptr ? ClassesText(trained) : *theirs,
                  absl::StrCat(name, " has other classes than the supernet was trained on: ",
                               absl::StrJoin(parts, ", ")));
}

// Fills in `fit` from the class names.
absl::Status FitClasses(const TrainedOn& trained, const Metadata& data, absl::string_view name,
                        DataFit& fit) {
  const std::vector<std::string>& theirs = trained.data.class_names;
  if (!trained.class_names_known) {
    if (theirs.size() != data.class_names.size()) {
      return Mismatch("classes", data.class_names.size(), theirs.size(),
                      absl::StrCat(name, " has ", data.class_names.size(),
                                   " classes, the supernet ", theirs.size()));
    }
    fit.notes.push_back(absl::StrCat("the supernet does not say the names of its ", theirs.size(),
                                     " classes: labels are taken by position, 0 is ",
                                     Quoted(data.class_names[0])));
    return absl::OkStatus();
  }
  if (theirs == data.class_names) return absl::OkStatus();
  std::map<absl::string_view, uint16_t> labels;
  for (size_t i = 0; i < theirs.size(); ++i) labels[theirs[i]] = static_cast<uint16_t>(i);
  for (const std::string& own : data.class_names) {
    const auto found = labels.find(own);
    if (found == labels.end()) break;
    fit.labels.push_back(found->second);
  }
  // Names are used once, so as many that are all known are the same set.
  if (fit.labels.size() != theirs.size() || data.class_names.size() != theirs.size()) {
    return OtherClasses(data.class_names, theirs, name);
  }
  fit.notes.push_back(absl::StrCat(name, " has the supernet's ", theirs.size(),
                                   " classes in another order: its labels are mapped by name"));
  return absl::OkStatus();
}

bool SameNormalisation(const Metadata& a, const Metadata& b) {
  return a.scale == b.scale && a.offset == b.offset && a.mean == b.mean && a.stddev == b.stddev;
}

// What could not be compared, and what was changed.
void NotePreparation(const TrainedOn& trained, const Metadata& data, absl::string_view name,
                     std::vector<std::string>& notes) {
  if (!trained.preparation_known) {
    notes.push_back(
        "the supernet does not say how its training examples were prepared: size and kind are "
        "not compared");
  }
  if (!SameNormalisation(trained.data, data)) {
    notes.push_back(absl::StrCat(name, " is normalised by the supernet's mean and deviation"));
  }
}

}  // namespace

std::vector<std::string> NumberedClasses(int classes) {
  std::vector<std::string> names;
  for (int i = 0; i < classes; ++i) names.push_back(absl::StrCat(i));
  return names;
}

absl::StatusOr<DataFit> FitData(const TrainedOn& trained, const Metadata& data,
                                absl::string_view name) {
  DataFit fit;
  NIWAKI_RETURN_IF_ERROR(CheckPreparation(trained, data, name));
  NIWAKI_RETURN_IF_ERROR(FitClasses(trained, data, name, fit));
  NotePreparation(trained, data, name, fit.notes);
  return fit;
}

absl::StatusOr<FittedData> OpenFitted(const TrainedOn& trained, const std::string& path) {
  FittedData fitted;
  NIWAKI_ASSIGN_OR_RETURN(fitted.data, PreparedData::Open(path));
  NIWAKI_ASSIGN_OR_RETURN(DataFit fit, FitData(trained, fitted.data->metadata(), path));
  Metadata as = trained.data;
  if (!trained.class_names_known) as.class_names = fitted.data->metadata().class_names;
  fitted.data->Adopt(as, fit.labels);
  fitted.notes = std::move(fit.notes);
  return fitted;
}

absl::StatusOr<FittedData> OpenUnlabelled(const TrainedOn& trained, const std::string& path) {
  FittedData fitted;
  NIWAKI_ASSIGN_OR_RETURN(fitted.data, PreparedData::Open(path));
  const Metadata& data = fitted.data->metadata();
  NIWAKI_RETURN_IF_ERROR(CheckPreparation(trained, data, path));
  NotePreparation(trained, data, path, fitted.notes);
  Metadata as = trained.data;
  as.class_names = data.class_names;
  fitted.data->Adopt(as, {});
  return fitted;
}

std::string ClassesText(const std::vector<std::string>& names, size_t count) {
  constexpr size_t kShown = 6;
  const size_t shown = std::min(names.size(), kShown);
  const std::string text = absl::StrJoin(names.begin(), names.begin() + shown, ", ");
  const size_t all = std::max(count, names.size());
  if (shown == all) return text;
  return absl::StrCat(text, ", … (", all, ")");
}

std::string PreparationText(const Metadata& data) {
  const std::string shape = absl::StrCat(data.channels, "x", data.height, "x", data.width, " ",
                                         ElementTypeName(data.element_type));
  if (!data.front_end.has_value()) return shape + " pictures";
  const LogMelOptions& f = *data.front_end;
  return absl::StrCat("log-mel ", shape, ", ", f.sample_rate_hz, " Hz, window ", f.window_samples,
                      ", stride ", f.stride_samples, ", FFT ", f.fft_size, ", ", f.mel_bins,
                      " bins of ", f.low_hz, " to ", f.high_hz, " Hz, floor ", f.floor_db,
                      " dB, version ", f.version);
}

}  // namespace niwaki::data
