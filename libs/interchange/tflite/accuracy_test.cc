// Published networks on labelled sets: the accuracies that are stated for them. Networks and sets
// lie in the folder that NIWAKI_SHARED names, under models and data.

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <string>
#include <thread>
#include <utility>
#include <vector>

// Needs <cstdio> before it.
#include <jpeglib.h>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "gtest/gtest.h"
#include "libs/arch/graph.h"
#include "libs/base/file.h"
#include "libs/base/process/run_program.h"
#include "libs/base/status_matchers.h"
#include "libs/engine/host/runner.h"
#include "libs/engine/quantise/quantised_network.h"
#include "libs/interchange/tflite/read_model.h"

namespace niwaki::interchange {
namespace {

// What a network reads, and the class that it should answer.
struct Example {
  std::vector<int8_t> levels;
  int label = 0;
};

std::string Shared(absl::string_view path) {
  const char* shared = std::getenv("NIWAKI_SHARED");
  EXPECT_NE(shared, nullptr)
      << "NIWAKI_SHARED is not set: it must name the folder that holds data and models "
         "(bazel test --test_env=NIWAKI_SHARED=...)";
  return absl::StrCat(shared == nullptr ? "" : shared, "/", path);
}

std::string Read(absl::string_view path) {
  auto content = ReadFile(Shared(path));
  EXPECT_TRUE(content.ok()) << content.status();
  return content.ok() ? *std::move(content) : std::string();
}

// The first of the largest, as argmax has it.
int Answer(absl::Span<const int8_t> scores) {
  int best = 0;
  for (int i = 1; i < static_cast<int>(scores.size()); ++i) {
    if (scores[i] > scores[best]) best = i;
  }
  return best;
}

// Per cent of `examples` that the network of `path` answers right; every core takes its share.
double AccuracyOf(absl::string_view path, const std::vector<Example>& examples) {
  const auto network = ReadTflite(Read(path));
  EXPECT_TRUE(network.ok()) << network.status();
  if (!network.ok()) return 0;
  const unsigned cores = std::max(1U, std::thread::hardware_concurrency());
  std::atomic<int> right = 0;
  std::vector<std::thread> threads;
  for (unsigned core = 0; core < cores; ++core) {
    threads.emplace_back([&, core] {
      auto runner = engine::HostRunner::Create(&*network);
      if (!runner.ok()) return;
      for (size_t i = core; i < examples.size(); i += cores) {
        const auto scores = runner->Run(examples[i].levels);
        if (scores.ok() && Answer(*scores) == examples[i].label) ++right;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  const double accuracy = 100.0 * right / static_cast<double>(examples.size());
  std::printf("%s: %.2f %% of %zu\n", std::string(path).c_str(), accuracy, examples.size());
  return accuracy;
}

// "FILE.bin,CLASSES,LABEL" by the file's name without its ending.
std::map<std::string, int> Labels(absl::string_view path) {
  std::map<std::string, int> labels;
  for (const absl::string_view line : absl::StrSplit(Read(path), '\n', absl::SkipEmpty())) {
    const std::vector<absl::string_view> fields = absl::StrSplit(line, ',');
    int label = 0;
    if (fields.size() < 3 || !absl::SimpleAtoi(fields[2], &label)) continue;
    labels[std::string(fields[0].substr(0, fields[0].rfind('.')))] = label;
  }
  return labels;
}

// Red, green and blue of a JPEG with its colours at their own resolution, not smoothed: the
// stated accuracy is of such a decoder.
std::vector<uint8_t> DecodePlainly(absl::string_view jpeg) {
  jpeg_decompress_struct decoder;
  jpeg_error_mgr errors;
  decoder.err = jpeg_std_error(&errors);
  jpeg_create_decompress(&decoder);
  jpeg_mem_src(&decoder, reinterpret_cast<const uint8_t*>(jpeg.data()), jpeg.size());
  jpeg_read_header(&decoder, TRUE);
  decoder.out_color_space = JCS_RGB;
  decoder.dct_method = JDCT_FLOAT;
  decoder.do_fancy_upsampling = FALSE;
  jpeg_start_decompress(&decoder);
  std::vector<uint8_t> pixels(size_t{3} * decoder.output_width * decoder.output_height);
  while (decoder.output_scanline < decoder.output_height) {
    uint8_t* row = pixels.data() + size_t{3} * decoder.output_width * decoder.output_scanline;
    jpeg_read_scanlines(&decoder, &row, 1);
  }
  jpeg_finish_decompress(&decoder);
  jpeg_destroy_decompress(&decoder);
  return pixels;
}

struct Photo {
  // [96, 96, 3]
  std::vector<uint8_t> pixels;
  int label = 0;
};

// The photos of vww01 in red, green, blue: the files hold them the other way round.
std::vector<Photo> ReadPhotos() {
  const std::map<std::string, int> labels = Labels("data/mlperf_tiny/vww01/y_labels.csv");
  const std::string archive = Read("data/mlperf_tiny/vww01/vww01_bgr96_jpg.tar");
  // Of tar: headers of 512 bytes with the name at 0 and the size, in octal, at 124.
  constexpr size_t kBlock = 512;
  constexpr size_t kSizeField = 124;
  std::vector<Photo> photos;
  for (size_t at = 0; at + kBlock <= archive.size() && archive[at] != 0;) {
    const std::string name = archive.c_str() + at;
    const size_t size = std::strtoul(archive.c_str() + at + kSizeField, nullptr, 8);
    const auto label = labels.find(name.substr(0, name.rfind('.')));
    if (size > 0 && label != labels.end()) {
      Photo photo;
      photo.label = label->second;
      photo.pixels = DecodePlainly(absl::string_view(archive).substr(at + kBlock, size));
      for (size_t i = 0; i + 2 < photo.pixels.size(); i += 3) {
        std::swap(photo.pixels[i], photo.pixels[i + 2]);
      }
      photos.push_back(std::move(photo));
    }
    at += kBlock + (size + kBlock - 1) / kBlock * kBlock;
  }
  return photos;
}

// Levels of networks whose input is pixels minus 128.
std::vector<int8_t> AsLevels(const std::vector<uint8_t>& pixels) {
  std::vector<int8_t> levels;
  levels.reserve(pixels.size());
  for (const uint8_t pixel : pixels) levels.push_back(static_cast<int8_t>(pixel - 128));
  return levels;
}

TEST(TfliteAccuracyTest, PersonDetectionOnPhotos) {
  std::vector<Example> examples;
  for (const Photo& photo : ReadPhotos()) examples.push_back({AsLevels(photo.pixels), photo.label});
  ASSERT_EQ(examples.size(), 1000);
  EXPECT_NEAR(AccuracyOf("models/mlperf_tiny/vww_96_int8.tflite", examples), 85.6, 0.2);
}

TEST(TfliteAccuracyTest, KeywordsOnSpectra) {
  constexpr size_t kSize = 490;
  const std::string spectra = Read("data/mlperf_tiny/kws01/kws01_mfcc_int8_1000x49x10.bin");
  std::vector<Example> examples;
  // "ROW,FILE,LABEL,CLASS" behind a header.
  for (const absl::string_view line :
       absl::StrSplit(Read("data/mlperf_tiny/kws01/index.csv"), '\n', absl::SkipEmpty())) {
    const std::vector<absl::string_view> fields = absl::StrSplit(line, ',');
    size_t row = 0;
    Example example;
    if (fields.size() < 3 || !absl::SimpleAtoi(fields[0], &row) ||
        !absl::SimpleAtoi(fields[2], &example.label)) {
      continue;
    }
    ASSERT_LE((row + 1) * kSize, spectra.size());
    example.levels.resize(kSize);
    std::memcpy(example.levels.data(), spectra.data() + row * kSize, kSize);
    examples.push_back(std::move(example));
  }
  ASSERT_EQ(examples.size(), 1000);
  EXPECT_NEAR(AccuracyOf("models/mlperf_tiny/kws_ref_model.tflite", examples), 90.2, 0.2);
}

// A plane of one byte a pixel, from residuals of the median predictor (LOCO-I, Weinberger et al.
// 2000), zig-zagged; c10x.py beside the data describes the file. `wrap` brings a sum into range.
template <typename Wrap>
void Unpredict(const uint8_t* residuals, int side, const Wrap& wrap, int* plane) {
  for (int y = 0; y < side; ++y) {
    for (int x = 0; x < side; ++x) {
      int* const here = plane + y * side + x;
      int guess = 0;
      if (y == 0) {
        guess = x == 0 ? 0 : here[-1];
      } else if (x == 0) {
        guess = here[-side];
      } else {
        const int left = here[-1];
        const int up = here[-side];
        const int corner = here[-side - 1];
        guess = corner >= std::max(left, up)   ? std::min(left, up)
                : corner <= std::min(left, up) ? std::max(left, up)
                                               : left + up - corner;
      }
      const int z = residuals[y * side + x];
      *here = wrap(guess + (z % 2 == 0 ? z / 2 : -(z + 1) / 2));
    }
  }
}

// The 10,000 pictures of CIFAR-10's test batch.
std::vector<Example> ReadCifar() {
  constexpr int kPictures = 10000;
  constexpr int kSide = 32;
  constexpr int kPixels = kSide * kSide;
  ProgramOptions options;
  // A header of 20 bytes, then xz.
  options.argv = {"python3", "-c",
                  "import lzma, sys; sys.stdout.buffer.write(lzma.decompress("
                  "open(sys.argv[1], 'rb').read()[20:]))",
                  Shared("data/cifar10/test_batch.c10x")};
  options.package = "python3";
  const auto unpacked = RunProgram(options);
  EXPECT_TRUE(unpacked.ok()) << unpacked.status();
  if (!unpacked.ok()) return {};
  const std::string& bytes = unpacked->standard_output;
  EXPECT_EQ(bytes.size(), size_t{kPictures} * (1 + 3 * kPixels)) << unpacked->standard_error;
  if (bytes.size() != size_t{kPictures} * (1 + 3 * kPixels)) return {};
  const uint8_t* const start = reinterpret_cast<const uint8_t*>(bytes.data());
  const auto byte = [](int value) { return value & 255; };
  const auto difference = [](int value) { return static_cast<int>(static_cast<int8_t>(value)); };
  std::vector<Example> examples(kPictures);
  std::vector<int> green(kPixels);
  std::vector<int> blue(kPixels);
  std::vector<int> red(kPixels);
  for (int i = 0; i < kPictures; ++i) {
    const uint8_t* const first = start + kPictures + size_t{1} * i * kPixels;
    Unpredict(first, kSide, byte, green.data());
    Unpredict(first + size_t{kPictures} * kPixels, kSide, difference, blue.data());
    Unpredict(first + size_t{2} * kPictures * kPixels, kSide, difference, red.data());
    examples[i].label = start[i];
    std::vector<uint8_t> pixels;
    for (int p = 0; p < kPixels; ++p) {
      for (const int value : {red[p] + green[p], green[p], blue[p] + green[p]}) {
        pixels.push_back(static_cast<uint8_t>(byte(value)));
      }
    }
    examples[i].levels = AsLevels(pixels);
  }
  return examples;
}

TEST(TfliteAccuracyTest, PicturesOfTenClasses) {
  const std::vector<Example> examples = ReadCifar();
  ASSERT_EQ(examples.size(), 10000);
  EXPECT_NEAR(AccuracyOf("models/mlperf_tiny/pretrainedResnet_quant.tflite", examples), 87.02, 0.2);
}

}  // namespace
}  // namespace niwaki::interchange
