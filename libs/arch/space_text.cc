#include <algorithm>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "google/protobuf/io/tokenizer.h"
#include "google/protobuf/text_format.h"
#include "libs/arch/space.h"
#include "libs/arch/space_reader.h"
#include "libs/base/error.h"
#include "libs/base/reason.h"

namespace niwaki::arch {
namespace {

constexpr size_t kMaxTextBytes = size_t{1} << 20;
// Nothing in the message nests deeper than three.
constexpr int kMaxNesting = 10;

// Keeps the first error of the parser.
class FirstError : public google::protobuf::io::ErrorCollector {
 public:
  void AddError(int line, google::protobuf::io::ColumnNumber column,
                const std::string& message) override {
    if (found_) return;
    found_ = true;
    line_ = line;
    column_ = column;
    const bool ascii = std::all_of(message.begin(), message.end(), absl::ascii_isprint);
    message_ = ascii ? message : absl::CHexEscape(message);
  }

  absl::Status ToStatus(absl::string_view text) const {
    // A negative line means the end of the text.
    const std::string place = line_ < 0
                                  ? std::string("end of text")
                                  : absl::StrCat("line ", line_ + 1, ", column ", column_ + 1);
    return Error(absl::StatusCode::kInvalidArgument, reason::kSpaceInvalid)
        .Field(place)
        .Value(Printable(LineOf(text)))
        .Limit("textproto of niwaki.v1.SearchSpace")
        .Message(absl::StrCat(place, ": ", message_));
  }

 private:
  absl::string_view LineOf(absl::string_view text) const {
    for (int i = 0; i < line_; ++i) {
      const size_t end = text.find('\n');
      if (end == absl::string_view::npos) return "";
      text.remove_prefix(end + 1);
    }
    return absl::StripAsciiWhitespace(text.substr(0, text.find('\n')));
  }

  bool found_ = false;
  int line_ = -1;
  int column_ = 0;
  std::string message_ = "not a textproto";
};

}  // namespace

absl::StatusOr<SearchSpace> SearchSpace::FromTextproto(absl::string_view text) {
  if (text.size() > kMaxTextBytes) {
    return Error(absl::StatusCode::kInvalidArgument, reason::kSpaceInvalid)
        .Field("textproto")
        .Value(absl::StrCat(text.size(), " bytes"))
        .Limit(absl::StrCat(kMaxTextBytes, " bytes"))
        .Message(absl::StrCat("the text of a space is at most ", kMaxTextBytes, " bytes"));
  }
  FirstError error;
  google::protobuf::TextFormat::Parser parser;
  parser.RecordErrorsTo(&error);
  parser.SetRecursionLimit(kMaxNesting);
  v1::SearchSpace message;
  if (!parser.ParseFromString(std::string(text), &message)) return error.ToStatus(text);
  return FromMessage(message);
}

std::string SearchSpace::ToTextproto() const {
  google::protobuf::TextFormat::Printer printer;
  printer.SetUseShortRepeatedPrimitives(true);
  printer.SetUseUtf8StringEscaping(true);
  std::string text;
  printer.PrintToString(ToMessage(), &text);
  return text;
}

}  // namespace niwaki::arch
