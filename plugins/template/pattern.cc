#include "plugins/template/pattern.h"

#include <re2/re2.h>

#include <algorithm>
#include <array>
#include <span>
#include <utility>

namespace fairlead::plugins::templates {
namespace {

// Of one compiled expression and of what its search remembers; RE2's own default.
constexpr int64_t kMaxMemory = 8 << 20;
constexpr size_t kUsualGroups = 17;  // with the whole match

// Go has "(?<name>" beside "(?P<name>"; this RE2 knows the latter alone.
std::string with_named_groups(std::string_view text) {
  std::string out;
  bool in_class = false;
  for (size_t i = 0; i < text.size(); ++i) {
    const std::string_view rest = text.substr(i);
    if (rest.starts_with("\\Q")) {
      const size_t end = std::min(text.find("\\E", i + 2), text.size());
      out += text.substr(i, end - i);
      i = end - 1;
      continue;
    }
    if (rest[0] == '\\' && rest.size() > 1) {
      out += rest.substr(0, 2);
      ++i;
      continue;
    }
    if (rest[0] == '[' && !in_class) {
      in_class = true;
      const size_t first = rest.starts_with("[^") ? 2 : 1;  // a ']' that comes first is one of it
      const size_t size = first + (rest.substr(first).starts_with(']') ? 1 : 0);
      out += rest.substr(0, size);
      i += size - 1;
      continue;
    }
    if (rest[0] == ']') in_class = false;
    const bool named =
        !in_class && rest.starts_with("(?<") && rest.size() > 3 && rest[3] != '=' && rest[3] != '!';
    if (!named) {
      out += rest[0];
      continue;
    }
    out += "(?P<";
    i += 2;
  }
  return out;
}

std::unique_ptr<const re2::RE2> compile(const std::string& text) {
  re2::RE2::Options options;
  options.set_log_errors(false);  // it would write to stderr
  options.set_max_mem(kMaxMemory);
  return std::make_unique<const re2::RE2>(with_named_groups(text), options);
}

// Go's words.
const char* text_of(re2::RE2::ErrorCode code) {
  switch (code) {
    case re2::RE2::ErrorBadEscape:
      return "invalid escape sequence";
    case re2::RE2::ErrorBadCharClass:
      return "invalid character class";
    case re2::RE2::ErrorBadCharRange:
      return "invalid character class range";
    case re2::RE2::ErrorMissingBracket:
      return "missing closing ]";
    case re2::RE2::ErrorMissingParen:
      return "missing closing )";
    case re2::RE2::ErrorUnexpectedParen:
      return "unexpected )";
    case re2::RE2::ErrorTrailingBackslash:
      return "trailing backslash at end of expression";
    case re2::RE2::ErrorRepeatArgument:
      return "missing argument to repetition operator";
    case re2::RE2::ErrorRepeatSize:
      return "invalid repeat count";
    case re2::RE2::ErrorRepeatOp:
      return "invalid nested repetition operator";
    case re2::RE2::ErrorBadPerlOp:
      return "invalid or unsupported Perl syntax";
    case re2::RE2::ErrorBadUTF8:
      return "invalid UTF-8";
    case re2::RE2::ErrorBadNamedCapture:
      return "invalid named capture";
    case re2::RE2::ErrorPatternTooLarge:
      return "expression too large";
    default:
      return "internal error";
  }
}

}  // namespace

Pattern::Pattern(std::string text) : text_(std::move(text)), compiled_(compile(text_)) {
  if (!compiled_->ok()) {
    throw PatternError(std::string("error parsing regexp: ") + text_of(compiled_->error_code()) +
                       ": `" + compiled_->error_arg() + "`");
  }
  for (const auto& [name, number] : compiled_->NamedCapturingGroups())
    group_names_.push_back({name, static_cast<size_t>(number)});
}

Pattern::~Pattern() = default;

bool Pattern::find(std::string_view name, std::vector<std::string_view>& matches) const {
  const auto groups = static_cast<size_t>(compiled_->NumberOfCapturingGroups()) + 1;
  std::array<re2::StringPiece, kUsualGroups> few;
  std::vector<re2::StringPiece> many;
  if (groups > few.size()) many.resize(groups);
  const std::span<re2::StringPiece> found =
      many.empty() ? std::span(few).first(groups) : std::span(many);
  const re2::StringPiece text(name.data(), name.size());
  if (!compiled_->Match(text, 0, text.size(), re2::RE2::UNANCHORED, found.data(),
                        static_cast<int>(groups)))
    return false;
  matches.clear();
  for (const re2::StringPiece& one : found) matches.emplace_back(one.data(), one.size());
  return true;
}

}  // namespace fairlead::plugins::templates
