#include "k8s-watch/inflate.h"

#include <array>

namespace fairlead::k8s_watch {
namespace {

constexpr int kGzipOnly = 16;  // added to the window bits, see zlib.h at inflateInit2

}  // namespace

Inflater::Inflater() {
  usable_ = inflateInit2(&stream_, MAX_WBITS + kGzipOnly) == Z_OK;
}

Inflater::~Inflater() {
  inflateEnd(&stream_);
}

bool Inflater::feed(std::string_view octets, const Output& output) {
  if (!usable_ || (complete_ && !octets.empty())) return false;
  std::array<char, 65'536> out;
  // zlib's interface is not const-correct; it does not write to its input.
  stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(octets.data()));
  stream_.avail_in = static_cast<uInt>(octets.size());
  do {
    stream_.next_out = reinterpret_cast<Bytef*>(out.data());
    stream_.avail_out = out.size();
    const int result = inflate(&stream_, Z_NO_FLUSH);
    if (result != Z_OK && result != Z_STREAM_END && result != Z_BUF_ERROR) {
      usable_ = false;
      return false;
    }
    const size_t size = out.size() - stream_.avail_out;
    if (size > 0 && !output({out.data(), size})) return true;
    complete_ = result == Z_STREAM_END;
  } while (!complete_ && stream_.avail_out == 0);
  return !complete_ || stream_.avail_in == 0;
}

}  // namespace fairlead::k8s_watch
