// Which questions a template answers, and what it is executed with then.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "dns/name.h"
#include "dns/query.h"
#include "dns/text_record.h"
#include "plugins/template/setup.h"

namespace fairlead::plugins::templates {

/// One worker's memory for templates: what was made for one question is gone with the next.
struct Workspace {
  std::string name;
  std::string class_text;
  std::string type_text;
  std::vector<std::string_view> matches;
  Texts texts;      // of one record
  Texts variables;  // of all records
  std::string text;
  dns::TextRecord record;
};

/// A Rule as questions meet it. Constant: any thread.
class RuleMatch {
 public:
  /// `zones` and `fall_through`: those of `rule`, as names, in the same order. `rule` must outlive
  /// this.
  RuleMatch(const Rule& rule, std::vector<dns::Name> zones, std::vector<dns::Name> fall_through);

  /// The number of the longest zone that the name is at or below; SIZE_MAX: the name, the class or
  /// the type is none of the rule's.
  [[nodiscard]] size_t zone_for(const dns::Query& question) const;

  /// The class and type that the question asks for, or those of the rule where it says ANY.
  [[nodiscard]] dns::RrClass class_of(const dns::Query& question) const;
  [[nodiscard]] dns::RrType type_of(const dns::Query& question) const;

  /// Fills `space` and `data`, views into it, for a question in zone number `zone`. False when no
  /// expression matches the name.
  bool match(const dns::Query& question, size_t zone, Workspace& space, Data& data) const;

  [[nodiscard]] bool falls_through(const dns::Query& question) const;
  [[nodiscard]] const Rule& rule() const { return rule_; }

 private:
  const Rule& rule_;
  const std::vector<dns::Name> zones_;
  const std::vector<dns::Name> fall_through_;
};

}  // namespace fairlead::plugins::templates
