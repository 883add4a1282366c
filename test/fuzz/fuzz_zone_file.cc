// Any bytes as a zone file: every record of the zone that is read is found again, and each of its
// names, and what lies beside it, gets an answer that can be rendered.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "dns/reader.h"
#include "dns/render.h"
#include "records/master_file.h"
#include "records/respond.h"
#include "records/zone_builder.h"

namespace {

using namespace fairlead;

void require(bool good) {
  if (!good) std::abort();
}

void ask(const records::Zone& zone, const dns::Name& name, dns::RrType type) {
  if (!dns::is_at_or_below(name.view(), zone.origin())) return;
  static dns::Answer answer;
  static std::vector<uint8_t> out(dns::kMaxTcpReply);
  dns::Query query;
  query.has_question = true;
  query.has_edns = true;
  query.edns.dnssec_ok = true;
  query.transport = dns::Transport::Tcp;
  query.qtype = type;
  query.set_name(name.view());
  answer.clear();
  const records::Response said = records::respond(zone, query, {}, answer);
  require(said.outcome != records::Outcome::PassOn);
  if (said.outcome == records::Outcome::Chase) records::add_name_servers(zone, query, answer);
  require(dns::render(query, answer, out) >= dns::kHeaderSize);
}

void ask_around(const records::Zone& zone, const dns::Name& name, dns::RrType type) {
  dns::Name beside(name.view().subspan(name.view()[0] == 0 ? 0 : name.view()[0] + 1U));
  dns::Name below = name;
  static_cast<void>(beside.prepend("q"));
  static_cast<void>(below.prepend("q"));
  for (const dns::Name& one : {name, beside, below}) {
    for (const dns::RrType asked : {type, dns::RrType::A, dns::RrType::Any, dns::RrType::Ds})
      ask(zone, one, asked);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  constexpr size_t kEnough = 4096;
  if (size > kEnough) return 0;
  const std::string text(reinterpret_cast<const char*>(data), size);
  const dns::Name origin = *dns::Name::from_text("x.test");
  records::MasterLimits limits;
  limits.octets = 1 << 16;
  limits.records = 500;
  records::ZoneBuilder builder(origin);
  struct Taken {
    dns::Name owner;
    dns::RrType type;
  };
  std::vector<Taken> all;
  bool good = true;
  const std::string file = "db";
  const std::string wrong = records::read_master_file(
      {file, text}, origin,
      [&](const std::string& path, std::string& out) -> std::string {
        if (path != "again") return "open " + path + ": no such file or directory";
        out = text.substr(text.size() / 2);
        return {};
      },
      {[&](const dns::TextRecord& record) {
         all.push_back({dns::Name(record.owner()).lowered(), record.type()});
         good = good &&
                builder.add(record.owner(), record.type(), record.ttl(), record.rdata()).empty();
       },
       [](const std::string& why) { require(why.starts_with("db: dns: ")); }},
      limits);
  if (!wrong.empty() || !good || !builder.has_soa()) return 0;
  const size_t outside = builder.outside();
  const std::shared_ptr<const records::Zone> zone = builder.finish();
  require(zone->record_count() + outside <= all.size());
  for (const Taken& taken : all) {
    if (!dns::is_at_or_below(taken.owner.view(), zone->origin())) continue;
    const records::Zone::Node* const node = zone->find(taken.owner.view());
    require(node != nullptr);
    bool found = false;
    for (const records::ZoneRecord record : zone->records(*node))
      found = found || record.type == taken.type;
    require(found);
    ask_around(*zone, taken.owner, taken.type);
  }
  return 0;
}
