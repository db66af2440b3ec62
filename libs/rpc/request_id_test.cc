#include "libs/rpc/request_id.h"

#include <string>

#include "gtest/gtest.h"
#include "libs/base/random.h"
#include "libs/base/status_matchers.h"

namespace niwaki::rpc {
namespace {

TEST(RequestIdTest, UuidsAndNothingAreFine) {
  EXPECT_THAT(ValidateRequestId(NewUuid()), IsOk());
  EXPECT_THAT(ValidateRequestId("0D0C2E6A-8f6b-4b64-9a0e-0123456789ab"), IsOk());
  EXPECT_THAT(ValidateRequestId(""), IsOk());
}

TEST(RequestIdTest, AnythingElseIsRefused) {
  for (const std::string& text : {std::string("1"), std::string(36, 'a'), std::string(1 << 20, 'a'),
                                  std::string("0d0c2e6a-8f6b-4b64-9a0e-0123456789ag"),
                                  std::string("0d0c2e6a-8f6b-4b64-9a0e-0123456789ab "),
                                  std::string("{d0c2e6a-8f6b-4b64-9a0e-0123456789a}")}) {
    EXPECT_THAT(ValidateRequestId(text), StatusIs(absl::StatusCode::kInvalidArgument, "request_id"))
        << text.substr(0, 40);
  }
}

}  // namespace
}  // namespace niwaki::rpc
