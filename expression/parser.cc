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

using Sort = Token::Kind;

struct Operator {
  std::string_view text;
  int precedence;
  Op op;
  bool right = false;    // a ** b ** c is a ** (b ** c)
  bool negates = false;  // may stand behind `not`
};

constexpr Operator kBinary[] = {
    {"or", 10, Op::Or},
    {"||", 10, Op::Or},
    {"and", 15, Op::And},
    {"&&", 15, Op::And},
    {"==", 20, Op::Equal},
    {"!=", 20, Op::NotEqual},
    {"<", 20, Op::Less},
    {"<=", 20, Op::LessEqual},
    {">", 20, Op::Greater},
    {">=", 20, Op::GreaterEqual},
    {"in", 20, Op::In, false, true},
    {"matches", 20, Op::Matches, false, true},
    {"contains", 20, Op::Contains, false, true},
    {"startsWith", 20, Op::StartsWith, false, true},
    {"endsWith", 20, Op::EndsWith, false, true},
    {"+", 30, Op::Add},
    {"-", 30, Op::Subtract},
    {"*", 60, Op::Multiply},
    {"/", 60, Op::Divide},
    {"%", 60, Op::Modulo},
    {"**", 100, Op::Power, true},
    {"^", 100, Op::Power, true},
    {"??", 500, Op::Otherwise},
};
constexpr Operator kUnary[] = {
    {"not", 50, Op::Not}, {"!", 50, Op::Not}, {"-", 90, Op::Minus}, {"+", 90, Op::Plus}};

