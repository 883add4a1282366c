// Any bytes as a template, as a regular expression and as the text of a record: what is read as a
// record comes back the same from its own text, and nothing that a name holds is more than an
// error.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "dns/name.h"
#include "dns/name_text.h"
#include "dns/query.h"
#include "dns/record_text.h"
#include "dns/text_record.h"
#include "plugins/template/pattern.h"
#include "plugins/template/text_template.h"

namespace {

using namespace fairlead;
using namespace fairlead::plugins::templates;

void require(bool good) {
  if (!good) std::abort();
}

// Owner, TTL, class and type, with the rdata in octets (RFC 3597 §5).
std::string in_octets(const dns::TextRecord& record) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  dns::append_word(record.owner(), text);
  text += " " + std::to_string(record.ttl()) + " " + dns::to_text(record.record_class()) + " " +
          dns::to_text(record.type()) + " \\# " + std::to_string(record.rdata().size()) + " ";
  for (const uint8_t octet : record.rdata()) {
    text += kDigits[octet >> 4];
    text += kDigits[octet & 15];
  }
  return text;
}

void check_record(std::string_view text) {
  dns::TextRecord record;
  if (!record.read(text).empty()) return;
  require(!dns::rdata_text(record.type(), record.rdata()).empty());
  const std::string again = in_octets(record);
  if (again.size() > dns::TextRecord::kMaxText) return;
  dns::TextRecord second;
  require(second.read(again).empty());
  require(std::ranges::equal(record.owner(), second.owner()) && record.ttl() == second.ttl());
  require(std::ranges::equal(record.rdata(), second.rdata()));
}

// A name of up to 63 octets of the input: as clients choose names.
std::string name_from(std::string_view bytes) {
  dns::Name name;
  name.prepend("test");
  name.prepend(bytes.substr(0, dns::kMaxLabelSize));
  std::string text;
  dns::append_word(name.lowered().view(), text);
  const auto back = dns::Name::from_text(text);
  require(back && *back == name.lowered());
  return text;
}

void check_pattern(std::string_view text, std::string_view name) try {
  const Pattern pattern(std::string(text.substr(0, 300)));
  std::vector<std::string_view> matches;
  if (!pattern.find(name, matches)) return;
  for (const std::string_view match : matches)
    require(match.empty() || (match.data() >= name.data() &&
                              match.data() + match.size() <= name.data() + name.size()));
  for (const GroupName& one : pattern.group_names()) require(one.number < matches.size());
} catch (const PatternError&) {
}

void check_template(std::string_view text, std::string_view name) try {
  const TextTemplate parsed("answer", text);
  const std::vector<std::string_view> matches{name, name.substr(0, name.size() / 2), ""};
  const std::vector<GroupName> names{{"a", 1}, {"b", 2}};
  dns::Query question;
  question.set_name(dns::Name().view());
  const Data data{.name = name,
                  .zone = "test.",
                  .regex = ".*",
                  .matches = matches,
                  .group_names = names,
                  .class_text = "IN",
                  .type_text = "A",
                  .question = &question};
  Texts texts;
  std::string out;
  if (parsed.execute(data, texts, out).empty()) check_record(out);
} catch (const TemplateError&) {
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  constexpr size_t kEnough = 4096;
  if (size > kEnough) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::string name = name_from(text);
  check_record(text);
  check_record(name + " 60 IN TXT " + name);
  check_template(text, name);
  check_pattern(text, name);
  return 0;
}
