// What is wrong with a configuration, gathered instead of thrown: for -check, which tells all of
// it.
#pragma once

#include <cstddef>
#include <exception>
#include <string>
#include <vector>

#include "corefile/corefile.h"

namespace fairlead::corefile {

struct Mistake {
  std::string text;  // the whole message, as ConfigError has it
  std::string file;  // empty: it has no place
  int line = 0;

  friend bool operator==(const Mistake&, const Mistake&) = default;
};

class Mistakes {
 public:
  // More are counted, no more.
  static constexpr size_t kMost = 1000;

  // What was told already does not count again.
  void add(const std::exception& error);

  // Runs `part`; what it throws is added, and then it is false.
  template <typename Part>
  bool attempt(Part part) {
    try {
      part();
      return true;
    } catch (const std::exception& error) {
      add(error);
      return false;
    }
  }

  [[nodiscard]] size_t count() const { return all_.size() + left_out_; }

  // By file, in the order in which they were met, then by line; without a place last.
  [[nodiscard]] std::vector<Mistake> sorted() const;

 private:
  std::vector<Mistake> all_;
  size_t left_out_ = 0;
};

}  // namespace fairlead::corefile
