#include "test/unit/forward/http2_server.h"

#include <algorithm>
#include <string_view>

namespace fairlead::forward {
namespace {

// Views of what the caller keeps until nghttp2 has copied it.
nghttp2_nv field_of(std::string_view name, std::string_view value) {
  const auto octets = [](std::string_view text) {
    return reinterpret_cast<uint8_t*>(const_cast<char*>(text.data()));
  };
  return {octets(name), octets(value), name.size(), value.size(), NGHTTP2_NV_FLAG_NONE};
}

}  // namespace

// NOLINTBEGIN(readability-function-size): nghttp2 says what a callback is given
struct Http2Server::Callbacks {
  static Http2Server& of(void* user) { return *static_cast<Http2Server*>(user); }

  static int header(nghttp2_session*, const nghttp2_frame* frame, const uint8_t* name,
                    size_t name_size, const uint8_t* value, size_t value_size, uint8_t,
                    void* user) {
    auto& fields = of(user).begun_[frame->hd.stream_id].fields;
    fields[{reinterpret_cast<const char*>(name), name_size}] =
        std::string(reinterpret_cast<const char*>(value), value_size);
    return 0;
  }

  static int data(nghttp2_session*, uint8_t, int32_t stream, const uint8_t* octets, size_t size,
                  void* user) {
    Octets& body = of(user).begun_[stream].body;
    body.insert(body.end(), octets, octets + size);
    return 0;
  }

  static ssize_t read(nghttp2_session*, int32_t, uint8_t* out, size_t size, uint32_t* flags,
                      nghttp2_data_source* source, void*) {
    auto& body = *static_cast<Body*>(source->ptr);
    const size_t piece = std::min(size, body.octets.size() - body.sent);
    if (piece == 0 && !body.whole) return NGHTTP2_ERR_DEFERRED;
    std::copy_n(body.octets.data() + body.sent, piece, out);
    body.sent += piece;
    if (body.whole && body.sent == body.octets.size()) *flags |= NGHTTP2_DATA_FLAG_EOF;
    return static_cast<ssize_t>(piece);
  }

  static int frame_received(nghttp2_session*, const nghttp2_frame* frame, void* user) {
    const bool may_end = frame->hd.type == NGHTTP2_HEADERS || frame->hd.type == NGHTTP2_DATA;
    if (!may_end || (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) == 0) return 0;
    Request& request = of(user).begun_[frame->hd.stream_id];
    request.stream = frame->hd.stream_id;
    of(user).requests_.push_back(std::move(request));
    of(user).begun_.erase(frame->hd.stream_id);
    return 0;
  }

  static int close(nghttp2_session*, int32_t stream, uint32_t code, void* user) {
    of(user).closed[stream] = code;
    return 0;
  }
};
// NOLINTEND(readability-function-size)

Http2Server::Http2Server(const std::vector<nghttp2_settings_entry>& settings) {
  nghttp2_session_callbacks* callbacks = nullptr;
  nghttp2_session_callbacks_new(&callbacks);
  nghttp2_session_callbacks_set_on_header_callback(callbacks, Callbacks::header);
  nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, Callbacks::data);
  nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, Callbacks::frame_received);
  nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, Callbacks::close);
  nghttp2_session_server_new(&session_, callbacks, this);
  nghttp2_session_callbacks_del(callbacks);
  nghttp2_submit_settings(session_, NGHTTP2_FLAG_NONE, settings.data(), settings.size());
}

Octets Http2Server::output() {
  Octets out;
  const uint8_t* octets = nullptr;
  for (ssize_t n = 0; (n = nghttp2_session_mem_send(session_, &octets)) > 0;)
    out.insert(out.end(), octets, octets + n);
  return out;
}

void Http2Server::reply(int32_t stream, const Reply& reply) {
  const std::string status = std::to_string(reply.status);
  std::vector<nghttp2_nv> fields{field_of(":status", status)};
  if (!reply.type.empty()) fields.push_back(field_of("content-type", reply.type));
  for (const auto& [name, value] : reply.more) fields.push_back(field_of(name, value));
  auto& body = bodies_[stream];
  body = {reply.body, 0, reply.whole};
  nghttp2_data_provider provider{.source = {.ptr = &body}, .read_callback = Callbacks::read};
  const bool empty = reply.body.empty() && reply.whole;
  nghttp2_submit_response(session_, stream, fields.data(), fields.size(),
                          empty ? nullptr : &provider);
}

void Http2Server::early(int32_t stream, unsigned status) {
  const std::string text = std::to_string(status);
  const nghttp2_nv field = field_of(":status", text);
  nghttp2_submit_headers(session_, NGHTTP2_FLAG_NONE, stream, nullptr, &field, 1, nullptr);
}

}  // namespace fairlead::forward
