// A pipe for tests of what is written to a descriptor.
#pragma once

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <stdexcept>
#include <string>

#include "net/file_descriptor.h"

namespace fairlead::test {

struct Pipe {
  Pipe() {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) throw std::runtime_error("pipe2");
    read.reset(ends[0]);
    write.reset(ends[1]);
  }

  /// Everything up to the end of the file: the writing end must have been closed, or will be.
  std::string rest() {
    std::string all;
    std::array<char, 4096> octets;
    for (ssize_t n = 0; (n = ::read(read.get(), octets.data(), octets.size())) > 0;) {
      all.append(octets.data(), static_cast<size_t>(n));
    }
    return all;
  }

  /// What is there now.
  std::string now() {
    ::fcntl(read.get(), F_SETFL, O_NONBLOCK);
    return rest();
  }

  net::FileDescriptor read, write;
};

}  // namespace fairlead::test
