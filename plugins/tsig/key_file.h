// Secrets as BIND's named.conf and tsig-keygen write them:
//   key "NAME" { algorithm hmac-sha256; secret "BASE64"; };
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "signing/tsig.h"

namespace fairlead::plugins::tsig {

/// Reads all of `text`, comments (#, //, /* */) left out. Returns what is wrong first: "line 2:
/// …"; empty: `keys` has what it says. An algorithm may be named and counts for nothing, as in
/// CoreDNS. Linear in the text.
std::string read_key_file(std::string_view text, std::vector<signing::TsigKey>& keys);

/// A key of these two words. Returns what is wrong with the name, or nothing. Without octets in its
/// secret, as when that is not base64, a key is of no use: everybody could sign with it.
std::string make_key(const std::string& name, const std::string& secret, signing::TsigKey& key);

}  // namespace fairlead::plugins::tsig
