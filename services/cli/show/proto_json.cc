#include "services/cli/show/proto_json.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/duration.pb.h>
#include <google/protobuf/timestamp.pb.h>

#include <cctype>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/time/time.h"

namespace niwaki::cli {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::EnumValueDescriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

// "JobState" → "JOB_STATE_".
std::string EnumPrefix(const std::string& type_name) {
  std::string prefix;
  for (char c : type_name) {
    if (absl::ascii_isupper(c) && !prefix.empty()) prefix += '_';
    prefix += absl::ascii_toupper(c);
  }
  return prefix + "_";
}

Json EnumToJson(const EnumValueDescriptor& value) {
  const std::string prefix = EnumPrefix(value.type()->name());
  const std::string& name = value.name();
  return absl::StartsWith(name, prefix) ? name.substr(prefix.size()) : name;
}

Json SubmessageToJson(const Message& message) {
  const std::string& type = message.GetDescriptor()->full_name();
  if (type == "google.protobuf.Timestamp") {
    const auto& stamp = static_cast<const google::protobuf::Timestamp&>(message);
    return absl::FormatTime(
        absl::FromUnixSeconds(stamp.seconds()) + absl::Nanoseconds(stamp.nanos()),
        absl::UTCTimeZone());
  }
  if (type == "google.protobuf.Duration") {
    const auto& duration = static_cast<const google::protobuf::Duration&>(message);
    return duration.seconds() + duration.nanos() * 1e-9;
  }
  return MessageToJson(message);
}

// Element `index` of a list, or the field itself where `index` is negative.
Json ValueToJson(const Message& message, const FieldDescriptor& field, int index) {
  const Reflection& reflection = *message.GetReflection();
  const bool list = index >= 0;
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      return list ? reflection.GetRepeatedInt32(message, &field, index)
                  : reflection.GetInt32(message, &field);
    case FieldDescriptor::CPPTYPE_INT64:
      return list ? reflection.GetRepeatedInt64(message, &field, index)
                  : reflection.GetInt64(message, &field);
    case FieldDescriptor::CPPTYPE_UINT32:
      return list ? reflection.GetRepeatedUInt32(message, &field, index)
                  : reflection.GetUInt32(message, &field);
    case FieldDescriptor::CPPTYPE_UINT64:
      return list ? reflection.GetRepeatedUInt64(message, &field, index)
                  : reflection.GetUInt64(message, &field);
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return list ? reflection.GetRepeatedDouble(message, &field, index)
                  : reflection.GetDouble(message, &field);
    case FieldDescriptor::CPPTYPE_FLOAT:
      return list ? reflection.GetRepeatedFloat(message, &field, index)
                  : reflection.GetFloat(message, &field);
    case FieldDescriptor::CPPTYPE_BOOL:
      return list ? reflection.GetRepeatedBool(message, &field, index)
                  : reflection.GetBool(message, &field);
    case FieldDescriptor::CPPTYPE_ENUM:
      return EnumToJson(list ? *reflection.GetRepeatedEnum(message, &field, index)
                             : *reflection.GetEnum(message, &field));
    case FieldDescriptor::CPPTYPE_STRING: {
      const std::string text = list ? reflection.GetRepeatedString(message, &field, index)
                                    : reflection.GetString(message, &field);
      return field.type() == FieldDescriptor::TYPE_BYTES ? absl::BytesToHexString(text) : text;
    }
    default:
      return SubmessageToJson(list ? reflection.GetRepeatedMessage(message, &field, index)
                                   : reflection.GetMessage(message, &field));
  }
}

}  // namespace

Json MessageToJson(const Message& message) {
  const Descriptor& descriptor = *message.GetDescriptor();
  const Reflection& reflection = *message.GetReflection();
  Json json = Json::object();
  for (int i = 0; i < descriptor.field_count(); ++i) {
    const FieldDescriptor& field = *descriptor.field(i);
    if (field.is_repeated()) {
      Json list = Json::array();
      for (int j = 0; j < reflection.FieldSize(message, &field); ++j) {
        list.push_back(ValueToJson(message, field, j));
      }
      json[field.name()] = std::move(list);
    } else if (!field.has_presence() || reflection.HasField(message, &field)) {
      json[field.name()] = ValueToJson(message, field, -1);
    }
  }
  return json;
}

}  // namespace niwaki::cli
