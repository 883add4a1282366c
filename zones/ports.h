// Ports of services and endpoint slices, and which of them a question means.
#pragma once

#include <algorithm>
#include <array>
#include <boost/smart_ptr/intrusive_ptr.hpp>
#include <boost/smart_ptr/intrusive_ref_counter.hpp>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "zones/objects.h"

namespace fairlead::zones {

class PortRecord {
 public:
  PortRecord() = default;
  PortRecord(const std::string& name, const std::string& protocol, uint16_t at)
      : text_(name + protocol), name_size_(static_cast<uint32_t>(name.size())), number(at) {}

  /// In lower case; empty: unnamed.
  [[nodiscard]] std::string_view name() const {
    return std::string_view(text_).substr(0, name_size_);
  }
  /// In lower case.
  [[nodiscard]] std::string_view protocol() const {
    return std::string_view(text_).substr(name_size_);
  }
  friend bool operator==(const PortRecord&, const PortRecord&) = default;

 private:
  std::string text_;  // both in one: most fit in place
  uint32_t name_size_ = 0;

 public:
  uint16_t number = 0;  // 0: none
};

/// The ports of a service or a slice, in its order. Constant; copies share them.
class PortRecords {
 public:
  PortRecords() = default;
  explicit PortRecords(std::span<const Port> ports);

  [[nodiscard]] std::span<const PortRecord> all() const {
    return list_ ? std::span<const PortRecord>(list_->ports) : std::span<const PortRecord>();
  }
  [[nodiscard]] auto begin() const { return all().begin(); }
  [[nodiscard]] auto end() const { return all().end(); }
  [[nodiscard]] size_t size() const { return all().size(); }
  [[nodiscard]] bool empty() const { return !list_; }

  friend bool operator==(const PortRecords& a, const PortRecords& b) {
    return a.list_ == b.list_ || std::ranges::equal(a.all(), b.all());
  }

 private:
  struct List : boost::intrusive_ref_counter<List> {
    std::vector<PortRecord> ports;
  };
  boost::intrusive_ptr<const List> list_;  // null: none
};

/// A cluster has few lists of ports that differ: those that were asked for lately, so that equal
/// ones are one. Used by one thread.
class PortLists {
 public:
  PortRecords of(std::span<const Port> ports);

 private:
  std::array<PortRecords, 256> lately_;  // by hash: the next of a place takes it
};

/// A query's `_port._protocol` labels, underscores removed. Empty matches any.
struct PortFilter {
  std::string_view name;
  std::string_view protocol;

  [[nodiscard]] bool any() const { return name.empty() && protocol.empty(); }
  [[nodiscard]] bool matches(const PortRecord& port) const {
    return (name.empty() || name == port.name()) &&
           (protocol.empty() || protocol == port.protocol());
  }
};

/// How many of `ports` match. A service without ports counts as one unnamed port without a number,
/// which only a query without port labels matches.
size_t matching_ports(const PortRecords& ports, const PortFilter& filter);

}  // namespace fairlead::zones
