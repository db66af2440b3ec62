#include "libs/rpc/listen_address.h"

#include <string>

#include "gtest/gtest.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"

namespace niwaki::rpc {
namespace {

TEST(ListenAddressTest, FormsAreRead) {
  for (const char* text : {"127.0.0.1:0", "localhost:65535", "[::1]:50051", "0.0.0.0:1"}) {
    NIWAKI_ASSERT_OK_AND_ASSIGN(ListenAddress address, ParseListenAddress(text));

    EXPECT_EQ(address.ToString(), text);
  }
}

TEST(ListenAddressTest, MalformedTextIsRefused) {
  for (const std::string& text :
       {std::string(), std::string(":"), std::string("localhost"), std::string(":5"),
        std::string("a:"), std::string("a:b"), std::string("a:65536"), std::string("a:-1"),
        std::string("::1:5"), std::string("[]:5"), std::string("a:1x"), std::string("[[]]:5"),
        std::string("[::1:5"), std::string("a b:5"), std::string("a\0b:5", 5)}) {
    EXPECT_THAT(ParseListenAddress(text),
                HasReason(absl::StatusCode::kInvalidArgument, reason::kArgumentInvalid))
        << text;
  }
}

TEST(ListenAddressTest, ForeignAddressIsRefused) {
  // TEST-NET-1 (RFC 5737) belongs to no machine.
  EXPECT_THAT(ProbeListenAddress({"192.0.2.1", 0}),
              StatusIs(absl::StatusCode::kInvalidArgument, "192.0.2.1:0"));
  EXPECT_THAT(ProbeListenAddress({"127.0.0.1", 0}), IsOk());
}

}  // namespace
}  // namespace niwaki::rpc
