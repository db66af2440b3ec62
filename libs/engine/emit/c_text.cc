#include "libs/engine/emit/c_text.h"

#include <algorithm>
#include <array>
#include <cstdlib>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "libs/base/error.h"
#include "libs/base/reason.h"

namespace niwaki::engine {
namespace {

constexpr size_t kColumns = 100;
constexpr size_t kLongestPrefix = 32;

// Words of C11 and C++, and what C's library takes for itself.
constexpr absl::string_view kReserved[] = {
    "alignas",  "alignof",   "and",      "asm",      "auto",     "bool",    "break",    "case",
    "catch",    "char",      "class",    "const",    "continue", "default", "delete",   "do",
    "double",   "else",      "enum",     "explicit", "export",   "extern",  "false",    "float",
    "for",      "friend",    "goto",     "if",       "inline",   "int",     "long",     "main",
    "mutable",  "namespace", "new",      "noexcept", "not",      "nullptr", "operator", "or",
    "private",  "protected", "public",   "register", "restrict", "return",  "short",    "signed",
    "sizeof",   "static",    "struct",   "switch",   "template", "this",    "throw",    "true",
    "try",      "typedef",   "typename", "union",    "unsigned", "using",   "virtual",  "void",
    "volatile", "wchar_t",   "while",    "xor",
};

template <typename T>
void AppendNumbers(absl::string_view declaration, absl::Span<const T> values, std::string& text) {
  text.reserve(text.size() + declaration.size() + values.size() * (sizeof(T) == 1 ? 5 : 13));
  absl::StrAppend(&text, declaration, " = {");
  size_t column = kColumns;
  for (const T value : values) {
    const absl::AlphaNum number(static_cast<int32_t>(value));
    if (column + number.size() + 2 > kColumns) {
      text.append("\n    ");
      column = 4;
    } else {
      text.push_back(' ');
      ++column;
    }
    text.append(number.data(), number.size());
    text.push_back(',');
    column += number.size() + 1;
  }
  text.append("\n};\n");
}

}  // namespace

void AppendArray(absl::string_view declaration, absl::Span<const int8_t> values,
                 std::string& text) {
  AppendNumbers(declaration, values, text);
}

void AppendArray(absl::string_view declaration, absl::Span<const int32_t> values,
                 std::string& text) {
  AppendNumbers(declaration, values, text);
}

std::string FloatLiteral(float value) {
  std::string text;
  for (int digits = 6; digits <= 9; ++digits) {
    text = absl::StrFormat("%.*g", digits, value);
    if (std::strtof(text.c_str(), nullptr) == value) break;
  }
  if (text.find_first_of(".e") == std::string::npos) text += ".0";
  return text + "f";
}

absl::Status CheckPrefix(absl::string_view text) {
  const bool letters = !text.empty() && text.size() <= kLongestPrefix &&
                       absl::ascii_isalpha(text.front()) && text.back() != '_' &&
                       std::all_of(text.begin(), text.end(),
                                   [](char c) { return absl::ascii_isalnum(c) || c == '_'; });
  const bool reserved =
      std::find(std::begin(kReserved), std::end(kReserved), text) != std::end(kReserved) ||
      absl::StartsWithIgnoreCase(text, "nw_");
  if (letters && !reserved) return absl::OkStatus();
  return Error(absl::StatusCode::kInvalidArgument, reason::kArgumentInvalid)
      .Field("prefix")
      .Value(text)
      .Limit("a letter, then letters, digits and underscores, at most 32")
      .Message(absl::StrCat(
          "prefix '", text, "' cannot begin names of C: ",
          reserved ? "the language or the kernels have it"
                   : "a letter, then letters, digits and underscores, at most 32 in all"));
}

std::string UpperCase(absl::string_view text) { return absl::AsciiStrToUpper(text); }

}  // namespace niwaki::engine
