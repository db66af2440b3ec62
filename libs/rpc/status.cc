#include "libs/rpc/status.h"

#include <algorithm>
#include <optional>
#include <string>

#include "absl/strings/match.h"
#include "libs/base/error.h"
#include "libs/base/reason.h"
#include "proto/google/rpc/error_details.pb.h"
#include "proto/google/rpc/status.pb.h"

namespace niwaki::rpc {
namespace {

constexpr char kField[] = "field";
constexpr char kValue[] = "value";
constexpr char kLimit[] = "limit";

// Bytes of the UTF-8 sequence at the start of `text`, 0 where there is none.
int Utf8Length(absl::string_view text) {
  const unsigned char lead = text[0];
  if (lead < 0x80) return 1;
  const int length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4 || text.size() < length) return 0;
  for (int i = 1; i < length; ++i) {
    if ((static_cast<unsigned char>(text[i]) & 0xC0) != 0x80) return 0;
  }
  const unsigned char second = text[1];
  const bool overlong = (lead == 0xE0 && second < 0xA0) || (lead == 0xF0 && second < 0x90);
  const bool outside = (lead == 0xED && second > 0x9F) || (lead == 0xF4 && second > 0x8F);
  return overlong || outside ? 0 : length;
}

// What may stand in a proto3 string, at most `max_bytes` of it.
std::string WireText(absl::string_view text, int max_bytes) {
  std::string result;
  while (!text.empty()) {
    const int length = Utf8Length(text);
    if (result.size() + std::max(length, 1) > max_bytes) break;
    if (length == 0) {
      result += '?';
    } else {
      result.append(text.data(), length);
    }
    text.remove_prefix(std::max(length, 1));
  }
  return result;
}

void AddErrorInfo(const ErrorDetail& detail, google::rpc::Status& wire) {
  google::rpc::ErrorInfo info;
  info.set_reason(WireText(detail.reason, kMaxDetailBytes));
  info.set_domain(kErrorDomain);
  const auto add = [&info](const char* key, const std::string& value) {
    if (!value.empty()) (*info.mutable_metadata())[key] = WireText(value, kMaxDetailBytes);
  };
  add(kField, detail.field);
  add(kValue, detail.value);
  add(kLimit, detail.limit);
  wire.add_details()->PackFrom(info);
}

void AddBadRequest(const ErrorDetail& detail, google::rpc::Status& wire) {
  google::rpc::BadRequest bad_request;
  google::rpc::BadRequest::FieldViolation* violation = bad_request.add_field_violations();
  violation->set_field(WireText(detail.field, kMaxDetailBytes));
  violation->set_description(WireText(wire.message(), kMaxDetailBytes));
  wire.add_details()->PackFrom(bad_request);
}

// gRPC and Abseil number the codes alike.
absl::StatusCode KnownCode(int code) {
  const bool known = code >= 0 && code <= static_cast<int>(absl::StatusCode::kUnauthenticated) &&
                     code != static_cast<int>(absl::StatusCode::kUnknown);
  return known ? static_cast<absl::StatusCode>(code) : absl::StatusCode::kInternal;
}

// The detail of a status that Niwaki sent.
std::optional<ErrorDetail> DetailOf(const grpc::Status& status) {
  google::rpc::Status wire;
  if (!wire.ParseFromString(status.error_details())) return std::nullopt;
  for (const google::protobuf::Any& any : wire.details()) {
    google::rpc::ErrorInfo info;
    if (!any.UnpackTo(&info) || info.domain() != kErrorDomain) continue;
    const auto get = [&info](const char* key) {
      const auto found = info.metadata().find(key);
      return found == info.metadata().end() ? std::string() : found->second;
    };
    return ErrorDetail{info.reason(), get(kField), get(kValue), get(kLimit)};
  }
  return std::nullopt;
}

// gRPC refuses a message for its size with this text and RESOURCE_EXHAUSTED.
bool IsTooLarge(const grpc::Status& status) {
  return status.error_code() == grpc::StatusCode::RESOURCE_EXHAUSTED &&
         absl::StrContains(status.error_message(), "message larger than max");
}

}  // namespace

absl::string_view DefaultReason(absl::StatusCode code) {
  switch (code) {
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kOutOfRange:
      return reason::kArgumentInvalid;
    case absl::StatusCode::kUnavailable:
      return reason::kServiceUnavailable;
    case absl::StatusCode::kDeadlineExceeded:
      return reason::kDeadlineExceeded;
    case absl::StatusCode::kCancelled:
      return reason::kCancelled;
    case absl::StatusCode::kUnimplemented:
      return reason::kMethodUnknown;
    default:
      return reason::kSystemError;
  }
}

grpc::Status ToGrpcStatus(const absl::Status& status) {
  if (status.ok()) return grpc::Status::OK;
  const auto code = KnownCode(status.raw_code());
  ErrorDetail detail = GetErrorDetail(status).value_or(ErrorDetail());
  if (detail.reason.empty()) detail.reason = std::string(DefaultReason(code));
  google::rpc::Status wire;
  wire.set_code(static_cast<int>(code));
  wire.set_message(WireText(status.message(), kMaxMessageBytes));
  AddErrorInfo(detail, wire);
  if (code == absl::StatusCode::kInvalidArgument && !detail.field.empty()) {
    AddBadRequest(detail, wire);
  }
  return grpc::Status(static_cast<grpc::StatusCode>(static_cast<int>(code)), wire.message(),
                      wire.SerializeAsString());
}

absl::Status FromGrpcStatus(const grpc::Status& status) {
  if (status.ok()) return absl::OkStatus();
  const absl::StatusCode code = KnownCode(status.error_code());
  ErrorDetail detail = DetailOf(status).value_or(ErrorDetail());
  if (detail.reason.empty()) {
    detail.reason =
        std::string(IsTooLarge(status) ? reason::kMessageTooLarge : DefaultReason(code));
  }
  absl::Status result(code, status.error_message());
  SetErrorDetail(result, detail);
  return result;
}

}  // namespace niwaki::rpc
