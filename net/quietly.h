// What ends in a destructor.
#pragma once

#include <exception>

namespace fairlead::net {

/// Runs `end`. An exception of Asio's, of which none is known to come while something is cancelled
/// or closed, must not leave a destructor: it would end the program. What is left then goes with
/// its last owner.
template <typename End>
void quietly(const End& end) noexcept {
  try {
    end();
  } catch (const std::exception&) {
    return;
  }
}

}  // namespace fairlead::net
