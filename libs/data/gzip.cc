#include "libs/data/gzip.h"

#include <zlib.h>

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "libs/base/error.h"
#include "libs/base/reason.h"

namespace niwaki::data {
namespace {

constexpr int kGzipWindow = 15 + 16;
constexpr size_t kChunk = 1 << 20;
constexpr size_t kMaxInput = size_t{1} << 31;

absl::Status Malformed(absl::string_view what, absl::string_view problem) {
  return Error(absl::StatusCode::kInvalidArgument, reason::kFileMalformed)
      .Field("file")
      .Value(what)
      .Message(absl::StrCat(what, ": ", problem));
}

absl::Status TooLarge(absl::string_view what, int64_t limit) {
  return Error(absl::StatusCode::kResourceExhausted, reason::kMessageTooLarge)
      .Field("file")
      .Value(what)
      .Limit(limit)
      .Message(absl::StrCat(what, ": unpacks to more than ", limit, " bytes"));
}

class Inflater {
 public:
  explicit Inflater(absl::string_view bytes) {
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
    stream_.avail_in = static_cast<uInt>(bytes.size());
    ready_ = inflateInit2(&stream_, kGzipWindow) == Z_OK;
  }
  ~Inflater() {
    if (ready_) inflateEnd(&stream_);
  }
  bool ready() const { return ready_; }
  bool exhausted() const { return stream_.avail_in == 0; }

  // Appends up to `room` bytes; zlib's result code.
  int Step(size_t room, std::string& out) {
    const size_t before = out.size();
    out.resize(before + room);
    stream_.next_out = reinterpret_cast<Bytef*>(&out[before]);
    stream_.avail_out = static_cast<uInt>(room);
    const int code = inflate(&stream_, Z_NO_FLUSH);
    out.resize(out.size() - stream_.avail_out);
    return code;
  }

 private:
  z_stream stream_ = {};
  bool ready_;
};

}  // namespace

bool IsGzip(absl::string_view bytes) {
  return bytes.size() >= 2 && bytes[0] == '\x1f' && bytes[1] == '\x8b';
}

absl::StatusOr<std::string> Gunzip(absl::string_view bytes, int64_t max_bytes,
                                   absl::string_view what) {
  if (bytes.size() >= kMaxInput) return TooLarge(what, kMaxInput);
  Inflater inflater(bytes);
  if (!inflater.ready()) return Malformed(what, "no memory to unpack");
  std::string out;
  while (true) {
    // One byte more than allowed, to tell "just fits" from "too large".
    const size_t room = std::min<size_t>(kChunk, max_bytes + 1 - out.size());
    const size_t before = out.size();
    const int code = inflater.Step(room, out);
    if (out.size() > max_bytes) return TooLarge(what, max_bytes);
    if (code == Z_STREAM_END) break;
    if (code != Z_OK) return Malformed(what, "damaged or cut short gzip data");
    if (out.size() == before && inflater.exhausted()) return Malformed(what, "cut short gzip data");
  }
  if (!inflater.exhausted()) return Malformed(what, "bytes after the end of the gzip data");
  return out;
}

}  // namespace niwaki::data
