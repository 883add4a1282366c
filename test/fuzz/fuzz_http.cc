// What a client of DNS over HTTPS sends once it is connected. The first octet chooses: HTTP/2
// behind its preface (1), replies that come later (2), octets that come in small pieces (4), and a
// server that is about to leave (8). Every request is answered once; nothing is kept for those that
// are over.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string_view>
#include <vector>

#include "listen/doh.h"
#include "listen/http1.h"
#include "listen/http2.h"

namespace {

using namespace fairlead;
using Octets = std::vector<uint8_t>;

void demand(bool condition, const char* what) {
  if (condition) return;
  std::fprintf(stderr, "broken: %s\n", what);
  std::abort();
}

class Server : public listen::HttpServer {
 public:
  explicit Server(bool late) : late_(late) {}

  void on_request(int32_t stream, listen::HttpRequest& request) override {
    demand(request.body.size() <= listen::kMaxHttpBody, "bodies have a limit");
    demand(request.target.size() <= listen::kMaxHttpHeader, "headers have a limit");
    const listen::DohQuery query = listen::doh_query(request);
    demand((query.status == 200) == query.text.empty(), "what is refused has a reason");
    // The query stands for a reply: whatever it is, its age can be told.
    if (query.status == 200) asked_ = query.message;
    waiting_.push_back(stream);
    if (!late_) answer_all();
  }

  void on_fault(uint16_t status) override { demand(status >= 400, "a fault is no success"); }

  void answer_all() {
    const std::vector<int32_t> waiting = std::exchange(waiting_, {});
    for (const int32_t stream : waiting) {
      const auto reply =
          asked_.empty() ? listen::HttpReply{.status = 404} : listen::doh_reply(asked_, false);
      demand(reply.max_age.value_or(0) <= 3600, "no reply lives for longer");
      http->answer(stream, reply);
    }
  }

  listen::HttpConversation* http = nullptr;

 private:
  const bool late_;
  Octets asked_;
  std::vector<int32_t> waiting_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0 || size > 65536) return 0;
  constexpr std::string_view kPreface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
  Server server((data[0] & 2) != 0);
  std::unique_ptr<listen::HttpConversation> http;
  if ((data[0] & 1) != 0) {
    http = std::make_unique<listen::Http2>(server, 10);
  } else {
    http = std::make_unique<listen::Http1>(server);
  }
  server.http = http.get();
  Octets said;
  if ((data[0] & 1) != 0)
    http->receive({reinterpret_cast<const uint8_t*>(kPreface.data()), kPreface.size()});
  const size_t piece = (data[0] & 4) != 0 ? 7 : 16384;
  // On the heap and of its own size, so that a sanitizer sees every octet too far.
  for (size_t at = 1; at < size && !http->is_over(); at += piece) {
    const Octets octets(data + at, data + std::min(at + piece, size));
    if (!http->takes_input()) server.answer_all();
    http->receive(octets);
    if ((data[0] & 8) != 0 && at > size / 2) http->finish();
    http->take_output(said, said.size() + 65536);
    if (http->incomplete() != 0 && octets.back() == 'T') http->give_up(http->incomplete());
  }
  server.answer_all();
  http->take_output(said, said.size() + 65536);
  demand(http->is_busy() || http->kept() <= 65536, "little is kept for nobody");
  return 0;
}
