#include "expression/evaluation.h"

#include <re2/re2.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>
#include <vector>

#include "expression/builtins.h"
#include "expression/operators.h"
#include "net/network_set.h"

namespace fairlead::expression {
namespace {

class Evaluation {
 public:
  Evaluation(const Subject& subject, Scratch& scratch) : subject_(subject), scratch_(scratch) {}

  // nil once something went wrong.
  Value run(const Node& node) {
    if (error_ != nullptr) return {};
    if (!scratch_.step()) return fail("the evaluation takes too long");
    switch (node.op) {
      case Op::Constant:
        return node.value;
      case Op::Name:
        return variable(node);
      case Op::Element:
        return element_ != nullptr ? *element_ : Value{};
      case Op::Call:
        return call(node);
      case Op::Not:
        return negate(run(node.children[0]));
      case Op::Minus:
      case Op::Plus:
        return sign(node);
      case Op::And:
      case Op::Or:
        return chain(node);
      case Op::Matches:
        return matches(node);
      case Op::Otherwise: {
        const Value left = run(node.children[0]);
        return left.is_nil() ? run(node.children[1]) : left;
      }
      case Op::Condition:
        return condition(node);
      case Op::List:
        return list(node);
      case Op::Index:
        return index(node);
      case Op::Inside:
        return inside(node);
      default:
        return binary(node);
    }
  }

  [[nodiscard]] const char* error() const { return error_; }

 private:
  Value fail(const char* why) {
    if (error_ == nullptr) error_ = why;
    return {};
  }

  Value variable(const Node& node) {
    Call call{subject_, {}, scratch_, {}};
    if (const char* const why = node.variable->body(call)) return fail(why);
    return call.result;
  }

  Value call(const Node& node) {
    if (node.builtin != nullptr && node.builtin->has_predicate) return predicate(node);
    constexpr size_t kFew = 4;
    std::array<Value, kFew> few;
    const size_t count = node.children.size();
    Value* const arguments = count <= kFew ? few.data() : scratch_.values(count);
    if (arguments == nullptr) return fail("memory budget exceeded");
    for (size_t i = 0; i < count; ++i) arguments[i] = run(node.children[i]);
    if (error_ != nullptr) return {};
    if (!fit(node, {arguments, count})) return fail("cannot use this argument");
    Call call{subject_, {arguments, count}, scratch_, {}};
    const char* const why = node.builtin != nullptr
                                ? node.builtin->body(call.arguments, scratch_, call.result)
                                : node.function->body(call);
    return why != nullptr ? fail(why) : call.result;
  }

  // What was unknown to the checker.
  static bool fit(const Node& node, std::span<const Value> arguments) {
    const std::span<const Type> parameters = node.builtin != nullptr
                                                 ? node.builtin->parameters
                                                 : std::span<const Type>(node.function->parameters);
    for (size_t i = 0; i < arguments.size() && i < parameters.size(); ++i) {
      const Kind kind = parameters[i].kind;
      const auto& value = arguments[i].is;
      if (kind == Kind::String && !std::holds_alternative<std::string_view>(value)) return false;
      if (kind == Kind::Int && !std::holds_alternative<int64_t>(value)) return false;
      if (kind == Kind::Bool && !std::holds_alternative<bool>(value)) return false;
      if (kind == Kind::List && !std::holds_alternative<List>(value)) return false;
    }
    return true;
  }

  Value negate(const Value& value) {
    const bool* const boolean = std::get_if<bool>(&value.is);
    if (boolean == nullptr) return fail("invalid operation: not of what is no bool");
    return {!*boolean};
  }

  Value sign(const Node& node) {
    const Value value = run(node.children[0]);
    const bool minus = node.op == Op::Minus;
    if (const auto* const whole = std::get_if<int64_t>(&value.is))
      return {minus ? static_cast<int64_t>(0 - static_cast<uint64_t>(*whole)) : *whole};
    if (const auto* const real = std::get_if<double>(&value.is)) return {minus ? -*real : *real};
    return fail("invalid operation: sign of what is no number");
  }

