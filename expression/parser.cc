#include "expression/parser.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "expression/builtins.h"
#include "expression/compile_error.h"
#include "expression/lexer.h"
#include "expression/literal.h"

namespace fairlead::expression {
namespace {

using Kind = Token::Kind;

struct Operator {
  std::string_view text;
  Op op;
  int precedence;
  bool right = false;    // a ** b ** c is a ** (b ** c)
  bool negates = false;  // may stand behind `not`
};

constexpr Operator kBinary[] = {
    {"or", Op::Or, 10},
    {"||", Op::Or, 10},
    {"and", Op::And, 15},
    {"&&", Op::And, 15},
    {"==", Op::Equal, 20},
    {"!=", Op::NotEqual, 20},
    {"<", Op::Less, 20},
    {"<=", Op::LessEqual, 20},
    {">", Op::Greater, 20},
    {">=", Op::GreaterEqual, 20},
    {"in", Op::In, 20, false, true},
    {"matches", Op::Matches, 20, false, true},
    {"contains", Op::Contains, 20, false, true},
    {"startsWith", Op::StartsWith, 20, false, true},
    {"endsWith", Op::EndsWith, 20, false, true},
    {"+", Op::Add, 30},
    {"-", Op::Subtract, 30},
    {"*", Op::Multiply, 60},
    {"/", Op::Divide, 60},
    {"%", Op::Modulo, 60},
    {"**", Op::Power, 100, true},
    {"^", Op::Power, 100, true},
    {"??", Op::Otherwise, 500},
};
constexpr Operator kUnary[] = {
    {"not", Op::Not, 50}, {"!", Op::Not, 50}, {"-", Op::Minus, 90}, {"+", Op::Plus, 90}};

template <size_t N>
const Operator* find(const Operator (&all)[N], const Token& token) {
  if (token.kind != Kind::Operator) return nullptr;
  const auto* const found = std::ranges::find(all, token.text, &Operator::text);
  return found == std::end(all) ? nullptr : found;
}

bool is_order(Op op) {
  return op >= Op::Less && op <= Op::GreaterEqual;
}

class Parser {
 public:
  Parser(std::string_view text, const Environment& environment)
      : text_(text), environment_(environment), tokens_(tokenize(text)) {}

  Node run() {
    Node node = expression(0);
    refuse_what_is_not_here();
    if (current().kind != Kind::End) unexpected();
    return node;
  }

 private:
  [[nodiscard]] const Token& current() const { return tokens_[at_]; }
  [[nodiscard]] bool sees(Kind kind, std::string_view text) const {
    return current().is(kind, text);
  }
  void next() { at_ += at_ + 1 < tokens_.size() ? 1 : 0; }
  [[noreturn]] void fail(const std::string& message, size_t at) const {
    throw CompileError(message, text_, at);
  }
  [[noreturn]] void fail(const std::string& message) const { fail(message, current().at); }
  [[noreturn]] void unexpected() const { fail("unexpected token " + to_text(current())); }
  void expect(Kind kind, std::string_view text) {
    if (!sees(kind, text)) unexpected();
    next();
  }

  // Parts of the language that no configuration needs.
  void refuse_what_is_not_here() const {
    constexpr std::string_view kNotHere[] = {"let", "if", "..", "?.", "::", ";", "."};
    if (current().kind == Kind::Operator &&
        std::ranges::find(kNotHere, current().text) != std::end(kNotHere))
      fail("'" + current().text + "' is not supported");
    if (sees(Kind::Bracket, "{")) fail("maps are not supported");
  }

  Node make(Op op, std::string text, size_t at, std::vector<Node> children = {}) {
    if (++nodes_ > kMostNodes) fail("compilation failed: expression exceeds maximum allowed nodes");
    uint32_t depth = 0;
    for (const Node& child : children) depth = std::max(depth, child.depth);
    if (depth >= kMostDeep) fail("expression is too deep");
    Node node;
    node.op = op;
    node.at = static_cast<uint32_t>(at);
    node.depth = depth + 1;
    node.text = std::move(text);
    node.children = std::move(children);
    return node;
  }

  template <typename... Parts>
  static std::vector<Node> nodes(Parts... parts) {
    std::vector<Node> all;
    all.reserve(sizeof...(parts));
    (all.push_back(std::move(parts)), ...);
    return all;
  }

  Node expression(int precedence) {
    if (++deep_ > kMostDeep) fail("expression is too deep");
    if (precedence == 0) refuse_start();
    Node left = primary();
    const Token* before = nullptr;
    while (binary(left, precedence, before)) {
    }
    if (precedence == 0) conditional(left);
    --deep_;
    return left;
  }

