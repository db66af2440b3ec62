// Numbers, arrays and names as C source.

#ifndef NIWAKI_LIBS_ENGINE_EMIT_C_TEXT_H_
#define NIWAKI_LIBS_ENGINE_EMIT_C_TEXT_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace niwaki::engine {

// Appends `declaration` and the values in braces, in lines of at most 100 columns:
//
//   static const int8_t name[3] = {
//       1, -2, 3,
//   };
void AppendArray(absl::string_view declaration, absl::Span<const int8_t> values, std::string& text);
void AppendArray(absl::string_view declaration, absl::Span<const int32_t> values,
                 std::string& text);

// `value`, finite, as the shortest literal that reads back as the same float: "0.0078125f", "2.0f".
std::string FloatLiteral(float value);

// Whether `text` can begin the names of a network in C and be the name of its files: a letter, then
// letters, digits and underscores, at most 32 in all, no word of the language and none that ends in
// an underscore. InvalidArgument names the value and what is taken.
absl::Status CheckPrefix(absl::string_view text);

// "KWS" of "kws".
std::string UpperCase(absl::string_view text);

}  // namespace niwaki::engine

#endif  // NIWAKI_LIBS_ENGINE_EMIT_C_TEXT_H_
