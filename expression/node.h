// An expression as a tree: what the parser makes, the checker completes and the evaluation walks.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "expression/environment.h"
#include "expression/value.h"
#include "net/subnet.h"

namespace re2 {
class RE2;
}

namespace fairlead::net {
class NetworkSet;
}

namespace fairlead::expression {

struct Builtin;

/// What a node does with its children, which stand in the order in which they are written.
enum class Op : uint8_t {
  Constant,  // `value`, or `text` when that is nil and `type` a String
  Name,      // `text`: a variable
  Element,   // # in a predicate
  Call,      // `text`, of `function` or `builtin`
  Not,
  Minus,
  Plus,
  And,  // two or more
  Or,
  Equal,
  NotEqual,
  Less,
  LessEqual,
  Greater,
  GreaterEqual,
  In,
  Matches,
  Contains,
  StartsWith,
  EndsWith,
  Add,
  Subtract,
  Multiply,
  Divide,
  Modulo,
  Power,
  Otherwise,  // ??
  Condition,  // ? :, or two children: ?:
  List,
  Index,
  Inside,  // made by the checker: the address that `function` tells lies in `networks`
};

struct Node {
  Op op = Op::Constant;
  uint32_t at = 0;               // where errors are shown: an octet of the text
  uint32_t depth = 1;            // of the tree from here
  std::string text;              // a name, a text, or the operator as it is written
  std::vector<uint32_t> places;  // And, Or: of the operators
  std::vector<Node> children;

  // The checker's.
  Type type;
  Value value;
  std::vector<Value> elements;  // that a constant list's value shows
  std::shared_ptr<const Function> function;
  std::shared_ptr<const Variable> variable;
  const Builtin* builtin = nullptr;
  std::shared_ptr<const re2::RE2> pattern;
  std::vector<net::Subnet> subnets;  // of Inside, as they are written
  std::shared_ptr<const net::NetworkSet> networks;
};

inline constexpr size_t kMostNodes = 10'000;
inline constexpr uint32_t kMostDeep = 100;

}  // namespace fairlead::expression
