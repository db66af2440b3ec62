#include "libs/base/digest.h"

#include <openssl/evp.h>
#include <xxhash.h>

#include <fstream>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "libs/base/error.h"
#include "libs/base/reason.h"

namespace niwaki {

struct Sha256::Context {
  EVP_MD_CTX* evp = EVP_MD_CTX_new();
};

Sha256::Sha256() : context_(std::make_unique<Context>()) {
  EVP_DigestInit_ex(context_->evp, EVP_sha256(), nullptr);
}

Sha256::~Sha256() { EVP_MD_CTX_free(context_->evp); }

void Sha256::Update(absl::string_view bytes) {
  EVP_DigestUpdate(context_->evp, bytes.data(), bytes.size());
}

std::string Sha256::FinishHex() {
  unsigned char raw[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  EVP_DigestFinal_ex(context_->evp, raw, &size);
  return absl::BytesToHexString(absl::string_view(reinterpret_cast<char*>(raw), size));
}

std::string Sha256Hex(absl::string_view bytes) {
  Sha256 sha;
  sha.Update(bytes);
  return sha.FinishHex();
}

absl::StatusOr<std::string> Sha256HexOfFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return ErrnoToStatus(errno, path);
  constexpr size_t kChunkBytes = 1 << 20;
  std::vector<char> chunk(kChunkBytes);
  Sha256 sha;
  while (file) {
    file.read(chunk.data(), chunk.size());
    sha.Update(absl::string_view(chunk.data(), file.gcount()));
  }
  if (file.bad()) return ErrnoToStatus(EIO, path);
  return sha.FinishHex();
}

bool IsSha256Hex(absl::string_view text) {
  return text.size() == 64 && text.find_first_not_of("0123456789abcdef") == absl::string_view::npos;
}

std::string Fingerprint::ToHex() const { return absl::StrFormat("%016x%016x", high, low); }

absl::StatusOr<Fingerprint> Fingerprint::FromHex(absl::string_view hex) {
  Fingerprint fingerprint;
  if (hex.size() != 32 || !absl::SimpleHexAtoi(hex.substr(0, 16), &fingerprint.high) ||
      !absl::SimpleHexAtoi(hex.substr(16), &fingerprint.low) || fingerprint.ToHex() != hex) {
    return Error(absl::StatusCode::kInvalidArgument, reason::kArgumentInvalid)
        .Value(hex)
        .Limit("32 lower-case hexadecimal characters")
        .Message(absl::StrCat("'", hex, "' is not an id of 32 lower-case hexadecimal characters"));
  }
  return fingerprint;
}

Fingerprint FingerprintOf(const void* data, size_t size, uint64_t seed) {
  const XXH128_hash_t hash = XXH3_128bits_withSeed(data, size, seed);
  return Fingerprint{hash.high64, hash.low64};
}

}  // namespace niwaki
