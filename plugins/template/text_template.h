// The template language, as far as templates of records use it: a subset of Go's text/template that
// runs in one pass and always ends. README.md has its list.
#pragma once

#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "plugins/template/functions.h"
#include "plugins/template/value.h"

namespace fairlead::plugins::templates {

/// A text that is no template, or uses what is not built: `template: answer:1: unclosed action`.
class TemplateError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// What a template may ask of its Data.
enum class Field : uint8_t {
  Zone,
  Name,
  Regex,
  Match,
  Group,
  GroupEntry,
  Class,
  Type,
  Remote,
  Var,
  QuestionName,
  QuestionType,
  QuestionClass,
  MessageId,
  MessageOpcode,
  MessageRecursionDesired,
  MessageCheckingDisabled,
  MessageAuthenticatedData,
};

/// One value that is computed.
struct Expression {
  enum class Kind : uint8_t { Literal, Field, Call };
  Kind kind = Kind::Literal;
  Value literal;
  bool is_text = false;  // a literal whose value is `text`
  Field field = Field::Name;
  Function function = Function::Not;
  std::string text;                 // of a literal; the entry of Group or Var
  std::vector<uint32_t> arguments;  // of a call: places in the program
  std::string source;               // as Go would write it, and where it begins
  size_t line = 1;
  size_t column = 0;  // octets
  size_t depth = 1;   // of calls within calls
};

/// A part of the text that is made.
struct Piece {
  enum class Kind : uint8_t { Text, Output, If };
  Kind kind = Kind::Text;
  std::string text;
  uint32_t expression = 0;  // what is put out, or the condition
  std::vector<Piece> then;
  std::vector<Piece> otherwise;
};

struct Program {
  std::vector<Expression> expressions;
  std::vector<Piece> pieces;
};

/// Constant once made: any thread.
class TextTemplate {
 public:
  static constexpr size_t kMaxText = 65'535;    // of what is made
  static constexpr size_t kMaxSource = 65'535;  // of the template
  static constexpr size_t kMaxDepth = 100;      // parentheses, `if`s and pipes
  static constexpr size_t kMaxArguments = 16;   // of one call

  /// `name` is for messages. Throws TemplateError.
  TextTemplate(std::string name, std::string_view text);

  /// Appends what the template makes of `data`. Returns what is wrong, in Go's words; empty:
  /// nothing is. Allocates nothing once `out` and `texts` have grown, unless an action makes a new
  /// text.
  std::string execute(const Data& data, Texts& texts, std::string& out) const;

  /// The template as Go would write it: the label of metrics.
  [[nodiscard]] const std::string& canonical() const { return canonical_; }

  /// It always makes the same.
  [[nodiscard]] bool is_constant() const;
  /// All text outside of actions.
  [[nodiscard]] const Program& program() const { return program_; }

 private:
  std::string name_;
  Program program_;
  std::string canonical_;
};

}  // namespace fairlead::plugins::templates
