#include "listen/http2.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <string>
#include <string_view>
#include <utility>

#include "net/nghttp2.h"

namespace fairlead::listen {
namespace {

constexpr size_t kStreamCost = 1024;               // what a stream takes beside its body and reply
constexpr uint32_t kStreamWindow = 65536;          // one octet more than a body may have
constexpr int32_t kConnectionWindow = 128 * 1024;  // of bodies that have not come to their end
// RST_STREAM of a client: how many at once, and how many more each second.
constexpr uint64_t kMostResets = 500;
constexpr uint64_t kResetRate = 50;

struct FreeOptions {
  void operator()(nghttp2_option* options) const { nghttp2_option_del(options); }
};

std::unique_ptr<nghttp2_option, FreeOptions> make_options() {
  nghttp2_option* made = nullptr;
  net::check_http2(nghttp2_option_new(&made));
  nghttp2_option_set_no_auto_window_update(made, 1);
  nghttp2_option_set_no_closed_streams(made, 1);
  nghttp2_option_set_stream_reset_rate_limit(made, kMostResets, kResetRate);
  return std::unique_ptr<nghttp2_option, FreeOptions>(made);
}

bool is_request(const nghttp2_frame& frame) {
  return frame.hd.type == NGHTTP2_HEADERS && frame.headers.cat == NGHTTP2_HCAT_REQUEST;
}

}  // namespace

struct Http2::Stream {
  HttpRequest request;
  size_t header_size = 0;
  uint64_t content_length = 0;
  size_t unconsumed = 0;  // octets of the body that the client's windows miss
  bool ended = false;     // the client has said all
  bool answered = false;
  bool said = false;  // the reply has left
  std::vector<uint8_t> reply;
  size_t sent = 0;
  size_t kept = 0;  // what is counted for it
};

// nghttp2 says what a callback is given.
// NOLINTBEGIN(readability-function-size)
struct Http2::Callbacks {
  static Http2& of(void* user) { return *static_cast<Http2*>(user); }

  static int begin_headers(nghttp2_session*, const nghttp2_frame* frame, void* user) {
    if (!is_request(*frame)) return 0;
    return net::guarded_http2([&] { of(user).begin(frame->hd.stream_id); });
  }

  static int header(nghttp2_session*, const nghttp2_frame* frame, const uint8_t* name,
                    size_t name_size, const uint8_t* value, size_t value_size, uint8_t,
                    void* user) {
    Stream* const stream = is_request(*frame) ? of(user).find(frame->hd.stream_id) : nullptr;
    if (stream == nullptr) return 0;
    return net::guarded_http2([&] {
      of(user).add_header(*stream, {reinterpret_cast<const char*>(name), name_size},
                          {reinterpret_cast<const char*>(value), value_size});
    });
  }

  static int data(nghttp2_session* session, uint8_t, int32_t id, const uint8_t* octets, size_t size,
                  void* user) {
    Stream* const stream = of(user).find(id);
    if (stream == nullptr) return nghttp2_session_consume_connection(session, size);
    return net::guarded_http2([&] { of(user).add_body(id, *stream, {octets, size}); });
  }

  static int frame_received(nghttp2_session*, const nghttp2_frame* frame, void* user) {
    const int32_t id = frame->hd.stream_id;
    Stream* const stream = of(user).find(id);
    if (stream == nullptr) return 0;
    return net::guarded_http2([&] {
      if (is_request(*frame)) of(user).header_ended(id, *stream);
      if (net::ends_http2_stream(*frame)) of(user).ended(id, *stream);
    });
  }

  static int frame_sent(nghttp2_session*, const nghttp2_frame* frame, void* user) {
    const int32_t id = frame->hd.stream_id;
    if (Stream* const stream = of(user).find(id);
        stream != nullptr && net::ends_http2_stream(*frame))
      of(user).has_been_said(*stream);
    return 0;
  }

  static int closed(nghttp2_session*, int32_t id, uint32_t, void* user) {
    of(user).forget(id);
    return 0;
  }

  static ssize_t read(nghttp2_session*, int32_t, uint8_t* out, size_t size, uint32_t* flags,
                      nghttp2_data_source* source, void*) {
    auto& stream = *static_cast<Stream*>(source->ptr);
    const size_t piece = std::min(size, stream.reply.size() - stream.sent);
    std::copy_n(stream.reply.data() + stream.sent, piece, out);
    stream.sent += piece;
    if (stream.sent == stream.reply.size()) *flags |= NGHTTP2_DATA_FLAG_EOF;
    return static_cast<ssize_t>(piece);
  }

