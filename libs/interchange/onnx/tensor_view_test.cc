#include "libs/interchange/onnx/tensor_view.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace niwaki::interchange {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using Factor = TensorView::Factor;

TEST(TensorViewTest, ImageLiesAsRowsOfPixels) {
  const TensorView view = TensorView::Usual({1, 3, 4, 5});
  EXPECT_THAT(view.InOrder({1}), ElementsAre(Factor{3, 1}));
  EXPECT_THAT(view.InOrder({2}), ElementsAre(Factor{4, 15}));
  EXPECT_THAT(view.InOrder({3}), ElementsAre(Factor{5, 3}));
  EXPECT_TRUE(view.IsPlain({0, 2, 3, 1}));
  EXPECT_FALSE(view.IsPlain({0, 1, 2, 3}));
  const arch::TensorShape shape = TensorView::UsualShape({1, 3, 4, 5});
  EXPECT_EQ(shape.height, 4);
  EXPECT_EQ(shape.width, 5);
  EXPECT_EQ(shape.channels, 3);
}

TEST(TensorViewTest, TransposedTwiceIsAsBefore) {
  const TensorView view = TensorView::Usual({1, 3, 4, 5}).Transposed({0, 2, 3, 1});
  EXPECT_THAT(view.sizes(), ElementsAre(1, 4, 5, 3));
  EXPECT_TRUE(view.IsPlain({0, 1, 2, 3}));
  EXPECT_TRUE(view.Transposed({0, 3, 1, 2}).IsPlain({0, 2, 3, 1}));
}

TEST(TensorViewTest, FlattenedImageKeepsTheWayToItsElements) {
  const auto flat = TensorView::Usual({1, 3, 4, 5}).Reshaped({1, 60});
  ASSERT_TRUE(flat.has_value());
  // Channels outside, rows and columns inside: 20 places of 3 apart.
  EXPECT_THAT(flat->InOrder({1}), ElementsAre(Factor{3, 1}, Factor{20, 3}));
  EXPECT_FALSE(flat->IsPlain({0, 1}));
  const auto back = flat->Reshaped({1, 3, 4, 5});
  ASSERT_TRUE(back.has_value());
  EXPECT_TRUE(back->IsPlain({0, 2, 3, 1}));
}

TEST(TensorViewTest, PlainMemoryIsReshapedAnyhow) {
  const TensorView view = TensorView::Usual({1, 12});
  const auto other = view.Reshaped({2, 3, 2});
  ASSERT_TRUE(other.has_value());
  EXPECT_THAT(other->InOrder({0}), ElementsAre(Factor{2, 6}));
  EXPECT_THAT(other->InOrder({1}), ElementsAre(Factor{3, 2}));
  EXPECT_TRUE(other->IsPlain({0, 1, 2}));
}

TEST(TensorViewTest, AxesThatCutThroughAnotherAreNoView) {
  EXPECT_FALSE(TensorView::Usual({1, 3, 4, 5}).Reshaped({1, 2, 30}).has_value());
}

TEST(TensorViewTest, OneElementHasNoFactors) {
  EXPECT_THAT(TensorView::Usual({1, 1}).InOrder({0, 1}), IsEmpty());
  EXPECT_TRUE(TensorView().IsPlain({}));
}

}  // namespace
}  // namespace niwaki::interchange
