#include "libs/kernels/frontend/log_mel_tables.h"

#include <cmath>
#include <cstdint>
#include <vector>

#include "gtest/gtest.h"
#include "libs/kernels/frontend/log_mel.h"
#include "libs/kernels/frontend/real_fft.h"

namespace {

constexpr double kPi = 3.14159265358979323846;

TEST(LogMelTablesTest, TablesAreThoseOfTheLibraryOfMathematics) {
  for (const int window : {480, 401, 30}) {
    SCOPED_TRACE(window);
    const nw_log_mel_shape shape = {16000, window, 512, 40, 60, 7600, -96, 0.4, -96};
    std::vector<float> hann(NW_LOG_MEL_WINDOW(window)), sine(NW_FFT_SINES(512));
    std::vector<float> rise(NW_LOG_MEL_RISE(512));
    std::vector<uint16_t> edges(NW_LOG_MEL_EDGES(40));
    const nw_log_mel_memory memory = {hann.data(), sine.data(), edges.data(), rise.data()};
    const nw_log_mel front_end = nw_log_mel_tables(&shape, 320, &memory);
    double window_sum = 0;
    for (int i = 0; i < window; ++i) window_sum += 0.5 - 0.5 * std::cos(2 * kPi * i / window);
    for (int i = 0; i <= window / 2; ++i) {
      EXPECT_EQ(hann[i], static_cast<float>(0.5 - 0.5 * std::cos(2 * kPi * i / window))) << i;
    }
    for (int k = 0; k <= 128; ++k) {
      EXPECT_EQ(sine[k], static_cast<float>(std::sin(2 * kPi * k / 512))) << k;
    }
    const double low = std::log1p(60 / 700.0), high = std::log1p(7600 / 700.0);
    const float* next = rise.data();
    for (int i = 0; i <= 40; ++i) {
      const double left = 700 * std::expm1(low + (high - low) * i / 41) * 512 / 16000;
      const double right = 700 * std::expm1(low + (high - low) * (i + 1) / 41) * 512 / 16000;
      EXPECT_EQ(edges[i], static_cast<int>(left) + 1);
      for (int bin = edges[i]; bin < edges[i + 1]; ++bin) {
        EXPECT_NEAR(*next++, (bin - left) / (right - left), 1e-7);
      }
    }
    EXPECT_EQ(front_end.stride_samples, 320);
    EXPECT_FLOAT_EQ(front_end.levels_per_octave, 10 * std::log10(2) / 0.4);
    EXPECT_FLOAT_EQ(front_end.level_of_one, 240 - 20 * std::log10(32768 * window_sum) / 0.4);
    EXPECT_EQ(front_end.lowest_level, 0);
  }
}

TEST(LogMelTablesTest, FiltersUpToTheHighestFrequencyEndInsideTheSpectrum) {
  for (const int fft : {16, 64, 4096}) {
    const nw_log_mel_shape shape = {16000, 16, fft, 2, 0, 8000, -200, 0.4, -96};
    std::vector<float> hann(NW_LOG_MEL_WINDOW(16)), sine(NW_FFT_SINES(fft));
    std::vector<float> rise(NW_LOG_MEL_RISE(fft));
    std::vector<uint16_t> edges(NW_LOG_MEL_EDGES(2));
    const nw_log_mel_memory memory = {hann.data(), sine.data(), edges.data(), rise.data()};
    nw_log_mel_tables(&shape, 16, &memory);
    EXPECT_LE(edges[3], fft / 2 + 1);
    EXPECT_LE(edges[3] - edges[0], rise.size());
  }
}

}  // namespace
