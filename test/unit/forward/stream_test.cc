#include "forward/stream.h"

#include <doctest/doctest.h>

#include <atomic>
#include <mutex>
#include <set>

#include "test/unit/forward/stream_recorder.h"

namespace fairlead::forward {
namespace {

uint16_t id_of(const Octets& message) {
  return static_cast<uint16_t>(message[0] << 8 | message[1]);
}

TEST_CASE("stream: a query comes back with its own id") {
  std::atomic<uint16_t> seen{0};
  Streams streams({[&seen](ServerEnd& end) {
    const Octets query = end.receive();
    if (query.empty()) return;
    seen = id_of(query);
    end.send(query);
    end.at_end();
  }});
  CHECK_FALSE(streams.send(7, message(0x1234, 0xaa)));
  CHECK(streams.user.told == 0);
  REQUIRE(streams.wait_for(1));
  CHECK(streams.user.messages[7] == message(0x1234, 0xaa));
}

TEST_CASE("stream: queries share one connection, replies come in any order") {
  constexpr size_t kQueries = 100;
  std::mutex mutex;
  std::set<uint16_t> ids;  // under mutex, as is unchanged
  size_t unchanged = 0;
  Streams streams({[&](ServerEnd& end) {
    std::vector<Octets> queries;
    while (queries.size() < kQueries) {
      queries.push_back(end.receive());
      if (queries.back().empty()) return;
      const std::lock_guard lock(mutex);
      ids.insert(id_of(queries.back()));
      if (id_of(queries.back()) == 0x1234) ++unchanged;
    }
    Octets replies;
    for (size_t i = kQueries; i-- > 0;) {
      const Octets frame = ServerEnd::framed(queries[i]);
      replies.insert(replies.end(), frame.begin(), frame.end());
    }
    end.send_raw(replies);
    end.at_end();
  }});
  for (uint32_t i = 0; i < kQueries; ++i) {
    CHECK_FALSE(streams.send(i, message(0x1234, static_cast<uint8_t>(i), 12 + i)));
  }
  REQUIRE(streams.wait_for(kQueries));
  for (uint32_t i = 0; i < kQueries; ++i) {
    CHECK(streams.user.messages[i] == message(0x1234, static_cast<uint8_t>(i), 12 + i));
  }
  const std::lock_guard lock(mutex);
  CHECK(ids.size() == kQueries);  // no id twice on a connection
  CHECK(unchanged < 3);           // they are random
  CHECK(streams.server.accepted() == 1);
}

TEST_CASE("stream: an open connection is used again") {
  Streams streams({echo});
  CHECK_FALSE(streams.send(1, message(1, 1)));
  REQUIRE(streams.wait_for(1));
  CHECK(streams.send(2, message(2, 2)));
  REQUIRE(streams.wait_for(2));
  CHECK(streams.user.messages[2] == message(2, 2));
  CHECK(streams.server.accepted() == 1);
}

TEST_CASE("stream: octet by octet") {
  Streams streams({[](ServerEnd& end) {
    for (Octets query = end.receive(); !query.empty(); query = end.receive()) {
      for (const uint8_t octet : ServerEnd::framed(query)) end.send_raw({octet});
    }
  }});
  streams.send(1, message(1, 1, 300));
  streams.send(2, message(2, 2, 12));
  REQUIRE(streams.wait_for(2));
  CHECK(streams.user.messages[1] == message(1, 1, 300));
  CHECK(streams.user.messages[2] == message(2, 2, 12));
}

TEST_CASE("stream: the largest message, both ways") {
  Streams streams({echo});
  streams.send(1, message(1, 1, 65535));
  streams.send(2, message(2, 2, 65535));
  REQUIRE(streams.wait_for(2));
  CHECK(streams.user.messages[1] == message(1, 1, 65535));
  CHECK(streams.user.messages[2] == message(2, 2, 65535));
}

TEST_CASE("stream: what is no reply to a query is passed over") {
  Streams streams({[](ServerEnd& end) {
    const Octets query = end.receive();
    if (query.empty()) return;
    end.send({});                                                       // nothing in the frame
    end.send({1, 2, 3});                                                // no header
    end.send(message(static_cast<uint16_t>(id_of(query) ^ 1U), 0xee));  // another id
    end.send(query);
    end.send(query);  // once more
    echo(end);
  }});
  streams.send(1, message(1, 1));
  REQUIRE(streams.wait_for(1));
  CHECK(streams.user.messages[1] == message(1, 1));
  streams.send(2, message(2, 2));
  REQUIRE(streams.wait_for(2));
  CHECK(streams.user.messages[2] == message(2, 2));
}

TEST_CASE("stream: a connection that was closed meanwhile costs a silent reconnect") {
  const auto once = [](ServerEnd& end) {
    end.send(end.receive());
    end.receive();  // taken, not answered
  };
  const auto once_then_reset = [](ServerEnd& end) {
    end.send(end.receive());
    end.receive();
    end.reset();
  };
  for (const StreamServer::Script& first : {StreamServer::Script(once), {once_then_reset}}) {
    Streams streams({first, echo});
    streams.send(1, message(1, 1));
    REQUIRE(streams.wait_for(1));
    CHECK(streams.send(2, message(2, 2)));
    REQUIRE(streams.wait_for(2));
    CHECK(streams.user.messages[2] == message(2, 2));
    CHECK(streams.user.errors.empty());
    CHECK(streams.server.accepted() == 2);
  }
}

TEST_CASE("stream: all that were pipelined behind an answered query are sent again") {
  const auto answer_one_of_five = [](ServerEnd& end) {
    const Octets first = end.receive();
    for (int i = 0; i < 4; ++i) end.receive();
    end.send(first);
  };
  Streams streams({answer_one_of_five, echo});
  for (uint32_t i = 0; i < 5; ++i) streams.send(i, message(1, static_cast<uint8_t>(i)));
  REQUIRE(streams.wait_for(5));
  CHECK(streams.user.messages.size() == 5);
  CHECK(streams.server.accepted() == 2);
}

TEST_CASE("stream: the second end in a row is told") {
  const auto take_and_close = [](ServerEnd& end) { end.receive(); };
  const auto once = [](ServerEnd& end) {
    end.send(end.receive());
    end.receive();
  };
  Streams streams({once, take_and_close});
  streams.send(1, message(1, 1));
  REQUIRE(streams.wait_for(1));
  streams.send(2, message(2, 2));
  REQUIRE(streams.wait_for(2));
  CHECK(streams.user.errors[2] == "EOF");
  CHECK(streams.server.accepted() == 2);
}

TEST_CASE("stream: the end of a new connection is told") {
  const auto port = [](const Streams& streams) { return std::to_string(streams.server.port()); };
  SUBCASE("closed") {
    Streams streams({[](ServerEnd& end) { end.receive(); }});
    streams.send(1, message(1, 1));
    REQUIRE(streams.wait_for(1));
    CHECK(streams.user.errors[1] == "EOF");
    CHECK(streams.server.accepted() == 1);
  }
  SUBCASE("closed within a message") {
    Streams streams({[](ServerEnd& end) {
      end.receive();
      end.send_raw({0, 20, 1, 2, 3});
    }});
    streams.send(1, message(1, 1));
    REQUIRE(streams.wait_for(1));
    CHECK(streams.user.errors[1] == "unexpected EOF");
  }
  SUBCASE("reset") {
    Streams streams({[](ServerEnd& end) {
      end.receive();
      end.reset();
    }});
    streams.send(1, message(1, 1));
    REQUIRE(streams.wait_for(1));
    const std::string text = streams.user.errors[1];
    CHECK(text.starts_with("read tcp 127.0.0.1:"));
    CHECK(text.ends_with("->127.0.0.1:" + port(streams) + ": read: connection reset by peer"));
  }
}

TEST_CASE("stream: a refused connection fails all that wait for it") {
  uint16_t port = 0;
  {
    const StreamServer gone({echo});
    port = gone.port();
  }
  asio::io_context context;
  StreamRecorder user;
  const Settings settings;
  const UpstreamSettings upstream{.address = *dns::IpAddress::from_text("127.0.0.1"), .port = port};
  StreamPool pool(context, settings, upstream, nullptr, user);
  pool.send(1, message(1, 1), kUsual);
  pool.send(2, message(2, 2), kUsual);
  CHECK(user.told == 0);
  REQUIRE(run_until(context, [&user] { return user.told == 2; }));
  const std::string text =
      "dial tcp 127.0.0.1:" + std::to_string(port) + ": connect: connection refused";
  CHECK(user.errors[1] == text);
  CHECK(user.errors[2] == text);
}

TEST_CASE("stream: a source address that is not ours fails") {
  Settings settings;
  settings.source_address = dns::IpAddress::from_text("192.0.2.1");
  Streams streams({echo}, settings);
  streams.send(1, message(1, 1));
  CHECK(streams.user.told == 0);
  REQUIRE(streams.wait_for(1));
  CHECK(streams.user.errors[1].starts_with("dial tcp 127.0.0.1:"));
  CHECK(streams.user.errors[1].ends_with("cannot assign requested address"));
}

TEST_CASE("stream: the source address is used") {
  Settings settings;
  settings.source_address = dns::IpAddress::from_text("127.0.0.9");
  Streams streams({[](ServerEnd& end) {
                    sockaddr_in peer{};
                    socklen_t size = sizeof peer;
                    ::getpeername(end.socket(), reinterpret_cast<sockaddr*>(&peer), &size);
                    Octets query = end.receive();
                    if (query.empty()) return;
                    query.back() = static_cast<uint8_t>(ntohl(peer.sin_addr.s_addr));
                    end.send(query);
                    end.at_end();
                  }},
                  settings);
  streams.send(1, message(1, 1));
  REQUIRE(streams.wait_for(1));
  CHECK(streams.user.messages[1].back() == 9);
}

TEST_CASE("stream: a cancelled query is not told, the connection stays") {
  Streams streams({[](ServerEnd& end) {
    const Octets first = end.receive();
    const Octets second = end.receive();
    if (second.empty()) return;
    end.send(first);
    end.send(second);
    echo(end);
  }});
  streams.send(1, message(1, 1));
  streams.send(2, message(2, 2));
  streams.cancel(1);
  streams.cancel(99);
  REQUIRE(streams.wait_for(1));
  CHECK(streams.send(3, message(3, 3)));
  REQUIRE(streams.wait_for(2));
  CHECK(streams.user.messages.count(1) == 0);
  CHECK(streams.user.messages[3] == message(3, 3));
  CHECK(streams.user.errors.empty());
  CHECK(streams.server.accepted() == 1);
}

}  // namespace
}  // namespace fairlead::forward
