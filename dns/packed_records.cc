#include "dns/packed_records.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "dns/address.h"
#include "dns/plain_name.h"
#include "dns/reverse_name.h"

namespace fairlead::dns {
namespace {

using Octets = std::span<const uint8_t>;

// Rdata begins with a head, which the records have in common beside the packed record's owner and
// TTL. Behind it each record has an item: a label, and its address in those forms that have one.
enum class Form : uint8_t {
  Address,  // owner: the label in front of the packed record's owner
  Service,  // target: as that; owner: labels of the head in front of the target, or of what is
            // behind its first label
  Pointer,  // owner: the name of the address; target: the label in front of a name of the head
};
constexpr unsigned kForms = 3;

struct Head {
  Form form = Form::Address;
  bool v6 = false;            // family of the addresses
  bool below_target = false;  // Service: the owner is
  Octets labels;              // Service: of the owner, without a root; may be none
  Octets numbers;             // Service: priority, weight and port
  NameView name;              // Pointer
};
constexpr size_t kSrvNumbers = 6;

// What stands in place of a label's size, which is 1 to 63.
constexpr uint8_t kSpelled = 64;  // the label spells the address that follows
constexpr uint8_t kSame = 65;     // it is that of the item before

constexpr size_t kMostItems = 8'000;  // octets of one record

bool has_addresses(Form form) {
  return form != Form::Service;
}

bool is_spelled(std::string_view label, const IpAddress& address) {
  std::array<char, kMaxAddressLabel + 2> text{};
  return label == std::string_view(text.data(), address_label(address, text.data()));
}

// One record, cut into what it may have in common with others, and the rest.
struct Item {
  Head head;
  NameView base;           // the packed record's owner
  std::string_view label;  // in front of `base`, or of head.name
  std::optional<IpAddress> address;
};

std::string_view first_label(NameView name) {
  return {reinterpret_cast<const char*>(name.data()) + 1, name[0]};
}
NameView behind_first(NameView name) {
  return name.subspan(name[0] + 1U);
}

Item address_item(const PlainRecord& record) {
  const IpAddress address(record.rdata);
  return {.head = {.form = Form::Address, .v6 = address.is_v6()},
          .base = behind_first(record.owner),
          .label = first_label(record.owner),
          .address = address};
}

std::optional<Item> service_item(const PlainRecord& record, NameView apex) {
  const NameView target = record.rdata.subspan(kSrvNumbers);
  if (target.size() <= apex.size() || !is_at_or_below(target, apex)) return std::nullopt;
  Item item{.head = {.form = Form::Service},
            .base = behind_first(target),
            .label = first_label(target),
            .address = address_from_label(first_label(target))};
  item.head.below_target = is_at_or_below(record.owner, target);
  const NameView end = item.head.below_target ? target : item.base;
  if (!is_at_or_below(record.owner, end)) return std::nullopt;
  item.head.labels = record.owner.first(record.owner.size() - end.size());
  item.head.numbers = record.rdata.first(kSrvNumbers);
  item.head.v6 = item.address && is_spelled(item.label, *item.address) && item.address->is_v6();
  return item;
}

std::optional<Item> pointer_item(const PlainRecord& record, NameView apex) {
  const NameView target = record.rdata;
  const auto address = address_from_reverse_name(record.owner);
  if (target.size() == 1 || !address || reverse_name(*address) != Name(record.owner))
    return std::nullopt;
  return Item{.head = {.form = Form::Pointer, .v6 = address->is_v6(), .name = behind_first(target)},
              .base = apex,
              .label = first_label(target),
              .address = address};
}

std::optional<Item> item_of(const PlainRecord& record, NameView apex) {
  const bool below_apex = record.owner.size() > apex.size();
  if (below_apex && (record.type == RrType::A || record.type == RrType::Aaaa))
    return address_item(record);
  if (record.type == RrType::Srv) return service_item(record, apex);
  if (record.type == RrType::Ptr) return pointer_item(record, apex);
  return std::nullopt;
}

std::vector<uint8_t> octets_of(const Head& head) {
  std::vector<uint8_t> octets{
      static_cast<uint8_t>(2 * static_cast<unsigned>(head.form) + (head.v6 ? 1 : 0))};
  const auto put = [&](Octets more) { octets.insert(octets.end(), more.begin(), more.end()); };
  if (head.form == Form::Service) {
    octets.push_back(head.below_target ? 1 : 0);
    put(head.labels);
    octets.push_back(0);
    put(head.numbers);
  }
  put(head.name);
  return octets;
}

class Packer {
 public:
  Packer(NameView apex, Answer& out) : apex_(apex), out_(out) {}

  void add(const PlainRecord& record) {
    if (record.type == RrType::Soa) flush();
    const auto item = item_of(record, apex_);
    if (!item) return put(record);
    Group& group = group_of(*item, record.ttl);
    if (group.count == 0) group.first = record;
    append(*item, group);
    ++group.count;
    if (group.items.size() > kMostItems) emit(group);
  }

  void flush() {
    for (Group& group : groups_) emit(group);
    groups_.clear();
    places_.clear();
  }

 private:
  struct Group {
    Name owner;
    uint32_t ttl = 0;
    std::vector<uint8_t> head, items;
    size_t count = 0;        // of items
    std::string_view label;  // of the last
    PlainRecord first;
  };

