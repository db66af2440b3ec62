#include "libs/board/protocol/message.h"

#include <string>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"
#include "libs/board/protocol/frame.h"

namespace niwaki::board {
namespace {

using ::testing::ElementsAre;

std::string Hex(absl::string_view bytes) { return absl::BytesToHexString(bytes); }
std::string Bytes(absl::string_view hex) { return absl::HexStringToBytes(hex); }

BoardIdentity Identity() {
  BoardIdentity identity;
  identity.max_payload_bytes = 1024;
  identity.profiled = true;
  identity.clock_hz = 25000000;
  identity.tick_hz = 25000000;
  identity.flash_bytes = 4194304;
  identity.stack_bytes = 16384;
  identity.input_bytes = 360;
  identity.output_bytes = 10;
  identity.arena_bytes = 1240;
  identity.operators = 15;
  identity.board = "m4";
  identity.core = "c";
  identity.network = "kws";
  identity.network_digest = std::string(64, 'a');
  return identity;
}

TEST(MessageTest, BytesAreThoseOfTheDocument) {
  EXPECT_EQ(Hex(Encode(IdentifyRequest{1, 3})), "01000300");
  EXPECT_EQ(Hex(Encode(WriteInputRequest{0x100, "AB"})), "000100004142");
  EXPECT_EQ(Hex(Encode(RunSource::kTestVector)), "01");
  EXPECT_EQ(Hex(Encode(RunFigures{0x0102030405060708, 9, 0x1F4, 0xCBF43926})),
            "08070605040302010900000000000000f40100002639f4cb");
  EXPECT_EQ(Hex(Encode(ReadRequest{5, 10})), "050000000a00");
  EXPECT_EQ(Hex(Encode(OutputPart{5, "\x80\x7f"})), "05000000807f");
  EXPECT_EQ(Hex(Encode(OperatorsPart{1, {2}})), "010000000200000000000000");
  EXPECT_EQ(Hex(Encode(Fault{0x20, 0x8200, 0x40000000})), "200000000082000000000040");
  EXPECT_EQ(Hex(Encode(Refusal{RefusalReason::kNoSession, 7})), "040007000000");
  EXPECT_EQ(Hex(EncodeWritten(360)), "68010000");
  EXPECT_EQ(Hex(EncodeStarted(1)), "0100");
}

TEST(MessageTest, IdentityIsReadFieldByField) {
  const std::string bytes =
      Bytes(absl::StrCat("0100", "0004", "01000000", "40787d01", "40787d01", "00004000", "00400000",
                         "68010000", "0a000000", "d8040000", "0f000000", "026d34", "0163", "00",
                         "036b7773", "00", "40", Hex(std::string(64, 'a'))));
  EXPECT_EQ(Hex(Encode(Identity())), Hex(bytes));
  const auto identity = DecodeIdentity(bytes);
  NIWAKI_ASSERT_OK(identity);
  EXPECT_EQ(*identity, Identity());
  EXPECT_EQ(identity->clock_hz, 25000000);
  EXPECT_EQ(identity->network_digest, std::string(64, 'a'));
}

TEST(MessageTest, EveryCutOfAnIdentityIsRefused) {
  const std::string bytes = Encode(Identity());
  for (size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_THAT(DecodeIdentity(bytes.substr(0, size)),
                HasReason(absl::StatusCode::kDataLoss, reason::kBoardGarbled))
        << size;
  }
  EXPECT_THAT(DecodeIdentity(bytes + "x"), StatusIs(absl::StatusCode::kDataLoss, "length"));
}

TEST(MessageTest, NonsenseInAnIdentityNamesTheField) {
  const auto refused = [](auto change) {
    BoardIdentity identity = Identity();
    change(identity);
    return DecodeIdentity(Encode(identity)).status();
  };
  EXPECT_THAT(refused([](BoardIdentity& i) { i.clock_hz = 0; }),
              StatusIs(absl::StatusCode::kDataLoss, "clock 0, wanted 1 to"));
  EXPECT_THAT(refused([](BoardIdentity& i) { i.tick_hz = 0; }),
              StatusIs(absl::StatusCode::kDataLoss, "counter 0"));
  EXPECT_THAT(refused([](BoardIdentity& i) { i.max_payload_bytes = 511; }),
              StatusIs(absl::StatusCode::kDataLoss, "payload limit 511, wanted 512 to 4096"));
  EXPECT_THAT(refused([](BoardIdentity& i) { i.input_bytes = 2000000000; }),
              StatusIs(absl::StatusCode::kDataLoss, "input 2000000000"));
  EXPECT_THAT(refused([](BoardIdentity& i) { i.board = "a\nb"; }),
              StatusIs(absl::StatusCode::kDataLoss, "board of other bytes"));
  EXPECT_THAT(refused([](BoardIdentity& i) { i.firmware_digest = "abc"; }),
              StatusIs(absl::StatusCode::kDataLoss, "digest of the firmware abc"));
}

TEST(MessageTest, MessagesAreReadBack) {
  const auto figures = DecodeRunFigures(Encode(RunFigures{1, 2, 3, 4}));
  NIWAKI_ASSERT_OK(figures);
  EXPECT_EQ(*figures, (RunFigures{1, 2, 3, 4}));
  EXPECT_THAT(DecodeOperatorsPart(Encode(OperatorsPart{3, {1, UINT64_MAX}}))->ticks,
              ElementsAre(1, UINT64_MAX));
  EXPECT_EQ(DecodeWriteInput(Encode(WriteInputRequest{7, "x"}))->bytes, "x");
  EXPECT_EQ(DecodeOutputPart(Encode(OutputPart{7, "y"}))->offset, 7);
  EXPECT_EQ(DecodeRead(Encode(ReadRequest{7, 9}))->count, 9);
  EXPECT_EQ(*DecodeRunSource("\1"), RunSource::kTestVector);
  EXPECT_EQ(DecodeFault(Encode(Fault{1, 2, 3}))->fault_status, 2);
  EXPECT_EQ(DecodeIdentifyRequest(Encode(IdentifyRequest{1, 3}))->highest_version, 3);
  EXPECT_EQ(*DecodeWritten(EncodeWritten(9)), 9);
}

TEST(MessageTest, WrongLengthsAreRefused) {
  EXPECT_THAT(DecodeRunFigures(std::string(25, '\0')),
              StatusIs(absl::StatusCode::kDataLoss, "length 25, wanted 24 bytes"));
  EXPECT_THAT(DecodeRunFigures(""), StatusIs(absl::StatusCode::kDataLoss, "length 0"));
  EXPECT_THAT(DecodeOperatorsPart(std::string(11, '\0')),
              StatusIs(absl::StatusCode::kDataLoss, "length 11"));
  EXPECT_THAT(DecodeRunSource("\2"), StatusIs(absl::StatusCode::kDataLoss, "source 2"));
  EXPECT_THAT(DecodeRefusal("\1"), StatusIs(absl::StatusCode::kDataLoss, "length 1"));
}

TEST(MessageTest, RefusalsAndTypesHaveNames) {
  EXPECT_EQ(RefusalText({RefusalReason::kInputIncomplete, 12}), "INPUT_INCOMPLETE (12)");
  EXPECT_EQ(RefusalText({static_cast<RefusalReason>(99), 1}), "reason 99 (1)");
  EXPECT_EQ(MessageTypeName(0x04), "RUN");
  EXPECT_EQ(MessageTypeName(0x84), "reply to RUN");
  EXPECT_EQ(MessageTypeName(0xFF), "REFUSED");
  EXPECT_EQ(MessageTypeName(0x2A), "type 0x2a");
  EXPECT_EQ(ReplyTo(MessageType::kRun), 0x84);
}

}  // namespace
}  // namespace niwaki::board
