#include "tests/fuzz/mutate.h"

#include <algorithm>
#include <cstdint>

#include "absl/strings/string_view.h"

namespace niwaki::fuzz {
namespace {

constexpr size_t kMaxBytes = 64 << 10;
constexpr size_t kMaxBlock = 32;
// What the grammars of text formats are made of.
constexpr absl::string_view kPunctuation = "{}[]()<>:;,.=&*!|#%@`'\"?+-/\\ \t\r\n0123456789eE";
constexpr absl::string_view kNumbers[] = {
    "-1", "0", "1e999", "-0", "18446744073709551616", "9223372036854775807", "nan", "0x10"};
constexpr uint32_t kWords[] = {0,      1,      0x7f,       0x80,       0xff,
                               0x7fff, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff};

// A part of `text` of at most kMaxBlock bytes.
std::string Block(const std::string& text, Random& random) {
  if (text.empty()) return "";
  const size_t begin = random.Uniform(text.size());
  return text.substr(begin, 1 + random.Uniform(kMaxBlock));
}

void SetWord(std::string& text, size_t at, Random& random) {
  uint32_t word = kWords[random.Uniform(std::size(kWords))];
  const size_t bytes = size_t{1} << random.Uniform(3);
  const bool big_endian = random.Bernoulli(0.5);
  for (size_t i = 0; i < bytes && at + i < text.size(); ++i) {
    const size_t byte = big_endian ? bytes - 1 - i : i;
    text[at + i] = static_cast<char>(word >> (8 * byte));
  }
}

void Edit(const std::vector<std::string>& seeds, std::string& text, Random& random) {
  const size_t at = random.Uniform(text.size() + 1);
  switch (random.Uniform(9)) {
    case 0:
      if (at < text.size()) text[at] ^= static_cast<char>(1 << random.Uniform(8));
      break;
    case 1:
      if (at < text.size()) text[at] = static_cast<char>(random.Next());
      break;
    case 2:
      if (at < text.size()) text[at] = kPunctuation[random.Uniform(kPunctuation.size())];
      break;
    case 3:
      SetWord(text, at, random);
      break;
    case 4:
      text.erase(at, 1 + random.Uniform(kMaxBlock));
      break;
    case 5:
      text.insert(at, Block(text, random));
      break;
    case 6:
      text.insert(at, std::string(kNumbers[random.Uniform(std::size(kNumbers))]));
      break;
    case 7:
      text.resize(at);
      break;
    default: {
      const std::string& other = seeds[random.Uniform(seeds.size())];
      text.replace(at, std::string::npos, other.substr(std::min(at, other.size())));
    }
  }
}

}  // namespace

std::string Mutate(const std::vector<std::string>& seeds, Random& random) {
  std::string text = seeds[random.Uniform(seeds.size())];
  for (uint64_t edits = 1 + random.Uniform(4); edits > 0; --edits) Edit(seeds, text, random);
  if (text.size() > kMaxBytes) text.resize(kMaxBytes);
  return text;
}

}  // namespace niwaki::fuzz
