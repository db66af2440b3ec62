#include "libs/store/request_log.h"

#include "gmock/gmock.h"
#include "libs/base/reason.h"
#include "libs/base/status_matchers.h"
#include "libs/store/transaction.h"

namespace niwaki::store {
namespace {

using ::testing::Eq;
using ::testing::Field;
using ::testing::Optional;

constexpr absl::Time kNow = absl::FromUnixSeconds(1000);

class RequestLogTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ConnectionOptions options;
    options.in_memory = true;
    NIWAKI_ASSERT_OK_AND_ASSIGN(connection_, Connection::Open("log", options));
    NIWAKI_ASSERT_OK(connection_->Execute(kRequestLogSchema));
  }

  absl::StatusOr<std::optional<std::string>> Answer(const RequestRecord& request) {
    const auto known = FindRequest(*connection_, request.request_id);
    return known.ok() ? AnswerOf(*known, request) : known.status();
  }

  std::unique_ptr<Connection> connection_;
  RequestRecord record_{"id", "Put", "digest", std::string("a\0b", 3), kNow};
};

TEST_F(RequestLogTest, NewRequestHasNoAnswer) {
  EXPECT_THAT(Answer(record_), IsOkAndHolds(Eq(std::nullopt)));
}

TEST_F(RequestLogTest, RepetitionGetsTheAnswerByteForByte) {
  NIWAKI_ASSERT_OK(WriteRequest(*connection_, record_));

  RequestRecord again = record_;
  again.response = "";
  EXPECT_THAT(Answer(again), IsOkAndHolds(Optional(record_.response)));
  EXPECT_THAT(FindRequest(*connection_, "id"),
              IsOkAndHolds(Optional(Field(&RequestRecord::create_time, kNow))));
}

TEST_F(RequestLogTest, OtherBodyOrMethodIsRefused) {
  NIWAKI_ASSERT_OK(WriteRequest(*connection_, record_));

  RequestRecord body = record_;
  body.request_digest = "other";
  RequestRecord method = record_;
  method.method = "Delete";
  for (const RequestRecord& reused : {body, method}) {
    EXPECT_THAT(Answer(reused),
                HasReason(absl::StatusCode::kInvalidArgument, reason::kRequestIdReused));
  }
}

TEST_F(RequestLogTest, RequestWithoutAnIdIsNotRemembered) {
  record_.request_id = "";

  NIWAKI_ASSERT_OK(WriteRequest(*connection_, record_));

  EXPECT_THAT(Answer(record_), IsOkAndHolds(Eq(std::nullopt)));
  EXPECT_THAT(connection_->QueryInt("SELECT count(*) FROM requests"), IsOkAndHolds(0));
}

TEST_F(RequestLogTest, RecordGoesWithItsTransaction) {
  {
    NIWAKI_ASSERT_OK_AND_ASSIGN(const Transaction transaction, Transaction::Begin(*connection_));
    NIWAKI_ASSERT_OK(WriteRequest(*connection_, record_));
  }

  EXPECT_THAT(Answer(record_), IsOkAndHolds(Eq(std::nullopt)));
}

TEST_F(RequestLogTest, ForgetsWhatIsOlder) {
  NIWAKI_ASSERT_OK(WriteRequest(*connection_, record_));

  NIWAKI_ASSERT_OK(ForgetRequestsBefore(*connection_, kNow));
  EXPECT_THAT(Answer(record_), IsOkAndHolds(Optional(record_.response)));
  NIWAKI_ASSERT_OK(ForgetRequestsBefore(*connection_, kNow + absl::Microseconds(1)));
  EXPECT_THAT(Answer(record_), IsOkAndHolds(Eq(std::nullopt)));
}

}  // namespace
}  // namespace niwaki::store
