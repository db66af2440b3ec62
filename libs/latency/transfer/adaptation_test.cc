#include "libs/latency/transfer/adaptation.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "gtest/gtest.h"
#include "libs/base/random.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"
#include "libs/cost/provenance.h"
#include "libs/latency/signature.h"

namespace niwaki::latency {
namespace {

LookupEntry Entry(const std::string& device, const std::string& signature, double us) {
  LookupEntry entry;
  entry.device = device;
  entry.signature = signature;
  entry.latency_us = us;
  entry.spread_us = 0.5;
  entry.count = 7;
  entry.provenance = cost::Provenance::kMeasured;
  entry.source = "board 1";
  return entry;
}

// `count` operators of three kinds on a device like an M7, and the same on one whose clock is half
// and whose pointwise convolutions are besides slower than the others by `apart`; each operator
// differs by `noise` besides.
struct Tables {
  std::vector<LookupEntry> known;
  std::vector<LookupEntry> real;
};

Tables MakeTables(int count, double apart, double noise, uint64_t seed) {
  Random random(seed);
  Tables tables;
  std::map<std::string, bool> seen;
  while (static_cast<int>(tables.known.size()) < count) {
    const int kind = static_cast<int>(random.Uniform(3));
    const int side = 4 + static_cast<int>(random.Uniform(40));
    const int channels = 4 + 4 * static_cast<int>(random.Uniform(16));
    const std::string shape = absl::StrCat(side, "x", side, "x", channels);
    const std::string signature =
        kind == 0   ? absl::StrCat("conv2d ", shape, " ", side, "x", side, "x16 k1 s1 relu6 int8")
        : kind == 1 ? absl::StrCat("depthwise_conv2d ", shape, " ", shape, " k3 s1 relu6 int8")
                    : absl::StrCat("conv2d ", shape, " ", side, "x", side, "x8 k3 s1 relu int8");
    if (seen[signature]) continue;
    seen[signature] = true;
    const double us = side * side * channels * (kind == 1 ? 0.05 : 0.1) + 3;
    const double ratio = 2.2 * (kind == 0 ? apart : 1) * std::exp(noise * random.Normal());
    tables.known.push_back(Entry("m7", signature, us));
    tables.real.push_back(Entry("m4", signature, us * ratio));
  }
  return tables;
}

// How far an adaptation by the first `samples` operators is off on all others.
struct HeldOut {
  double mean = 0;
  // Share of operators inside the interval.
  double inside = 0;
};

HeldOut Check(const Tables& tables, int samples, const Adaptation& adaptation) {
  std::map<std::string, double> adapted;
  for (const LookupEntry& entry : adaptation.entries) adapted[entry.signature] = entry.latency_us;
  HeldOut result;
  const double count = static_cast<double>(tables.real.size()) - samples;
  for (size_t i = samples; i < tables.real.size(); ++i) {
    const double ratio = adapted.at(tables.real[i].signature) / tables.real[i].latency_us;
    result.mean += std::abs(ratio - 1) / count;
    if (std::max(ratio, 1 / ratio) <= adaptation.interval_ratio) result.inside += 1 / count;
  }
  return result;
}

Adaptation Adapt(const Tables& tables, int samples) {
  auto adaptation = AdaptTable(tables.known, {tables.real.begin(), tables.real.begin() + samples});
  EXPECT_THAT(adaptation, IsOk());
  return *std::move(adaptation);
}

TEST(AdaptationTest, SignaturesOfTheTestAreRight) {
  for (const LookupEntry& entry : MakeTables(40, 1, 0, 1).known) {
    NIWAKI_EXPECT_OK(OpSignature::FromText(entry.signature));
  }
}

TEST(AdaptationTest, OneScaleIsFoundFromThree) {
  const Tables tables = MakeTables(50, 1, 0, 2);

  const Adaptation adaptation = Adapt(tables, 3);

  EXPECT_EQ(adaptation.samples, 3);
  EXPECT_EQ(adaptation.adapted, 47);
  EXPECT_EQ(adaptation.measured_only, 0);
  EXPECT_NEAR(adaptation.ratio, 2.2, 1e-9);
  EXPECT_LT(adaptation.cross_validated_error, 1e-9);
  EXPECT_LT(Check(tables, 3, adaptation).mean, 1e-9);
}

// What cross-validation says of the samples is what holds on operators that nobody measured.
TEST(AdaptationTest, ErrorOfTenIsToldAndAHundredAreBetter) {
  double told_of_ten = 0, of_ten = 0, of_hundred = 0, inside_of_ten = 0, inside_of_hundred = 0;
  constexpr int kSeeds = 20;
  for (int seed = 1; seed <= kSeeds; ++seed) {
    const Tables tables = MakeTables(400, 1.3, 0.05, seed);
    const Adaptation ten = Adapt(tables, 10);
    const Adaptation hundred = Adapt(tables, 100);
    told_of_ten += ten.cross_validated_error / kSeeds;
    of_ten += Check(tables, 10, ten).mean / kSeeds;
    inside_of_ten += Check(tables, 10, ten).inside / kSeeds;
    of_hundred += Check(tables, 100, hundred).mean / kSeeds;
    inside_of_hundred += Check(tables, 100, hundred).inside / kSeeds;
    EXPECT_NEAR(hundred.cross_validated_error, Check(tables, 100, hundred).mean, 0.015) << seed;
  }

  RecordProperty("told_of_ten", absl::StrCat(told_of_ten));
  RecordProperty("of_ten", absl::StrCat(of_ten));
  RecordProperty("of_hundred", absl::StrCat(of_hundred));
  EXPECT_NEAR(told_of_ten, of_ten, 0.25 * of_ten);
  EXPECT_LT(of_hundred, 0.8 * of_ten);
  // The noise itself is 4 % in the mean.
  EXPECT_LT(of_hundred, 0.045);
  EXPECT_GT(inside_of_ten, 0.85);
  EXPECT_GT(inside_of_hundred, 0.85);
}

TEST(AdaptationTest, WhatWasMeasuredStandsAsItWas) {
  Tables tables = MakeTables(20, 1, 0.1, 3);
  tables.real.resize(5);
  tables.real.push_back(Entry("m4", "add 4x4x8 4x4x8 k1 s1 none int8", 11));
  NIWAKI_ASSERT_OK_AND_ASSIGN(const Adaptation adaptation, AdaptTable(tables.known, tables.real));

  EXPECT_EQ(adaptation.measured_only, 1);
  ASSERT_EQ(adaptation.entries.size(), 21u);
  EXPECT_TRUE(std::is_sorted(
      adaptation.entries.begin(), adaptation.entries.end(),
      [](const LookupEntry& a, const LookupEntry& b) { return a.signature < b.signature; }));
  std::map<std::string, LookupEntry> entries;
  for (const LookupEntry& entry : adaptation.entries) entries[entry.signature] = entry;
  for (const LookupEntry& measured : tables.real) {
    const LookupEntry& entry = entries.at(measured.signature);
    EXPECT_EQ(entry.latency_us, measured.latency_us);
    EXPECT_EQ(entry.spread_us, measured.spread_us);
    EXPECT_EQ(entry.count, 7);
  }
  for (const LookupEntry& entry : adaptation.entries) {
    EXPECT_EQ(entry.device, "m4");
    EXPECT_EQ(entry.provenance, cost::Provenance::kPredicted);
  }
  const LookupEntry& adapted = entries.at(tables.known[10].signature);
  EXPECT_EQ(adapted.count, 5);
  EXPECT_EQ(adapted.source, absl::StrFormat("adapted from m7 by 5 operators, cross-validated "
                                            "error %.1f %%",
                                            100 * adaptation.cross_validated_error));
  EXPECT_GT(adapted.spread_us, 0);
}

TEST(AdaptationTest, OperatorsThatTakeNoTimeStaySo) {
  Tables tables = MakeTables(10, 1, 0.1, 4);
  tables.known.push_back(Entry("m7", "concat 4x4x8 4x4x16 k1 s1 none int8", 0));

  const Adaptation adaptation = Adapt(tables, 4);

  double least = 1;
  for (const LookupEntry& entry : adaptation.entries) least = std::min(least, entry.latency_us);
  EXPECT_EQ(least, 0);
}

TEST(AdaptationTest, TooFewOrMixedTablesAreRefused) {
  const Tables tables = MakeTables(10, 1, 0.1, 5);
  const auto first = [&](int count) {
    return std::vector<LookupEntry>(tables.real.begin(), tables.real.begin() + count);
  };

  EXPECT_THAT(AdaptTable(tables.known, first(2)),
              StatusIs(absl::StatusCode::kInvalidArgument, "2 operators in common"));
  EXPECT_THAT(AdaptTable({}, first(2)),
              HasReason(absl::StatusCode::kInvalidArgument, reason::kArgumentInvalid));
  EXPECT_THAT(AdaptTable(tables.known, {}),
              HasReason(absl::StatusCode::kInvalidArgument, reason::kArgumentInvalid));
  std::vector<LookupEntry> mixed = first(5);
  mixed.back().device = "other";
  EXPECT_THAT(AdaptTable(tables.known, mixed),
              StatusIs(absl::StatusCode::kInvalidArgument, "m4 and other"));
  std::vector<LookupEntry> twice = first(5);
  twice.push_back(twice[0]);
  EXPECT_THAT(AdaptTable(tables.known, twice),
              StatusIs(absl::StatusCode::kInvalidArgument, "twice"));
}

}  // namespace
}  // namespace niwaki::latency
