#include "libs/kernels/frontend/keyword_stream.h"

#include <algorithm>
#include <cstdint>
#include <random>
#include <vector>

#include "gtest/gtest.h"
#include "libs/kernels/frontend/log_mel_tables.h"
#include "libs/kernels/frontend/real_fft.h"

namespace {

constexpr int kWindow = 480;
constexpr int kStride = 320;
constexpr int kBins = 10;
constexpr int kFrames = 6;
constexpr int kClasses = 3;

// A stream with its tables and memory; a level is the input's level plus 128.
class Stream {
 public:
  explicit Stream(int columns_per_run = 2, int stride = kStride)
      : window_(NW_LOG_MEL_WINDOW(kWindow)),
        sine_(NW_FFT_SINES(512)),
        edges_(NW_LOG_MEL_EDGES(kBins)),
        rise_(NW_LOG_MEL_RISE(512)),
        samples_(kWindow),
        columns_(kFrames * kBins),
        posteriors_(4 * kClasses),
        scratch_(512) {
    const nw_log_mel_shape shape = {16000, kWindow, 512, kBins, 60, 7600, -96, 0.4, -96};
    const nw_log_mel_memory memory = {window_.data(), sine_.data(), edges_.data(), rise_.data()};
    for (int i = 0; i < 256; ++i) {
      levels_[i] = static_cast<int8_t>(i - 128);
      values_[i] = static_cast<float>(i);
    }
    options_ = {nw_log_mel_tables(&shape, stride, &memory),
                {kFrames, kBins, levels_, values_, 1.0f, -128},
                kFrames,
                kClasses,
                is_keyword_,
                columns_per_run,
                /*averaged_runs=*/4,
                /*threshold=*/150,
                /*quiet_runs=*/3};
    state_.samples = samples_.data();
    state_.columns = columns_.data();
    state_.posteriors = posteriors_.data();
    nw_keyword_begin(&options_, &state_);
  }

  // Inputs of the network's runs, the samples coming in parts of `part`.
  std::vector<std::vector<int8_t>> Hear(const std::vector<int16_t>& samples, int part) {
    std::vector<std::vector<int8_t>> inputs;
    const int size = static_cast<int>(samples.size());
    for (int begin = 0; begin < size; begin += part) {
      const int end = std::min(size, begin + part);
      for (int at = begin; at < end;) {
        at += nw_keyword_feed(&options_, &state_, samples.data() + at, end - at, scratch_.data());
        if (!nw_keyword_due(&state_)) continue;
        inputs.emplace_back(kFrames * kBins);
        nw_keyword_input(&options_, &state_, scratch_.data(), inputs.back().data());
      }
    }
    return inputs;
  }

  int32_t Take(uint8_t a, uint8_t b, uint8_t c) {
    const uint8_t posteriors[kClasses] = {a, b, c};
    return nw_keyword_take(&options_, &state_, posteriors);
  }

  std::vector<uint8_t> Column(const int16_t* samples) {
    std::vector<uint8_t> levels(kBins);
    nw_log_mel_column(&options_.front_end, samples, scratch_.data(), levels.data());
    return levels;
  }

  nw_keyword_options options_;
  nw_keyword_state state_ = {};

