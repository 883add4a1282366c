// Names that directives read: what corefile/ has checked as text, as names.
#pragma once

#include <string>
#include <vector>

#include "corefile/cursor.h"
#include "dns/name.h"

namespace fairlead::plugins {

/// `text`, a normalised zone or name, in lower case. Throws corefile::ConfigError at the cursor for
/// text that is no name.
dns::Name name_at(const corefile::Cursor& cursor, const std::string& text);
std::vector<dns::Name> names_at(const corefile::Cursor& cursor,
                                const std::vector<std::string>& texts);

/// "a., b.": for those who read.
std::string list(const std::vector<dns::Name>& names);

}  // namespace fairlead::plugins
