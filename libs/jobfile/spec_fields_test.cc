#include "libs/jobfile/spec_fields.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "proto/niwaki/v1/job.pb.h"

namespace niwaki::jobfile {
namespace {

using ::testing::Optional;

TEST(SpecFieldsTest, NumbersAreReadAndWrittenByName) {
  v1::Nsga2 nsga2;
  EXPECT_EQ(GetNumber(nsga2, "population"), std::nullopt);
  EXPECT_EQ(GetNumber(nsga2, "mutation_probability"), std::nullopt);

  SetNumber("population", 40, nsga2);
  SetNumber("mutation_probability", 0, nsga2);

  EXPECT_EQ(nsga2.population(), 40);
  EXPECT_TRUE(nsga2.has_mutation_probability());
  EXPECT_THAT(GetNumber(nsga2, "population"), Optional(40.0));
  EXPECT_THAT(GetNumber(nsga2, "mutation_probability"), Optional(0.0));
}

TEST(SpecFieldsTest, ZeroIsSetWhereTheFieldHasPresence) {
  v1::JobSpec spec;
  spec.set_max_candidates(0);
  EXPECT_THAT(GetNumber(spec, "max_candidates"), Optional(0.0));

  v1::Evaluation evaluation;
  evaluation.set_evaluation_images(0);
  EXPECT_EQ(GetNumber(evaluation, "evaluation_images"), std::nullopt);
}

TEST(SpecFieldsTest, AlgorithmIsTheOneOfTheOneof) {
  v1::JobSpec spec;
  EXPECT_EQ(AlgorithmName(spec), "");

  for (const char* name : {"random", "evolution", "nsga2", "predictor_nsga2"}) {
    MutableAlgorithm(name, spec);
    EXPECT_EQ(AlgorithmName(spec), name);
  }
  SetNumber("initial", 64, MutableAlgorithm("predictor_nsga2", spec));

  EXPECT_EQ(spec.predictor_nsga2().initial(), 64);
  EXPECT_THAT(GetNumber(AlgorithmOptions(spec, "predictor_nsga2"), "initial"), Optional(64.0));
}

}  // namespace
}  // namespace niwaki::jobfile
