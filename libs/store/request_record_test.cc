#include "libs/store/request_record.h"

#include <optional>
#include <string>

#include "gmock/gmock.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"

namespace niwaki::store {
namespace {

using ::testing::Eq;
using ::testing::Optional;

const RequestRecord& Known() {
  static const auto& record =
      *new RequestRecord{"id", "Put", "digest", "answer", absl::FromUnixSeconds(1000)};
  return record;
}

TEST(RequestRecordTest, UnknownRequestHasNoAnswer) {
  EXPECT_THAT(AnswerOf(std::nullopt, Known()), IsOkAndHolds(Eq(std::nullopt)));
}

TEST(RequestRecordTest, RepetitionGetsTheAnswer) {
  RequestRecord again = Known();
  again.response = "";

  EXPECT_THAT(AnswerOf(Known(), again), IsOkAndHolds(Optional(std::string("answer"))));
}

TEST(RequestRecordTest, OtherBodyOrMethodIsRefused) {
  RequestRecord body = Known();
  body.request_digest = "other";
  RequestRecord method = Known();
  method.method = "Delete";

  for (const RequestRecord& reused : {body, method}) {
    EXPECT_THAT(AnswerOf(Known(), reused),
                HasReason(absl::StatusCode::kInvalidArgument, reason::kRequestIdReused));
  }
}

}  // namespace
}  // namespace niwaki::store
