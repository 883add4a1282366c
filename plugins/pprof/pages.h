// What stands below /debug/pprof.
#pragma once

#include <span>
#include <string_view>

#include "http/http.h"

namespace fairlead::plugins::pprof {

struct Page {
  std::string_view path;
  http::HttpReply (*reply)();
};

/// All of them. What Go's profiler has and this program has not is a reply 501 that says what to
/// use in its place.
std::span<const Page> pages();

}  // namespace fairlead::plugins::pprof
