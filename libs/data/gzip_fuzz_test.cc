#include <zlib.h>

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "libs/base/log.h"
#include "libs/data/gzip.h"
#include "tests/fuzz/fuzz_target.h"

namespace niwaki::fuzz {

namespace {

std::string Packed(const std::string& text) {
  z_stream stream = {};
  NIWAKI_CHECK(deflateInit2(&stream, 9, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY) == Z_OK);
  std::string out(deflateBound(&stream, text.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = text.size();
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = out.size();
  NIWAKI_CHECK(deflate(&stream, Z_FINISH) == Z_STREAM_END);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

}  // namespace

std::vector<std::string> Seeds() {
  return {Packed(""), Packed("some text, some text, some text"), Packed(std::string(5000, 'x'))};
}

bool Run(absl::string_view input) {
  constexpr int64_t kMaxBytes = 100000;
  const auto text = data::Gunzip(input, kMaxBytes, "input");
  if (!text.ok()) return false;
  NIWAKI_CHECK(text->size() <= kMaxBytes);
  return true;
}

}  // namespace niwaki::fuzz
