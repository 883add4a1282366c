// Rdata of which one word or all words are read in a way of their own. Each function appends the
// octets in wire form to `out`; false when the words say nothing, and then what it has appended
// means nothing. RdataWords are without quotes and escapes. Internal to dns/.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "dns/name.h"

namespace fairlead::dns {

using RdataWords = std::span<const std::string>;

/// LOC: DEGREES [MINUTES [SECONDS]] N|S, the same with E|W, then ALTITUDE[m], and the size and two
/// precisions unless they are the usual ones (RFC 1876 §3).
bool append_location(RdataWords words, std::vector<uint8_t>& out);

/// APL: any number of [!]FAMILY:ADDRESS/PREFIX (RFC 3123 §5).
bool append_prefixes(RdataWords words, std::vector<uint8_t>& out);

/// HIP: ALGORITHM HIT KEY [SERVERS...] (RFC 8005 §6). Names lie below `origin`.
bool append_host_identity(RdataWords words, NameView origin, std::vector<uint8_t>& out);

/// AMTRELAY: PRECEDENCE DISCOVERY TYPE RELAY (RFC 8777 §4.3).
bool append_relay(RdataWords words, NameView origin, std::vector<uint8_t>& out);

/// IPSECKEY: PRECEDENCE TYPE ALGORITHM GATEWAY [KEY...] (RFC 4025 §3).
bool append_ipsec_key(RdataWords words, NameView origin, std::vector<uint8_t>& out);

/// HINFO: CPU OS; of more words the system has the rest, of one alone it has what is behind the
/// first blank.
bool append_host_info(RdataWords words, std::vector<uint8_t>& out);

/// EUI48, EUI64: `octets` of them, "00-00-5e-00-53-2a" (RFC 7043 §3.2).
bool append_hardware_address(std::string_view word, size_t octets, std::vector<uint8_t>& out);

/// NID, L64: "14:4fff:ff20:ee64" (RFC 6742 §2.1.2).
bool append_locator(std::string_view word, std::vector<uint8_t>& out);

/// A number, or a mnemonic in any case: of an algorithm (RFC 4034 §A.1), of a certificate's type
/// (RFC 4398 §2.1).
std::optional<uint32_t> algorithm_from_text(std::string_view word);
std::optional<uint32_t> certificate_type_from_text(std::string_view word);

}  // namespace fairlead::dns
