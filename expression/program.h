// An expression that can be evaluated.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "expression/environment.h"
#include "expression/value.h"

namespace fairlead::expression {

struct Node;

/// Octets of an expression's text.
inline constexpr size_t kMostText = 1 << 20;

/// What an evaluation has come to.
struct Outcome {
  Value value;                  // lives as long as program and Scratch
  const char* error = nullptr;  // why there is no value
};

/// Constant: any thread. Moved, not copied.
class Program {
 public:
  Program(Program&&) noexcept;
  Program& operator=(Program&&) noexcept;
  ~Program();

  /// `subject` is of the class that the environment's functions know. Never throws; bounded by the
  /// program's size and the Scratch. What compares names, addresses and constants does not
  /// allocate.
  [[nodiscard]] Outcome run(const Subject& subject, Scratch& scratch) const;

  /// The value is true, and nothing else.
  [[nodiscard]] bool holds(const Subject& subject) const;

  /// What the value will be; Kind::Unknown when only an evaluation can tell.
  [[nodiscard]] const Type& type() const;

  [[nodiscard]] const std::string& text() const { return text_; }

  /// What can never be true, for the operator: whole sentences.
  [[nodiscard]] std::span<const std::string> warnings() const { return warnings_; }

 private:
  friend Program compile(std::string text, const Environment& environment);

  Program(std::string text, std::unique_ptr<Node> root);

  std::string text_;
  std::unique_ptr<Node> root_;
  std::vector<std::string> warnings_;
};

/// Throws CompileError, in CoreDNS's words; for parts of the language that are not here it names
/// them.
Program compile(std::string text, const Environment& environment);

}  // namespace fairlead::expression
