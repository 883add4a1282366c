// The values a Corefile becomes: tokens, directives, server blocks, and the one error type of
// configuration. Nothing here knows what a directive means.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace fairlead::corefile {

// One word of a Corefile. `line` is where it begins (1-based). `starts_line` is true for the first
// word of a line and for the first word an import brought in: words up to the next such one are
// arguments. `quoted` words never act as braces.
struct Token {
  std::string text;
  std::string file;
  int line = 0;
  bool starts_line = false;
  bool quoted = false;
  std::string written{};  // of a directive's name, when variables made it `text`; else empty

  [[nodiscard]] bool opens() const { return !quoted && text == "{"; }
  [[nodiscard]] bool closes() const { return !quoted && text == "}"; }
};

// A configuration error at a place. what() is the whole message as CoreDNS prints it, for example
//   Corefile:3 - Error during parsing: Unknown directive 'foo'
//   plugin/cache: Corefile:7 - Error during parsing: Wrong argument count or unexpected line ending
//   after 'cache'
class ConfigError : public std::runtime_error {
 public:
  ConfigError(const std::string& text, std::string file, int line)
      : std::runtime_error(text), file_(std::move(file)), line_(line) {}
  [[nodiscard]] const std::string& file() const noexcept { return file_; }
  [[nodiscard]] int line() const noexcept { return line_; }

 private:
  std::string file_;
  int line_;
};

// `FILE:LINE - Error during parsing: MESSAGE`, prefixed with `plugin/NAME: ` when `plugin` is not
// empty.
ConfigError parse_error(const Token& at, std::string_view message, std::string_view plugin = {});
// `FILE:LINE - Syntax error: Unexpected token 'X', expecting 'EXPECTED'`, prefixed in the same way.
ConfigError syntax_error(const Token& at, std::string_view expected, std::string_view plugin = {});
// The error of an argument that is missing or one too many, seen at the last word read.
ConfigError argument_error(const Token& at, std::string_view plugin = {});

// What is said of a part of CoreDNS's configuration that is not here yet: "WHAT is not supported
// yet", and where to read on.
std::string not_supported(std::string_view what);
// Of one that will not be: "WHAT is not supported: INSTEAD", and where to read on.
std::string not_supported(std::string_view what, std::string_view instead);

// All uses of one directive in a block: the name first, then its words; a repeated directive
// follows in the same list, again name first. Braces are in the list.
struct Directive {
  std::string name;
  std::vector<Token> tokens;
};

// Directives are in plugin order (directives.h), not in file order.
struct ServerBlock {
  std::vector<Token> keys;
  std::vector<Directive> directives;

  // The uses of `name`, or nullptr. Valid as long as the block.
  [[nodiscard]] const Directive* find(std::string_view name) const;
};

struct Config {
  std::vector<ServerBlock>
      blocks;  // empty for an empty file: the caller then takes what is served without one
  std::vector<std::string> warnings;  // whole sentences, without a level prefix
  std::string file;                   // the name it was given
};

// SHA-512 in hex of the blocks of the Corefile `file`, imports and environment included, and of
// where their words stand: what CoreDNS has for the same files at the same places, where it reads
// them as we do. Comments and spaces count only where they move a word to another line.
std::string content_hash(const std::vector<ServerBlock>& blocks, const std::string& file);

}  // namespace fairlead::corefile
