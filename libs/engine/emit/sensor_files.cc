#include "libs/engine/emit/sensor_files.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <set>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "libs/arch/graph.h"
#include "libs/base/error.h"
#include "libs/base/random.h"
#include "libs/base/reason.h"
#include "libs/base/status_macros.h"
#include "libs/engine/emit/c_text.h"
#include "libs/engine/emit/kernel_sources.h"
#include "libs/engine/emit/project_files.h"
#include "libs/engine/emit/sensor_text.h"
#include "libs/engine/host/runner.h"
#include "libs/engine/quantise/kernel_parameters.h"
#include "libs/engine/sensor/audio_front_end.h"
#include "libs/engine/sensor/picture_levels.h"
#include "libs/engine/sensor/posteriors.h"
#include "libs/kernels/frontend/frame.h"
#include "libs/kernels/frontend/keyword_stream.h"
#include "libs/kernels/frontend/log_mel.h"
#include "libs/kernels/softmax.h"

namespace niwaki::engine {
namespace {

constexpr char kKernelFolder[] = "libs/kernels/";
// Of the picture in a test vector, unlike any network's input.
constexpr int kTestRows = 60;
constexpr int kTestColumns = 83;
constexpr double kPi = 3.14159265358979323846;

// Where a caller of the emitted network hands over its input, and gets its output.
struct Ends {
  arch::TensorId input;
  arch::TensorId output;
};

template <typename T>
void AppendWide(const std::string& declaration, absl::Span<const T> values, std::string& text) {
  const std::vector<int32_t> wide(values.begin(), values.end());
  AppendArray(declaration, absl::Span<const int32_t>(wide), text);
}

void AppendFloats(const std::string& declaration, absl::Span<const float> values,
                  std::string& text) {
  constexpr int kPerLine = 6;
  absl::StrAppend(&text, declaration, " = {");
  for (size_t i = 0; i < values.size(); ++i) {
    absl::StrAppend(&text, i % kPerLine == 0 ? "\n    " : " ", FloatLiteral(values[i]), ",");
  }
  text += "\n};\n";
}

// What the test vector's text needs besides the arrays that every one has.
struct TestInput {
  std::string arrays;
  std::string sense;
  std::vector<int8_t> input;
};

std::string Quoted(const std::string& name) {
  std::string text = "\"";
  for (const char c : name) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      absl::StrAppend(&text, "\\", std::string(1, c));
    } else if (byte < 0x20 || byte == '?') {
      // Three digits, so that what follows is not read as part of it; no trigraphs.
      absl::StrAppend(&text, "\\", byte >> 6, (byte >> 3) & 7, byte & 7);
    } else {
      text.push_back(c);
    }
  }
  return text + "\"";
}

std::string ClassNames(const Sensor& sensor) {
  std::string text = "const char* const @N@_class_names[@U@_CLASSES] = {\n";
  for (const std::string& name : sensor.class_names) {
    absl::StrAppend(&text, "    ", Quoted(name), ",\n");
  }
  return text + "};\n";
}

std::string Number(const absl::AlphaNum& value) { return std::string(value.Piece()); }

// What begins with a minus sign, in brackets.
std::string Signed(int value) {
  return value < 0 ? absl::StrCat("(", value, ")") : absl::StrCat(value);
}

class AudioWriter {
 public:
  AudioWriter(const QuantisedNetwork& network, const EmitOptions& options, const Sensor& sensor,
              const AudioFrontEnd& front_end, Ends ends)
      : network_(network),
        options_(options),
        sensor_(sensor),
        front_end_(front_end),
        stream_(front_end.options()),
        ends_(ends) {}

  std::string Header() const { return Filled(kAudioHeader); }

