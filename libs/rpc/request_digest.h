// What a repetition of a mutating call must have in common with the first.

#ifndef NIWAKI_LIBS_RPC_REQUEST_DIGEST_H_
#define NIWAKI_LIBS_RPC_REQUEST_DIGEST_H_

#include <string>

#include "libs/base/digest.h"

namespace niwaki::rpc {

// SHA-256 of a request message without its request_id. The message must have no map fields: their
// order on the wire may differ.
template <typename Request>
std::string RequestDigest(Request request) {
  request.clear_request_id();
  return Sha256Hex(request.SerializeAsString());
}

}  // namespace niwaki::rpc

#endif  // NIWAKI_LIBS_RPC_REQUEST_DIGEST_H_
