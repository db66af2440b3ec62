// Test only: synthetic data of the shape that networks of the space `kws` take.

#ifndef NIWAKI_LIBS_INT8_KEYWORD_DATA_FOR_TEST_H_
#define NIWAKI_LIBS_INT8_KEYWORD_DATA_FOR_TEST_H_

#include <array>
#include <cstdint>
#include <memory>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/base/status_matchers.h"
#include "libs/data/prepared/prepared.h"
#include "libs/data/synthetic.h"

namespace niwaki::int8 {

// `sizes` by data::Split.
inline std::unique_ptr<data::PreparedData> KeywordData(
    int classes, const std::array<int64_t, data::kSplitCount>& sizes, int channels = 1) {
  data::SyntheticOptions options;
  options.classes = classes;
  options.channels = channels;
  options.height = 49;
  options.width = 40;
  options.sizes = sizes;
  options.out = absl::StrCat(::testing::TempDir(), "/", classes, "_", channels, "_",
                             absl::StrJoin(sizes, "_"), ".nwd");
  EXPECT_THAT(data::GenerateSynthetic(options), IsOk());
  return *data::PreparedData::Open(options.out);
}

}  // namespace niwaki::int8

#endif  // NIWAKI_LIBS_INT8_KEYWORD_DATA_FOR_TEST_H_
