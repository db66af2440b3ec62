#include "services/oracle/space_cache.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "libs/arch/catalogue.h"
#include "libs/base/error.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"

namespace niwaki::oracle {
namespace {

v1::EstimateCostsRequest Named(const std::string& name) {
  v1::EstimateCostsRequest request;
  request.set_space_name(name);
  return request;
}

v1::EstimateCostsRequest Defined(const std::string& name) {
  v1::EstimateCostsRequest request;
  *request.mutable_space_definition() = arch::CatalogueSpace("kws")->ToMessage();
  request.mutable_space_definition()->set_name(name);
  return request;
}

TEST(SpaceCacheTest, SpaceIsReadOnce) {
  SpaceCache cache;

  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto first, cache.Get(Defined("mine")));
  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto second, cache.Get(Defined("mine")));

  EXPECT_EQ(first, second);
  EXPECT_EQ(first->name(), "mine");
  EXPECT_EQ(first->structure(), arch::CatalogueSpace("kws")->structure());
  EXPECT_EQ(cache.size(), 1);
}

TEST(SpaceCacheTest, LeastRecentlyUsedSpaceLeaves) {
  SpaceCache cache(/*capacity=*/2);
  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto a, cache.Get(Defined("a")));
  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto b, cache.Get(Defined("b")));
  NIWAKI_ASSERT_OK(cache.Get(Defined("a")));

  NIWAKI_ASSERT_OK(cache.Get(Defined("c")));

  EXPECT_EQ(cache.size(), 2);
  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto a_again, cache.Get(Defined("a")));
  NIWAKI_ASSERT_OK_AND_ASSIGN(const auto b_again, cache.Get(Defined("b")));
  EXPECT_EQ(a, a_again);
  EXPECT_NE(b, b_again);
}

TEST(SpaceCacheTest, WrongSpacesAreRefusedAndNotKept) {
  SpaceCache cache;
  EXPECT_THAT(cache.Get(v1::EstimateCostsRequest()),
              HasReason(absl::StatusCode::kInvalidArgument, reason::kArgumentInvalid));
  EXPECT_THAT(cache.Get(Named("atlantis")),
              HasReason(absl::StatusCode::kNotFound, reason::kSpaceUnknown));
  v1::EstimateCostsRequest wrong = Defined("wrong");
  wrong.mutable_space_definition()->mutable_stages(0)->set_width(-1);
  const absl::Status status = cache.Get(wrong).status();
  EXPECT_THAT(status, HasReason(absl::StatusCode::kInvalidArgument, reason::kSpaceInvalid));
  EXPECT_THAT(GetErrorDetail(status)->field, ::testing::StartsWith("space_definition.stages"));
  EXPECT_EQ(cache.size(), 0);
}

TEST(SpaceCacheTest, NameIsNotADefinition) {
  SpaceCache cache;
  NIWAKI_ASSERT_OK(cache.Get(Named("kws")));
  NIWAKI_ASSERT_OK(cache.Get(Defined("kws")));

  EXPECT_EQ(cache.size(), 2);
}

}  // namespace
}  // namespace niwaki::oracle