  // `let x = …` and `if …` begin an expression; an incomplete one is told as such.
  void refuse_start() const {
    const bool starts = sees(Kind::Operator, "let") || sees(Kind::Operator, "if");
    if (starts && tokens_[at_ + 1].kind != Kind::End) refuse_what_is_not_here();
  }

  // One operator and what is behind it. False when none follows that binds so tightly.
  bool binary(Node& left, int precedence, const Token*& before) {
    const Token* not_token = nullptr;
    const size_t start = at_;
    if (sees(Kind::Operator, "not")) {
      not_token = &current();
      next();
    }
    if (sees(Kind::Operator, "..")) refuse_what_is_not_here();
    const Token& token = current();
    if (not_token == nullptr && token.is(Kind::Operator, "|") && precedence == 0) {
      next();
      left = piped(std::move(left));
      before = &token;
      return true;
    }
    const Operator* const op = find(kBinary, token);
    const bool is_mine = op != nullptr && op->precedence >= precedence;
    if (not_token != nullptr && (!is_mine || !op->negates)) {
      if (op == nullptr || !op->negates) unexpected();
      at_ = start;
      return false;
    }
    if (!is_mine) return false;
    if (before != nullptr && before->is(Kind::Operator, "??") && op->op != Op::Otherwise) {
      fail("Operator (" + token.text +
           ") and coalesce expressions (?"
           "?) cannot be mixed. Wrap either by parentheses.");
    }
    next();
    left = is_order(op->op) ? comparison(std::move(left), token, *op)
                            : joined(std::move(left), token, *op);
    if (not_token != nullptr) left = make(Op::Not, "not", not_token->at, nodes(std::move(left)));
    before = &token;
    return true;
  }

  Node joined(Node left, const Token& token, const Operator& op) {
    Node right = expression(op.right ? op.precedence : op.precedence + 1);
    const bool chain = op.op == Op::And || op.op == Op::Or;
    if (chain && left.op == op.op && left.text == token.text) {
      left.depth = std::max(left.depth, right.depth + 1);
      left.children.push_back(std::move(right));
    } else {
      left = make(op.op, token.text, token.at, nodes(std::move(left), std::move(right)));
    }
    if (chain) left.places.push_back(static_cast<uint32_t>(token.at));
    return left;
  }

  // a < b < c is a < b && b < c; the middle is evaluated twice.
  Node comparison(Node left, const Token& token, const Operator& op) {
    Node right = expression(op.precedence + 1);
    const Operator* const more = find(kBinary, current());
    if (more == nullptr || !is_order(more->op))
      return make(op.op, token.text, token.at, nodes(std::move(left), std::move(right)));
    fail("chains of comparisons are not supported");
  }

  Node piped(Node left) {
    const Token& name = current();
    if (name.kind != Kind::Identifier) unexpected();
    next();
    if (!sees(Kind::Bracket, "(")) unexpected();
    return postfix(call(name, nodes(std::move(left))));
  }

  void conditional(Node& node) {
    while (sees(Kind::Operator, "?")) {
      next();
      std::vector<Node> parts = nodes(std::move(node));
      if (!sees(Kind::Operator, ":")) parts.push_back(expression(0));
      expect(Kind::Operator, ":");
      parts.push_back(expression(0));
      node = make(Op::Condition, "?", current().at, std::move(parts));
    }
  }

  Node primary() {
    const Token& token = current();
    if (const Operator* const op = find(kUnary, token)) {
      next();
      Node inner = expression(op->precedence);
      return postfix(make(op->op, token.text, token.at, nodes(std::move(inner))));
    }
    if (sees(Kind::Bracket, "(")) {
      next();
      Node inner = expression(0);
      expect_end_of(")");
      return postfix(std::move(inner));
    }
    if (predicates_ > 0 && sees(Kind::Operator, "#")) {
      next();
      if (current().kind == Kind::Identifier && current().at == token.at + 1)
        fail("'#" + current().text + "' is not supported", token.at);
      return postfix(make(Op::Element, "#", token.at));
    }
    return secondary();
  }

  void expect_end_of(std::string_view bracket) {
    if (sees(Kind::Operator, ";")) refuse_what_is_not_here();
    expect(Kind::Bracket, bracket);
  }

