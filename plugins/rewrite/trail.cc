#include "plugins/rewrite/trail.h"

#include <cstring>

namespace fairlead::plugins::rewrite {
namespace {

void put32(std::vector<uint8_t>& out, size_t value) {
  const auto number = static_cast<uint32_t>(value);
  const auto* const octets = reinterpret_cast<const uint8_t*>(&number);
  out.insert(out.end(), octets, octets + sizeof number);
}

void put_block(std::vector<uint8_t>& out, std::span<const uint8_t> octets) {
  put32(out, octets.size());
  out.insert(out.end(), octets.begin(), octets.end());
}

// Reads its own octets: they are complete.
class Reading {
 public:
  explicit Reading(std::span<const uint8_t> octets) : left_(octets) {}

  uint32_t number() {
    uint32_t value = 0;
    std::memcpy(&value, left_.data(), sizeof value);
    left_ = left_.subspan(sizeof value);
    return value;
  }
  std::span<const uint8_t> block() {
    const uint32_t size = number();
    const auto octets = left_.first(size);
    left_ = left_.subspan(size);
    return octets;
  }

 private:
  std::span<const uint8_t> left_;
};

}  // namespace

void write(const Trail& trail, std::vector<uint8_t>& out) {
  out.clear();
  put_block(out, trail.qname);
  put32(out, static_cast<uint16_t>(trail.qtype));
  put32(out, static_cast<uint16_t>(trail.qclass));
  put32(out, trail.renamed ? 1 : 0);
  put_block(out, trail.options);
  put32(out, trail.fired.size());
  for (const Fired& fired : trail.fired) {
    put32(out, fired.rule);
    put_block(out, fired.before);
    put_block(out, fired.after);
  }
}

Trail read_trail(std::span<const uint8_t> octets) {
  Reading in(octets);
  Trail trail;
  trail.qname = in.block();
  trail.qtype = static_cast<dns::RrType>(in.number());
  trail.qclass = static_cast<dns::RrClass>(in.number());
  trail.renamed = in.number() != 0;
  trail.options = in.block();
  trail.fired.resize(in.number());
  for (Fired& fired : trail.fired) {
    fired.rule = in.number();
    fired.before = in.block();
    fired.after = in.block();
  }
  return trail;
}

}  // namespace fairlead::plugins::rewrite
