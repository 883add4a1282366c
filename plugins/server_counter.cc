#include "plugins/server_counter.h"

#include "metrics/counter_table.h"

namespace fairlead::plugins {

ServerCounter::ServerCounter(Building& building, const std::string& family, const std::string& help)
    : number_(building.counters<One>(family, [family, help](const auto& slots, auto& families) {
        auto& counter = families.counter({family, help, {"server"}});
        for (const auto& [labels, workers] : slots) {
          for (const One& one : *workers) add_seen(counter, {labels.server}, one.questions.value());
        }
      })) {}

}  // namespace fairlead::plugins
