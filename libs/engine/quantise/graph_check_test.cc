#include "libs/engine/quantise/graph_check.h"

#include "gtest/gtest.h"
#include "libs/base/error.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"
#include "libs/engine/quantise/test_network.h"

namespace niwaki::engine {
namespace {

using absl::StatusCode;

TEST(GraphCheckTest, TensorsAreThereAndHaveElements) {
  arch::Graph graph = OneConvolution().graph;
  graph.tensors.push_back({3, 0, 2});
  GraphCheck check(graph);
  check.SetName("operator 4 (add): ");

  NIWAKI_EXPECT_OK(check.CheckTensor("input", 1));
  EXPECT_THAT(check.CheckTensor("input", 3),
              StatusIs(StatusCode::kInvalidArgument,
                       "operator 4 (add): there is no such tensor (input 3, needs 0 to 2)"));
  EXPECT_THAT(check.CheckTensor("input", -1),
              HasReason(StatusCode::kInvalidArgument, reason::kFileMalformed));
  const absl::Status empty = check.CheckTensor("output", 2);
  EXPECT_THAT(empty, StatusIs(StatusCode::kInvalidArgument,
                              "a tensor has elements (output 3x0x2, needs at least 1x1x1)"));
  EXPECT_EQ(GetErrorDetail(empty)->field, "operator 4 (add): output");
  EXPECT_EQ(GetErrorDetail(empty)->value, "3x0x2");
  EXPECT_EQ(GetErrorDetail(empty)->limit, "at least 1x1x1");
}

TEST(GraphCheckTest, TensorsAreWrittenOnceAndBeforeTheyAreRead) {
  const arch::Graph graph = OneConvolution().graph;
  GraphCheck check(graph);

  NIWAKI_EXPECT_OK(check.CheckRead(graph.input));
  EXPECT_THAT(check.CheckWrite(graph.input),
              StatusIs(StatusCode::kInvalidArgument, "a tensor is written twice (output 0)"));
  EXPECT_THAT(check.CheckRead(1), StatusIs(StatusCode::kInvalidArgument,
                                           "a tensor is read before it is written (input 1)"));
  EXPECT_THAT(check.CheckEnd(),
              StatusIs(StatusCode::kInvalidArgument, "no operator writes the output (output 1)"));
  NIWAKI_EXPECT_OK(check.CheckWrite(1));
  check.MarkWritten(1);
  NIWAKI_EXPECT_OK(check.CheckRead(1));
  NIWAKI_EXPECT_OK(check.CheckEnd());
}

TEST(GraphCheckTest, InputBeyondTheTensorsIsNoAccess) {
  arch::Graph graph = OneConvolution().graph;
  graph.input = 9;

  EXPECT_THAT(GraphCheck(graph).CheckTensor("input", graph.input),
              StatusIs(StatusCode::kInvalidArgument, "there is no such tensor"));
}

}  // namespace
}  // namespace niwaki::engine
