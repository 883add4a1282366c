// The only place of forward/ that includes Asio. Boost 1.74 needs <utility> in front of it with
// GCC 12.
#pragma once

// clang-format off
#include <utility>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
// clang-format on

namespace fairlead::forward {

namespace asio = boost::asio;

}  // namespace fairlead::forward
