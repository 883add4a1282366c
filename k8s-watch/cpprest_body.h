// A response body of cpprestsdk as a stream of pieces with back-pressure: the library writes the
// next piece only after the last one was taken.
#pragma once

#include <cpprest/astreambuf.h>

#include <functional>
#include <memory>

namespace fairlead::k8s_watch {

/// Takes one piece and says when it has been consumed. Called on the library's threads.
using TakePiece = std::function<pplx::task<void>(const uint8_t* octets, size_t size)>;

/// A buffer that can only be written to, for http_request::set_response_stream.
Concurrency::streams::streambuf<uint8_t> make_body_buffer(TakePiece take);

}  // namespace fairlead::k8s_watch
