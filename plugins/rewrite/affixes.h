// Many beginnings, or many ends, of text: which of them a text has, in one pass over it.
#pragma once

#include <array>
#include <bitset>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace fairlead::plugins::rewrite {

/// Constant once it is built: any thread.
class Affixes {
 public:
  enum class Side : uint8_t { Front, Back };
  explicit Affixes(Side side) : side_(side) {}

  /// `number` is what find() says of `affix`. One that is longer than any name is left out.
  void add(std::string_view affix, uint32_t number, bool whole = false);

  /// Behind the last add().
  void build();

  /// Appends the numbers of all that `text` begins (ends) with, those added as `whole` when they
  /// are all of it. Allocates nothing but in `found`.
  void find(std::string_view text, std::vector<uint32_t>& found) const;

  [[nodiscard]] bool empty() const { return entries_.empty(); }

 private:
  static constexpr size_t kLongest = 1024;  // a name's text has at most 4 x 255 octets

  struct Entry {
    std::string affix;
    uint32_t number = 0;
    bool whole = false;
    uint64_t hash = 0;
    uint32_t next = kNone;  // in the same bucket
  };
  static constexpr uint32_t kNone = UINT32_MAX;

  [[nodiscard]] uint8_t at(std::string_view text, size_t i) const {
    return static_cast<uint8_t>(text[side_ == Side::Front ? i : text.size() - 1 - i]);
  }
  static uint64_t mix(uint64_t hash, uint8_t octet) { return (hash ^ octet) * 0x9e3779b97f4a7c15; }
  [[nodiscard]] size_t bucket(uint64_t hash) const { return hash >> 32 & (buckets_.size() - 1); }
  void collect(std::string_view text, size_t size, uint64_t hash,
               std::vector<uint32_t>& found) const;

  Side side_;
  std::vector<Entry> entries_;
  std::vector<uint32_t> buckets_;
  std::bitset<kLongest + 1> sizes_;        // at which some affix ends
  std::bitset<kLongest + 1> whole_sizes_;  // the same of those that are whole names
  size_t longest_ = 0;
};

}  // namespace fairlead::plugins::rewrite
