#include "plugins/autopath/search_path.h"

#include <algorithm>
#include <array>
#include <cstdint>

namespace fairlead::plugins::autopath {
namespace {

// Where the label with this number begins; behind the last one the root.
size_t at(const dns::Query& question, size_t label) {
  return label < question.label_count ? question.label_at[label] : question.qname.size() - 1;
}

}  // namespace

std::optional<dns::Name> name_of(const SearchPath& path, const dns::Query& question,
                                 size_t number) {
  const size_t last = path.own + path.rest.size();
  if (number > last || number > kMostTried) return std::nullopt;
  constexpr std::array<uint8_t, 1> kRoot{0};
  dns::NameView domain = kRoot;
  if (number < path.own) {
    domain = question.lower_qname.view().subspan(at(question, path.in_front + number));
  } else if (number < last) {
    domain = path.rest[number - path.own].view();
  }
  const bool is_root = domain.size() == 1;
  const dns::NameView base = question.qname.first(at(question, path.in_front));
  if ((is_root && number < last) || base.size() + domain.size() > dns::kMaxNameSize)
    return dns::Name();
  std::array<uint8_t, dns::kMaxNameSize> octets;
  const auto end = std::ranges::copy(base, octets.begin()).out;
  std::ranges::copy(domain, end);
  return dns::Name(dns::NameView(octets.data(), base.size() + domain.size()));
}

std::optional<SearchPath> path_in(std::span<const dns::Name> list, const dns::Query& question) {
  if (list.empty()) return std::nullopt;
  const dns::NameView name = question.lower_qname.view();
  const dns::NameView first = list[0].view();
  if (name.size() == first.size() || !dns::is_at_or_below(name, first)) return std::nullopt;
  return SearchPath{.in_front = question.label_count - dns::label_count(first),
                    .own = 1,
                    .rest = list.subspan(1)};
}

}  // namespace fairlead::plugins::autopath
