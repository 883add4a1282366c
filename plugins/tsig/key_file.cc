#include "plugins/tsig/key_file.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "dns/name.h"
#include "dns/text_octets.h"

namespace fairlead::plugins::tsig {
namespace {

constexpr size_t kMostShown = 64;  // octets of a word in an error

std::string shown(std::string_view word) {
  std::string text;
  for (const char c : word.substr(0, kMostShown)) text += c > ' ' && c < 0x7f ? c : '?';
  return "'" + text + "'";
}

// Words, and marks ({, }, ;) by themselves.
class FileWords {
 public:
  explicit FileWords(std::string_view text) : text_(text) {}

  struct Word {
    std::string_view text;
    bool quoted = false;
    [[nodiscard]] bool is(std::string_view mark) const { return !quoted && text == mark; }
    [[nodiscard]] bool is_mark() const { return is("{") || is("}") || is(";"); }
  };

  // Nothing at the end, or behind what is broken.
  std::optional<Word> next() {
    skip_blanks();
    if (left().empty() || !problem_.empty()) return std::nullopt;
    if (left()[0] == '"') return quoted();
    const size_t mark = left().find_first_of("{};");
    const size_t size = mark == 0 ? 1 : left().find_first_of(" \t\r\n\v\f{};\"#");
    const std::string_view word = left().substr(0, size);
    at_ += word.size();
    return Word{word};
  }
  [[nodiscard]] size_t line() const { return line_; }
  [[nodiscard]] const std::string& problem() const { return problem_; }

 private:
  [[nodiscard]] std::string_view left() const { return text_.substr(at_); }

  void skip(size_t size) {
    for (const char c : left().substr(0, size)) line_ += c == '\n' ? 1 : 0;
    at_ = std::min(text_.size(), at_ + std::min(size, text_.size() - at_));
  }

  void skip_blanks() {
    for (;;) {
      const size_t blank = left().find_first_not_of(" \t\r\n\v\f");
      skip(blank == std::string_view::npos ? left().size() : blank);
      if (left().starts_with("/*")) {
        const size_t end = left().find("*/", 2);
        if (end == std::string_view::npos) problem_ = "a comment is not closed";
        skip(end == std::string_view::npos ? left().size() : end + 2);
      } else if (left().starts_with("//") || left().starts_with("#")) {
        skip(left().find('\n'));
      } else {
        return;
      }
    }
  }

  std::optional<Word> quoted() {
    const size_t end = left().find('"', 1);
    if (end == std::string_view::npos ||
        left().substr(0, end).find('\n') != std::string_view::npos) {
      problem_ = "a quote is not closed";
      return std::nullopt;
    }
    const std::string_view word = left().substr(1, end - 1);
    at_ += end + 1;
    return Word{word, true};
  }

  std::string_view text_;
  size_t at_ = 0;
  size_t line_ = 1;
  std::string problem_;
};

class KeyFile {
 public:
  explicit KeyFile(std::string_view text) : words_(text) {}

  // False at the end, and when something is wrong.
  bool read_key(signing::TsigKey& key) {
    const auto first = words_.next();
    if (!first) {
      error_ = words_.problem();
      return false;
    }
    if (!first->is("key")) return wrong("expected key, not " + shown(first->text));
    std::string name, secret;
    if (!word("a name", name) || !mark("{") || !read_statements(secret) || !mark(";")) return false;
    error_ = make_key(name, secret, key);
    return error_.empty();
  }

  [[nodiscard]] std::string error() const {
    return error_.empty() ? "" : "line " + std::to_string(words_.line()) + ": " + error_;
  }

 private:
  bool read_statements(std::string& secret) {
    bool has_secret = false;
    for (;;) {
      const auto name = words_.next();
      if (!name) return at_end("}");
      if (name->is("}")) return has_secret || wrong("the key has no secret");
      std::string value;
      if (!name->is("algorithm") && !name->is("secret"))
        return wrong("expected algorithm or secret, not " + shown(name->text));
      if (!word("a value", value) || !mark(";")) return false;
      if (!name->is("secret")) continue;
      secret = value;
      has_secret = true;
    }
  }

  bool word(const std::string& what, std::string& text) {
    const auto next = words_.next();
    if (!next) return at_end(what);
    if (next->is_mark()) return wrong("expected " + what + ", not " + shown(next->text));
    text = next->text;
    return true;
  }
  bool mark(const std::string& mark) {
    const auto next = words_.next();
    if (!next) return at_end(mark);
    return next->is(mark) || wrong("expected " + mark + ", not " + shown(next->text));
  }
  bool at_end(const std::string& expected) {
    return wrong(words_.problem().empty() ? "expected " + expected + ", not the end of the file"
                                          : words_.problem());
  }
  bool wrong(std::string what) {
    error_ = std::move(what);
    return false;
  }

  FileWords words_;
  std::string error_;
};

}  // namespace

std::string make_key(const std::string& name, const std::string& secret, signing::TsigKey& key) {
  const auto wire = dns::Name::from_text(name);
  if (!wire) return "the name of a key is none: " + shown(name);
  key.name = wire->lowered();
  key.secret.clear();
  dns::Base64Reader reader;
  if (!reader.add(secret, key.secret) || !reader.finish()) key.secret.clear();
  return {};
}

std::string read_key_file(std::string_view text, std::vector<signing::TsigKey>& keys) {
  KeyFile file(text);
  for (signing::TsigKey key; file.read_key(key);) keys.push_back(key);
  return file.error();
}

}  // namespace fairlead::plugins::tsig