  Value chain(const Node& node) {
    const bool ends = node.op == Op::Or;
    for (const Node& child : node.children) {
      const Value value = run(child);
      const bool* const boolean = std::get_if<bool>(&value.is);
      if (boolean == nullptr) return fail("invalid operation: mismatched types");
      if (*boolean == ends) return {ends};
    }
    return {!ends};
  }

  Value matches(const Node& node) {
    const Value value = run(node.children[0]);
    if (value.text() == nullptr) return fail("invalid operation: mismatched types");
    const std::string_view text = *value.text();
    if (!scratch_.steps(text.size() / 64)) return fail("the evaluation takes too long");
    return {re2::RE2::PartialMatch({text.data(), text.size()}, *node.pattern)};
  }

  Value condition(const Node& node) {
    const Value asked = run(node.children[0]);
    const bool* const boolean = std::get_if<bool>(&asked.is);
    if (boolean == nullptr) return fail("non-bool expression used as condition");
    if (!*boolean) return run(node.children.back());
    return node.children.size() == 2 ? asked : run(node.children[1]);
  }

  Value list(const Node& node) {
    const size_t size = node.children.size();
    Value* const values = scratch_.values(size);
    if (values == nullptr) return fail("memory budget exceeded");
    for (size_t i = 0; i < size; ++i) values[i] = run(node.children[i]);
    return {List{values, size}};
  }

  Value index(const Node& node) {
    const Value value = run(node.children[0]);
    const Value number = run(node.children[1]);
    const List* const list = std::get_if<List>(&value.is);
    const int64_t* const at = std::get_if<int64_t>(&number.is);
    if (list == nullptr || at == nullptr) return fail("cannot fetch from this");
    const auto size = static_cast<int64_t>(list->size);
    if (*at < -size || *at >= size) return fail("index out of range");
    return list->data[static_cast<size_t>(*at < 0 ? *at + size : *at)];
  }

  Value inside(const Node& node) {
    const std::optional<dns::IpAddress> address = node.function->address(subject_);
    return {address && node.networks->contains(*address)};
  }

  Value binary(const Node& node) {
    const Value a = run(node.children[0]);
    const Value b = run(node.children[1]);
    if (error_ != nullptr) return {};
    Value out;
    const char* const why = apply(node.op, a, b, scratch_, out);
    return why != nullptr ? fail(why) : out;
  }

  // Of one element; with no question it is the verdict itself.
  bool holds(const Node& node, const Value& element) {
    Value verdict = element;
    if (node.children.size() > 1) {
      const Value* const outer = element_;
      element_ = &element;
      verdict = run(node.children[1]);
      element_ = outer;
    }
    const bool* const boolean = std::get_if<bool>(&verdict.is);
    if (boolean == nullptr) fail("predicate should return boolean");
    return boolean != nullptr && *boolean;
  }

  Value predicate(const Node& node) {
    const Value value = run(node.children[0]);
    const List* const list = std::get_if<List>(&value.is);
    if (list == nullptr) return fail("only a list has elements");
    const Counting counting = node.builtin->counting;
    Value* const kept = counting == Counting::Filter ? scratch_.values(list->size) : nullptr;
    if (counting == Counting::Filter && kept == nullptr) return fail("memory budget exceeded");
    size_t count = 0;
    for (const Value& element : *list) {
      const bool good = holds(node, element);
      if (error_ != nullptr) return {};
      if (good && kept != nullptr) kept[count] = element;
      count += good ? 1 : 0;
      if (counting == Counting::All && !good) return {false};
      if (counting == Counting::Any && good) return {true};
      if (counting == Counting::None && good) return {false};
    }
    if (counting == Counting::Filter) return {List{kept, count}};
    if (counting == Counting::Count) return {static_cast<int64_t>(count)};
    return {counting == Counting::One ? count == 1 : counting != Counting::Any};
  }

  const Subject& subject_;
  Scratch& scratch_;
  const char* error_ = nullptr;
  const Value* element_ = nullptr;  // #
};

}  // namespace

Outcome evaluate(const Node& root, const Subject& subject, Scratch& scratch) {
  Evaluation evaluation(subject, scratch);
  const Value value = evaluation.run(root);
  if (evaluation.error() != nullptr) return {{}, evaluation.error()};
  return {value, nullptr};
}

}  // namespace fairlead::expression
