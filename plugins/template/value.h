// What actions of a template compute with, and the data that they may ask for.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <span>
#include <string>
#include <string_view>

#include "dns/address.h"
#include "dns/query.h"

namespace fairlead::plugins::templates {

/// Small, copied freely. Texts are views into the template, the Data, or the Texts.
struct Value {
  enum class Kind : uint8_t {
    None,  // no such entry, or nil
    String,
    Int,
    Uint,
    Float,
    Bool,
    Matches,  // Data::matches
    Groups,   // the same by name and number
    Array,    // something of a variable that can be shown, no more; as text
  };
  Kind kind = Kind::None;
  std::string_view text;
  int64_t integer = 0;
  uint64_t natural = 0;
  double real = 0;
  bool truth = false;

  static Value of(std::string_view text) { return {.kind = Kind::String, .text = text}; }
  static Value of(int64_t integer) { return {.kind = Kind::Int, .integer = integer}; }
  static Value of(uint64_t natural) { return {.kind = Kind::Uint, .natural = natural}; }
  static Value of(double real) { return {.kind = Kind::Float, .real = real}; }
  static Value of(bool truth) { return {.kind = Kind::Bool, .truth = truth}; }
};

/// Texts that one execution makes. Keeps their memory for the next.
class Texts {
 public:
  void clear() { used_ = 0; }
  std::string& add() {
    if (used_ == texts_.size()) texts_.emplace_back();
    std::string& text = texts_[used_++];
    text.clear();
    return text;
  }

 private:
  std::deque<std::string> texts_;
  size_t used_ = 0;
};

/// A named group of a regular expression.
struct GroupName {
  std::string name;
  size_t number = 0;
};

struct Variable {
  std::string_view name;
  Value value;
};

/// Where `.Meta` finds its labels.
class Labels {
 public:
  virtual ~Labels() = default;
  /// Empty when there is none. Lives as long as the execution.
  [[nodiscard]] virtual std::string_view find(std::string_view label) const = 0;
};

/// What a template is executed with. A view: all of it outlives the execution.
struct Data {
  std::string_view name;
  std::string_view zone;
  std::string_view regex;
  std::span<const std::string_view> matches;  // the whole match first
  std::span<const GroupName> group_names;
  std::string_view class_text;
  std::string_view type_text;
  const dns::Query* question = nullptr;
  dns::IpAddress remote;
  std::span<const Variable> variables;
  const Labels* labels = nullptr;
};

/// The group of that name, or of that number as text; None when there is none.
Value group(const Data& data, std::string_view name);

/// As Go counts: empty, zero and missing are false.
bool is_true(const Value& value, const Data& data);

/// As Go prints it.
void append_value(const Value& value, const Data& data, std::string& out);

/// Go's name of the type.
std::string_view type_name(const Value& value);

}  // namespace fairlead::plugins::templates