  std::string Source() const {
    const nw_log_mel& f = stream_.front_end;
    std::string text = Filled(kAudioSource);
    AppendFloats(Array("float", "window", NW_LOG_MEL_WINDOW(f.window_samples)),
                 absl::MakeConstSpan(f.window, NW_LOG_MEL_WINDOW(f.window_samples)), text);
    AppendFloats(Array("float", "sine", f.fft_size / 4 + 1),
                 absl::MakeConstSpan(f.sine, f.fft_size / 4 + 1), text);
    AppendWide<uint16_t>(Array("uint16_t", "edges", f.mel_bins + 2),
                         absl::MakeConstSpan(f.edges, f.mel_bins + 2), text);
    const int rises = f.edges[f.mel_bins + 1] - f.edges[0];
    AppendFloats(Array("float", "rise", rises), absl::MakeConstSpan(f.rise, rises), text);
    if (front_end_.whole()) {
      AppendArray(Array("int8_t", "levels", 256), front_end_.levels(), text);
    } else {
      AppendFloats(Array("float", "values", 256), front_end_.values(), text);
    }
    AppendWide<uint8_t>(Array("uint8_t", "is_keyword", stream_.classes), front_end_.is_keyword(),
                        text);
    absl::StrAppend(&text, "\n", Filled(kAudioOptions), "\n", Filled(ClassNames(sensor_)), "\n",
                    Filled(kAudioFunctions));
    return text;
  }

  absl::StatusOr<TestInput> Test(std::vector<int16_t> clip) const {
    const int size = front_end_.clip_samples();
    if (clip.empty()) clip = MadeUpClip(size);
    if (clip.size() != size) {
      return Error(absl::StatusCode::kInvalidArgument, reason::kArgumentInvalid)
          .Field("clip")
          .Value(clip.size())
          .Limit(size)
          .Message(
              absl::StrCat("the clip has ", clip.size(), " samples, the network hears ", size));
    }
    TestInput test;
    test.input = front_end_.InputOf(clip);
    AppendWide<int16_t>(
        absl::StrCat("static const int16_t ", options_.prefix, "_test_samples[", clip.size(), "]"),
        clip, test.arrays);
    test.sense = std::string(kAudioSense);
    return test;
  }

  std::set<std::string> Kernels() const {
    std::set<std::string> kernels = {"frontend/keyword_stream", "frontend/log_mel",
                                     "frontend/real_fft", "frontend/resize"};
    if (!EndsInSoftmax(network_)) kernels.insert("softmax");
    return kernels;
  }

 private:
  std::string Array(absl::string_view type, absl::string_view name, int size) const {
    return absl::StrCat("static const ", type, " ", name, "[", size, "] ",
                        UpperCase(options_.prefix), "_WEIGHTS_SECTION");
  }

  // A tone that comes and goes in noise.
  std::vector<int16_t> MadeUpClip(int size) const {
    Random random(options_.seed);
    const double hz = 300 + 1500 * random.UniformDouble();
    std::vector<int16_t> clip;
    for (int i = 0; i < size; ++i) {
      const double seconds = static_cast<double>(i) / sensor_.audio()->shape.sample_rate_hz;
      const double loud = std::sin(kPi * i / size);
      const double tone = 6000 * loud * loud * std::sin(2 * kPi * hz * seconds);
      clip.push_back(static_cast<int16_t>(std::lround(tone + 600 * random.UniformDouble() - 300)));
    }
    return clip;
  }

  std::string Filled(absl::string_view text) const {
    const nw_log_mel& f = stream_.front_end;
    const AudioSensor& audio = *sensor_.audio();
    const Quantisation& output = network_.tensors[ends_.output];
    const nw_softmax_levels softmax = SoftmaxLevels(output.scale);
    const bool softmaxed = EndsInSoftmax(network_);
    std::string result = absl::StrReplaceAll(
        text, {{"@ROWS@", Number(stream_.input.rows)},
               {"@COLUMNS@", Number(stream_.input.columns)},
               {"@SCRATCH@", Number(front_end_.ScratchBytes())},
               {"@VERSION@", Number(audio.version)},
               {"@RATE@", Number(audio.shape.sample_rate_hz)},
               {"@CLIP@", Number(front_end_.clip_samples())},
               {"@WINDOW@", Number(f.window_samples)},
               {"@STRIDE@", Number(f.stride_samples)},
               {"@FFT@", Number(f.fft_size)},
               {"@BINS@", Number(f.mel_bins)},
               {"@FRAMES@", Number(stream_.frames)},
               {"@CLASSES@", Number(stream_.classes)},
               {"@EVERY@", Number(stream_.columns_per_run)},
               {"@AVERAGED@", Number(stream_.averaged_runs)},
               {"@THRESHOLD@", Number(stream_.threshold)},
               {"@QUIET@", Number(stream_.quiet_runs)},
               {"@OCTAVE@", FloatLiteral(f.levels_per_octave)},
               {"@ONE@", FloatLiteral(f.level_of_one)},
               {"@LOWEST@", Number(f.lowest_level)},
               {"@LEVELS@", front_end_.whole() ? "levels" : "0"},
               {"@VALUES@", front_end_.whole() ? "0" : "values"},
               {"@SCALE@", FloatLiteral(stream_.input.scale)},
               {"@ZERO@", Signed(stream_.input.zero_point)},
               {"@SOFTMAX_INCLUDE@", softmaxed ? "" : "#include \"libs/kernels/softmax.h\"\n"},
               {"@SOFTMAX@", softmaxed ? "" : kAudioSoftmax}});
    return absl::StrReplaceAll(
        result, {{"@N@", options_.prefix},
                 {"@U@", UpperCase(options_.prefix)},
                 {"@SOFTMAX_LEVELS@",
                  absl::StrCat("{{", softmax.input.multiplier, ", ", softmax.input.shift, "}, ",
                               softmax.smallest_difference, "}")}});
  }

