#include <string>
#include <utility>

#include "gtest/gtest.h"
#include "libs/arch/catalogue.h"
#include "libs/arch/space.h"
#include "libs/base/error.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"
#include "proto/niwaki/v1/arch.pb.h"

namespace niwaki::arch {
namespace {

TEST(SpaceMessageTest, EverySpaceOfTheCatalogueSurvivesTheWire) {
  for (const std::string& name : CatalogueNames()) {
    NIWAKI_ASSERT_OK_AND_ASSIGN(const SearchSpace space, CatalogueSpace(name));
    v1::SearchSpace received;
    ASSERT_TRUE(received.ParseFromString(space.ToMessage().SerializeAsString()));

    NIWAKI_ASSERT_OK_AND_ASSIGN(const SearchSpace back, SearchSpace::FromMessage(received));

    EXPECT_EQ(back.ToTextproto(), space.ToTextproto()) << name;
    EXPECT_EQ(back.structure(), space.structure()) << name;
  }
}

TEST(SpaceMessageTest, WrongMessagesNameTheField) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const SearchSpace space, CatalogueSpace("kws"));
  v1::SearchSpace deep = space.ToMessage();
  deep.mutable_stages(1)->add_depths(17);
  v1::SearchSpace strange = space.ToMessage();
  strange.mutable_stages(0)->set_activation(static_cast<v1::Activation>(77));
  const std::pair<v1::SearchSpace, const char*> cases[] = {
      {v1::SearchSpace(), "name"},
      {deep, "stages[1].depths["},
      {strange, "stages[0].activation"},
  };

  for (const auto& [message, field] : cases) {
    const absl::Status status = SearchSpace::FromMessage(message).status();
    ASSERT_THAT(status, HasReason(absl::StatusCode::kInvalidArgument, reason::kSpaceInvalid));
    EXPECT_EQ(GetErrorDetail(status)->field.rfind(field, 0), 0) << GetErrorDetail(status)->field;
  }
}

// Of a later version: leaving it out would make another space of it.
TEST(SpaceMessageTest, FieldsOfALaterVersionAreRefused) {
  NIWAKI_ASSERT_OK_AND_ASSIGN(const SearchSpace space, CatalogueSpace("kws"));
  constexpr int kLater = 900;
  v1::SearchSpace top = space.ToMessage();
  top.GetReflection()->MutableUnknownFields(&top)->AddVarint(kLater, 1);
  v1::SearchSpace inside = space.ToMessage();
  v1::Stage& stage = *inside.mutable_stages(1);
  stage.GetReflection()->MutableUnknownFields(&stage)->AddVarint(kLater, 1);
  const std::pair<v1::SearchSpace, const char*> cases[] = {{top, "900"}, {inside, "stages[1].900"}};

  for (const auto& [message, field] : cases) {
    const absl::Status status = SearchSpace::FromMessage(message).status();
    ASSERT_THAT(status, HasReason(absl::StatusCode::kInvalidArgument, reason::kSpaceInvalid));
    EXPECT_EQ(GetErrorDetail(status)->field, field);
  }
}

}  // namespace
}  // namespace niwaki::arch
