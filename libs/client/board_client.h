// Boards and measurements, asked of one oracle: what people do.

#ifndef NIWAKI_LIBS_CLIENT_BOARD_CLIENT_H_
#define NIWAKI_LIBS_CLIENT_BOARD_CLIENT_H_

#include <grpcpp/channel.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/client/client_options.h"
#include "proto/niwaki/v1/board_service.grpc.pb.h"

namespace niwaki::client {

// Thread-safe. Every call blocks, has a deadline and is repeated while the oracle is away, up to
// ClientOptions; the errors are the oracle's (board_service.proto), or Unavailable.
class BoardClient {
 public:
  explicit BoardClient(std::shared_ptr<grpc::Channel> channel,
                       const ClientOptions& options = ClientOptions());

  // By name; all pages.
  absl::StatusOr<std::vector<v1::Board>> ListBoards();

  // "boards/{board}".
  absl::StatusOr<v1::Board> GetBoard(const std::string& name);

  // The board afterwards.
  absl::StatusOr<v1::Board> ChangeBoard(const v1::ChangeBoardRequest& request);

  // PENDING; its artifacts are the oracle's already (ArtifactClient).
  // The same `request_id` gives the same measurement; "" is a new one.
  absl::StatusOr<v1::Measurement> CreateMeasurement(const v1::MeasurementSpec& spec,
                                                    const std::string& request_id = "");

  absl::StatusOr<v1::Measurement> GetMeasurement(const std::string& name);

  // Waits until it has ended. DeadlineExceeded, with what it waits for, after `timeout`.
  absl::StatusOr<v1::Measurement> AwaitMeasurement(const std::string& name, absl::Duration timeout);

 private:
  const ClientOptions options_;
  const std::unique_ptr<v1::BoardService::StubInterface> boards_;
};

}  // namespace niwaki::client

#endif  // NIWAKI_LIBS_CLIENT_BOARD_CLIENT_H_
