#include "libs/store/request_log.h"

#include <map>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
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

TEST_F(RequestLogTest, ManyAreFoundAtOnce) {
  std::vector<std::string> ids = {"", "unknown"};
  for (int i = 0; i < 1500; ++i) {
    record_.request_id = absl::StrCat("id", i);
    record_.response = absl::StrCat("answer ", i);
    if (i % 2 == 0) NIWAKI_ASSERT_OK(WriteRequest(*connection_, record_));
    ids.push_back(record_.request_id);
  }

  NIWAKI_ASSERT_OK_AND_ASSIGN(const std::vector<RequestRecord> found,
                              FindRequests(*connection_, ids));

  std::map<std::string, std::string> answers;
  for (const RequestRecord& record : found) answers[record.request_id] = record.response;
  EXPECT_EQ(found.size(), 750);
  EXPECT_EQ(answers.size(), 750);
  EXPECT_EQ(answers["id1498"], "answer 1498");
  EXPECT_EQ(answers.count("id1499"), 0);
  EXPECT_THAT(FindRequests(*connection_, {}), IsOkAndHolds(::testing::IsEmpty()));
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
