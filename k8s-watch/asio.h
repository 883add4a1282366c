// The only place of this folder that includes Boost.Asio: <utility> must stand before it, or
// Boost 1.74 does not compile with GCC 12.
#pragma once

// clang-format off
#include <utility>

#include <boost/asio.hpp>
#include <boost/asio/ssl.hpp>
// clang-format on

namespace fairlead::k8s_watch {

namespace asio = boost::asio;
using Clock = std::chrono::steady_clock;

}  // namespace fairlead::k8s_watch