  static std::unique_ptr<nghttp2_session_callbacks, net::FreeHttp2Callbacks> all() {
    nghttp2_session_callbacks* made = nullptr;
    net::check_http2(nghttp2_session_callbacks_new(&made));
    nghttp2_session_callbacks_set_on_begin_headers_callback(made, begin_headers);
    nghttp2_session_callbacks_set_on_header_callback(made, header);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(made, data);
    nghttp2_session_callbacks_set_on_frame_recv_callback(made, frame_received);
    nghttp2_session_callbacks_set_on_frame_send_callback(made, frame_sent);
    nghttp2_session_callbacks_set_on_stream_close_callback(made, closed);
    return std::unique_ptr<nghttp2_session_callbacks, net::FreeHttp2Callbacks>(made);
  }
};
// NOLINTEND(readability-function-size)

Http2::Http2(HttpServer& server, uint32_t max_streams) : server_(server) {
  const auto options = make_options();
  nghttp2_session* made = nullptr;
  net::check_http2(nghttp2_session_server_new2(&made, Callbacks::all().get(), this, options.get()));
  session_.reset(made);
  const std::array<nghttp2_settings_entry, 3> settings{
      {{NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, max_streams},
       {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, kStreamWindow},
       {NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, uint32_t{kMaxHttpHeader}}}};
  net::check_http2(
      nghttp2_submit_settings(made, NGHTTP2_FLAG_NONE, settings.data(), settings.size()));
  net::check_http2(
      nghttp2_session_set_local_window_size(made, NGHTTP2_FLAG_NONE, 0, kConnectionWindow));
}

// Closing its streams, nghttp2 calls nobody.
Http2::~Http2() = default;

void Http2::receive(std::span<const uint8_t> octets) {
  if (is_over()) return;
  const ssize_t used = nghttp2_session_mem_recv(session_.get(), octets.data(), octets.size());
  failed_ = used < 0;
}

void Http2::take_output(std::vector<uint8_t>& out, size_t most) {
  while (!failed_ && out.size() < most) {
    const uint8_t* octets = nullptr;
    const ssize_t size = nghttp2_session_mem_send(session_.get(), &octets);
    failed_ = size < 0;
    if (size <= 0) return;
    out.insert(out.end(), octets, octets + size);
  }
}

bool Http2::is_over() const {
  return failed_ || (nghttp2_session_want_read(session_.get()) == 0 &&
                     nghttp2_session_want_write(session_.get()) == 0);
}

void Http2::finish() {
  if (failed_) return;
  const int32_t last = nghttp2_session_get_last_proc_stream_id(session_.get());
  failed_ = nghttp2_submit_goaway(session_.get(), NGHTTP2_FLAG_NONE, last, NGHTTP2_NO_ERROR,
                                  nullptr, 0) != 0;
}

int32_t Http2::incomplete() const {
  return incomplete_.empty() ? 0 : *incomplete_.begin();
}

void Http2::give_up(int32_t stream) {
  const Stream* const found = find(stream);
  const bool answered = found != nullptr && found->answered;
  if (!answered) server_.on_fault(408);
  incomplete_.erase(stream);
  // RFC 9113 §8.1: NO_ERROR lets the client have the reply.
  failed_ = failed_ || nghttp2_submit_rst_stream(session_.get(), NGHTTP2_FLAG_NONE, stream,
                                                 answered ? NGHTTP2_NO_ERROR : NGHTTP2_CANCEL) != 0;
}

Http2::Stream* Http2::find(int32_t id) {
  const auto found = streams_.find(id);
  return found != streams_.end() ? found->second.get() : nullptr;
}

void Http2::count(Stream& stream) {
  const HttpRequest& request = stream.request;
  const size_t now = kStreamCost + request.target.size() + request.content_type.size() +
                     request.body.size() + stream.reply.size();
  kept_ += now - stream.kept;
  stream.kept = now;
}

void Http2::begin(int32_t id) {
  Stream& stream = *streams_.emplace(id, std::make_unique<Stream>()).first->second;
  incomplete_.insert(id);
  count(stream);
}

// What is not looked at is counted as well: who sends it makes us take it apart.
void Http2::add_header(Stream& stream, std::string_view name, std::string_view value) {
  stream.header_size += name.size() + value.size() + net::kHttpFieldCost;
  if (stream.header_size > kMaxHttpHeader) return;
  if (name == ":method") stream.request.method = value;
  if (name == ":path") stream.request.target = value;
  if (name == "content-type") stream.request.content_type = value;
  if (name == "content-length")
    std::from_chars(value.data(), value.data() + value.size(), stream.content_length);
}

void Http2::header_ended(int32_t id, Stream& stream) {
  count(stream);
  if (stream.header_size > kMaxHttpHeader) {
    fault(id, stream, 431, "the header is too large\n");
  } else if (stream.content_length > kMaxHttpBody) {
    fault(id, stream, 413, "the message is too large\n");
  }
}

// The client may say more when the request is there; so all bodies that are not whole have one
// window.
void Http2::add_body(int32_t id, Stream& stream, std::span<const uint8_t> octets) {
  if (stream.answered) {
    net::check_http2(nghttp2_session_consume(session_.get(), id, octets.size()));
    return;
  }
  stream.unconsumed += octets.size();
  auto& body = stream.request.body;
  if (body.size() + octets.size() > kMaxHttpBody)
    return fault(id, stream, 413, "the message is too large\n");
  body.insert(body.end(), octets.begin(), octets.end());
  count(stream);
}

void Http2::ended(int32_t id, Stream& stream) {
  stream.ended = true;
  incomplete_.erase(id);
  net::check_http2(
      nghttp2_session_consume_connection(session_.get(), std::exchange(stream.unconsumed, 0)));
  if (stream.answered) return;
  HttpRequest request;
  std::swap(request, stream.request);
  count(stream);
  server_.on_request(id, request);
}

/// The client may go on to say what is dropped, as long as it has time: some know no other end of a
/// request.
void Http2::fault(int32_t id, Stream& stream, uint16_t status, std::string_view text) {
  if (stream.answered) return;
  stream.request = {};
  net::check_http2(
      nghttp2_session_consume(session_.get(), id, std::exchange(stream.unconsumed, 0)));
  server_.on_fault(status);
  answer(id, stream,
         {.status = status, .body = {reinterpret_cast<const uint8_t*>(text.data()), text.size()}});
}

void Http2::answer(int32_t stream, const HttpReply& reply) {
  Stream* const found = find(stream);
  if (found != nullptr && !found->answered && !failed_) answer(stream, *found, reply);
}

void Http2::answer(int32_t id, Stream& stream, const HttpReply& reply) {
  const std::string status = std::to_string(reply.status);
  const std::string size = std::to_string(reply.body.size());
  const std::string age = "max-age=" + std::to_string(reply.max_age.value_or(0));
  std::array<nghttp2_nv, 6> fields{};
  size_t used = 0;
  fields[used++] = net::http2_field(":status", status);
  fields[used++] = net::http2_field("date", http_date());
  fields[used++] = net::http2_field("content-type", reply.content_type);
  fields[used++] = net::http2_field("content-length", size);
  if (reply.max_age) fields[used++] = net::http2_field("cache-control", age);
  if (!reply.allow.empty()) fields[used++] = net::http2_field("allow", reply.allow);
  stream.answered = true;
  if (!reply.head) stream.reply.assign(reply.body.begin(), reply.body.end());
  count(stream);
  ++unsaid_;
  nghttp2_data_provider body{.source = {.ptr = &stream}, .read_callback = Callbacks::read};
  const int result = nghttp2_submit_response(session_.get(), id, fields.data(), used,
                                             stream.reply.empty() ? nullptr : &body);
  failed_ = failed_ || result != 0;
}

void Http2::has_been_said(Stream& stream) {
  if (!std::exchange(stream.said, true)) --unsaid_;
}

void Http2::forget(int32_t id) {
  const auto found = streams_.find(id);
  if (found == streams_.end()) return;
  const Stream& stream = *found->second;
  if (stream.unconsumed != 0) nghttp2_session_consume_connection(session_.get(), stream.unconsumed);
  if (stream.answered && !stream.said) --unsaid_;
  kept_ -= stream.kept;
  incomplete_.erase(id);
  streams_.erase(found);
}

}  // namespace fairlead::listen
