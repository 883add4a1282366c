// What a hosts file and the lines in the Corefile say, ready to be looked up.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "dns/address.h"
#include "dns/name.h"

namespace fairlead::plugins::hosts {

// Names with addresses from one text. Immutable once built; lookups neither allocate nor lock.
//
//   index_ (open addressing) -> hosts_ -> links_ (address numbers, IPv4 first) -> addresses_
//   addresses_ (sorted) -> reverse_ -> reverse_links_ (host numbers)
class HostMap {
 public:
  // More names than this in one text are left out, and told of: see Reading.
  static constexpr size_t kMaxEntries = 500'000;
  // More addresses of one name, or names of one address, are left out: no reply holds them.
  static constexpr size_t kMaxPerKey = 1'000;

  HostMap() = default;

  // Reads `text`. Only names at or below one of `zones` (lower-cased) are taken. `reverse`: also
  // look up names by address. Appends what could not be read to `problems`, at most kMaxProblems,
  // as `SOURCE:LINE: what`.
  struct Reading {
    std::string_view source;
    std::span<const dns::Name> zones;
    bool reverse = true;
    std::vector<std::string>* problems = nullptr;  // may be null
    size_t max_entries = kMaxEntries;
  };
  static constexpr size_t kMaxProblems = 20;
  HostMap(std::string_view text, const Reading& reading);

  // Addresses of a name, in the order of the text, without repeats: numbers for address().
  struct Found {
    std::span<const uint32_t> v4;
    std::span<const uint32_t> v6;
    [[nodiscard]] bool empty() const { return v4.empty() && v6.empty(); }
  };
  // `lower_name` itself, else `*` in the place of its first label.
  [[nodiscard]] Found find(dns::NameView lower_name) const;
  [[nodiscard]] const dns::IpAddress& address(uint32_t number) const { return addresses_[number]; }

  // Names with `address`, in the order of the text: numbers for name(). Wildcards are not among
  // them.
  [[nodiscard]] std::span<const uint32_t> names_of(const dns::IpAddress& address) const;
  [[nodiscard]] dns::NameView name(uint32_t number) const {
    return {names_.data() + hosts_[number].name, hosts_[number].name_size};
  }

  // Addresses of names plus names of addresses, as CoreDNS counts them.
  [[nodiscard]] size_t entries() const { return links_.size() + reverse_links_.size(); }

 private:
  struct Host {
    uint32_t name = 0;   // in names_
    uint32_t first = 0;  // in links_
    uint16_t v4 = 0;     // how many
    uint16_t v6 = 0;
    uint8_t name_size = 0;
  };
  struct Entry {
    uint32_t host;
    uint32_t order;
    dns::IpAddress address;
  };
  struct Link;

  uint32_t intern(dns::NameView name);
  void grow_index();
  [[nodiscard]] size_t slot_of(dns::NameView name) const;
  [[nodiscard]] const Host* find_host(dns::NameView name) const;
  [[nodiscard]] bool is_wildcard(uint32_t host) const;
  std::vector<Link> take_addresses(std::vector<Entry> entries);
  void link_hosts(std::vector<Link>& links);
  void link_addresses(std::vector<Link>& links);

  std::vector<uint8_t> names_;   // wire form, one behind the other
  std::vector<Host> hosts_;      // in the order of their first line
  std::vector<uint32_t> index_;  // host number + 1, or 0; a power of two, at most half full
  std::vector<uint32_t> links_;  // address numbers
  std::vector<dns::IpAddress> addresses_;  // sorted, IPv4 first
  std::vector<uint32_t> reverse_;          // of address i: [i, i + 1) in reverse_links_
  std::vector<uint32_t> reverse_links_;    // host numbers
};

// The file and the inline lines, which add to each other. Any thread may read it.
struct Table {
  HostMap file;
  std::shared_ptr<const HostMap> inline_lines;  // never null

  [[nodiscard]] size_t entries() const { return file.entries() + inline_lines->entries(); }
};

}  // namespace fairlead::plugins::hosts