  const QuantisedNetwork& network_;
  const EmitOptions& options_;
  const Sensor& sensor_;
  const AudioFrontEnd& front_end_;
  const nw_keyword_options& stream_;
  const Ends ends_;
};

class PictureWriter {
 public:
  PictureWriter(const EmitOptions& options, const Sensor& sensor, const arch::TensorShape& shape,
                std::vector<int8_t> levels)
      : options_(options), sensor_(sensor), shape_(shape), levels_(std::move(levels)) {}

  std::string Header() const { return Filled(kPictureHeader); }

  std::string Source() const {
    std::string text = Filled(kPictureSource);
    AppendArray(absl::StrCat("static const int8_t levels[", levels_.size(), "] ",
                             UpperCase(options_.prefix), "_WEIGHTS_SECTION"),
                levels_, text);
    absl::StrAppend(&text, "\n", Filled(ClassNames(sensor_)), "\n", Filled(kPictureFunctions));
    return text;
  }

  absl::StatusOr<TestInput> Test() const {
    Random random(options_.seed);
    std::vector<uint8_t> pixels;
    for (int i = 0; i < kTestRows * kTestColumns * 3; ++i) {
      const int slope = i / 3 / kTestColumns * 2 + i / 3 % kTestColumns;
      pixels.push_back(static_cast<uint8_t>(slope + random.Uniform(64)));
    }
    const nw_frame frame = {NW_RGB888, kTestRows, kTestColumns, kTestColumns * 3, pixels.data()};
    const nw_frame_target target = {shape_.height, shape_.width, shape_.channels, levels_.data()};
    std::vector<float> scratch(NW_FRAME_SCRATCH_BYTES(kTestRows, kTestColumns, shape_.height,
                                                      shape_.width, shape_.channels) /
                               sizeof(float));
    TestInput test;
    test.input.resize(shape_.elements());
    nw_frame_input(&frame, &target, scratch.data(), test.input.data());
    AppendWide<uint8_t>(
        absl::StrCat("static const uint8_t ", options_.prefix, "_test_pixels[", pixels.size(), "]"),
        pixels, test.arrays);
    test.sense = absl::StrReplaceAll(kPictureSense, {{"@TEST_ROWS@", Number(kTestRows)},
                                                     {"@TEST_COLUMNS@", Number(kTestColumns)}});
    return test;
  }

  std::set<std::string> Kernels() const { return {"frontend/frame", "frontend/resize"}; }

 private:
  std::string Filled(absl::string_view text) const {
    return absl::StrReplaceAll(text, {{"@N@", options_.prefix},
                                      {"@U@", UpperCase(options_.prefix)},
                                      {"@CLASSES@", Number(sensor_.class_names.size())}});
  }

  const EmitOptions& options_;
  const Sensor& sensor_;
  const arch::TensorShape shape_;
  const std::vector<int8_t> levels_;
};

