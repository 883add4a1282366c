// The names that an expression may use: functions and variables of whoever evaluates it.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "dns/address.h"
#include "expression/value.h"

namespace fairlead::expression {

/// What one evaluation is about: a base for those who evaluate, whose functions know what it is.
class Subject {
 public:
  virtual ~Subject() = default;
};

/// What a function is called with. `arguments` have the types of its parameters.
struct Call {
  const Subject& subject;
  std::span<const Value> arguments;
  Scratch& scratch;
  Value result;

  [[nodiscard]] std::string_view text(size_t number) const {
    const auto* const text = arguments[number].text();
    return text != nullptr ? *text : std::string_view();
  }
};

/// Sets `result`, or returns why it cannot: a constant text. Never throws. Any thread.
using Body = std::function<const char*(Call&)>;

struct Function {
  std::string name;
  std::vector<Type> parameters;  // Kind::Unknown takes any value
  Type result;
  Body body;
  bool may_fail = false;
  /// For a function without parameters whose text is an IP address: that address. Comparisons with
  /// constants and incidr() then need no text.
  using Address = std::optional<dns::IpAddress> (*)(const Subject&);
  Address address = nullptr;
  bool is_incidr = false;  // (address, network): text, text -> bool
};

/// A name that stands for a value, without parentheses.
struct Variable {
  std::string name;
  Type type;
  Body body;  // without arguments
};

/// Constant once programs are compiled with it; they keep what they use of it. Copied freely: a
/// directive adds its own names to a copy of those that all have.
class Environment {
 public:
  /// One of the same name is replaced.
  void add(Function function);
  void add(Variable variable);

  [[nodiscard]] std::shared_ptr<const Function> function(std::string_view name) const;
  [[nodiscard]] std::shared_ptr<const Variable> variable(std::string_view name) const;

 private:
  std::vector<std::shared_ptr<const Function>> functions_;
  std::vector<std::shared_ptr<const Variable>> variables_;
};

/// A name that the language itself has: a keyword, an operator or a builtin function, here or in
/// CoreDNS.
bool is_reserved(std::string_view name);

}  // namespace fairlead::expression