template <size_t N>
const Operator* find(const Operator (&all)[N], const Token& token) {
  if (token.kind != Sort::Operator) return nullptr;
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
    if (current().kind != Sort::End) unexpected();
    return node;
  }

 private:
  [[nodiscard]] const Token& current() const { return tokens_[at_]; }
  [[nodiscard]] bool sees(Sort kind, std::string_view text) const {
    return current().is(kind, text);
  }
  void next() { at_ += at_ + 1 < tokens_.size() ? 1 : 0; }
  [[noreturn]] void fail(const std::string& message, size_t at) const {
    throw CompileError(message, text_, at);
  }
  [[noreturn]] void fail(const std::string& message) const { fail(message, current().at); }
  [[noreturn]] void unexpected() const { fail("unexpected token " + to_text(current())); }
  void expect(Sort kind, std::string_view text) {
    if (!sees(kind, text)) unexpected();
    next();
  }

  // Parts of the language that no configuration needs.
  void refuse_what_is_not_here() const {
    constexpr std::string_view kNotHere[] = {"let", "if", "..", "?.", "::", ";", "."};
    if (current().kind == Sort::Operator &&
        std::ranges::find(kNotHere, current().text) != std::end(kNotHere))
      fail("'" + current().text + "' is not supported");
    if (sees(Sort::Bracket, "{")) fail("maps are not supported");
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
    const bool starts = sees(Sort::Operator, "let") || sees(Sort::Operator, "if");
    if (starts && tokens_[at_ + 1].kind != Sort::End) refuse_what_is_not_here();
  }

  // One operator and what is behind it. False when none follows that binds so tightly.
  bool binary(Node& left, int precedence, const Token*& before) {
    const Token* not_token = nullptr;
    const size_t start = at_;
    if (sees(Sort::Operator, "not")) {
      not_token = &current();
      next();
    }
    if (sees(Sort::Operator, "..")) refuse_what_is_not_here();
    const Token& token = current();
    if (not_token == nullptr && token.is(Sort::Operator, "|") && precedence == 0) {
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
    if (before != nullptr && before->is(Sort::Operator, "??") && op->op != Op::Otherwise) {
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
    if (name.kind != Sort::Identifier) unexpected();
    next();
    if (!sees(Sort::Bracket, "(")) unexpected();
    return postfix(call(name, nodes(std::move(left))));
  }

  void conditional(Node& node) {
    while (sees(Sort::Operator, "?")) {
      next();
      std::vector<Node> parts = nodes(std::move(node));
      if (!sees(Sort::Operator, ":")) parts.push_back(expression(0));
      expect(Sort::Operator, ":");
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
    if (sees(Sort::Bracket, "(")) {
      next();
      Node inner = expression(0);
      expect_end_of(")");
      return postfix(std::move(inner));
    }
    if (predicates_ > 0 && sees(Sort::Operator, "#")) {
      next();
      if (current().kind == Sort::Identifier && current().at == token.at + 1)
        fail("'#" + current().text + "' is not supported", token.at);
      return postfix(make(Op::Element, "#", token.at));
    }
    return secondary();
  }

  void expect_end_of(std::string_view bracket) {
    if (sees(Sort::Operator, ";")) refuse_what_is_not_here();
    expect(Sort::Bracket, bracket);
  }

  Node secondary() {
    const Token& token = current();
    switch (token.kind) {
      case Sort::Identifier:
        next();
        return word(token);
      case Sort::Number:
        next();
        return number(token);
      case Sort::String: {
        next();
        Node node = make(Op::Constant, token.text, token.at);
        node.type.kind = Kind::String;
        return postfix(std::move(node));
      }
      case Sort::Bracket:
        if (token.text == "[") return list();
        if (token.text == "{") refuse_what_is_not_here();
        break;
      case Sort::Operator:
      case Sort::End:
        break;
    }
    unexpected();
  }

  Node word(const Token& token) {
    if (token.text == "nil" || token.text == "true" || token.text == "false") {
      Node node = make(Op::Constant, token.text, token.at);
      node.type.kind = token.text == "nil" ? Kind::Nil : Kind::Bool;
      if (token.text != "nil") node.value.is = token.text == "true";
      return node;
    }
    if (sees(Sort::Bracket, "(")) return postfix(call(token, {}));
    return postfix(make(Op::Name, token.text, token.at));
  }

  Node number(const Token& token) {
    Node node = make(Op::Constant, token.text, token.at);
    const std::string wrong = read_number(token.text, node.value);
    if (!wrong.empty()) fail(wrong);
    const bool whole = std::holds_alternative<int64_t>(node.value.is);
    node.type.kind = whole ? Kind::Int : Kind::Float;
    return node;
  }

  // From the bracket on; `first`: what was piped.
  Node call(const Token& name, std::vector<Node> first) {
    const bool own = environment_.function(name.text) != nullptr;
    const Builtin* const builtin = own ? nullptr : find_builtin(name.text);
    if (builtin == nullptr && !own && is_builtin_name(name.text))
      fail("function " + name.text + "() is not supported", name.at);
    expect(Sort::Bracket, "(");
    std::vector<Node> arguments = builtin != nullptr && builtin->has_predicate
                                      ? predicate_arguments(*builtin, std::move(first))
                                      : plain_arguments(")", std::move(first));
    Node node = make(Op::Call, name.text, name.at, std::move(arguments));
    node.builtin = builtin;
    return node;
  }

  // Up to the closing bracket, which is taken too; a last comma is allowed.
  std::vector<Node> plain_arguments(std::string_view end, std::vector<Node> all) {
    while (!sees(Sort::Bracket, end)) {
      all.push_back(expression(0));
      if (!sees(Sort::Bracket, end)) expect(Sort::Operator, ",");
    }
    next();
    return all;
  }

  std::vector<Node> predicate_arguments(const Builtin& builtin, std::vector<Node> all) {
    while (all.size() < 2) {
      const bool piped = at_ > 0 && !all.empty() && tokens_[at_ - 1].is(Sort::Bracket, "(");
      if (sees(Sort::Bracket, ")")) {
        if (builtin.predicate_optional && all.size() == 1) break;
        fail("expected at least 2 arguments");
      }
      if (!all.empty() && !piped) expect(Sort::Operator, ",");
      all.push_back(all.empty() ? expression(0) : predicate());
    }
    if (sees(Sort::Operator, ",")) next();
    expect(Sort::Bracket, ")");
    return all;
  }

  Node predicate() {
    const bool braces = sees(Sort::Bracket, "{");
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
    while (sees(Sort::Bracket, "[")) {
      const size_t at = current().at;
      next();
      if (sees(Sort::Operator, ":")) fail("slices are not supported", at);
      Node index = expression(0);
      if (sees(Sort::Operator, ":")) fail("slices are not supported", at);
      expect(Sort::Bracket, "]");
      node = make(Op::Index, "[", at, nodes(std::move(node), std::move(index)));
    }
    if (sees(Sort::Operator, ".") || sees(Sort::Operator, "?.")) refuse_what_is_not_here();
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
