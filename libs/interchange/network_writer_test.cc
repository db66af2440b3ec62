#include "libs/interchange/network_writer.h"

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/arch/graph.h"
#include "libs/arch/operator_facts.h"
#include "libs/base/error.h"
#include "libs/base/status_matchers.h"
#include "libs/engine/quantise/quantised_network.h"
#include "libs/interchange/small_networks.h"

namespace niwaki::interchange {
namespace {

using arch::Op;
using arch::OpKind;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

// A format without data that notes the kinds that it writes.
class Notes : NetworkWriter {
 public:
  explicit Notes(const engine::QuantisedNetwork& network) : NetworkWriter(network) {}

  absl::Status Write(int64_t data_bytes = 0) {
    absl::Status status = Begin();
    if (!status.ok()) return status;
    return WriteOperators([this](const Op& op) { return WriteOperator(op); },
                          [data_bytes] { return data_bytes; }, /*max_bytes=*/100);
  }

  std::vector<OpKind> kinds;

 private:
  absl::Status WriteOperator(const Op& op) {
    kinds.push_back(op.kind);
    switch (op.kind) {
      case OpKind::kPad:
        return CheckPad(op);
      case OpKind::kReshape:
        return CheckReshape(op);
      case OpKind::kTranspose:
        return CheckTranspose(op);
      case OpKind::kUpsample:
        return CheckUpsample(op);
      case OpKind::kMean:
        return KeptByMean(op).status();
      default:
        return absl::OkStatus();
    }
  }
};

std::string ErrorOf(const engine::QuantisedNetwork& network, int64_t data_bytes = 0) {
  const absl::Status status = Notes(network).Write(data_bytes);
  EXPECT_FALSE(status.ok());
  return std::string(status.message());
}

TEST(NetworkWriterTest, OperatorsAreWrittenInOrder) {
  engine::QuantisedNetwork network = NetworkOf(OpKind::kMaxPool, {4, 4, 2}, {4, 4, 2});
  Append(network, OpKind::kGlobalAvgPool, {1, 1, 2}, network.tensors[1]);
  Notes notes(network);
  NIWAKI_EXPECT_OK(notes.Write());
  EXPECT_THAT(notes.kinds, ElementsAre(OpKind::kMaxPool, OpKind::kGlobalAvgPool));
}

TEST(NetworkWriterTest, ErrorsNameTheOperatorAndWhatIsWritten) {
  engine::QuantisedNetwork network = NetworkOf(OpKind::kMaxPool, {4, 4, 2}, {4, 4, 2});
  Append(network, OpKind::kUpsample, {8, 6, 2}, network.tensors[1]);
  const absl::Status status = Notes(network).Write();
  EXPECT_THAT(std::string(status.message()),
              HasSubstr("operator 1 (upsample): pixels are repeated whole times (output shape "
                        "8x6x2, written: whole multiples of 4x4x2)"));
  EXPECT_EQ(GetErrorDetail(status)->field, "operator 1 (upsample): output shape");
}

TEST(NetworkWriterTest, ShapesThatDoNotFollowAreRefused) {
  EXPECT_THAT(ErrorOf(NetworkOf(OpKind::kPad, {4, 4, 2}, {5, 4, 2})),
              HasSubstr("does not follow from the input's (output shape 5x4x2, written: 4x4x2)"));
  EXPECT_THAT(ErrorOf(NetworkOf(OpKind::kReshape, {4, 4, 2}, {1, 1, 31})),
              HasSubstr("(output elements 31, written: 32)"));
}

TEST(NetworkWriterTest, NetworksWithoutOperatorsAndMoreThanAFileHoldsAreRefused) {
  engine::QuantisedNetwork network = NetworkOf(OpKind::kMaxPool, {4, 4, 2}, {4, 4, 2});
  EXPECT_THAT(ErrorOf(network, 101), HasSubstr("(bytes of weights 101, written: 100)"));
  network.graph.ops[0].stride_h = 0;
  EXPECT_FALSE(Notes(network).Write().ok());
  network.graph.ops.clear();
  EXPECT_FALSE(Notes(network).Write().ok());
}

}  // namespace
}  // namespace niwaki::interchange
