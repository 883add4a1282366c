// Names as text: without a string of their own, and as zone files have them.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "dns/name.h"

namespace fairlead::dns {

/// Appends what to_text() says.
void append_text(NameView name, std::string& out);

/// Appends the name as a word of a record's text: what has a meaning there (RFC 1035 §5.1) is
/// escaped, too. As CoreDNS writes names.
void append_word(NameView name, std::string& out);

/// Reads a name as Name::from_text() does; without a final dot it lies below `origin`, "@" is
/// `origin` itself (RFC 1035 §5.1). Empty when it is no name, or too long.
std::optional<Name> name_from_text(std::string_view text, NameView origin);

}  // namespace fairlead::dns
