#include "expression/operators.h"

#include <algorithm>
#include <cmath>
#include <compare>
#include <optional>
#include <string_view>

namespace fairlead::expression {
namespace {

constexpr char kMismatched[] = "invalid operation: mismatched types";
constexpr char kTooMuch[] = "memory budget exceeded";

std::optional<double> real_of(const Value& value) {
  if (const auto* const whole = std::get_if<int64_t>(&value.is)) return static_cast<double>(*whole);
  if (const auto* const real = std::get_if<double>(&value.is)) return *real;
  return std::nullopt;
}

const char* order(Op op, const Value& a, const Value& b, Value& out) {
  std::partial_ordering order = std::partial_ordering::unordered;
  const auto* const left = std::get_if<int64_t>(&a.is);
  const auto* const right = std::get_if<int64_t>(&b.is);
  if (left != nullptr && right != nullptr) {
    order = *left <=> *right;
  } else if (a.text() != nullptr && b.text() != nullptr) {
    order = *a.text() <=> *b.text();
  } else if (const auto x = real_of(a), y = real_of(b); x && y) {
    order = *x <=> *y;
  } else {
    return kMismatched;
  }
  out.is = op == Op::Less        ? order < 0
           : op == Op::LessEqual ? order <= 0
           : op == Op::Greater   ? order > 0
                                 : order >= 0;
  return nullptr;
}

const char* in_list(const Value& a, const Value& b, Scratch& scratch, Value& out) {
  const List* const list = std::get_if<List>(&b.is);
  if (list == nullptr) return kMismatched;
  if (!scratch.steps(list->size)) return kTooMuch;
  out.is = std::ranges::any_of(*list, [&](const Value& element) { return element == a; });
  return nullptr;
}

const char* texts(Op op, const Value& a, const Value& b, Scratch& scratch, Value& out) {
  if (a.text() == nullptr || b.text() == nullptr) return kMismatched;
  const std::string_view text = *a.text();
  const std::string_view part = *b.text();
  if (!scratch.steps(text.size() / 64)) return kTooMuch;
  out.is = op == Op::StartsWith ? text.starts_with(part)
           : op == Op::EndsWith ? text.ends_with(part)
                                : text.find(part) != std::string_view::npos;
  return nullptr;
}

// Whole numbers wrap around, as Go's do.
int64_t whole_result(Op op, int64_t a, int64_t b) {
  const auto x = static_cast<uint64_t>(a);
  const auto y = static_cast<uint64_t>(b);
  return static_cast<int64_t>(op == Op::Add ? x + y : op == Op::Subtract ? x - y : x * y);
}

const char* concatenate(std::string_view a, std::string_view b, Scratch& scratch, Value& out) {
  char* const text = scratch.characters(a.size() + b.size());
  if (text == nullptr) return kTooMuch;
  std::ranges::copy(b, std::ranges::copy(a, text).out);
  out.is = std::string_view(text, a.size() + b.size());
  return nullptr;
}

const char* modulo(const Value& a, const Value& b, Value& out) {
  const auto* const left = std::get_if<int64_t>(&a.is);
  const auto* const right = std::get_if<int64_t>(&b.is);
  if (left == nullptr || right == nullptr) return kMismatched;
  if (*right == 0) return "integer divide by zero";
  out.is = *right == -1 ? int64_t{0} : *left % *right;
  return nullptr;
}

// As IEEE 754 has it: a division by zero is infinite.
double quotient(double a, double b) {
  if (b != 0) return a / b;
  if (a == 0 || std::isnan(a)) return NAN;
  return std::copysign(INFINITY, std::signbit(a) == std::signbit(b) ? 1.0 : -1.0);
}

double real_result(Op op, double a, double b) {
  switch (op) {
    case Op::Add:
      return a + b;
    case Op::Subtract:
      return a - b;
    case Op::Multiply:
      return a * b;
    case Op::Power:
      return std::pow(a, b);
    default:
      return quotient(a, b);
  }
}

const char* arithmetic(Op op, const Value& a, const Value& b, Scratch& scratch, Value& out) {
  if (op == Op::Modulo) return modulo(a, b, out);
  if (op == Op::Add && a.text() != nullptr && b.text() != nullptr)
    return concatenate(*a.text(), *b.text(), scratch, out);
  const auto* const left = std::get_if<int64_t>(&a.is);
  const auto* const right = std::get_if<int64_t>(&b.is);
  if (left != nullptr && right != nullptr && op <= Op::Multiply) {
    out.is = whole_result(op, *left, *right);
    return nullptr;
  }
  const auto x = real_of(a);
  const auto y = real_of(b);
  if (!x || !y) return kMismatched;
  out.is = real_result(op, *x, *y);
  return nullptr;
}

}  // namespace

const char* apply(Op op, const Value& a, const Value& b, Scratch& scratch, Value& out) {
  switch (op) {
    case Op::Equal:
    case Op::NotEqual:
      out.is = (a == b) == (op == Op::Equal);
      return nullptr;
    case Op::Less:
    case Op::LessEqual:
    case Op::Greater:
    case Op::GreaterEqual:
      return order(op, a, b, out);
    case Op::In:
      return in_list(a, b, scratch, out);
    case Op::Contains:
    case Op::StartsWith:
    case Op::EndsWith:
      return texts(op, a, b, scratch, out);
    default:
      return arithmetic(op, a, b, scratch, out);
  }
}

}  // namespace fairlead::expression
