// The only place of server/ that includes Asio. Boost 1.74 needs <utility> in front of it with
// GCC 12.
#pragma once

// clang-format off
#include <utility>
#include <boost/asio.hpp>
// clang-format on

namespace fairlead::server {

namespace asio = boost::asio;

}  // namespace fairlead::server
