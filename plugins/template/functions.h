// The functions of the template language. Those of Go's text/template that are here do what they do
// there; errors have Go's words.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "plugins/template/value.h"

namespace fairlead::plugins::templates {

enum class Function : uint8_t {
  And,  // and Or: their arguments are evaluated by whoever calls
  Or,
  Not,
  Eq,
  Ne,
  Lt,
  Le,
  Gt,
  Ge,
  Index,
  Slice,
  Len,
  Printf,
  ParseInt,
  Meta,
  Unknown,  // nobody knows it
  NotHere,  // Go's, but not built
};

Function function_of(std::string_view name);

/// How many arguments it takes; `most` is SIZE_MAX where there is no limit.
struct Arity {
  size_t least = 0;
  size_t most = 0;
};
Arity arity_of(Function function);

/// The result of a call, or what is wrong.
struct Called {
  Value value;
  std::string error;  // empty: none
};

/// Not for And and Or. Texts that are made lie in `texts`.
Called call(Function function, std::span<const Value> arguments, const Data& data, Texts& texts);

/// As printf: what does not fit is told within the text, as Go does it.
void append_formatted(std::string_view format, std::span<const Value> arguments, const Data& data,
                      std::string& out);

/// What a format has that is not built: "%U"; empty when it can be used.
std::string unknown_verb(std::string_view format);

}  // namespace fairlead::plugins::templates
