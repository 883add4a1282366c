#include "plugins/template/counters.h"

namespace fairlead::plugins::templates {
namespace {

bool has_name(dns::RrType type) {
  return !dns::to_text(type).starts_with("TYPE");
}

std::string class_label(dns::RrClass rr_class) {
  const std::string text = dns::to_text(rr_class);
  return text.starts_with("CLASS") ? "" : text;
}

std::string type_label(dns::RrType type) {
  return has_name(type) ? dns::to_text(type) : "";
}

const char* section_label(dns::Section section) {
  switch (section) {
    case dns::Section::Answer:
      return "answer";
    case dns::Section::Authority:
      return "authority";
    case dns::Section::Additional:
      break;
  }
  return "additional";
}

struct Families {
  explicit Families(metrics::FamilySet& set)
      : matches(set.counter({"coredns_template_matches_total",
                             "Counter of template regex matches.",
                             {"server", "zone", "view", "class", "type"}})),
        template_failures(
            set.counter({"coredns_template_template_failures_total",
                         "Counter of go template failures.",
                         {"server", "zone", "view", "class", "type", "section", "template"}})),
        record_failures(
            set.counter({"coredns_template_rr_failures_total",
                         "Counter of mis-templated RRs.",
                         {"server", "zone", "view", "class", "type", "section", "template"}})) {}

  metrics::ScalarFamily &matches, &template_failures, &record_failures;
};

}  // namespace

uint16_t TextNumbers::number_of(const std::string& text) {
  const std::lock_guard lock(mutex_);
  const auto known = numbers_.find(text);
  if (known != numbers_.end()) return known->second;
  if (numbers_.size() == kMost) return 0;
  const auto number = static_cast<uint16_t>(numbers_.size() + 1);
  numbers_.emplace(text, number);
  texts_.emplace(number, text);
  return number;
}

std::string TextNumbers::text_of(uint16_t number) const {
  const std::lock_guard lock(mutex_);
  const auto known = texts_.find(number);
  return known == texts_.end() ? "other" : known->second;
}

uint64_t TemplateCounters::key_of(const Event& event) {
  return static_cast<uint64_t>(event.kind) << 56 | static_cast<uint64_t>(event.section) << 48 |
         static_cast<uint64_t>(event.text) << 32 | static_cast<uint64_t>(event.rr_class) << 16 |
         static_cast<uint64_t>(event.type);
}

Event TemplateCounters::event_of(uint64_t key) {
  return {.kind = static_cast<Event::Kind>(key >> 56),
          .section = static_cast<dns::Section>(key >> 48 & 0xff),
          .text = static_cast<uint16_t>(key >> 32),
          .rr_class = static_cast<dns::RrClass>(key >> 16 & 0xffff),
          .type = static_cast<dns::RrType>(key & 0xffff)};
}

void TemplateCounters::count(Event event) {
  constexpr uint64_t kSpread = 0x9e3779b97f4a7c15;
  if (!has_name(event.type)) event.type = static_cast<dns::RrType>(0);
  if (class_label(event.rr_class).empty()) event.rr_class = static_cast<dns::RrClass>(0);
  const uint64_t key = key_of(event);
  const auto first = static_cast<size_t>(key * kSpread >> 56);
  for (size_t i = 0; i < kProbes; ++i) {
    Slot& slot = slots_[(first + i) % kSlots];
    const uint64_t there = slot.key.load(std::memory_order_relaxed);
    if (there != 0 && there != key) continue;
    slot.count.add();
    if (there == 0) slot.key.store(key, std::memory_order_release);
    return;
  }
  overflow_[static_cast<size_t>(event.kind) - 1].add();
}

namespace {

void collect(const TextNumbers& texts,
             const metrics::CounterTableOf<TemplateCounters>::Slots& slots,
             metrics::FamilySet& families) {
  Families all(families);
  const auto add = [&](const metrics::BlockLabels& of, const Event& event, uint64_t count) {
    metrics::LabelValues labels{of.server, of.zone, of.view, class_label(event.rr_class),
                                type_label(event.type)};
    if (event.kind == Event::Kind::Match) return add_seen(all.matches, labels, count);
    labels.emplace_back(section_label(event.section));
    labels.push_back(texts.text_of(event.text));
    const bool record = event.kind == Event::Kind::RecordFailure;
    add_seen(record ? all.record_failures : all.template_failures, labels, count);
  };
  for (const auto& [labels, workers] : slots) {
    const auto add_one = [&, &of = labels](const Event& event, uint64_t count) {
      add(of, event, count);
    };
    for (const TemplateCounters& counters : *workers) counters.for_each(add_one);
  }
}

}  // namespace

metrics::CounterTableOf<TemplateCounters>::Collect collector(
    const std::shared_ptr<const TextNumbers>& texts) {
  return [texts](const metrics::CounterTableOf<TemplateCounters>::Slots& slots,
                 metrics::FamilySet& families) { collect(*texts, slots, families); };
}

}  // namespace fairlead::plugins::templates
