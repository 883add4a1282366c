// Any bytes as lines of rewrite, and a name in front of them: rules that are read find the same
// names together as one by one, and what they make of a name or of rdata is a name.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "corefile/arguments.h"
#include "corefile/parser.h"
#include "dns/answer.h"
#include "dns/name.h"
#include "plugins/directive.h"
#include "plugins/rewrite/matcher.h"
#include "plugins/rewrite/name_text.h"
#include "plugins/rewrite/reply.h"
#include "plugins/rewrite/request.h"
#include "plugins/rewrite/setup.h"

namespace {

using namespace fairlead;
using namespace plugins::rewrite;

void require(bool good) {
  if (!good) std::abort();
}

std::vector<Rule> rules_of(const std::string& lines) {
  const std::map<std::string, std::string> no_files;
  const corefile::MemoryReader reader(no_files);
  const corefile::Environment no_variables = [](const std::string&) { return std::string(); };
  try {
    const corefile::Config config =
        corefile::parse(". {\n" + lines + "\n}", "Corefile",
                        corefile::Sources{reader, no_variables, plugins::directive_names()});
    if (config.blocks.empty()) return {};
    const auto* const uses = config.blocks[0].find("rewrite");
    if (uses == nullptr) return {};
    corefile::Cursor cursor(*uses);
    return parse(cursor);
  } catch (const corefile::ConfigError&) {
    return {};
  }
}

void check_found(const RuleList& list, std::string_view name) {
  std::vector<uint32_t> found;
  list.matcher.find(name, 0, found);
  std::vector<uint32_t> expected;
  for (uint32_t i = 0; i < list.rules.size(); ++i) {
    const Match* const match = list.rules[i].match();
    if (match == nullptr || matches(*match, name)) expected.push_back(i);
  }
  require(found == expected);
}

// The question, and a reply with the name as owner and value, and octets of any kind as rdata.
void check_question(const RuleList& list, const dns::Name& name, std::span<const uint8_t> octets) {
  dns::Query query;
  query.qname = name.view();
  query.lower_qname = name.lowered();
  query.has_edns = true;
  query.edns.options = octets.first(std::min<size_t>(octets.size(), 100));
  const net::Peers peers{};
  const LabelValue label = [](const std::string& text) { return text; };
  Scratch scratch;
  write_text(query.lower_qname.view(), scratch.name);
  check_found(list, scratch.name);
  list.matcher.find(scratch.name, 0, scratch.found);
  const Request::Asked asked{query, peers, 0, label};
  Request request(list, asked, scratch);
  if (!request.run()) return;
  require(dns::Name::from_text(dns::to_text(request.qname())).has_value());
  std::vector<uint8_t> kept;
  const Trail left = request.take_trail();
  write(left, kept);
  const Trail trail = read_trail(kept);
  require(trail.fired.size() == left.fired.size());
  dns::Answer answer;
  for (const dns::RrType type : {dns::RrType::Cname, dns::RrType::Srv, dns::RrType::Soa}) {
    answer.add_raw(dns::Section::Answer, answer.add_name(request.qname()), type, 60, octets);
    answer.add_raw(dns::Section::Answer, dns::kQname, type, 60, request.qname());
  }
  name_owners(answer, request.qname());
  for (size_t i = trail.fired.size(); i-- > 0;)
    change(answer, list.rules[trail.fired[i].rule], trail.fired[i]);
  for (const Rule& rule : list.rules) {
    const auto* const cname = std::get_if<CnameRule>(&rule.what);
    if (cname == nullptr) continue;
    if (const auto target = find_target(answer, *cname)) cut_chain(answer, *target);
  }
}

}  // namespace

// LINES, a zero octet, NAME, a zero octet, RDATA.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  constexpr size_t kEnough = 2048;
  if (size > kEnough) return 0;
  const std::string_view all(reinterpret_cast<const char*>(data), size);
  const size_t first = std::min(all.find('\0'), size);
  const std::string_view rest = all.substr(std::min(first + 1, size));
  const size_t second = std::min(rest.find('\0'), rest.size());
  const auto name = dns::Name::from_text(std::string(rest.substr(0, second)));
  auto rules = rules_of(std::string(all.substr(0, first)));
  if (!name || rules.empty()) return 0;
  const RuleList list(std::move(rules), 1);
  const std::string_view octets = rest.substr(std::min(second + 1, rest.size()));
  check_question(list, *name, {reinterpret_cast<const uint8_t*>(octets.data()), octets.size()});
  return 0;
}
