// Fields of a net.config, read with their path in it for messages. Internal to the reader.

#ifndef NIWAKI_LIBS_INTERCHANGE_OFA_CONFIG_FIELDS_H_
#define NIWAKI_LIBS_INTERCHANGE_OFA_CONFIG_FIELDS_H_

#include <initializer_list>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "libs/base/json.h"
#include "libs/interchange/ofa/image_size.h"
#include "proto/niwaki/v1/arch.pb.h"

namespace niwaki::interchange {

// An object of the file and its path in it, "blocks[3].mobile_inverted_conv". Borrows the JSON and
// the file's name. Every error is InvalidArgument with reason FILE_MALFORMED and names the field,
// its value and what it must be.
class Fields {
 public:
  // The object `json`; an error where it is none.
  static absl::StatusOr<Fields> Of(const Json& json, std::string path, const std::string& what);

  absl::Status Wrong(const std::string& key, const Json& value, const std::string& limit) const;

  // The value of `key`; a null where it is absent.
  const Json& Get(const char* key) const;
  absl::StatusOr<Fields> Object(const char* key) const;
  absl::StatusOr<int> Integer(const char* key, int low = 1) const;
  // A positive number.
  absl::StatusOr<double> Number(const char* key) const;
  // A number, or a list of it twice.
  absl::StatusOr<int> Square(const char* key) const;
  // A side, or a list of height and width.
  absl::StatusOr<ImageSize> Size(const char* key) const;
  absl::StatusOr<v1::Activation> Activation(const char* key) const;

  // `key` is `expected`, or absent where `may_lack`.
  absl::Status Expect(const char* key, const Json& expected, bool may_lack = false) const;
  // Every other key that says something is an error: it would describe another network.
  absl::Status ExpectOnly(std::initializer_list<absl::string_view> known) const;

  const std::string& what() const { return what_; }
  // The path of `key`.
  std::string Path(const std::string& key) const;

 private:
  Fields(const Json& json, std::string path, const std::string& what);

  const Json& json_;
  const std::string path_;
  const std::string& what_;
};

struct ConvLayer {
  int out_channels = 0;
  int kernel_size = 1;
  int stride = 1;
  v1::Activation activation = v1::ACTIVATION_NONE;
};

// A convolution of `in_channels`, with or without batch norm, without bias, groups and dilation.
absl::StatusOr<ConvLayer> ReadConvLayer(const Fields& layer, int in_channels, bool use_bn);

}  // namespace niwaki::interchange

#endif  // NIWAKI_LIBS_INTERCHANGE_OFA_CONFIG_FIELDS_H_
