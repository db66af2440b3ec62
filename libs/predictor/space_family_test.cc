#include "libs/predictor/space_family.h"

#include <optional>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/arch/catalogue.h"
#include "libs/arch/restrict.h"

namespace niwaki::predictor {
namespace {

arch::SearchSpace Space(const std::string& name) { return *arch::CatalogueSpace(name); }

TEST(SpaceFamilyTest, InputSizesDoNotMatter) {
  const arch::SearchSpace space = Space("ofa_resnet50");
  const auto fewer = arch::WithResolutions(space, {128, 144});

  EXPECT_EQ(FamilyOf(*fewer), FamilyOf(space));
  EXPECT_NE(FamilyOf(Space("ofa_mbv3_w10")), FamilyOf(Space("ofa_mbv3_w12")));
}

TEST(SpaceFamilyTest, NumberOfClassesIsFound) {
  for (const std::string& name : arch::CatalogueNames()) {
    SCOPED_TRACE(name);
    const arch::SearchSpace space = Space(name);

    EXPECT_EQ(ClassesOfFamily(space, FamilyOf(space)), space.num_classes());
    EXPECT_EQ(ClassesOfFamily(space, FamilyOf(space.WithNumClasses(4))), 4);
    EXPECT_EQ(ClassesOfFamily(space.WithNumClasses(4), FamilyOf(space)), space.num_classes());
    EXPECT_EQ(ClassesOfFamily(space, FamilyOf(space.WithNumClasses(100000))), 100000);
  }
}

TEST(SpaceFamilyTest, AnotherSpaceHasNone) {
  EXPECT_EQ(ClassesOfFamily(Space("kws"), FamilyOf(Space("cifar32"))), std::nullopt);
  EXPECT_EQ(ClassesOfFamily(Space("kws"), "no fingerprint"), std::nullopt);
}

}  // namespace
}  // namespace niwaki::predictor
