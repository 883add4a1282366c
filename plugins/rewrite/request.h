// What rules make of a question, in their order.
#pragma once

#include <cstdint>
#include <deque>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "dns/name.h"
#include "dns/query.h"
#include "net/endpoint.h"
#include "plugins/rewrite/matcher.h"
#include "plugins/rewrite/options.h"
#include "plugins/rewrite/rules.h"
#include "plugins/rewrite/trail.h"

namespace fairlead::plugins::rewrite {

/// Kept for its memory, one for each worker.
struct Scratch {
  std::string name;             // the question's, as text in lower case
  std::vector<uint32_t> found;  // the rules that are tried
  std::vector<uint32_t> fired;  // those that have fired
  std::deque<dns::Name> names;  // the first is the one that was asked; views of them stay valid
  std::vector<uint8_t> trail;   // as octets
};

/// The rules of one block. Constant: any thread.
struct RuleList {
  RuleList(std::vector<Rule> all, size_t workers)
      : rules(std::move(all)), matcher(rules, workers) {}
  const std::vector<Rule> rules;
  const Matcher matcher;
};

/// One question on its way through the rules.
class Request {
 public:
  struct Asked {
    const dns::Query& query;
    const net::Peers& peers;
    size_t worker = 0;
    const LabelValue& label;
  };

  /// `scratch` has the name and the rules for it; all must outlive this.
  Request(const RuleList& list, const Asked& asked, Scratch& scratch);

  /// Tries them all. False when a rule makes something of the name that is none: name() is that.
  bool run();

  /// Nothing has fired.
  [[nodiscard]] bool untouched() const { return !fired_any_; }
  /// The rules that have fired, by number.
  [[nodiscard]] std::span<const uint32_t> fired() const { return scratch_.fired; }

  [[nodiscard]] const std::string& name() const { return scratch_.name; }
  [[nodiscard]] bool renamed() const { return renamed_; }
  [[nodiscard]] dns::NameView qname() const { return scratch_.names.back().view(); }
  [[nodiscard]] dns::RrType qtype() const { return qtype_; }
  [[nodiscard]] dns::RrClass qclass() const { return qclass_; }

  /// The options that upstreams are sent: those that rules are about.
  [[nodiscard]] Options upstream_options() const;

  /// The options that a client with EDNS is shown: those of `local` rules.
  [[nodiscard]] Options shown_options() const;
  [[nodiscard]] bool options_changed() const { return !edns_.empty(); }

  /// What its reply needs, but for `options`; once. Views of the scratch, and of the query.
  [[nodiscard]] Trail take_trail();

 private:
  bool try_rule(const Rule& rule, uint32_t number);
  bool rename(const NameRule& rule, uint32_t number);
  bool change_options(const EdnsRule& rule);
  void leave(uint32_t number) { trail_.push_back({number, {}, {}}); }
  [[nodiscard]] bool is_named(uint16_t code, bool local) const;
  [[nodiscard]] Options only_named(const Options& options, bool local) const;

  const RuleList& list_;
  const Asked& asked_;
  Scratch& scratch_;
  dns::RrType qtype_;
  dns::RrClass qclass_;
  bool invalid_ = false;
  bool fired_any_ = false;
  bool renamed_ = false;
  bool options_changed_ = false;
  Options sent_, shown_;
  std::vector<const EdnsRule*> edns_;  // those that have fired
  std::vector<Fired> trail_;
};

}  // namespace fairlead::plugins::rewrite
