// Tells clients who they are: their address and port.
#pragma once

#include <cstdint>

#include "dns/address.h"
#include "dns/answer.h"
#include "dns/query.h"
#include "plugins/whoami/setup.h"

namespace fairlead::plugins::whoami {

/// Fills a cleared `out` for any name and type: no answer records; an A or AAAA record with the
/// client's address and an SRV record _udp.QNAME or _tcp.QNAME with its port in the additional
/// section, TTL 0.
void answer(const dns::Query& query, const dns::IpAddress& client, uint16_t port, dns::Answer& out);

}  // namespace fairlead::plugins::whoami
