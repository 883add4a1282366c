#include "plugins/secondary/told_serial.h"

#include <utility>

#include "dns/numbers.h"

namespace fairlead::plugins::secondary {

void ToldSerial::say(uint32_t serial) {
  serial_ = serial;
  is_known_ = true;
}

bool ToldSerial::is_newer_than(uint32_t ours) const {
  return is_known_ && dns::is_newer(serial_, ours);
}

bool ToldSerial::is_older_again(uint32_t ours) {
  const bool older = serial_ != ours && !dns::is_newer(serial_, ours);
  const bool same = std::exchange(has_older_, older) && older_ == serial_;
  older_ = serial_;
  return older && same;
}

bool ToldSerial::is_belied_by(uint32_t came, uint32_t ours) const {
  return is_newer_than(ours) && dns::is_newer(ours, came);
}

}  // namespace fairlead::plugins::secondary
