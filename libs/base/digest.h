// Content identity: SHA-256 for what is stored and shipped, a fast 128-bit fingerprint for what is
// looked up.

#ifndef NIWAKI_LIBS_BASE_DIGEST_H_
#define NIWAKI_LIBS_BASE_DIGEST_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace niwaki {

// SHA-256 of `bytes` as 64 lower-case hexadecimal characters.
std::string Sha256Hex(absl::string_view bytes);

// SHA-256 of a file's content. NotFound, or the error of the read.
absl::StatusOr<std::string> Sha256HexOfFile(const std::string& path);

// SHA-256 of bytes that arrive in pieces.
class Sha256 {
 public:
  Sha256();
  ~Sha256();

  void Update(absl::string_view bytes);
  // The digest in hexadecimal; call once, at the end.
  std::string FinishHex();

 private:
  struct Context;
  std::unique_ptr<Context> context_;
};

// Whether `text` is 64 lower-case hexadecimal characters.
bool IsSha256Hex(absl::string_view text);

// 128 bits that stand for some bytes (XXH3-128). Equal on every machine; not for secrets.
struct Fingerprint {
  uint64_t high = 0;
  uint64_t low = 0;

  // 32 lower-case hexadecimal characters.
  std::string ToHex() const;
  // InvalidArgument unless `hex` is 32 hexadecimal characters.
  static absl::StatusOr<Fingerprint> FromHex(absl::string_view hex);

  friend bool operator==(const Fingerprint& a, const Fingerprint& b) {
    return a.high == b.high && a.low == b.low;
  }
  friend bool operator!=(const Fingerprint& a, const Fingerprint& b) { return !(a == b); }
  friend bool operator<(const Fingerprint& a, const Fingerprint& b) {
    return a.high != b.high ? a.high < b.high : a.low < b.low;
  }
  template <typename H>
  friend H AbslHashValue(H h, const Fingerprint& f) {
    return H::combine(std::move(h), f.high, f.low);
  }
};

Fingerprint FingerprintOf(const void* data, size_t size, uint64_t seed = 0);

}  // namespace niwaki

#endif  // NIWAKI_LIBS_BASE_DIGEST_H_
