// Text -> program of a template.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "plugins/template/action_lexer.h"
#include "plugins/template/text_template.h"

namespace fairlead::plugins::templates {

/// Used once. Throws TemplateError, in Go's words where Go would refuse it too.
class ActionParser {
 public:
  ActionParser(const std::string& name, std::string_view text);
  Program run();
  /// Of what run() has read.
  [[nodiscard]] const std::string& canonical() const { return canonical_; }

 private:
  struct Operand {
    uint32_t place = 0;
    bool is_name = false;  // of a function or of .Meta: to be called
    bool is_literal = false;
    std::string source;
    size_t at = 0;  // octets in front of it
  };
  enum class Ends : uint8_t { AtEnd, AtElse, AtFileEnd };

  // --- lists of pieces ---
  Ends list(std::vector<Piece>& pieces);
  bool action(std::vector<Piece>& pieces, Ends& ends);
  void output(std::vector<Piece>& pieces);
  void condition(std::vector<Piece>& pieces);
  void otherwise(Piece& piece);
  void expect_close(std::string_view context);

  // --- values ---
  Operand pipeline(std::string_view context, Token::Kind end);
  Operand command(const Operand* piped);
  Operand call(const std::vector<Operand>& operands, const Operand* piped, Operand whole);
  std::vector<Operand> operands();
  Operand operand();
  Operand word(const Token& token);
  Operand field(Token token);
  Operand literal(const Token& token);
  Operand parentheses(const Token& token);
  [[nodiscard]] Expression field_of(const std::string& path) const;
  Operand add(Expression made, std::string source, size_t at);
  void check_depth(Expression& made) const;

  // --- tokens ---
  Token take();
  [[nodiscard]] const Token& ahead() const { return ahead_; }
  [[noreturn]] void fail(const std::string& what) const;
  [[noreturn]] void unexpected(const Token& token, std::string_view context) const;
  [[nodiscard]] size_t line_at(size_t at) const;

  const std::string& name_;
  const std::string_view text_;
  ActionLexer lexer_;
  Token ahead_;
  Program program_;
  std::string canonical_;
  size_t depth_ = 0;
};

}  // namespace fairlead::plugins::templates
