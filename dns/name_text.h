// Names as text without a string of their own.
#pragma once

#include <string>

#include "dns/name.h"

namespace fairlead::dns {

/// Appends what to_text() says.
void append_text(NameView name, std::string& out);

/// Appends the name as a word of a record's text: what has a meaning there (RFC 1035 §5.1) is
/// escaped, too. As CoreDNS writes names.
void append_word(NameView name, std::string& out);

}  // namespace fairlead::dns
