// Tables of one real board adapted to another: operators that MicroNAS's authors measured on
// microcontrollers with M4 and M33 cores, under TensorFlow Lite Micro with CMSIS-NN. The figures
// lie in the folder that NIWAKI_SHARED names; xz unpacks them.

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "libs/arch/operator_facts.h"
#include "libs/base/process/run_program.h"
#include "libs/base/random.h"
#include "libs/base/status_matchers.h"
#include "libs/latency/fit/reference_figures.h"
#include "libs/latency/signature.h"
#include "libs/latency/snapshot.h"
#include "libs/latency/transfer/adaptation.h"

namespace niwaki::latency {
namespace {

// Latency in us by signature.
using Times = std::map<std::string, double>;

int NumberOf(const CsvRow& row, const std::string& column) {
  int number = 0;
  EXPECT_TRUE(absl::SimpleAtoi(row.at(column), &number)) << column << " " << row.at(column);
  return number;
}

std::string SignatureOf(const CsvRow& row) {
  OpSignature signature;
  signature.kind = arch::OpKind::kConv2d;
  if (row.at("activation") == "relu") signature.activation = arch::OpActivation::kRelu;
  signature.kernel_h = NumberOf(row, "k_h");
  signature.kernel_w = NumberOf(row, "k_w");
  signature.stride_h = NumberOf(row, "stride_h");
  signature.stride_w = NumberOf(row, "stride_w");
  signature.input = {NumberOf(row, "in_h"), NumberOf(row, "in_w"), NumberOf(row, "in_c")};
  signature.output = {NumberOf(row, "out_h"), NumberOf(row, "out_w"), NumberOf(row, "out_c")};
  return signature.ToText();
}

// By board, "NUCLEO_old 80.0"; the last of what was measured several times.
std::map<std::string, Times> ReadBoards() {
  const char* const shared = std::getenv("NIWAKI_SHARED");
  EXPECT_NE(shared, nullptr) << "NIWAKI_SHARED is not set";
  ProgramOptions unpack;
  unpack.argv = {"xz", "--decompress", "--stdout",
                 absl::StrCat(shared, "/measured/micronas_layers/micronas_layers.csv.xz")};
  unpack.package = "xz-utils";
  const auto unpacked = RunProgram(unpack);
  EXPECT_THAT(unpacked, IsOk());
  const auto rows = ParseCsv(unpacked->standard_output);
  EXPECT_THAT(rows, IsOk());
  std::map<std::string, Times> boards;
  for (const CsvRow& row : *rows) {
    double ms = 0;
    if (row.at("op") != "conv2d" || !absl::SimpleAtod(row.at("op_ms"), &ms)) continue;
    boards[row.at("device_dir") + " " + row.at("clock_mhz")][SignatureOf(row)] = 1e3 * ms;
  }
  return boards;
}

LookupEntry Entry(const std::string& device, const std::string& signature, double us) {
  LookupEntry entry;
  entry.device = device;
  entry.signature = signature;
  entry.latency_us = us;
  return entry;
}

// Averages over draws of the samples.
struct Outcome {
  // What cross-validation says, what operators outside the samples show, and how many of those lie
  // in the interval.
  double told = 0;
  double real = 0;
  double inside = 0;
};

void Draw(const Times& known, const Times& real, std::vector<std::string> common, int samples,
          Random& random, double weight, Outcome& outcome) {
  for (size_t i = common.size() - 1; i > 0; --i) {
    std::swap(common[i], common[random.Uniform(static_cast<int64_t>(i) + 1)]);
  }
  std::vector<LookupEntry> from, to;
  for (const auto& [signature, us] : known) from.push_back(Entry("known", signature, us));
  for (int i = 0; i < samples; ++i) to.push_back(Entry("new", common[i], real.at(common[i])));
  NIWAKI_ASSERT_OK_AND_ASSIGN(const Adaptation adaptation, AdaptTable(from, to));
  outcome.told += weight * adaptation.cross_validated_error;
  Times adapted;
  for (const LookupEntry& entry : adaptation.entries) adapted[entry.signature] = entry.latency_us;
  const double share = weight / static_cast<double>(common.size() - samples);
  for (size_t i = samples; i < common.size(); ++i) {
    const double ratio = adapted.at(common[i]) / real.at(common[i]);
    outcome.real += share * std::abs(ratio - 1);
    if (std::max(ratio, 1 / ratio) <= adaptation.interval_ratio) outcome.inside += share;
  }
}

Outcome Adapted(const Times& known, const Times& real, int samples) {
  constexpr int kDraws = 20;
  std::vector<std::string> common;
  for (const auto& [signature, us] : known) {
    if (real.count(signature) > 0) common.push_back(signature);
  }
  EXPECT_GT(common.size(), 200u);
  Random random(samples);
  Outcome outcome;
  for (int i = 0; i < kDraws; ++i) {
    Draw(known, real, common, samples, random, 1.0 / kDraws, outcome);
  }
  return outcome;
}

TEST(SharedAdaptationTest, TenOperatorsOfARealBoardAreEnoughAndTheErrorIsAsTold) {
  const std::map<std::string, Times> boards = ReadBoards();
  const std::vector<std::pair<std::string, std::string>> pairs = {
      // M4 to M4, M4 to M33, M33 to M4.
      {"NUCLEOF446RE 180.0", "NiclaSense 64.0"},
      {"NUCLEOF446RE 180.0", "NUCLEO 80.0"},
      {"NUCLEO 80.0", "NUCLEOF446RE 180.0"},
      {"NiclaSense 64.0", "NUCLEO_old 80.0"}};
  for (const auto& [known, real] : pairs) {
    const Outcome three = Adapted(boards.at(known), boards.at(real), 3);
    const Outcome ten = Adapted(boards.at(known), boards.at(real), 10);
    const Outcome hundred = Adapted(boards.at(known), boards.at(real), 100);
    for (const auto& [samples, o] : {std::pair(3, three), {10, ten}, {100, hundred}}) {
      std::printf("%s to %s by %d: error %.1f %%, told %.1f %%, inside %.0f %%\n", known.c_str(),
                  real.c_str(), samples, 100 * o.real, 100 * o.told, 100 * o.inside);
    }
    EXPECT_LT(ten.real, 0.08);
    EXPECT_LE(hundred.real, ten.real);
    EXPECT_NEAR(ten.told, ten.real, 0.35 * ten.real);
    EXPECT_NEAR(hundred.told, hundred.real, 0.25 * hundred.real);
    EXPECT_GT(ten.inside, 0.8);
    EXPECT_GT(hundred.inside, 0.85);
  }
}

}  // namespace
}  // namespace niwaki::latency
