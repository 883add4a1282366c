// Ports of services and endpoint slices, and which of them a question means.
#pragma once

#include <boost/container/small_vector.hpp>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

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

/// Nearly all have one, which then stands beside what it belongs to: one wait for memory less.
using PortRecords = boost::container::small_vector<PortRecord, 1>;

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
