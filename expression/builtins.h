// The functions that the language itself has.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "expression/value.h"

namespace fairlead::expression {

/// What a builtin makes of its arguments; why not, or null. All the same to any thread.
using BuiltinBody = const char* (*)(std::span<const Value>, Scratch&, Value&);

/// How its arguments are checked, and which words an error has.
enum class Signature : uint8_t {
  Texts,      // `least` to `parameters.size()` arguments of these types
  Length,     // one text or list
  Number,     // one number
  Numeral,    // one number or text
  Any,        // one of any type
  End,        // one list
  Predicate,  // a list and what is asked of each element; evaluated by the program
};

/// What is done with a predicate's verdicts.
enum class Counting : uint8_t { All, Any, None, One, Count, Filter };

struct Builtin {
  std::string_view name;
  std::span<const Type> parameters;
  BuiltinBody body = nullptr;
  size_t least = 0;
  Type result;
  Signature signature = Signature::Texts;
  Counting counting = Counting::All;
  bool has_predicate = false;
  bool predicate_optional = false;
};

/// Null: there is none of that name here.
const Builtin* find_builtin(std::string_view name);

/// CoreDNS has one of that name, whether or not it is here.
bool is_builtin_name(std::string_view name);

}  // namespace fairlead::expression
