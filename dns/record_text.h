// Records as people read them.
#pragma once

#include <string>

#include "dns/answer.h"

namespace fairlead::dns {

/// One record as a line of a zone file, "web.shop.svc.cluster.local. 30 IN A 10.96.0.7" (RFC 1035
/// §5.1); rdata of types that are not known here as RFC 3597 §5 has it. `qname` is what kQname
/// stands for. Printable whatever the rdata holds.
std::string to_text(const Answer& answer, const Record& record, NameView qname);

/// The same of a record of class IN, appended with the end of its line: what reads zone files finds
/// this record there, whatever octets its names and strings have.
void append_zone_line(NameView owner, RrType type, uint32_t ttl, std::span<const uint8_t> rdata,
                      std::string& out);

/// The part behind the type.
std::string rdata_text(RrType type, std::span<const uint8_t> rdata);

}  // namespace fairlead::dns
