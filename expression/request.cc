#include "expression/request.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <memory>
#include <string>
#include <utility>

#include "dns/name.h"
#include "net/network_set.h"
#include "net/subnet.h"

namespace fairlead::expression {
namespace {

const Request& request_of(const Subject& subject) {
  return static_cast<const Request&>(subject);
}

const dns::Query& query_of(const Call& call) {
  return request_of(call.subject).query();
}

const char* say(Call& call, std::string_view text) {
  const std::string_view kept = call.scratch.keep(text);
  if (kept.size() != text.size()) return "memory budget exceeded";
  call.result.is = kept;
  return nullptr;
}

bool is_plain(uint8_t octet) {
  return (octet >= 'a' && octet <= 'z') || (octet >= '0' && octet <= '9') || octet == '-' ||
         octet == '_';
}

// Most names need no escapes, and no memory but the Scratch.
const char* say_name(Call& call) {
  const dns::NameView name = query_of(call).lower_qname.view();
  std::array<char, dns::kMaxNameSize> text;
  size_t size = 0;
  for (size_t at = 0; name[at] != 0; at += name[at] + size_t{1}) {
    for (const uint8_t octet : name.subspan(at + 1, name[at])) {
      if (!is_plain(octet)) return say(call, dns::to_text(name));
      text[size++] = static_cast<char>(octet);
    }
    text[size++] = '.';
  }
  return size == 0 ? say(call, ".") : say(call, {text.data(), size});
}

const char* say_number(Call& call, uint64_t number) {
  std::array<char, 20> text;
  const auto end = std::to_chars(text.data(), text.data() + text.size(), number).ptr;
  return say(call, {text.data(), static_cast<size_t>(end - text.data())});
}

template <typename Tell>
Function text(const char* name, Tell tell) {
  return {.name = name, .parameters = {}, .result = kText, .body = tell};
}

template <typename Tell>
Function number(const char* name, Tell tell) {
  return {
      .name = name, .parameters = {}, .result = kInt, .body = [tell](Call& call) -> const char* {
        call.result.is = static_cast<int64_t>(tell(query_of(call)));
        return nullptr;
      }};
}

Function address(const char* name, Function::Address tell) {
  return {.name = name,
          .parameters = {},
          .result = kText,
          .body = [tell](Call& call) { return say(call, tell(call.subject)->to_text()); },
          .address = tell};
}

// CoreDNS: the size of an OPT record or 512, whichever is more; 64 KiB for connections.
int64_t buffer_size(const dns::Query& query) {
  if (query.transport == dns::Transport::Tcp) return 65'535;
  return query.has_edns ? std::max<int64_t>(query.edns.udp_size, 512) : 512;
}

const char* incidr(Call& call) {
  const auto client = dns::IpAddress::from_text(call.text(0));
  net::Subnet network;
  if (!client) return "first argument is not an IP address";
  if (!net::parse_subnet(call.text(1), network)) return "second argument is not a CIDR";
  call.result.is = net::NetworkSet({&network, 1}).contains(*client);
  return nullptr;
}

void add_texts(Environment& all) {
  all.add(text("name", say_name));
  all.add(text("type", [](Call& call) { return say(call, dns::to_text(query_of(call).qtype)); }));
  all.add(text("class", [](Call& call) { return say(call, dns::to_text(query_of(call).qclass)); }));
  all.add(text("proto", [](Call& call) {
    return say(call, query_of(call).transport == dns::Transport::Tcp ? "tcp" : "udp");
  }));
  all.add(text("port", [](Call& call) {
    return say_number(call, request_of(call.subject).peers().client.port);
  }));
  all.add(text("server_port", [](Call& call) {
    return say_number(call, request_of(call.subject).peers().local.port);
  }));
  all.add(address("client_ip", [](const Subject& subject) {
    return std::optional(request_of(subject).peers().client.address);
  }));
  all.add(address("server_ip", [](const Subject& subject) {
    return std::optional(request_of(subject).peers().local.address);
  }));
}

void add_numbers(Environment& all) {
  all.add(number("size", [](const dns::Query& query) { return query.size; }));
  all.add(number("bufsize", buffer_size));
  all.add(number("id", [](const dns::Query& query) { return query.id; }));
  all.add(number("opcode", [](const dns::Query& query) { return static_cast<int>(query.opcode); }));
}

}  // namespace

Environment request_environment() {
  Environment all;
  add_texts(all);
  add_numbers(all);
  all.add(Function{
      .name = "do", .parameters = {}, .result = kBool, .body = [](Call& call) -> const char* {
        const dns::Query& query = query_of(call);
        call.result.is = query.has_edns && query.edns.dnssec_ok;
        return nullptr;
      }});
  all.add(Function{.name = "incidr",
                   .parameters = {kText, kText},
                   .result = kBool,
                   .body = incidr,
                   .may_fail = true,
                   .is_incidr = true});
  all.add(Function{.name = "metadata",
                   .parameters = {kText},
                   .result = kText,
                   .body = [](Call& call) -> const char* {
                     const Request& request = request_of(call.subject);
                     call.result.is = request.label(call.text(0), call.scratch);
                     return nullptr;
                   }});
  return all;
}

}  // namespace fairlead::expression
