// Messages of the wire contract as JSON for programs: field names as in the .proto files, numbers
// as numbers.

#ifndef NIWAKI_SERVICES_CLI_SHOW_PROTO_JSON_H_
#define NIWAKI_SERVICES_CLI_SHOW_PROTO_JSON_H_

#include <google/protobuf/message.h>

#include "libs/base/json.h"

namespace niwaki::cli {

// Fields in the order of the .proto file. Scalars without presence and lists are always there;
// messages, `optional` fields and members of a oneof only when set. Enumerators lose their prefix:
// JOB_STATE_RUNNING → "RUNNING". Timestamps are RFC 3339 text, durations seconds as a number, bytes
// hexadecimal.
Json MessageToJson(const google::protobuf::Message& message);

}  // namespace niwaki::cli

#endif  // NIWAKI_SERVICES_CLI_SHOW_PROTO_JSON_H_
