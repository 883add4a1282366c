// What a server says of a zone's serial, beside that of the copy, and what follows (RFC 1982).
#pragma once

#include <cstdint>

namespace fairlead::plugins::secondary {

/// That of one zone. A value.
class ToldSerial {
 public:
  /// A look begins: what the last one was told is none of its own.
  void begin() { is_known_ = false; }
  /// A server says it.
  void say(uint32_t serial);
  [[nodiscard]] uint32_t serial() const { return serial_; }

  /// There is a newer version than this one.
  [[nodiscard]] bool is_newer_than(uint32_t ours) const;
  /// Called with each that was said, `ours` being that of the copy: the same older one for the
  /// second time.
  [[nodiscard]] bool is_older_again(uint32_t ours);
  /// There is another copy.
  void forget_older() { has_older_ = false; }
  /// All of the zone came, with a serial that is older than that of the copy, from who has said a
  /// newer one: some servers keep whole zones from before, or are several behind one address.
  [[nodiscard]] bool is_belied_by(uint32_t came, uint32_t ours) const;

 private:
  bool is_known_ = false;  // in this look
  uint32_t serial_ = 0;
  uint32_t older_ = 0;  // that was said last, if it was
  bool has_older_ = false;
};

}  // namespace fairlead::plugins::secondary
