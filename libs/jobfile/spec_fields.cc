#include "libs/jobfile/spec_fields.h"

#include <google/protobuf/descriptor.h>

#include <cstdint>

#include "libs/base/log.h"

namespace niwaki::jobfile {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

const FieldDescriptor& FieldOf(const Message& message, absl::string_view name) {
  const FieldDescriptor* field = message.GetDescriptor()->FindFieldByName(std::string(name));
  NIWAKI_CHECK(field != nullptr);
  return *field;
}

}  // namespace

std::optional<double> GetNumber(const Message& message, absl::string_view name) {
  const FieldDescriptor& field = FieldOf(message, name);
  const google::protobuf::Reflection& reflection = *message.GetReflection();
  // Without presence HasField is whether the value is not 0.
  if (!reflection.HasField(message, &field)) return std::nullopt;
  if (field.cpp_type() == FieldDescriptor::CPPTYPE_INT32) {
    return reflection.GetInt32(message, &field);
  }
  NIWAKI_CHECK(field.cpp_type() == FieldDescriptor::CPPTYPE_DOUBLE);
  return reflection.GetDouble(message, &field);
}

void SetNumber(absl::string_view name, double value, Message& message) {
  const FieldDescriptor& field = FieldOf(message, name);
  const google::protobuf::Reflection& reflection = *message.GetReflection();
  if (field.cpp_type() == FieldDescriptor::CPPTYPE_INT32) {
    reflection.SetInt32(&message, &field, static_cast<int32_t>(value));
    return;
  }
  NIWAKI_CHECK(field.cpp_type() == FieldDescriptor::CPPTYPE_DOUBLE);
  reflection.SetDouble(&message, &field, value);
}

std::string AlgorithmName(const v1::JobSpec& spec) {
  const google::protobuf::OneofDescriptor* algorithm =
      v1::JobSpec::descriptor()->FindOneofByName("algorithm");
  const FieldDescriptor* field = spec.GetReflection()->GetOneofFieldDescriptor(spec, algorithm);
  return field == nullptr ? "" : field->name();
}

const Message& AlgorithmOptions(const v1::JobSpec& spec, absl::string_view name) {
  NIWAKI_CHECK(AlgorithmName(spec) == name);
  return spec.GetReflection()->GetMessage(spec, &FieldOf(spec, name));
}

Message& MutableAlgorithm(absl::string_view name, v1::JobSpec& spec) {
  return *spec.GetReflection()->MutableMessage(&spec, &FieldOf(spec, name));
}

}  // namespace niwaki::jobfile
