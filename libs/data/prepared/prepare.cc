#include "libs/data/prepared/prepare.h"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "libs/base/error.h"
#include "libs/base/file_writer.h"
#include "libs/base/range.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"
#include "libs/data/audio/quantise.h"
#include "libs/data/audio/wav_folder.h"
#include "libs/data/blank.h"
#include "libs/data/example_set.h"
#include "libs/data/image/cifar.h"
#include "libs/data/image/idx.h"
#include "libs/data/image/image_folder.h"
#include "libs/data/prepared/partition.h"
#include "libs/data/prepared/prepared.h"
#include "libs/data/prepared/twins.h"

namespace niwaki::data {
namespace {

constexpr char kNoiseClass[] = "silence";
constexpr size_t kMaxNamedClasses = 10;
// Fewer calibration examples are said.
constexpr int64_t kFewCalibration = 100;

constexpr SourceFormat kFormats[] = {SourceFormat::kCifar10, SourceFormat::kCifar100,
                                     SourceFormat::kIdx, SourceFormat::kImages, SourceFormat::kWav};

absl::Status Invalid(absl::string_view field, const absl::AlphaNum& value,
                     const absl::AlphaNum& limit) {
  return Error(absl::StatusCode::kInvalidArgument, reason::kArgumentInvalid)
      .Field(field)
      .Value(value)
      .Limit(limit)
      .Message(absl::StrCat(field, " '", value, "' not in ", limit));
}

constexpr double kShareTolerance = 1e-6;

using Shares = std::array<double, kSplitCount>;
using Splits = std::array<bool, kSplitCount>;

double SumOf(const Shares& shares, const Splits& which) {
  double sum = 0;
  for (int s = 0; s < kSplitCount; ++s) sum += which[s] ? shares[s] : 0;
  return sum;
}

bool SumToOne(const Shares& shares, const Splits& which) {
  return std::abs(SumOf(shares, which) - 1) <= kShareTolerance;
}

// `which` are the splits that are dealt by shares.
absl::Status WrongSum(const Shares& shares, const Splits& which) {
  const std::string sum = absl::StrFormat("%.6g", SumOf(shares, which));
  std::vector<std::string> given, parts;
  for (Split split : kAllSplits) {
    const int s = static_cast<int>(split);
    if (!which[s]) continue;
    given.push_back(absl::StrFormat("--%s-share %.6g", SplitName(split), shares[s]));
    parts.push_back(absl::StrFormat("%.4g", shares[s] / SumOf(shares, which)));
  }
  return Error(absl::StatusCode::kInvalidArgument, reason::kArgumentInvalid)
      .Field("--train-share")
      .Value(sum)
      .Limit("a sum of 1")
      .Message(absl::StrCat("the shares sum to ", sum, ", not 1: ", absl::StrJoin(given, ", "),
                            "; in the same proportions they are ", absl::StrJoin(parts, ", ")));
}

bool HasOwnTest(SourceFormat format) {
  return format == SourceFormat::kCifar10 || format == SourceFormat::kCifar100 ||
         format == SourceFormat::kIdx;
}

// `test` is empty when the source has no test examples of its own. `report` is moved here from the
// set that brings it.
struct Source {
  ExampleSet train;
  ExampleSet test;
  SourceReport report;
};

absl::StatusOr<ExampleSet> ReadImages(const PrepareOptions& options,
                                      const ParallelOptions& parallel) {
  ImageFolderOptions images;
  images.folder = options.input;
  images.channels = options.channels;
  images.height = options.height;
  images.width = options.width;
  images.use_splits = options.use_splits;
  images.skip_bad = options.skip_bad;
  images.for_training = options.test_of.empty();
  return ReadImageFolder(images, parallel);
}

// With `noise_class` "" noise is passed over.
absl::StatusOr<ExampleSet> ReadWavs(const PrepareOptions& options, const std::string& noise_class,
                                    const ParallelOptions& parallel) {
  WavFolderOptions wavs;
  wavs.folder = options.input;
  wavs.front_end = options.front_end;
  wavs.windows = options.windows;
  wavs.keep_groups = options.keep_groups;
  wavs.use_noise = options.use_noise && !noise_class.empty();
  wavs.noise_class = noise_class;
  wavs.use_splits = options.use_splits;
  wavs.skip_bad = options.skip_bad;
  wavs.for_training = options.test_of.empty();
  return ReadWavFolder(wavs, parallel);
}

absl::StatusOr<Source> ReadSource(const PrepareOptions& options, const std::string& noise_class,
                                  const ParallelOptions& parallel) {
  Source source;
  switch (options.format) {
    case SourceFormat::kCifar10:
    case SourceFormat::kCifar100: {
      const bool ten = options.format == SourceFormat::kCifar10;
      NIWAKI_ASSIGN_OR_RETURN(
          CifarFolder folder,
          ReadCifarFolder(options.input, ten ? CifarKind::kCifar10 : CifarKind::kCifar100,
                          options.skip_bad));
      return Source{std::move(folder.train), std::move(folder.test), std::move(folder.report)};
    }
    case SourceFormat::kIdx: {
      NIWAKI_ASSIGN_OR_RETURN(IdxFolder folder, ReadIdxFolder(options.input));
      return Source{std::move(folder.train), std::move(folder.test), std::move(folder.report)};
    }
    case SourceFormat::kImages: {
      NIWAKI_ASSIGN_OR_RETURN(source.train, ReadImages(options, parallel));
      break;
    }
    case SourceFormat::kWav: {
      NIWAKI_ASSIGN_OR_RETURN(source.train, ReadWavs(options, noise_class, parallel));
      break;
    }
  }
  source.report = *std::move(source.train.report);
  return source;
}

// SettleBlank for both sets, counted in `source.report`.
absl::Status SettleSource(const PrepareOptions& options, Source& source) {
  BlankOptions blank;
  blank.max_share = options.max_blank_share;
  blank.skip = options.skip_bad;
  for (ExampleSet* set : {&source.train, &source.test}) {
    set->report = std::move(source.report);
    NIWAKI_RETURN_IF_ERROR(SettleBlank(blank, *set));
    source.report = *std::move(set->report);
    set->report.reset();
  }
  return absl::OkStatus();
}

// The shares of the splits that the source leaves to them, or all four, sum to 1.
absl::Status CheckDealtShares(const PrepareOptions& options, const ExampleSet& train) {
  Splits dealt = {true, true, true, true};
  if (HasOwnTest(options.format)) dealt[static_cast<int>(Split::kTest)] = false;
  for (const Dealing& dealing : train.dealing) {
    if (dealing.split.has_value()) dealt[static_cast<int>(*dealing.split)] = false;
  }
  if (SumToOne(options.shares, {true, true, true, true})) return absl::OkStatus();
  return SumToOne(options.shares, dealt) ? absl::OkStatus() : WrongSum(options.shares, dealt);
}

// As far as can be said before anything is read: which splits the source brings is not known yet.
absl::Status CheckSums(const PrepareOptions& options) {
  constexpr Splits kAll = {true, true, true, true};
  const bool folder = !HasOwnTest(options.format);
  if (folder && !options.use_splits) {
    return SumToOne(options.shares, kAll) ? absl::OkStatus() : WrongSum(options.shares, kAll);
  }
  Splits without_test = kAll;
  without_test[static_cast<int>(Split::kTest)] = false;
  // Every choice of splits beside training.
  for (int choice = 0; choice < 8; ++choice) {
    const Splits some = {true, (choice & 1) != 0, (choice & 2) != 0, (choice & 4) != 0};
    const bool may_be = folder || some == kAll || some == without_test;
    if (may_be && SumToOne(options.shares, some)) return absl::OkStatus();
  }
  return WrongSum(options.shares, folder ? kAll : without_test);
}

// The examples of `set` at `positions`, in that order.
SplitColumns Gather(const ExampleSet& set, const std::vector<int64_t>& positions) {
  SplitColumns columns;
  const int64_t bytes = set.BytesPerExample();
  columns.examples.reserve(positions.size() * bytes);
  for (int64_t i : positions) {
    const auto first = set.examples.begin() + i * bytes;
    columns.examples.insert(columns.examples.end(), first, first + bytes);
    columns.labels.push_back(set.labels[i]);
    if (!set.groups.empty()) columns.groups.push_back(set.groups[i]);
  }
  return columns;
}

// Twins in different splits are told to `report`.
absl::StatusOr<std::array<SplitColumns, kSplitCount>> SplitSource(const PrepareOptions& options,
                                                                  Source source,
                                                                  SourceReport& report) {
  NIWAKI_RETURN_IF_ERROR(CheckDealtShares(options, source.train));
  std::array<double, kSplitCount> shares = options.shares;
  const int test = static_cast<int>(Split::kTest);
  const bool own_test = HasOwnTest(options.format);
  if (own_test) shares[test] = 0;
  NIWAKI_ASSIGN_OR_RETURN(Partition partition,
                          PartitionExamples(source.train, shares, options.seed));
  std::array<SplitColumns, kSplitCount> columns;
  for (int s = 0; s < kSplitCount; ++s) {
    if (s != test || !own_test) columns[s] = Gather(source.train, partition[s]);
  }
  TwinFinder twins;
  twins.Add(source.train, partition, "training");
  if (!own_test) {
    twins.FillIn(report);
    return columns;
  }
  // Shuffled like the others, so that its first n are a fair sample.
  NIWAKI_ASSIGN_OR_RETURN(partition, PartitionExamples(source.test, {0, 0, 0, 1}, options.seed));
  columns[test] = Gather(source.test, partition[test]);
  twins.Add(source.test, partition, "test");
  twins.FillIn(report);
  return columns;
}

Metadata Describe(const PrepareOptions& options, const ExampleSet& train) {
  Metadata metadata;
  metadata.name =
      options.name.empty() ? std::string(SourceFormatName(options.format)) : options.name;
  metadata.class_names = train.class_names;
  metadata.channels = train.channels;
  metadata.height = train.height;
  metadata.width = train.width;
  metadata.has_groups = !train.groups.empty();
  metadata.attributes["format"] = std::string(SourceFormatName(options.format));
  metadata.attributes["seed"] = absl::StrCat(options.seed);
  if (options.format == SourceFormat::kWav) {
    metadata.scale = kLogMelScale;
    metadata.offset = kLogMelOffset;
    metadata.front_end = options.front_end;
    metadata.attributes["windows"] = std::string(WindowsName(options.windows));
  }
  return metadata;
}

// A folder of many files is described in the data; a published set is known by its name.
void NoteSource(const PrepareOptions& options, const SourceReport& report, Metadata& metadata) {
  if (!HasOwnTest(options.format)) metadata.source = report;
}

absl::Status Mismatch(const std::string& field, const absl::AlphaNum& value,
                      const absl::AlphaNum& limit, absl::string_view message) {
  return Error(absl::StatusCode::kFailedPrecondition, reason::kSupernetMismatch)
      .Field(field)
      .Value(value)
      .Limit(limit)
      .Message(message);
}

// The label in `trained` of each class of `set`; the error names every class that it lacks.
absl::StatusOr<std::vector<uint16_t>> LabelsIn(const Metadata& trained, const ExampleSet& set,
                                               const PrepareOptions& options) {
  std::vector<uint16_t> labels;
  std::vector<std::string> unknown;
  for (const std::string& name : set.class_names) {
    const auto& names = trained.class_names;
    const auto it = std::find(names.begin(), names.end(), name);
    if (it == names.end()) {
      unknown.push_back(name);
    } else {
      labels.push_back(static_cast<uint16_t>(it - names.begin()));
    }
  }
  if (unknown.empty()) return labels;
  const std::string known = absl::StrJoin(trained.class_names, ", ");
  const std::string which = unknown.size() == 1
                                ? absl::StrCat("class '", unknown[0], "' is not in ")
                                : absl::StrCat(unknown.size(), " classes are not in ");
  absl::Status status = Mismatch(
      "input", unknown[0], known,
      absl::StrCat(options.input, ": ", which, options.test_of, ", whose classes are ", known));
  std::vector<ErrorItem> items;
  for (const std::string& name : unknown) items.push_back({name, "no class of " + options.test_of});
  SetErrorItems(status, items);
  return status;
}

// `options` with the shape and the front end of the data it is a test of.
absl::StatusOr<PrepareOptions> AdoptShape(PrepareOptions options, const Metadata& trained) {
  options.channels = trained.channels;
  options.height = trained.height;
  options.width = trained.width;
  if (options.format != SourceFormat::kWav) return options;
  if (!trained.front_end.has_value()) {
    return Mismatch("format", "wav", "pictures",
                    options.test_of + " holds pictures, not recordings");
  }
  options.front_end = *trained.front_end;
  return options;
}

// The class of `trained` that noise belongs to; "" for none.
std::string NoiseClassOf(const Metadata& trained) {
  for (const std::string name : {kNoiseClass, "_silence_"}) {
    const auto& names = trained.class_names;
    if (std::find(names.begin(), names.end(), name) != names.end()) return name;
  }
  return "";
}

// Drops what the source says belongs to another split than test, where it has a test split.
void KeepOwnTest(ExampleSet& set, SourceReport& report) {
  std::vector<bool> keep;
  for (const Dealing& dealing : set.dealing) keep.push_back(dealing.split == Split::kTest);
  if (std::find(keep.begin(), keep.end(), true) == keep.end()) return;
  const int64_t lost = static_cast<int64_t>(KeepExamples(keep, set).size());
  if (lost == 0) return;
  report.used -= lost;
  report.passed_over["in a split other than test"] = lost;
}

absl::StatusOr<SourceReport> PrepareTestOf(const PrepareOptions& wanted,
                                           const ParallelOptions& parallel) {
  NIWAKI_ASSIGN_OR_RETURN(const auto trained, PreparedData::Open(wanted.test_of));
  Metadata metadata = trained->metadata();
  NIWAKI_ASSIGN_OR_RETURN(const PrepareOptions options, AdoptShape(wanted, metadata));
  NIWAKI_ASSIGN_OR_RETURN(Source source, ReadSource(options, NoiseClassOf(metadata), parallel));
  if (!HasOwnTest(options.format)) KeepOwnTest(source.train, source.report);
  NIWAKI_RETURN_IF_ERROR(SettleSource(options, source));
  ExampleSet& set = HasOwnTest(options.format) ? source.test : source.train;
  // What is left is the test, whatever it was.
  set.dealing.clear();
  Metadata described = Describe(options, set);
  if (set.channels != metadata.channels || set.height != metadata.height ||
      set.width != metadata.width || described.scale != metadata.scale ||
      described.offset != metadata.offset || metadata.element_type != ElementType::kUint8) {
    const auto shape = [](int c, int h, int w) { return absl::StrCat(c, "x", h, "x", w); };
    const std::string here = shape(set.channels, set.height, set.width);
    const std::string there = shape(metadata.channels, metadata.height, metadata.width);
    return Mismatch("input", here, there,
                    absl::StrCat(options.input, ": examples of shape ", here, " are not like the ",
                                 there, " of ", options.test_of));
  }
  NIWAKI_ASSIGN_OR_RETURN(const std::vector<uint16_t> labels, LabelsIn(metadata, set, options));
  NIWAKI_ASSIGN_OR_RETURN(const Partition partition,
                          PartitionExamples(set, {0, 0, 0, 1}, options.seed));
  TwinFinder twins;
  for (Split split : {Split::kTrain, Split::kValidation}) {
    twins.AddPrepared(trained->view(split).examples, trained->view(split).labels,
                      metadata.class_names, metadata.channels, split, options.test_of);
  }
  twins.Add(set, partition, "test");
  twins.FillIn(source.report);
  NoteSource(options, source.report, described);
  SplitColumns test = Gather(set, partition[static_cast<int>(Split::kTest)]);
  for (uint16_t& label : test.labels) label = labels[label];

  std::array<SplitView, kSplitCount> views;
  views[static_cast<int>(Split::kCalibration)] = trained->view(Split::kCalibration);
  views[static_cast<int>(Split::kTest)] = test.View();
  metadata.name = described.name;
  metadata.has_groups = false;
  metadata.attributes = described.attributes;
  metadata.source = described.source;
  metadata.attributes["test of"] = trained->digest();
  for (int s = 0; s < kSplitCount; ++s) {
    views[s].groups = {};
    metadata.sizes[s] = views[s].labels.size();
  }
  NIWAKI_RETURN_IF_ERROR(WritePrepared(options.out, metadata, views));
  return std::move(source.report);
}

// Lines on the classes that a split lacks.
std::string LackText(const PreparedData& data) {
  std::string text;
  for (Split split : kAllSplits) {
    const std::vector<std::string>& names = data.metadata().class_names;
    const std::vector<std::string> without = ClassesWithout(names, data.view(split).labels);
    if (without.empty()) continue;
    absl::StrAppend(&text, "\nwithout     ", SplitName(split), ": ", without.size(), " of ",
                    names.size(), " classes: ", NameSome(without, kMaxNamedClasses));
  }
  return text;
}

}  // namespace

absl::string_view SourceFormatName(SourceFormat format) {
  switch (format) {
    case SourceFormat::kCifar10:
      return "cifar10";
    case SourceFormat::kCifar100:
      return "cifar100";
    case SourceFormat::kIdx:
      return "idx";
    case SourceFormat::kImages:
      return "images";
    case SourceFormat::kWav:
      return "wav";
  }
  return "";
}

absl::StatusOr<SourceFormat> ParseSourceFormat(absl::string_view name) {
  for (SourceFormat format : kFormats) {
    if (SourceFormatName(format) == name) return format;
  }
  return Invalid("format", name, "{cifar10, cifar100, idx, images, wav}");
}

absl::Status PrepareOptions::Validate() const {
  if (input.empty()) return Invalid("input", input, "paths of folders");
  if (out.empty()) return Invalid("out", out, "paths of files");
  for (Split split : kAllSplits) {
    NIWAKI_RETURN_IF_ERROR(CheckRange(absl::StrCat("--", SplitName(split), "-share"),
                                      shares[static_cast<int>(split)], 0.001, 1));
  }
  if (test_of.empty()) NIWAKI_RETURN_IF_ERROR(CheckSums(*this));
  NIWAKI_RETURN_IF_ERROR(CheckRange("--max-blank-share", max_blank_share, 0, 1));
  if (format == SourceFormat::kImages) {
    ImageFolderOptions images;
    images.channels = channels;
    images.height = height;
    images.width = width;
    return images.Validate();
  }
  if (format == SourceFormat::kWav) return front_end.Validate();
  return absl::OkStatus();
}

absl::StatusOr<SourceReport> Prepare(const PrepareOptions& options,
                                     const ParallelOptions& parallel) {
  NIWAKI_RETURN_IF_ERROR(options.Validate());
  NIWAKI_RETURN_IF_ERROR(CheckWritable(options.out));
  if (!options.test_of.empty()) return PrepareTestOf(options, parallel);
  NIWAKI_ASSIGN_OR_RETURN(Source source, ReadSource(options, kNoiseClass, parallel));
  NIWAKI_RETURN_IF_ERROR(SettleSource(options, source));
  if (HasOwnTest(options.format) &&
      (source.test.height != source.train.height || source.test.width != source.train.width)) {
    return Error(absl::StatusCode::kInvalidArgument, reason::kFileMalformed)
        .Field("input")
        .Value(options.input)
        .Message(absl::StrCat(options.input, ": test examples differ in shape from training ones"));
  }
  Metadata metadata = Describe(options, source.train);
  SourceReport report = std::move(source.report);
  NIWAKI_ASSIGN_OR_RETURN(const auto columns, SplitSource(options, std::move(source), report));
  NoteSource(options, report, metadata);
  std::array<SplitView, kSplitCount> views;
  for (int s = 0; s < kSplitCount; ++s) {
    views[s] = columns[s].View();
    metadata.sizes[s] = columns[s].labels.size();
  }
  SetNormalisation(columns[0].examples, metadata);
  NIWAKI_RETURN_IF_ERROR(WritePrepared(options.out, metadata, views));
  return report;
}

absl::StatusOr<std::string> DescribePrepared(const std::string& path, const SourceReport* report) {
  NIWAKI_ASSIGN_OR_RETURN(const auto data, PreparedData::Open(path));
  const Metadata& m = data->metadata();
  std::string text =
      absl::StrCat("name        ", m.name, "\ndigest      ", data->digest(), "\nshape       ",
                   m.channels, "x", m.height, "x", m.width, " ", ElementTypeName(m.element_type),
                   "\nclasses     ", m.class_names.size(), ": ",
                   absl::StrJoin(m.class_names, " ", [](std::string* out, const std::string& name) {
                     absl::StrAppend(out, PlainName(name));
                   }));
  for (Split split : kAllSplits) {
    const std::string name(SplitName(split));
    absl::StrAppend(&text, "\n", name, std::string(12 - name.size(), ' '), data->size(split));
  }
  text += LackText(*data);
  const int64_t calibration = data->size(Split::kCalibration);
  if (calibration > 0 && calibration < kFewCalibration) {
    absl::StrAppend(&text, "\nnote        batch norm is calibrated on ", calibration,
                    calibration == 1 ? " example" : " examples",
                    " only; --calibration-share gives it more");
  }
  if (m.front_end.has_value()) {
    const LogMelOptions& f = *m.front_end;
    absl::StrAppend(&text, "\nfront end   log-mel version ", f.version, ", ", f.sample_rate_hz,
                    " Hz, window ", f.window_samples, ", stride ", f.stride_samples, ", FFT ",
                    f.fft_size, ", ", f.mel_bins, " bins of ", f.low_hz, " to ", f.high_hz, " Hz");
  }
  for (const auto& [key, value] : m.attributes) absl::StrAppend(&text, "\n", key, ": ", value);
  text += "\n";
  if (report == nullptr && m.source.has_value()) report = &*m.source;
  if (report != nullptr) text += SourceReportText(*report);
  return text;
}

}  // namespace niwaki::data