  Node secondary() {
    const Token& token = current();
    switch (token.kind) {
      case Kind::Identifier:
        next();
        return word(token);
      case Kind::Number:
        next();
        return number(token);
      case Kind::String: {
        next();
        Node node = make(Op::Constant, token.text, token.at);
        node.type.kind = expression::Kind::String;
        return postfix(std::move(node));
      }
      case Kind::Bracket:
        if (token.text == "[") return list();
        if (token.text == "{") refuse_what_is_not_here();
        break;
      case Kind::Operator:
      case Kind::End:
        break;
    }
    unexpected();
  }

  Node word(const Token& token) {
    if (token.text == "nil" || token.text == "true" || token.text == "false") {
      Node node = make(Op::Constant, token.text, token.at);
      node.type.kind = token.text == "nil" ? expression::Kind::Nil : expression::Kind::Bool;
      if (token.text != "nil") node.value.is = token.text == "true";
      return node;
    }
    if (sees(Kind::Bracket, "(")) return postfix(call(token, {}));
    return postfix(make(Op::Name, token.text, token.at));
  }

  Node number(const Token& token) {
    Node node = make(Op::Constant, token.text, token.at);
    const std::string wrong = read_number(token.text, node.value);
    if (!wrong.empty()) fail(wrong);
    const bool whole = std::holds_alternative<int64_t>(node.value.is);
    node.type.kind = whole ? expression::Kind::Int : expression::Kind::Float;
    return node;
  }

  // From the bracket on; `first`: what was piped.
  Node call(const Token& name, std::vector<Node> first) {
    const bool own = environment_.function(name.text) != nullptr;
    const Builtin* const builtin = own ? nullptr : find_builtin(name.text);
    if (builtin == nullptr && !own && is_builtin_name(name.text))
      fail("function " + name.text + "() is not supported", name.at);
    expect(Kind::Bracket, "(");
    std::vector<Node> arguments = builtin != nullptr && builtin->has_predicate
                                      ? predicate_arguments(*builtin, std::move(first))
                                      : plain_arguments(")", std::move(first));
    Node node = make(Op::Call, name.text, name.at, std::move(arguments));
    node.builtin = builtin;
    return node;
  }

  // Up to the closing bracket, which is taken too; a last comma is allowed.
  std::vector<Node> plain_arguments(std::string_view end, std::vector<Node> all) {
    while (!sees(Kind::Bracket, end)) {
      all.push_back(expression(0));
      if (!sees(Kind::Bracket, end)) expect(Kind::Operator, ",");
    }
    next();
    return all;
  }

  std::vector<Node> predicate_arguments(const Builtin& builtin, std::vector<Node> all) {
    while (all.size() < 2) {
      const bool piped = at_ > 0 && !all.empty() && tokens_[at_ - 1].is(Kind::Bracket, "(");
      if (sees(Kind::Bracket, ")")) {
        if (builtin.predicate_optional && all.size() == 1) break;
        fail("expected at least 2 arguments");
      }
      if (!all.empty() && !piped) expect(Kind::Operator, ",");
      all.push_back(all.empty() ? expression(0) : predicate());
    }
    if (sees(Kind::Operator, ",")) next();
    expect(Kind::Bracket, ")");
    return all;
  }

  Node predicate() {
    const bool braces = sees(Kind::Bracket, "{");
    if (braces) next();
    ++predicates_;
    Node node = expression(0);
    --predicates_;
    if (braces) expect_end_of("}");
    return node;
  }

  Node list() {
    const size_t at = current().at;
    next();
    return postfix(make(Op::List, "[", at, plain_arguments("]", {})));
  }

  Node postfix(Node node) {
    while (sees(Kind::Bracket, "[")) {
      const size_t at = current().at;
      next();
      if (sees(Kind::Operator, ":")) fail("slices are not supported", at);
      Node index = expression(0);
      if (sees(Kind::Operator, ":")) fail("slices are not supported", at);
      expect(Kind::Bracket, "]");
      node = make(Op::Index, "[", at, nodes(std::move(node), std::move(index)));
    }
    if (sees(Kind::Operator, ".") || sees(Kind::Operator, "?.")) refuse_what_is_not_here();
    return node;
  }

  const std::string_view text_;
  const Environment& environment_;
  const std::vector<Token> tokens_;
  size_t at_ = 0;
  size_t nodes_ = 0;
  uint32_t deep_ = 0;
  int predicates_ = 0;  // around this place
};

}  // namespace

Node parse(std::string_view text, const Environment& environment) {
  return Parser(text, environment).run();
}

}  // namespace fairlead::expression
