// What templates have answered and failed at, by worker and zone.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "dns/types.h"
#include "metrics/counter_table.h"
#include "net/counter.h"

namespace fairlead::plugins::templates {

/// Numbers for the texts of templates, as long as the process lives: metrics name them. Thread
/// safe; not for the query path.
class TextNumbers {
 public:
  static constexpr uint16_t kMost = 4096;  // further ones are 0, "other"

  uint16_t number_of(const std::string& text);
  [[nodiscard]] std::string text_of(uint16_t number) const;

 private:
  mutable std::mutex mutex_;
  std::map<std::string, uint16_t> numbers_;
  std::map<uint16_t, std::string> texts_;
};

/// What is counted under one number.
struct Event {
  enum class Kind : uint8_t { Match = 1, TemplateFailure, RecordFailure };
  Kind kind = Kind::Match;
  dns::Section section = dns::Section::Answer;  // of a failure
  uint16_t text = 0;                            // of a failure: its number in TextNumbers
  dns::RrClass rr_class = dns::RrClass::In;
  dns::RrType type = dns::RrType::A;  // one without a name counts as 0: clients choose them

  friend bool operator==(const Event&, const Event&) = default;
};

/// One worker's counters of one (server, zone of a template, view). Only that worker's thread
/// counts; any thread reads. What finds no room any more is counted as class and type 0.
class TemplateCounters {
 public:
  void count(Event event);

  /// `visit` is called with each Event and its number.
  template <typename Visit>
  void for_each(Visit visit) const {
    for (const Slot& slot : slots_) {
      const uint64_t key = slot.key.load(std::memory_order_acquire);
      if (key != 0) visit(event_of(key), slot.count.value());
    }
    for (size_t kind = 0; kind < overflow_.size(); ++kind) {
      const Event event{.kind = static_cast<Event::Kind>(kind + 1),
                        .rr_class = static_cast<dns::RrClass>(0),
                        .type = static_cast<dns::RrType>(0)};
      if (overflow_[kind].value() != 0) visit(event, overflow_[kind].value());
    }
  }

 private:
  static constexpr size_t kSlots = 256;  // a power of two
  static constexpr size_t kProbes = 32;
  struct Slot {
    std::atomic<uint64_t> key{0};
    net::Counter count;
  };
  static uint64_t key_of(const Event& event);
  static Event event_of(uint64_t key);

  std::array<Slot, kSlots> slots_{};
  std::array<net::Counter, 3> overflow_{};
};

/// coredns_template_matches_total and its like.
metrics::CounterTableOf<TemplateCounters>::Collect collector(
    const std::shared_ptr<const TextNumbers>& texts);

}  // namespace fairlead::plugins::templates