std::string TestText(const std::string& prefix, absl::string_view what, const TestInput& test,
                     absl::Span<const int8_t> output) {
  const std::string guard = absl::StrCat(UpperCase(prefix), "_TEST_H_");
  std::string text = absl::StrCat("// A test vector of ", prefix, ": ", what,
                                  ".\n// Written by niwaki export.\n\n#ifndef ", guard,
                                  "\n#define ", guard, "\n\n#include <stdint.h>\n\n#include \"",
                                  prefix, "_sensor.h\"\n\n", test.arrays, "\n");
  AppendArray(absl::StrCat("static const int8_t ", prefix, "_test_input[", test.input.size(), "]"),
              test.input, text);
  text += "\n";
  AppendArray(absl::StrCat("static const int8_t ", prefix, "_test_output[", output.size(), "]"),
              output, text);
  absl::StrAppend(&text, "\n", test.sense, "\n#endif  // ", guard, "\n");
  return absl::StrReplaceAll(text, {{"@N@", prefix}, {"@U@", UpperCase(prefix)}});
}

// Sources, build files and the program that tests them.
template <typename Writer>
void AddFiles(const EmitOptions& options, const Writer& writer, absl::string_view readme,
              FileTree& files) {
  const std::string& name = options.prefix;
  files[absl::StrCat(name, "_sensor.h")] = writer.Header();
  files[absl::StrCat(name, "_sensor.c")] = writer.Source();
  for (const std::string& path : FilesOfKernels(writer.Kernels())) {
    files[path] = std::string(KernelSources().at(path));
  }
  std::vector<std::string> sources = {absl::StrCat(name, "_sensor.c")};
  for (const auto& [path, content] : files) {
    if (absl::StartsWith(path, kKernelFolder)) sources.push_back(path);
  }
  const std::vector<std::pair<std::string, std::string>> names = {{"@N@", name},
                                                                  {"@U@", UpperCase(name)}};
  files["main.c"] = absl::StrReplaceAll(kSensorMain, names);
  files["Makefile"] = Makefile(options, sources);
  files["CMakeLists.txt"] = CMakeLists(options, sources);
  absl::StrAppend(&files["README.md"], absl::StrReplaceAll(readme, names));
}

}  // namespace

absl::Status AddSensor(const QuantisedNetwork& network, const EmitOptions& options,
                       const SensorOptions& sensor, FileTree& files) {
  NIWAKI_ASSIGN_OR_RETURN(HostRunner runner, HostRunner::Create(&network));
  const Ends ends = {runner.input(), runner.output()};
  const arch::TensorShape& shape = network.graph.shape(ends.input);
  const Quantisation& levels = network.tensors[ends.input];
  TestInput test;
  if (sensor.sensor.audio() != nullptr) {
    NIWAKI_ASSIGN_OR_RETURN(const std::unique_ptr<AudioFrontEnd> front_end,
                            AudioFrontEnd::Create(sensor.sensor, shape, levels));
    const AudioWriter writer(network, options, sensor.sensor, *front_end, ends);
    NIWAKI_ASSIGN_OR_RETURN(test, writer.Test(sensor.clip));
    AddFiles(options, writer, kAudioReadme, files);
  } else {
    NIWAKI_ASSIGN_OR_RETURN(std::vector<int8_t> table, PictureLevels(sensor.sensor, shape, levels));
    const PictureWriter writer(options, sensor.sensor, shape, std::move(table));
    NIWAKI_ASSIGN_OR_RETURN(test, writer.Test());
    AddFiles(options, writer, kPictureReadme, files);
  }
  NIWAKI_ASSIGN_OR_RETURN(const absl::Span<const int8_t> output, runner.Run(test.input));
  files[absl::StrCat(options.prefix, "_test.h")] = TestText(
      options.prefix, "what a sensor gave, the input that it is, and the output", test, output);
  return absl::OkStatus();
}

std::string ClipText(const std::string& prefix, absl::Span<const int16_t> samples,
                     absl::Span<const int8_t> input) {
  TestInput test;
  AppendWide<int16_t>(
      absl::StrCat("static const int16_t ", prefix, "_test_samples[", samples.size(), "]"), samples,
      test.arrays);
  test.sense = std::string(kAudioSense);
  test.input.assign(input.begin(), input.end());
  return TestText(prefix, "a clip and the input that it is", test, {0});
}

}  // namespace niwaki::engine
