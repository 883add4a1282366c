#include "plugins/whoami/whoami.h"

#include <array>

namespace fairlead::plugins::whoami {

void answer(const dns::Query& query, const dns::IpAddress& client, uint16_t port,
            dns::Answer& out) {
  out.authoritative = true;
  out.add_address(dns::Section::Additional, dns::kQname, 0, client);

  const bool tcp = query.transport == dns::Transport::Tcp;
  const dns::NameRef owner = out.add_name(tcp ? "_tcp" : "_udp", query.qname);
  // RFC 2782: priority, weight, port, target; the target is the root.
  const std::array<uint8_t, 7> rdata = {
      0, 0, 0, 0, static_cast<uint8_t>(port >> 8), static_cast<uint8_t>(port & 0xff), 0};
  out.add_raw(dns::Section::Additional, owner, dns::RrType::Srv, 0, rdata);
}

}  // namespace fairlead::plugins::whoami
