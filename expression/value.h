// What expressions are made of: values, their types, and the memory that one evaluation may use.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <variant>

namespace fairlead::expression {

struct Function;
struct Value;

/// Elements that lie elsewhere: in the program or in the Scratch.
struct List {
  const Value* data = nullptr;
  size_t size = 0;

  [[nodiscard]] const Value* begin() const { return data; }
  [[nodiscard]] const Value* end() const;
};

/// Small, copied freely. Texts and lists are views into the program, the Scratch, or what the
/// environment's functions say lives long enough.
struct Value {
  std::variant<std::monostate, bool, int64_t, double, std::string_view, List> is;

  [[nodiscard]] bool is_nil() const { return std::holds_alternative<std::monostate>(is); }
  [[nodiscard]] bool is_true() const {
    const bool* boolean = std::get_if<bool>(&is);
    return boolean != nullptr && *boolean;
  }
  [[nodiscard]] const std::string_view* text() const { return std::get_if<std::string_view>(&is); }

  /// nil equals nil, numbers are compared as such, lists element by element; values of different
  /// kinds differ.
  friend bool operator==(const Value& a, const Value& b);
};

inline const Value* List::end() const {
  return data + size;
}

/// Unknown: told when it is evaluated. Function: a name that was not called.
enum class Kind : uint8_t { Unknown, Nil, Bool, Int, Float, String, List, Function };

struct Type {
  Kind kind = Kind::Unknown;
  Kind element = Kind::Unknown;  // of a List
  bool texts = false;            // a List that prints as []string
  const Function* function = nullptr;

  [[nodiscard]] bool is_number() const { return kind == Kind::Int || kind == Kind::Float; }
  friend bool operator==(const Type&, const Type&) = default;
};

inline constexpr Type kText{.kind = Kind::String};
inline constexpr Type kInt{.kind = Kind::Int};
inline constexpr Type kBool{.kind = Kind::Bool};

/// As Go prints it: "string", "float64", "[]interface {}", "func() string".
std::string to_text(const Type& type);

/// Memory of one evaluation, bounded, and the count of its steps. Nothing is given back before the
/// end; small evaluations do not allocate.
class Scratch {
 public:
  static constexpr size_t kMostOctets = 1'000'000;
  static constexpr size_t kMostSteps = 100'000;

  Scratch() = default;
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;

  /// Room for `size` characters or elements; null when there is none. Elements are nil.
  char* characters(size_t size);
  Value* values(size_t size);
  /// A copy; nothing in it when there is no room.
  std::string_view keep(std::string_view text);

  /// False when the evaluation has taken too long.
  bool step() { return ++steps_ <= kMostSteps; }
  bool steps(size_t count) { return (steps_ += count) <= kMostSteps; }

 private:
  static constexpr size_t kOwn = 1024;
  static constexpr size_t kBlock = 65'536;

  void* room(size_t octets);

  alignas(Value) std::array<std::byte, kOwn> own_;
  std::array<std::unique_ptr<std::byte[]>, kMostOctets / kBlock * 2 + 2> blocks_;
  size_t number_ = 0;  // of blocks
  std::byte* at_ = own_.data();
  size_t left_ = kOwn;
  size_t used_ = 0;
  size_t steps_ = 0;
};

}  // namespace fairlead::expression
