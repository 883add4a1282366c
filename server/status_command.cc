#include "server/status_command.h"

#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <set>
#include <sstream>
#include <string_view>
#include <utility>

#include "net/file_descriptor.h"
#include "server/status_socket.h"

namespace fairlead::server {
namespace {

constexpr timeval kPatience{.tv_sec = 5, .tv_usec = 0};
constexpr size_t kMostText = 1 << 20;  // octets

/// A server's answer.
struct Said {
  pid_t pid = 0;     // 0: it is not to be seen from here
  std::string text;  // empty: it has not answered, or not this user
};

net::FileDescriptor connect_to(const std::string& name) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (name.size() + 1 > sizeof address.sun_path) return {};
  std::memcpy(address.sun_path + 1, name.data(), name.size());
  net::FileDescriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  ::setsockopt(socket.get(), SOL_SOCKET, SO_RCVTIMEO, &kPatience, sizeof kPatience);
  ::setsockopt(socket.get(), SOL_SOCKET, SO_SNDTIMEO, &kPatience, sizeof kPatience);
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + name.size());
  if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), size) != 0) return {};
  return socket;
}

Said ask(const std::string& name) {
  const net::FileDescriptor socket = connect_to(name);
  if (!socket.is_open()) return {};
  Said said{.pid = peer_of(socket.get()).pid};
  std::array<char, 4096> octets;  // NOLINT: the kernel fills it
  for (ssize_t n = 0; said.text.size() < kMostText &&
                      (n = ::recv(socket.get(), octets.data(), octets.size(), 0)) > 0;) {
    said.text.append(octets.data(), static_cast<size_t>(n));
  }
  return said;
}

std::string proc_net_unix() {
  std::ifstream file("/proc/net/unix");
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

int complain(const std::string& text, int status) {
  std::fprintf(stderr, "fairlead status: %s\n", text.c_str());
  return status;
}

std::string list_of(const std::vector<Said>& servers) {
  std::string text;
  for (const Said& said : servers) text += (text.empty() ? "" : ", ") + std::to_string(said.pid);
  return text;
}

int show(const Said& said) {
  const size_t end = said.text.find('\n');
  if (end == std::string::npos) {
    return complain("the server, process " + std::to_string(said.pid) +
                        ", does not answer this user, or not within 5 seconds",
                    1);
  }
  std::fputs(said.text.c_str() + end + 1, stdout);
  return said.text.compare(0, end, "ready") == 0 ? 0 : 1;
}

int run(const StatusFlags& flags) {
  std::vector<Said> servers;
  for (const std::string& name : status_sockets(proc_net_unix())) {
    Said said = ask(name);
    const bool wanted = said.pid != 0 && (!flags.pid || *flags.pid == said.pid);
    if (wanted) servers.push_back(std::move(said));
  }
  if (servers.empty()) {
    const std::string which = flags.pid ? " with process ID " + std::to_string(*flags.pid) : "";
    return complain("no server" + which + " runs here", 1);
  }
  if (servers.size() > 1)
    return complain("several servers run here, name one with -pid: " + list_of(servers), 2);
  return show(servers.front());
}

}  // namespace

std::variant<StatusFlags, net::UsageError> parse_status_flags(
    const std::vector<std::string>& arguments) {
  StatusFlags flags;
  for (size_t i = 0; i < arguments.size(); ++i) {
    const std::string& argument = arguments[i];
    if (argument.size() < 2 || argument[0] != '-')
      return net::UsageError{"status takes no \"" + argument + "\""};
    std::string name = argument.substr(argument[1] == '-' ? 2 : 1);
    if (name == "help" || name == "h") {
      flags.help = true;
      return flags;
    }
    const size_t equals = name.find('=');
    std::optional<std::string> value;
    if (equals != std::string::npos) value = name.substr(equals + 1);
    name.resize(std::min(equals, name.size()));
    if (name != "pid") return net::UsageError{"flag provided but not defined: -" + name};
    if (!value && i + 1 == arguments.size()) return net::UsageError{"flag needs an argument: -pid"};
    if (!value) value = arguments[++i];
    int pid = 0;
    const char* end = value->data() + value->size();
    const auto read = std::from_chars(value->data(), end, pid);
    if (read.ec != std::errc() || read.ptr != end || pid < 1)
      return net::UsageError{"invalid value \"" + *value + "\" for flag -pid: parse error"};
    flags.pid = pid;
  }
  return flags;
}

std::string status_usage() {
  return "Usage: fairlead status [flags]\n"
         "  -pid int\n    \tProcess ID of the server, where several run\n";
}

// The name is the last word of a line, and is there for each connection too.
std::vector<std::string> status_sockets(const std::string& proc_net_unix) {
  std::set<std::string> names;
  std::istringstream lines(proc_net_unix);
  for (std::string line; std::getline(lines, line);) {
    const std::string_view name = std::string_view(line).substr(line.rfind(' ') + 1);
    if (name.starts_with('@') && name.substr(1).starts_with(kStatusSocketPrefix))
      names.emplace(name.substr(1));
  }
  return {names.begin(), names.end()};
}

int status_main(const std::vector<std::string>& arguments) {
  const auto parsed = parse_status_flags(arguments);
  if (const auto* error = std::get_if<net::UsageError>(&parsed)) {
    std::fprintf(stderr, "%s\n%s", error->message.c_str(), status_usage().c_str());
    return error->exit_code;
  }
  const auto& flags = std::get<StatusFlags>(parsed);
  if (flags.help) return std::fputs(status_usage().c_str(), stdout), 0;
  return run(flags);
}

}  // namespace fairlead::server
