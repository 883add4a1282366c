// A number of questions by the server they came to, for directives that count one thing.
#pragma once

#include <cstddef>
#include <string>

#include "net/counter.h"
#include "plugins/building.h"
#include "query/walk.h"

namespace fairlead::plugins {

/// Constant: any thread, each with its worker's own number.
class ServerCounter {
 public:
  /// The series `family` with the label `server`, of the block that is built.
  ServerCounter(Building& building, const std::string& family, const std::string& help);

  /// Counts the client's question that `walk` belongs to.
  void count(const query::Walk& walk) const {
    auto* const counter = number_ != Building::kNotCounted ? walk.counters<One>(number_) : nullptr;
    if (counter != nullptr) counter->questions.add();
  }

 private:
  struct alignas(64) One {
    net::Counter questions;
  };

  const size_t number_;
};

}  // namespace fairlead::plugins
