// A position in the words of one directive, for the function that gives them meaning.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "corefile/corefile.h"

namespace fairlead::corefile {

// The usual shape of a directive parser:
//   while (cursor.next()) {                       // once per use of the directive in the block
//     auto args = cursor.remaining_args();        // up to the end of the line or the brace
//     while (cursor.next_block()) {               // once per line inside the braces
//       if (cursor.value() == "ttl") ...
// Holds no tokens: the directive must outlive it. Never throws by moving; errors are made, then
// thrown by the caller.
class Cursor {
 public:
  explicit Cursor(const Directive& directive);

  bool next();        // to the next word of any line; false at the end, where the position stays
  bool next_arg();    // to the next word of this line; false (and no move) at its end or a brace
  bool next_block();  // into the braces, then from line to line; false after the closing brace

  // The word at the position; before the first next() the directive's name.
  [[nodiscard]] const std::string& value() const { return token().text; }
  [[nodiscard]] const Token& token() const;
  // The rest of the line, up to a brace.
  std::vector<std::string> remaining_args();
  // The argument that must stand here. What follows on the line is for next_block() then, as in
  // CoreDNS: `{ max_fails 2 expire 10s }`.
  std::string first_arg();
  // The one argument that must stand here, and nothing after it.
  std::string only_arg();
  // No argument may follow.
  void no_args();

  // Number of uses of the directive met so far by next() outside of braces is not kept; see
  // require_once(). Throws when called a second time.
  void require_once();

  // The options of a directive, or what may stand in place of a word.
  using Known = std::initializer_list<std::string_view>;

  [[nodiscard]] ConfigError error(std::string_view message) const;
  // With a hint when the word is near to a known one.
  [[nodiscard]] ConfigError error(std::string_view message, Known known) const;
  [[nodiscard]] ConfigError arg_error() const;
  [[nodiscard]] ConfigError missing_arg()
      const;  // arg_error(), or one that names the brace in its place
  [[nodiscard]] ConfigError syntax_error(std::string_view expected) const;
  [[nodiscard]] ConfigError unknown_property(
      Known known = {}) const;  // unknown property 'VALUE' (did you mean 'KNOWN'?)
  // Of a directive that says arg_error() to an unknown option, as CoreDNS does.
  [[nodiscard]] ConfigError unknown_option(Known known) const;
  // WHAT is not supported yet, and where to read on
  [[nodiscard]] ConfigError not_supported(const std::string& what) const;

  // Remarks for the user that are no errors; the caller prints them.
  void warn(std::string text) { warnings_.push_back(std::move(text)); }
  [[nodiscard]] const std::vector<std::string>& warnings() const { return warnings_; }
  [[nodiscard]] const std::string& name() const { return name_; }

 private:
  std::string name_;
  std::span<const Token> tokens_;
  size_t position_ = 0;
  bool started_ = false;
  bool in_block_ = false;
  bool met_once_ = false;
  std::vector<std::string> warnings_;
};

}  // namespace fairlead::corefile