  Group& group_of(const Item& item, uint32_t ttl) {
    std::vector<uint8_t> head = octets_of(item.head);
    key_.assign(head.begin(), head.end());
    for (const unsigned shift : {24U, 16U, 8U, 0U}) key_ += static_cast<char>(ttl >> shift);
    key_.append(item.base.begin(), item.base.end());
    const auto [at, is_new] = places_.try_emplace(key_, groups_.size());
    if (is_new) groups_.push_back({.owner = Name(item.base), .ttl = ttl, .head = std::move(head)});
    return groups_[at->second];
  }

  static void append(const Item& item, Group& group) {
    const bool spelled = item.address && is_spelled(item.label, *item.address);
    const bool has_address = has_addresses(item.head.form);
    std::vector<uint8_t>& out = group.items;
    if (spelled) {
      out.push_back(kSpelled);
    } else if (has_address && group.count > 0 && item.label == group.label) {
      out.push_back(kSame);
    } else {
      out.push_back(static_cast<uint8_t>(item.label.size()));
      out.insert(out.end(), item.label.begin(), item.label.end());
    }
    const Octets address = spelled || has_address ? item.address->octets() : Octets();
    out.insert(out.end(), address.begin(), address.end());
    group.label = item.label;
  }

  // A record that is alone is shorter as it is, unless it is SRV: a target is never compressed.
  void emit(Group& group) {
    if (group.count > 1 || (group.count == 1 && group.first.type == RrType::Srv)) {
      std::vector<uint8_t> rdata = group.head;
      rdata.insert(rdata.end(), group.items.begin(), group.items.end());
      put({group.owner.view(), kPackedRecords, group.ttl, rdata});
    } else if (group.count == 1) {
      put(group.first);
    }
    group.items.clear();
    group.count = 0;
  }

  void put(const PlainRecord& record) {
    out_.add_raw(Section::Answer, out_.add_name(record.owner), record.type, record.ttl,
                 record.rdata);
  }

  const NameView apex_;
  Answer& out_;
  std::vector<Group> groups_;
  std::unordered_map<std::string, size_t> places_;  // in groups_
  std::string key_;
};

// What stands in `in` next; its ok says whether something does.
Octets take(Reader& in, size_t size) {
  in.skip(size);
  return in.ok ? in.packet.subspan(in.at - size, size) : Octets();
}

Head read_head(Reader& in) {
  Head head;
  const unsigned form = in.u8();
  in.ok = in.ok && form < 2 * kForms;
  head.form = static_cast<Form>(form / 2);
  head.v6 = form % 2 != 0;
  if (head.form == Form::Service) {
    const uint8_t below_target = in.u8();
    in.ok = in.ok && below_target <= 1;
    head.below_target = below_target == 1;
    const NameView labels = read_plain_name(in);
    head.labels = labels.first(labels.size() - (in.ok ? 1 : 0));
    head.numbers = take(in, kSrvNumbers);
  }
  if (head.form == Form::Pointer) head.name = read_plain_name(in);
  return head;
}

// Reads items, and says the record that each stands for.
class Unpacker {
 public:
  explicit Unpacker(const PlainRecord& packed) : packed_(packed), in_{packed.rdata} {
    head_ = read_head(in_);
  }

  bool run(const TakeRecord& take_record) {
    while (in_.ok && in_.at < in_.packet.size()) {
      if (!read_item() || !give(take_record)) return false;
    }
    return in_.ok;
  }

 private:
  bool read_item() {
    const uint8_t size = in_.u8();
    const bool spelled = size == kSpelled, same = size == kSame;
    if (same && (label_.empty() || !has_addresses(head_.form))) return false;
    if (size == 0 || (size > kMaxLabelSize && !spelled && !same)) return false;
    if (!spelled && !same) {
      const Octets label = take(in_, size);
      label_.assign(label.begin(), label.end());
    }
    if (spelled || has_addresses(head_.form)) address_ = IpAddress(take(in_, head_.v6 ? 16 : 4));
    if (spelled) {
      std::array<char, kMaxAddressLabel + 2> text{};
      label_.assign(text.data(), address_label(address_, text.data()));
    }
    return in_.ok;
  }

  [[nodiscard]] bool give(const TakeRecord& take_record) const {
    Name named(head_.form == Form::Pointer ? head_.name : packed_.owner);
    if (!named.prepend(label_)) return false;
    if (head_.form == Form::Address)
      return take_record(
          {named.view(), head_.v6 ? RrType::Aaaa : RrType::A, packed_.ttl, address_.octets()});
    if (head_.form == Form::Pointer)
      return take_record({reverse_name(address_).view(), RrType::Ptr, packed_.ttl, named.view()});
    const auto owner = joined(head_.labels, head_.below_target ? named.view() : packed_.owner);
    if (!owner) return false;
    std::array<uint8_t, kSrvNumbers + kMaxNameSize> rdata{};
    const auto end =
        std::ranges::copy(named.view(), std::ranges::copy(head_.numbers, rdata.begin()).out).out;
    return take_record({owner->view(), RrType::Srv, packed_.ttl, Octets(rdata.begin(), end)});
  }

  const PlainRecord& packed_;
  Reader in_;
  Head head_;
  std::string label_;
  IpAddress address_;
};

}  // namespace

void pack(const Answer& records, NameView apex, Answer& packed) {
  Packer packer(apex, packed);
  for (const Record& record : records.records())
    packer.add({records.name(record.owner, {}), record.type, record.ttl, records.rdata(record)});
  packer.flush();
}

bool unpack(const PlainRecord& packed, const TakeRecord& take) {
  return Unpacker(packed).run(take);
}

}  // namespace fairlead::dns
