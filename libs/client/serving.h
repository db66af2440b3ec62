// Waiting for a service that is starting.

#ifndef NIWAKI_LIBS_CLIENT_SERVING_H_
#define NIWAKI_LIBS_CLIENT_SERVING_H_

#include <grpcpp/channel.h>

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "libs/base/clock.h"

namespace niwaki::client {

// Blocks until the server behind `channel` says that it is serving. Unavailable naming `address`
// after `timeout`. Waits between the tries on `clock`.
absl::Status WaitUntilServing(const std::shared_ptr<grpc::Channel>& channel,
                              const std::string& address, absl::Duration timeout,
                              Clock& clock = Clock::Real());

}  // namespace niwaki::client

#endif  // NIWAKI_LIBS_CLIENT_SERVING_H_
