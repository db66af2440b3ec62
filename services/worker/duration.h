// google.protobuf.Duration ↔ absl::Duration.

#ifndef NIWAKI_SERVICES_WORKER_DURATION_H_
#define NIWAKI_SERVICES_WORKER_DURATION_H_

#include <google/protobuf/duration.pb.h>

#include "absl/time/time.h"

namespace niwaki::worker {

inline absl::Duration ToDuration(const google::protobuf::Duration& proto) {
  return absl::Seconds(proto.seconds()) + absl::Nanoseconds(proto.nanos());
}

inline google::protobuf::Duration FromDuration(absl::Duration duration) {
  google::protobuf::Duration proto;
  proto.set_seconds(absl::IDivDuration(duration, absl::Seconds(1), &duration));
  proto.set_nanos(static_cast<int32_t>(absl::ToInt64Nanoseconds(duration)));
  return proto;
}

}  // namespace niwaki::worker

#endif  // NIWAKI_SERVICES_WORKER_DURATION_H_
