// Names as text without a string of their own.
#pragma once

#include <string>

#include "dns/name.h"

namespace fairlead::dns {

/// Appends what to_text() says.
void append_text(NameView name, std::string& out);

}  // namespace fairlead::dns
