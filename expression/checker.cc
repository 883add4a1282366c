#include "expression/checker.h"

#include <re2/re2.h>

#include <algorithm>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <utility>

#include "expression/builtins.h"
#include "expression/compile_error.h"
#include "expression/pattern.h"

namespace fairlead::expression {
namespace {

constexpr Type kUnknown{};

bool is_unknown(const Type& type) {
  return type.kind == Kind::Unknown;
}

// One of these kinds, or told only later.
bool may_be(const Type& type, std::initializer_list<Kind> kinds) {
  return is_unknown(type) || std::ranges::find(kinds, type.kind) != kinds.end();
}

bool is_comparable(const Type& a, const Type& b) {
  if (a.kind == Kind::Function || b.kind == Kind::Function) return false;
  if (is_unknown(a) || is_unknown(b) || a.kind == Kind::Nil || b.kind == Kind::Nil) return true;
  return a.kind == b.kind || (a.is_number() && b.is_number());
}

bool is_argument(const Type& given, const Type& wanted) {
  if (given.kind == Kind::Function) return false;
  return is_unknown(given) || is_unknown(wanted) || given.kind == wanted.kind ||
         (given.kind == Kind::Int && wanted.kind == Kind::Float);
}

Type either(const Type& a, const Type& b) {
  if (a == b || b.kind == Kind::Nil) return a;
  return a.kind == Kind::Nil ? b : kUnknown;
}

class Checker {
 public:
  Checker(std::string_view text, const Environment& environment)
      : text_(text), environment_(environment) {}

  // `element`: what # is, in a predicate.
  void check(Node& node, const Type& element) {
    if (node.op == Op::Element) node.type = element;
    if (node.op == Op::Name) name(node);
    if (node.op == Op::Call) return call(node, element);
    for (Node& child : node.children) check(child, element);
    if (node.op == Op::Not || node.op == Op::Minus || node.op == Op::Plus) unary(node);
    if (node.op == Op::And || node.op == Op::Or) chain(node);
    if (node.op >= Op::Equal && node.op <= Op::Otherwise) binary(node);
    if (node.op == Op::Condition) condition(node);
    if (node.op == Op::List) list(node);
    if (node.op == Op::Index) index(node);
  }

  // What no operator has complained about.
  void refuse_uncalled(const Node& node) const {
    if (node.op == Op::Name && node.type.kind == Kind::Function)
      fail("function " + node.text + " is not called", node.at);
    for (const Node& child : node.children) refuse_uncalled(child);
  }

 private:
  [[noreturn]] void fail(const std::string& message, size_t at) const {
    throw CompileError(message, text_, at);
  }
  [[noreturn]] void mismatch(const std::string& op, size_t at, const Type& a, const Type& b) const {
    fail("invalid operation: " + op + " (mismatched types " + to_text(a) + " and " + to_text(b) +
             ")",
         at);
  }

  void name(Node& node) {
    node.variable = environment_.variable(node.text);
    node.function = node.variable ? nullptr : environment_.function(node.text);
    if (node.variable) {
      node.type = node.variable->type;
    } else if (node.function) {
      node.type = {.kind = Kind::Function, .function = node.function.get()};
    } else if (is_builtin_name(node.text)) {
      fail("function " + node.text + " is not called", node.at);
    } else {
      fail("unknown name " + node.text, node.at);
    }
  }

  void call(Node& node, const Type& element) {
    if (node.builtin != nullptr && node.builtin->has_predicate) return predicate(node, element);
    if (node.builtin == nullptr) {
      node.function = environment_.function(node.text);
      if (!node.function) fail("unknown name " + node.text, node.at);
      node.type = node.function->result;
    } else {
      node.type = node.builtin->result;
    }
    for (Node& child : node.children) check(child, element);
    if (node.function)
      return arguments(node, node.function->parameters, node.function->parameters.size());
    if (node.builtin->signature == Signature::Texts)
      return arguments(node, node.builtin->parameters, node.builtin->least);
    if (node.builtin->signature == Signature::Any) return arguments(node, {&kUnknown, 1}, 1);
    one_argument(node);
  }

  void arguments(const Node& node, std::span<const Type> parameters, size_t least) const {
    const size_t given = node.children.size();
    if (given < least) fail("not enough arguments to call " + node.text, node.at);
    if (given > parameters.size()) fail("too many arguments to call " + node.text, node.at);
    for (size_t i = 0; i < given; ++i) {
      const Node& argument = node.children[i];
      if (is_argument(argument.type, parameters[i])) continue;
      fail("cannot use " + to_text(argument.type) + " as argument (type " + to_text(parameters[i]) +
               ") to call " + node.text + " ",
           argument.at);
    }
  }

  void one_argument(Node& node) const {
    const size_t given = node.children.size();
    if (given != 1)
      fail("invalid number of arguments (expected 1, got " + std::to_string(given) + ")", node.at);
    const Type& type = node.children[0].type;
    switch (node.builtin->signature) {
      case Signature::End:
        if (!may_be(type, {Kind::List}))
          fail("cannot get " + node.text + " element from " + to_text(type), node.at);
        return;
      case Signature::Length:
        if (may_be(type, {Kind::List, Kind::String})) return;
        break;
      case Signature::Numeral:
        if (may_be(type, {Kind::Int, Kind::Float, Kind::String})) return;
        break;
      default:
        if (!may_be(type, {Kind::Int, Kind::Float})) break;
        node.type = type;
        return;
    }
    fail("invalid argument for " + node.text + " (type " + to_text(type) + ")", node.at);
  }

