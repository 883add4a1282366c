// The file of a zone that was signed here, or by CoreDNS's sign.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace fairlead::plugins::sign {

/// Why the zone is to be signed anew at `now`, seconds since 1970; empty: its signatures are good.
/// It is when its SOA has no signature or one that began more than six days ago or begins in the
/// future, or that ends within seven days; or when the keys that signed it are not those of `tags`.
std::string reason_to_sign(const std::string& path, uint32_t now, std::vector<uint16_t> tags);

/// The same of the text of a file.
std::string reason_of_text(const std::string& text, uint32_t now, std::vector<uint16_t> tags);

/// Puts `text` in place of the file: readers see the old one or the new one. Returns why that
/// cannot be; empty: it is done.
std::string replace_file(const std::string& path, const std::string& text);

/// 2006-01-02T15:04:05.000Z
std::string timestamp(uint32_t seconds);

}  // namespace fairlead::plugins::sign
