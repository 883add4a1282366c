#include "explain/narrator.h"

namespace fairlead::query {

Narrator::Narrator(const Routing& routing, const Places& places, BlockText block_text,
                   std::string typed, explain::ExplainLines& lines)
    : routing_(routing),
      places_(places),
      block_text_(std::move(block_text)),
      typed_(std::move(typed)),
      lines_(lines) {}

void Narrator::ask(const net::Peers& peers, dns::Query& query, const ServedZone& served) {
  static_cast<net::Peers&>(request_) = peers;
  walk_.begin(query, request_, served, {});
  walk_.routing_ = &routing_;
  walk_.telling_ = this;
  silent_ = walk_.run(Turn::Pass) == Turn::Drop;
}

void Narrator::tell(const std::string& text) {
  const auto use = places_.find(walk_.asking_.step);
  if (use == places_.end()) return lines_.add("", text);
  lines_.add(use->second.directive, text + " (" + use->second.place + ")");
}

void Narrator::hint(std::string_view who, const std::string& text) {
  hints_.emplace_back(who, text);
}

void Narrator::tell_hints() {
  for (const auto& [who, text] : hints_) lines_.add(who, text);
}

void Narrator::asks(dns::NameView name, const ServedZone* served) {
  lines_.add("then", "the server is asked for " + dns::to_text(name));
  if (served == nullptr)
    return lines_.add("because", "no server block has this name: the CNAME is the whole answer");
  lines_.add("block", block_text_(*served));
}

void Narrator::ran_out(bool handles) {
  lines_.add("because", handles ? "no directive is left to answer"
                                : "the block has no directive that answers");
}

}  // namespace fairlead::query