  void predicate(Node& node, const Type& element) {
    Node& list = node.children[0];
    check(list, element);
    if (!may_be(list.type, {Kind::List})) {
      fail("builtin " + node.text + " takes only array (got " + to_text(list.type) + ")", list.at);
    }
    node.type = node.builtin->result;
    if (node.type.kind == Kind::List) node.type.element = list.type.element;
    if (node.children.size() < 2) return;
    Node& question = node.children[1];
    check(question, {.kind = list.type.element});
    if (!may_be(question.type, {Kind::Bool}))
      fail("predicate should return boolean (got " + to_text(question.type) + ")", question.at);
  }

  void unary(Node& node) const {
    const Type& type = node.children[0].type;
    const bool fits =
        node.op == Op::Not ? may_be(type, {Kind::Bool}) : may_be(type, {Kind::Int, Kind::Float});
    if (!fits)
      fail("invalid operation: " + node.text + " (mismatched type " + to_text(type) + ")", node.at);
    node.type = node.op == Op::Not ? kBool : type;
  }

  void chain(Node& node) const {
    for (size_t i = 1; i < node.children.size(); ++i) {
      const Type& left = i == 1 ? node.children[0].type : kBool;
      const Type& right = node.children[i].type;
      if (!may_be(left, {Kind::Bool}) || !may_be(right, {Kind::Bool}))
        mismatch(node.text, node.places[i - 1], left, right);
    }
    node.type = kBool;
  }

  void binary(Node& node) const {
    const Type& a = node.children[0].type;
    const Type& b = node.children[1].type;
    const std::optional<Type> type = result(node.op, a, b);
    if (node.op == Op::In && !type && b.kind == Kind::List) {
      fail("cannot use " + to_text(a) + " as type " + to_text({.kind = b.element}) + " in array",
           node.at);
    }
    if (!type) mismatch(node.text, node.at, a, b);
    node.type = *type;
    if (node.op == Op::Matches) pattern(node);
  }

  // Nothing when the operator does not take these.
  static std::optional<Type> result(Op op, const Type& a, const Type& b) {
    const auto both = [&](std::initializer_list<Kind> kinds) {
      return may_be(a, kinds) && may_be(b, kinds);
    };
    const bool texts = both({Kind::String});
    switch (op) {
      case Op::Equal:
      case Op::NotEqual:
        return when(is_comparable(a, b), kBool);
      case Op::Less:
      case Op::LessEqual:
      case Op::Greater:
      case Op::GreaterEqual:
        return when(texts || both({Kind::Int, Kind::Float}), kBool);
      case Op::In:
        return when(
            is_unknown(b) || (b.kind == Kind::List && is_comparable(a, {.kind = b.element})),
            kBool);
      case Op::Matches:
      case Op::Contains:
      case Op::StartsWith:
      case Op::EndsWith:
        return when(texts, kBool);
      case Op::Otherwise:
        return either(a, b);
      default:
        return sum(op, a, b);
    }
  }

  static std::optional<Type> sum(Op op, const Type& a, const Type& b) {
    const auto both = [&](std::initializer_list<Kind> kinds) {
      return may_be(a, kinds) && may_be(b, kinds);
    };
    const bool numbers = both({Kind::Int, Kind::Float});
    if (op == Op::Modulo) return when(both({Kind::Int}), kInt);
    if (op == Op::Divide || op == Op::Power) return when(numbers, {.kind = Kind::Float});
    const bool texts = op == Op::Add && both({Kind::String});
    if (is_unknown(a) || is_unknown(b)) return when(numbers || texts, kUnknown);
    if (texts) return kText;
    return when(numbers, a.kind == Kind::Int ? b : a);
  }

  static std::optional<Type> when(bool fits, const Type& type) {
    return fits ? std::optional(type) : std::nullopt;
  }

  void pattern(Node& node) const {
    const Node& right = node.children[1];
    if (right.op != Op::Constant) fail("the pattern of matches must be a constant", right.at);
    node.pattern = compile_pattern(right.text);
    if (!node.pattern->ok()) fail(pattern_error(*node.pattern), node.at);
  }

  void condition(Node& node) const {
    const Node& asked = node.children[0];
    if (!may_be(asked.type, {Kind::Bool})) {
      fail("non-bool expression (type " + to_text(asked.type) + ") used as condition", asked.at);
    }
    const Type& then = node.children.size() == 2 ? kBool : node.children[1].type;
    node.type = either(then, node.children.back().type);
  }

  static void list(Node& node) {
    node.type = {.kind = Kind::List};
    if (node.children.empty()) return;
    const Type& first = node.children[0].type;
    const bool same = std::ranges::all_of(
        node.children, [&](const Node& child) { return child.type.kind == first.kind; });
    if (same && first.kind != Kind::Nil) node.type.element = first.kind;
  }

  void index(Node& node) const {
    const Node& list = node.children[0];
    const Node& number = node.children[1];
    if (list.type.kind == Kind::List && !may_be(number.type, {Kind::Int})) {
      fail(
          "array elements can only be selected using an integer (got " + to_text(number.type) + ")",
          number.at);
    }
    if (!may_be(list.type, {Kind::List})) {
      if (number.op == Op::Constant && number.type.kind == Kind::String)
        fail("type " + to_text(list.type) + " has no field " + number.text, node.at);
      fail("type " + to_text(list.type) + "[" + to_text(number.type) + "] is undefined", node.at);
    }
    node.type = {.kind = list.type.element};
  }

  const std::string_view text_;
  const Environment& environment_;
};

}  // namespace

void check(Node& root, std::string_view text, const Environment& environment) {
  Checker checker(text, environment);
  checker.check(root, {});
  checker.refuse_uncalled(root);
}

}  // namespace fairlead::expression
