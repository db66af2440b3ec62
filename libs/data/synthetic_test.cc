#include "libs/data/synthetic.h"

#include <cstdlib>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/base/file.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"
#include "libs/data/prepared/batch.h"

namespace niwaki::data {
namespace {

SyntheticOptions Options(absl::string_view name) {
  SyntheticOptions options;
  options.out = absl::StrCat(std::getenv("TEST_TMPDIR"), "/", name);
  return options;
}

// The part of test examples that lie nearest to their own class's mean of the training examples.
double NearestMeanAccuracy(const PreparedData& data) {
  const int64_t elements = data.metadata().ElementsPerExample();
  const int classes = data.num_classes();
  std::vector<double> means(classes * elements, 0);
  for (int64_t i = 0; i < data.size(Split::kTrain); ++i) {
    const auto bytes = data.example(Split::kTrain, i);
    double* mean = means.data() + data.label(Split::kTrain, i) * elements;
    for (int64_t k = 0; k < elements; ++k) {
      mean[k] += bytes[k] * static_cast<double>(classes) / data.size(Split::kTrain);
    }
  }
  int64_t right = 0;
  for (int64_t i = 0; i < data.size(Split::kTest); ++i) {
    const auto bytes = data.example(Split::kTest, i);
    int best = 0;
    double best_distance = 1e300;
    for (int c = 0; c < classes; ++c) {
      double distance = 0;
      for (int64_t k = 0; k < elements; ++k) {
        const double d = bytes[k] - means[c * elements + k];
        distance += d * d;
      }
      if (distance < best_distance) best = c, best_distance = distance;
    }
    right += best == data.label(Split::kTest, i);
  }
  return static_cast<double>(right) / data.size(Split::kTest);
}

TEST(GenerateSyntheticTest, ClassesAreSeparable) {
  const SyntheticOptions options = Options("separable");

  NIWAKI_ASSERT_OK(GenerateSynthetic(options));

  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto data, PreparedData::Open(options.out));
  EXPECT_EQ(data->metadata().sizes, options.sizes);
  EXPECT_GE(NearestMeanAccuracy(*data), 0.95);
}

TEST(GenerateSyntheticTest, SameOptionsGiveTheSameFile) {
  const SyntheticOptions a = Options("a"), b = Options("b");

  NIWAKI_ASSERT_OK(GenerateSynthetic(a));
  NIWAKI_ASSERT_OK(GenerateSynthetic(b));

  EXPECT_EQ(*ReadFile(a.out), *ReadFile(b.out));
}

TEST(GenerateSyntheticTest, BadOptionsAreRefused) {
  SyntheticOptions options = Options("bad");
  options.classes = 0;

  EXPECT_THAT(GenerateSynthetic(options),
              HasReason(absl::StatusCode::kInvalidArgument, reason::kArgumentInvalid));
}

}  // namespace
}  // namespace niwaki::data