 private:
  std::vector<float> window_, sine_;
  std::vector<uint16_t> edges_;
  std::vector<float> rise_;
  std::vector<int16_t> samples_;
  std::vector<uint8_t> columns_, posteriors_;
  std::vector<float> scratch_;
  int8_t levels_[256];
  float values_[256];
  const uint8_t is_keyword_[kClasses] = {1, 1, 0};
};

std::vector<int16_t> Noise(int size) {
  constexpr uint64_t kSeed = 9;
  std::mt19937_64 random(kSeed);
  std::vector<int16_t> samples(size);
  for (int16_t& sample : samples) sample = static_cast<int16_t>(random() % 20000 - 10000);
  return samples;
}

TEST(KeywordStreamTest, PartsOfAnySizeGiveTheSameInputs) {
  const std::vector<int16_t> samples = Noise(9000);
  const auto whole = Stream().Hear(samples, 9000);
  // Columns end at 480, 800, ...: 27 of them.
  EXPECT_EQ(whole.size(), 13);
  for (const int part : {1, 7, 320, 481, 2000}) EXPECT_EQ(Stream().Hear(samples, part), whole);
}

TEST(KeywordStreamTest, InputHoldsTheLastColumnsOldestFirst) {
  const std::vector<int16_t> samples = Noise(480 + 320 * 7);
  Stream stream;
  const std::vector<int8_t> input = stream.Hear(samples, 100).back();
  // The last of eight columns; the input begins with the third.
  for (int row = 0; row < kFrames; ++row) {
    const std::vector<uint8_t> column = stream.Column(samples.data() + kStride * (row + 2));
    for (int bin = 0; bin < kBins; ++bin) {
      EXPECT_EQ(input[row * kBins + bin] + 128, column[bin]) << row;
    }
  }
}

TEST(KeywordStreamTest, BeforeTheFirstSoundThereWasSilence) {
  const std::vector<int8_t> input = Stream(1).Hear(Noise(480), 480).at(0);
  EXPECT_EQ(std::count(input.begin(), input.end() - kBins, -128), kBins * (kFrames - 1));
}

TEST(KeywordStreamTest, StridesBeyondTheWindowPassSamplesOver) {
  const std::vector<int16_t> samples = Noise(4000);
  Stream stream(1, /*stride=*/1000);
  const auto inputs = stream.Hear(samples, 333);
  ASSERT_EQ(inputs.size(), 4);
  const std::vector<uint8_t> column = stream.Column(samples.data() + 3000);
  for (int bin = 0; bin < kBins; ++bin) {
    EXPECT_EQ(inputs[3][(kFrames - 1) * kBins + bin] + 128, column[bin]);
  }
}

TEST(KeywordStreamTest, InputOfAnotherSizeIsResized) {
  Stream stream;
  stream.options_.input.rows = 3;
  std::vector<uint8_t> features(kFrames * kBins);
  for (int i = 0; i < kFrames * kBins; ++i) features[i] = static_cast<uint8_t>(i / kBins * 10);
  std::vector<float> scratch(NW_FEATURES_SCRATCH_BYTES(kFrames, kBins, 3, kBins) / 4);
  std::vector<int8_t> input(3 * kBins);
  nw_features_input_of(&stream.options_.input, kFrames, kBins, features.data(), scratch.data(),
                       input.data());
  // Rows 0 to 2 by weights 3, 3, 1 of 7; 1 to 4 by 1, 3, 3, 1 of 8; 3 to 5 by 1, 3, 3 of 7.
  EXPECT_EQ(input[0], -128 + 7);
  EXPECT_EQ(input[kBins], -128 + 25);
  EXPECT_EQ(input[2 * kBins], -128 + 43);
}

TEST(KeywordStreamTest, AverageOfTheLastRunsMakesAKeywordOnceAndThenThereIsQuiet) {
  Stream stream;
  EXPECT_EQ(stream.Take(255, 0, 0), -1);
  EXPECT_EQ(stream.Take(255, 0, 0), -1);
  EXPECT_EQ(nw_keyword_average(&stream.options_, &stream.state_, 0), 127);
  EXPECT_EQ(stream.Take(255, 0, 0), 0);
  for (int run = 0; run < 3; ++run) EXPECT_EQ(stream.Take(255, 0, 0), -1);
  EXPECT_EQ(stream.Take(255, 0, 0), 0);
}

TEST(KeywordStreamTest, ClassThatIsNoKeywordIsNeverHeard) {
  Stream stream;
  for (int run = 0; run < 8; ++run) EXPECT_EQ(stream.Take(0, 0, 255), -1);
  EXPECT_EQ(stream.state_.runs, 8);
}

}  // namespace
