#include "services/cli/arch_message.h"

#include "gmock/gmock.h"
#include "libs/arch/catalogue.h"
#include "libs/base/status_matchers.h"

namespace niwaki::cli {
namespace {

TEST(ArchMessageTest, UnknownStructuresTravelWithTheRequest) {
  const arch::SearchSpace space = *arch::CatalogueSpace("kws");
  const auto known = MakeEstimateRequest(space, "devices/d", {arch::MinSubnet(space)});
  EXPECT_EQ(known.space_name(), "kws");
  EXPECT_EQ(known.subnets(0).genes().size(), space.layout().num_genes);

  const auto other = MakeEstimateRequest(space.WithNumClasses(5), "devices/d", {});
  EXPECT_EQ(other.space_definition().num_classes(), 5);
}

}  // namespace
}  // namespace niwaki::cli
