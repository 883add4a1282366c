// Files of a user, whole and with a limit.
#pragma once

#include <cstddef>
#include <string>

namespace fairlead::net {

/// The octets of `path`. Throws std::runtime_error ("open PATH: REASON") when it cannot be read or
/// is larger than `most` octets.
std::string read_file(const std::string& path, size_t most);

}  // namespace fairlead::net
