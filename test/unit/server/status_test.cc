#include <doctest/doctest.h>
#include <sys/un.h>

#include <cstddef>
#include <cstring>
#include <string>
#include <thread>
#include <variant>
#include <vector>

#include "net/file_descriptor.h"
#include "server/status_command.h"
#include "server/status_socket.h"
#include "server/status_text.h"

using namespace fairlead;
using namespace fairlead::server;

namespace {

// What a client of the socket reads until its end.
std::string read_all(const std::string& name) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path + 1, name.data(), name.size());
  const net::FileDescriptor client(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + name.size());
  if (::connect(client.get(), reinterpret_cast<const sockaddr*>(&address), size) != 0) return "-";
  std::string all;
  char octets[4096];
  for (ssize_t n = 0; (n = ::recv(client.get(), octets, sizeof octets, 0)) > 0;)
    all.append(octets, static_cast<size_t>(n));
  return all;
}

}  // namespace

TEST_CASE("status: whoever connects is told everything, as often as it asks") {
  asio::io_context io{1};
  int asked = 0;
  const std::string text(StatusText::kMost, 'x');
  StatusSocket socket(io, [&] { return status_reply(++asked == 1, text); });
  REQUIRE(socket.open().empty());
  CHECK(socket.name().starts_with(kStatusSocketPrefix));
  std::thread server([&] { io.run(); });
  CHECK(read_all(socket.name()) == "ready\n" + text);
  CHECK(read_all(socket.name()) == "not ready\n" + text);
  asio::post(io, [&] { socket.close(); });
  server.join();  // nothing keeps the loop running
  CHECK(read_all(socket.name()) == "-");
}

TEST_CASE("status: only who is seen, and is the server's user or root, is told anything") {
  CHECK(may_ask({.pid = 7, .uid = 65532, .gid = 1}, 65532));
  CHECK(may_ask({.pid = 7, .uid = 0, .gid = 0}, 65532));
  CHECK_FALSE(may_ask({.pid = 7, .uid = 1000, .gid = 65532}, 65532));
  CHECK_FALSE(may_ask({.pid = 0, .uid = 65532, .gid = 65532}, 65532));  // another container's
  CHECK_FALSE(may_ask({.pid = 0, .uid = 0, .gid = 0}, 0));
  CHECK(peer_of(-1).pid == 0);
}

TEST_CASE("status: the sockets of servers, among others") {
  const std::string listed =
      "Num       RefCount Protocol Flags    Type St Inode Path\n"
      "0000000000000000: 00000002 00000000 00010000 0001 01 1001 @fairlead-status-00ff\n"
      "0000000000000000: 00000003 00000000 00000000 0001 03 1002 @fairlead-status-00ff\n"
      "0000000000000000: 00000002 00000000 00010000 0001 01 1003 @fairlead-status-aaaa\n"
      "0000000000000000: 00000002 00000000 00010000 0001 01 1004 /run/fairlead-status-bbbb\n"
      "0000000000000000: 00000002 00000000 00000000 0002 01 1005\n";
  CHECK(status_sockets(listed) ==
        std::vector<std::string>{"fairlead-status-00ff", "fairlead-status-aaaa"});
  CHECK(status_sockets("").empty());
}

TEST_CASE("status: flags") {
  const auto pid_of = [](const std::vector<std::string>& arguments) {
    const auto parsed = parse_status_flags(arguments);
    return std::holds_alternative<StatusFlags>(parsed)
               ? std::get<StatusFlags>(parsed).pid.value_or(0)
               : -1;
  };
  CHECK(pid_of({}) == 0);
  CHECK(pid_of({"-pid", "12"}) == 12);
  CHECK(pid_of({"--pid=12"}) == 12);
  for (const std::vector<std::string>& wrong : std::vector<std::vector<std::string>>{{"-pid"},
                                                                                     {"-pid", "x"},
                                                                                     {"-pid=0"},
                                                                                     {"-pid=-1"},
                                                                                     {"-pid=12x"},
                                                                                     {"-conf", "f"},
                                                                                     {"now"}}) {
    CAPTURE(wrong[0]);
    CHECK(pid_of(wrong) == -1);
  }
  CHECK(std::get<StatusFlags>(parse_status_flags({"-h"})).help);
}

TEST_CASE("status: the text has a line for each thing, and a bound") {
  StatusText text;
  text.add("ready", "no:\x1b kubernetes\n");
  text.add_lines("trouble", "\nloop: a\nkubernetes: b");
  text.add_lines("trouble", "");
  text.add("", "goes on");
  CHECK(text.text() ==
        "ready     no:  kubernetes \n"
        "trouble   loop: a\n"
        "trouble   kubernetes: b\n"
        "          goes on\n");
  for (int i = 0; i < 100; ++i) text.add("upstream", std::string(1000, 'x'));
  CHECK(text.text().size() <= StatusText::kMost);
}
