#include "libs/rpc/request_digest.h"

#include "gtest/gtest.h"
#include "proto/niwaki/v1/oracle_service.pb.h"

namespace niwaki::rpc {
namespace {

TEST(RequestDigestTest, DependsOnTheBodyAlone) {
  v1::PutLookupEntriesRequest request;
  request.add_entries()->set_device("devices/a");
  request.set_request_id("one");
  v1::PutLookupEntriesRequest other_id = request;
  other_id.set_request_id("two");
  v1::PutLookupEntriesRequest other_body = request;
  other_body.mutable_entries(0)->set_device("devices/b");

  EXPECT_EQ(RequestDigest(request), RequestDigest(other_id));
  EXPECT_NE(RequestDigest(request), RequestDigest(other_body));
  EXPECT_EQ(request.request_id(), "one");
}

}  // namespace
}  // namespace niwaki::rpc
