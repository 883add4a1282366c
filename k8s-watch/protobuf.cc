#include "k8s-watch/protobuf.h"

namespace fairlead::k8s_watch {

bool Message::next() {
  if (rest_.empty()) return false;
  uint64_t tag = 0;
  if (take_varint(tag)) {
    field_ = tag >> 3U;
    type_ = static_cast<Type>(tag & 7U);
    if (field_ != 0 && take_value()) return true;
  }
  rejection_->set("type", path_);
  rest_ = {};
  return false;
}

bool Message::take_value() {
  number_ = 0;
  bytes_ = {};
  switch (type_) {
    case Type::Varint:
      return take_varint(number_);
    case Type::Fixed64:
      return take_bytes(8);
    case Type::Fixed32:
      return take_bytes(4);
    case Type::Bytes: {
      uint64_t size = 0;
      return take_varint(size) && take_bytes(size);
    }
  }
  return false;
}

bool Message::take_varint(uint64_t& out) {
  out = 0;
  for (unsigned shift = 0; shift < 64 && !rest_.empty(); shift += 7) {
    const auto octet = static_cast<uint8_t>(rest_.front());
    rest_.remove_prefix(1);
    out |= static_cast<uint64_t>(octet & 0x7fU) << shift;
    if (octet < 0x80) return true;
  }
  return false;
}

bool Message::take_bytes(uint64_t size) {
  if (size > rest_.size()) return false;
  bytes_ = rest_.substr(0, size);
  rest_.remove_prefix(size);
  return true;
}

std::string_view Message::text() const {
  if (type_ == Type::Bytes) return bytes_;
  rejection_->set("type", path_);
  return {};
}

int64_t Message::integer() const {
  if (type_ == Type::Varint) return static_cast<int64_t>(number_);
  rejection_->set("type", path_);
  return 0;
}

}  // namespace fairlead::k8s_watch
