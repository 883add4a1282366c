// The only header of ours that includes Asio. Boost 1.74 needs <utility> in front of it with
// GCC 12. What more a file needs (asio::ssl, Beast) it includes behind this one.
#pragma once

// clang-format off
#include <utility>
#include <boost/asio/connect.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
// clang-format on

#include "net/clock.h"

namespace fairlead {

namespace asio = boost::asio;

}  // namespace fairlead

namespace fairlead::net {

/// A timer of the server's clock.
using Timer = asio::basic_waitable_timer<Clock>;

}  // namespace fairlead::net
