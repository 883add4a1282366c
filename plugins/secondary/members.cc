#include "plugins/secondary/members.h"

#include <algorithm>
#include <set>
#include <utility>

#include "dns/printable.h"

namespace fairlead::plugins::secondary {

using records::CatalogMember;

Follower::Options options_of(const Source& source, const dns::Name& origin) {
  const bool is_catalog = source.catalog && origin == source.origin;
  return {origin,
          source.primaries,
          source.signed_with,
          source.folder.empty() ? "" : source.folder + "/" + file_name(origin),
          is_catalog,
          source.encrypted};
}

Members::Members(const Sources& sources, const Tools& tools, Make make, Earlier earlier)
    : sources_(sources), tools_(tools), make_(std::move(make)), earlier_(std::move(earlier)) {}

void Members::add_to(Earlier& earlier) const {
  for (const auto& [name, member] : all_) earlier.followers.push_back(member.follower);
  for (const auto& [number, said] : said_) earlier.said[name_of(number)] = said;
}

std::string Members::name_of(size_t number) const {
  return dns::to_text(sources_[number].origin.view());
}

void Members::log(const std::string& what, const CatalogMember& said,
                  const std::string& how) const {
  tools_.log.write(
      net::LogLevel::Info, "secondary",
      what + " catalog member zone " + dns::to_text(said.zone.view()) + " from " + how);
}

bool Members::is_wanted(size_t number, const dns::Name& zone) const {
  const auto& within = sources_[number].member_zones;
  return within.empty() || dns::is_at_or_below_any(zone.view(), within);
}

void Members::read(size_t number, const records::Zone& zone) {
  records::Catalog catalog = records::read_catalog(zone);
  if (!catalog.error.empty()) {
    tools_.log.write(net::LogLevel::Error, "secondary", catalog.error);
    const auto before = earlier_.said.find(name_of(number));
    if (said_.contains(number) || before == earlier_.said.end()) return;
    said_[number] = before->second;
    return read_again(number, false);
  }
  tools_.log.write(net::LogLevel::Info, "secondary",
                   "Parsed catalog zone " + name_of(number) + " with " +
                       std::to_string(catalog.members.size()) + " member zones");
  said_[number] = std::move(catalog.members);
  read_again(number, true);
  // What one catalog lets go of another may have waited for.
  for (const auto& [other, said] : said_) {
    if (other != number) read_again(other, false);
  }
}

void Members::read_again(size_t number, bool told) {
  remove_others(number);
  size_t skipped = 0;
  for (const CatalogMember& said : said_[number]) {
    if (is_wanted(number, said.zone)) {
      take(number, said, told);
    } else {
      ++skipped;
    }
  }
  if (skipped > 0 && told)
    tools_.log.write(net::LogLevel::Warning, "secondary",
                     "Skipped " + std::to_string(skipped) + " member zones from catalog " +
                         name_of(number) + ": outside configured member zones");
}

void Members::remove_others(size_t number) {
  std::set<std::string> listed;
  for (const CatalogMember& said : said_[number]) listed.insert(dns::to_text(said.zone.view()));
  std::erase_if(all_, [&](const auto& one) {
    const bool gone = one.second.catalog == number && !listed.contains(one.first);
    if (gone) forget(one.second);
    if (gone) log("Removed", one.second.said, "catalog " + name_of(number));
    return gone;
  });
}

void Members::take(size_t number, const CatalogMember& said, bool told) {
  const auto known = all_.find(dns::to_text(said.zone.view()));
  if (known != all_.end() && known->second.catalog == number)
    return change(known->second, number, said);
  // With a version of the new catalog that comes after the old one's word, as in CoreDNS.
  const bool may_move =
      told && known != all_.end() && known->second.said.new_owner == sources_[number].origin;
  if (may_move) {
    // The same id: its data is what it was (RFC 9432 §4.3.1).
    const bool same = known->second.said.id == said.id;
    KnownCopy copy = same ? known->second.follower->known() : KnownCopy();
    const std::string from = "catalog " + name_of(known->second.catalog) + " to " + name_of(number);
    const std::string id = dns::printable(known->second.said.id);
    forget(known->second);
    known->second = {said, number, follow(number, said, [&](const auto&) { return copy; })};
    return log("Migrated", said,
               from + (same ? ", preserving state for member ID " + id
                            : " with state reset after member identity changed from " + id +
                                  " to " + dns::printable(said.id)));
  }
  const bool exists = known != all_.end() ||
                      std::ranges::find(sources_, said.zone, &Source::origin) != sources_.end();
  if (!exists) return add(number, said);
  if (told)
    tools_.log.write(net::LogLevel::Warning, "secondary",
                     "Skipping catalog member zone " + dns::to_text(said.zone.view()) + " from " +
                         name_of(number) + ": zone already exists");
}

void Members::add(size_t number, const CatalogMember& said) {
  const auto kept = [&](const Follower::Options& options) {
    KnownCopy copy = earlier_copy(number, said);
    if (!copy.zone && !options.kept_at.empty())
      copy = tools_.store->read(options.kept_at, options.origin);
    return copy;
  };
  all_[dns::to_text(said.zone.view())] = {said, number, follow(number, said, kept)};
  log("Added", said, "catalog " + name_of(number));
}

// That of the block before this one, which asked other servers, or in another way.
KnownCopy Members::earlier_copy(size_t number, const CatalogMember& said) const {
  const auto before = earlier_.said.find(name_of(number));
  const auto same = [&](const CatalogMember& other) {
    return other.zone == said.zone && other.id == said.id;
  };
  if (before == earlier_.said.end() || std::ranges::none_of(before->second, same)) return {};
  for (const auto& follower : earlier_.followers) {
    if (follower->options().origin == said.zone && follower->copy() && !follower->expired())
      return follower->known();
  }
  return {};
}

// Another id is another zone of that name (RFC 9432 §5.6).
void Members::change(Member& member, size_t number, const CatalogMember& said) {
  const std::string id = std::exchange(member.said, said).id;
  if (id == said.id) return;
  std::erase(earlier_.followers, member.follower);
  forget(member);
  member.follower = make_(options_of(sources_[number], said.zone), {});
  log("Reset", said,
      name_of(number) + " after member ID changed from " + dns::printable(id) + " to " +
          dns::printable(said.id));
}

// Its file, if there is one: what is not wanted fills no disk, and is not what a zone of the same
// name begins with.
void Members::forget(const Member& member) const {
  const std::string& path = member.follower->options().kept_at;
  if (!path.empty()) tools_.store->forget(path);
}

std::shared_ptr<Follower> Members::follow(
    size_t number, const CatalogMember& said,
    const std::function<KnownCopy(const Follower::Options&)>& known) {
  const Follower::Options options = options_of(sources_[number], said.zone);
  const auto same = std::ranges::find_if(
      earlier_.followers, [&](const auto& follower) { return follower->options() == options; });
  if (same == earlier_.followers.end()) return make_(options, known(options));
  std::shared_ptr<Follower> follower = *same;
  earlier_.followers.erase(same);
  return follower;
}

}  // namespace fairlead::plugins::secondary
