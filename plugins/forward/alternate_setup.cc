#include <algorithm>
#include <set>
#include <stdexcept>

#include "corefile/key.h"
#include "dns/types.h"
#include "plugins/forward/alternate.h"

namespace fairlead::plugins::alternate {
namespace {

using corefile::Cursor;

std::string next_word(Cursor& cursor) {
  if (!cursor.next_arg()) throw cursor.missing_arg();
  return cursor.value();
}

// "NXDOMAIN,SERVFAIL".
std::vector<uint16_t> rcodes_at(const Cursor& cursor, const std::string& text) {
  std::vector<uint16_t> rcodes;
  for (size_t at = 0; at <= text.size();) {
    const size_t end = std::min(text.find(',', at), text.size());
    const uint16_t rcode = forward::rcode_at(cursor, text.substr(at, end - at));
    if (std::ranges::find(rcodes, rcode) == rcodes.end()) rcodes.push_back(rcode);
    at = end + 1;
  }
  return rcodes;
}

std::vector<std::string> from_at(const Cursor& cursor, const std::string& text) try {
  return corefile::normalize_zone(text);
} catch (const std::invalid_argument&) {
  throw cursor.error("unable to normalize '" + text + "'");
}

Options parse_use(Cursor& cursor, const corefile::Context& context) {
  Options options;
  std::string word = next_word(cursor);
  // Nothing stands between this directive and forward that would change the question.
  if (word == "original") word = next_word(cursor);
  options.rcodes = rcodes_at(cursor, word);
  options.from = from_at(cursor, next_word(cursor));
  options.upstreams = forward::parse_upstreams(cursor, context);
  for (const forward::Upstream& upstream : options.upstreams) {
    if (upstream.transport != forward::Transport::Dns)
      throw cursor.error("only dns transport allowed");
  }
  if (cursor.next_block()) throw cursor.error("additional parameters not allowed");
  return options;
}

}  // namespace

std::vector<Options> parse(Cursor& cursor, const corefile::Context& context) {
  std::vector<Options> uses;
  std::set<uint16_t> known;
  while (cursor.next()) {
    uses.push_back(parse_use(cursor, context));
    for (const uint16_t rcode : uses.back().rcodes) {
      if (known.insert(rcode).second) continue;
      throw cursor.error("rcode '" + dns::to_text(static_cast<dns::Rcode>(rcode)) +
                         "' is specified more than once");
    }
  }
  return uses;
}

}  // namespace fairlead::plugins::alternate
