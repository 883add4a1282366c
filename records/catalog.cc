#include "records/catalog.h"

#include <algorithm>
#include <map>
#include <string_view>
#include <utility>

#include "dns/printable.h"
#include "dns/types.h"

namespace fairlead::records {
namespace {

using dns::Name;
using dns::NameView;
using dns::RrType;
using Node = Zone::Node;

size_t count(const Zone& zone, const Node* node, RrType type) {
  if (node == nullptr) return 0;
  size_t found = 0;
  for (const ZoneRecord record : zone.records(*node)) found += record.type == type ? 1 : 0;
  return found;
}

// The rdata of the first such record.
std::span<const uint8_t> first(const Zone& zone, const Node& node, RrType type) {
  for (const ZoneRecord record : zone.records(node)) {
    if (record.type == type) return record.rdata;
  }
  return {};
}

const Node* find_below(const Zone& zone, NameView above, std::string_view label) {
  Name name(above);
  return name.prepend(label) ? zone.find(name.view()) : nullptr;
}

std::string structure_error(const Zone& zone) {
  const std::string catalog = "catalog zone " + dns::to_text(zone.origin());
  if (count(zone, &zone.apex(), RrType::Ns) == 0) return catalog + " has no NS record";
  const Node* const version = find_below(zone, zone.origin(), "version");
  if (count(zone, version, RrType::Txt) != 1)
    return catalog + " must have exactly one version TXT record";
  const auto text = first(zone, *version, RrType::Txt);
  const std::string_view said(reinterpret_cast<const char*>(text.data()), text.size());
  if (said != std::string_view("\1"
                               "2"))
    return catalog + " has unsupported version \"" + dns::printable(said.substr(1)) + '"';
  return {};
}

// What is wrong with it, empty for nothing.
std::string read_member(const Zone& zone, const Node& node, CatalogMember& member) {
  const NameView owner = zone.name(node);
  if (count(zone, &node, RrType::Ptr) != 1)
    return "catalog member " + dns::to_text(owner) + " must have exactly one PTR record";
  member.id.assign(owner.begin() + 1, owner.begin() + 1 + owner[0]);
  member.zone = Name(first(zone, node, RrType::Ptr)).lowered();
  const Node* const new_owner = find_below(zone, owner, "coo");
  const size_t owners = count(zone, new_owner, RrType::Ptr);
  if (owners > 1)
    return "catalog member " + dns::printable(member.id) + " has more than one coo PTR record";
  if (owners == 1) member.new_owner = Name(first(zone, *new_owner, RrType::Ptr)).lowered();
  return {};
}

}  // namespace

Catalog read_catalog(const Zone& zone) {
  Catalog catalog;
  catalog.error = structure_error(zone);
  if (!catalog.error.empty()) return catalog;
  Name zones(zone.origin());
  if (!zones.prepend("zones")) return catalog;
  const size_t labels = dns::label_count(zones.view()) + 1;
  std::map<std::string, std::string> listed;  // zone -> the id of the member that lists it
  for (size_t i = 0; i < zone.name_count() && catalog.error.empty(); ++i) {
    const NameView owner = zone.name(zone.node(i));
    const bool is_member =
        dns::label_count(owner) == labels && dns::is_at_or_below(owner, zones.view());
    if (!is_member) continue;
    if (catalog.members.size() == Catalog::kMostMembers) {
      catalog.error = "catalog zone " + dns::to_text(zone.origin()) + " has too many members";
      break;
    }
    CatalogMember member;
    catalog.error = read_member(zone, zone.node(i), member);
    if (!catalog.error.empty()) break;
    const std::string name = dns::to_text(member.zone.view());
    const auto [other, is_new] = listed.try_emplace(name, member.id);
    if (!is_new)
      catalog.error = "catalog member zone " + name + " is listed by both " +
                      dns::printable(other->second) + " and " + dns::printable(member.id);
    catalog.members.push_back(std::move(member));
  }
  if (!catalog.error.empty()) catalog.members.clear();
  return catalog;
}

}  // namespace fairlead::records
