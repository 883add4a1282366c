// The names of addresses (RFC 1035 §3.5, RFC 3596 §2.5): the other way round than
// address_from_reverse_name().
#pragma once

#include "dns/address.h"
#include "dns/name.h"

namespace fairlead::dns {

Name reverse_name(const IpAddress& address);

}  // namespace fairlead::dns
