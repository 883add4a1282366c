#include "net/file.h"

#include <cerrno>
#include <fstream>
#include <stdexcept>
#include <system_error>

namespace fairlead::net {

std::string read_file(const std::string& path, size_t most) {
  std::ifstream in(path, std::ios::binary);
  if (!in) throw std::runtime_error("open " + path + ": " + std::generic_category().message(errno));
  std::string text;
  for (char part[16384]; in.read(part, sizeof part), in.gcount() > 0;) {
    text.append(part, static_cast<size_t>(in.gcount()));
    if (text.size() > most)
      throw std::runtime_error("open " + path + ": larger than " + std::to_string(most) +
                               " octets");
  }
  return text;
}

}  // namespace fairlead::net
