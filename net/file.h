// Files of a user, whole and with a limit.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace fairlead::net {

/// Reads all of `path` into `text`. Returns 0, or why that cannot be, as an errno: EFBIG when it is
/// more than `most` octets. `text` is empty then.
int read_file(const std::string& path, size_t most, std::string& text);

/// The same of an open descriptor, from where it stands.
int read_file(int fd, size_t most, std::string& text);

/// Writes all of `text`. Returns 0, or why that cannot be, as an errno: a part may be there then.
int write_all(int fd, std::string_view text);

}  // namespace fairlead::net
