#include "plugins/rewrite/name_text.h"

#include <re2/re2.h>

#include "dns/name_text.h"

namespace fairlead::plugins::rewrite {
namespace {

using Kind = Match::Kind;

std::string replace_all(std::string_view name, std::string_view from, std::string_view to) {
  std::string out;
  for (;;) {
    const size_t at = name.find(from);
    out += name.substr(0, at);
    if (at == std::string_view::npos) return out;
    out += to;
    name.remove_prefix(at + from.size());
  }
}

std::string joined(std::string_view front, std::string_view back) {
  std::string both;
  both.reserve(front.size() + back.size());
  both += front;
  return both += back;
}

}  // namespace

void write_text(dns::NameView name, std::string& out) {
  out.clear();
  dns::append_text(name, out);
}

bool matches(const Match& match, std::string_view name) {
  switch (match.kind) {
    case Kind::Exact:
      return name == match.from;
    case Kind::Prefix:
      return name.starts_with(match.from);
    case Kind::Suffix:
      return name.ends_with(match.from);
    case Kind::Substring:
      return name.find(match.from) != std::string_view::npos;
    case Kind::Regex:
      break;
  }
  return re2::RE2::PartialMatch({name.data(), name.size()}, *match.pattern);
}

std::optional<std::string> apply(const Change& change, std::string_view name,
                                 const LabelValue& label) {
  const Match& match = change.match;
  if (match.kind == Kind::Regex) return replace(*match.pattern, change.whole, name, label);
  if (!matches(match, name)) return std::nullopt;
  switch (match.kind) {
    case Kind::Prefix:
      return joined(change.to, name.substr(match.from.size()));
    case Kind::Suffix:
      return joined(name.substr(0, name.size() - match.from.size()), change.to);
    case Kind::Substring:
      return replace_all(name, match.from, change.to);
    case Kind::Exact:
    case Kind::Regex:
      break;
  }
  return change.to;
}

}  // namespace fairlead::plugins::rewrite
