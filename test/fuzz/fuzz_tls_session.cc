// What comes to one end of a TLS connection. The first octet chooses the end (1), whether the
// handshake is over (2), whether the rest is what comes or tells what happens to what the other end
// sends (4), and TLS 1.2 (8). Nobody may hear what the other end has not said, in its order.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "net/tls_session.h"
#include "test/unit/support/tls_pair.h"

namespace {

using namespace fairlead;
using net::TlsSession;
using test::Octets;
using test::TlsPair;
using State = TlsSession::State;

void demand(bool condition, const char* what) {
  if (condition) return;
  std::fprintf(stderr, "broken: %s\n", what);
  std::abort();
}

struct Contexts {
  Contexts() {
    server = net::TlsContext::server({.certificate = test::certificate_of(identity),
                                      .key = test::key_of(identity),
                                      .client_auth = net::ClientAuth::VerifyIfGiven,
                                      .client_ca = test::certificate_of(authority),
                                      .alpn = {"dot"},
                                      .tickets = std::make_shared<net::TicketKeys>()});
    const net::ClientTls settings{.ca = test::certificate_of(authority),
                                  .certificate = test::certificate_of(identity),
                                  .key = test::key_of(identity),
                                  .alpn = {"dot"}};
    client = net::TlsContext::client(settings);
    old_client = net::TlsContext::client(settings);
    SSL_CTX_set_max_proto_version(old_client->native(), TLS1_2_VERSION);
  }

  const test::Identity authority = test::make_identity("The authority", "", nullptr);
  const test::Identity identity = test::make_identity("either end", "DNS:dns.x", &authority);
  std::shared_ptr<const net::TlsContext> client, old_client, server;
};

const Contexts& contexts() {
  static const Contexts made;
  return made;
}

// One end, and what it heard of what the other one said.
class Attack {
 public:
  Attack(TlsPair& pair, bool on_server, bool was_open)
      : end_(on_server ? pair.server : pair.client),
        other_(on_server ? pair.client : pair.server),
        was_open_(was_open) {
    end_.advance();
    other_.advance();
  }

  void give(std::span<const uint8_t> octets) {
    const State before = end_.state();
    const size_t heard = heard_.size();
    end_.receive(octets);
    TlsPair::listen(end_, heard_);
    demand(said_.starts_with(heard_), "only what was said is heard");
    demand(before != State::Failed || heard_.size() == heard, "nothing is heard after a failure");
    demand(before != State::Failed || end_.state() == State::Failed, "a failure stays");
    demand((end_.state() == State::Failed) != end_.error().empty(), "a failure has a reason");
    demand(std::ranges::all_of(end_.error(), [](char c) { return c >= ' ' && c <= '~'; }),
           "text for people is printable");
    demand(!was_open_ || said_goodbye_ || end_.state() != State::Closed, "only the other end ends");
  }

  // What is under way from the other end.
  Octets& under_way() {
    Octets reply;
    end_.take_output(reply);
    if (reply.size() <= TlsSession::kMaxUnread) other_.receive(reply);
    std::string ignored;
    TlsPair::listen(other_, ignored);
    other_.take_output(under_way_);
    return under_way_;
  }

  void say(size_t size) {
    const std::string text(size, static_cast<char>('a' + said_.size() % 26));
    if (other_.write(test::octets_of(text))) said_ += text;
  }

  void say_goodbye() {
    said_goodbye_ = true;
    other_.end();
  }

 private:
  TlsSession& end_;
  TlsSession& other_;
  const bool was_open_;
  bool said_goodbye_ = false;
  std::string said_, heard_;
  Octets under_way_;
};

// Every two octets are a step.
void run_script(Attack& attack, std::span<const uint8_t> script) {
  Octets last;
  for (; script.size() >= 2; script = script.subspan(2)) {
    const size_t argument = script[1];
    Octets& stream = attack.under_way();
    const auto take = [&stream](size_t size) {
      const auto end = stream.begin() + static_cast<long>(std::min(size, stream.size()));
      Octets piece(stream.begin(), end);
      stream.erase(stream.begin(), end);
      return piece;
    };
    switch (script[0] % 8) {
      case 0:
        attack.give(last = take(8 * (argument + 1)));
        break;
      case 1:
        attack.give(last = take(argument + 1));
        break;
      case 2:
        last = take(1);
        for (uint8_t& octet : last) octet ^= static_cast<uint8_t>(argument);
        attack.give(last);
        break;
      case 3:
        take(argument + 1);
        break;
      case 4:
        attack.give({&script[1], 1});
        break;
      case 5:
        attack.give(last);
        break;
      case 6:
        attack.say(argument);
        break;
      case 7:
        attack.say_goodbye();
        break;
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0 || size > 65536) return 0;
  const bool on_server = (data[0] & 1) != 0;
  const bool handshake_first = (data[0] & 2) != 0;
  const auto& client = (data[0] & 8) != 0 ? contexts().old_client : contexts().client;
  TlsPair pair(*client, *contexts().server);
  if (handshake_first) {
    pair.move();
    demand(pair.open(), "the two ends understand each other");
  }
  Attack attack(pair, on_server, handshake_first);
  // On the heap and of its own size, so that a sanitizer sees every octet too far.
  const Octets rest(data + 1, data + size);
  if ((data[0] & 4) != 0) {
    run_script(attack, rest);
  } else {
    attack.under_way();
    attack.give(rest);
  }
  attack.under_way();
  return 0;
}
