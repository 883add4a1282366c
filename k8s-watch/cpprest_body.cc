#include "k8s-watch/cpprest_body.h"

namespace fairlead::k8s_watch {
namespace {

namespace streams = Concurrency::streams;

// Everything the interface asks for that a write-only buffer without a position cannot do is
// refused.
class BodyBuffer final : public streams::details::streambuf_state_manager<uint8_t> {
  using Base = streams::details::streambuf_state_manager<uint8_t>;

 public:
  explicit BodyBuffer(TakePiece take) : Base(std::ios_base::out), take_(std::move(take)) {}

  bool can_seek() const override { return false; }
  bool has_size() const override { return false; }
  utility::size64_t size() const override { return 0; }
  size_t buffer_size(std::ios_base::openmode) const override { return 0; }
  void set_buffer_size(size_t, std::ios_base::openmode) override {}
  size_t in_avail() const override { return 0; }
  pos_type getpos(std::ios_base::openmode) const override { return traits::eof(); }
  pos_type seekpos(pos_type, std::ios_base::openmode) override { return traits::eof(); }
  pos_type seekoff(off_type, std::ios_base::seekdir, std::ios_base::openmode) override {
    return traits::eof();
  }
  bool acquire(uint8_t*&, size_t&) override { return false; }
  void release(uint8_t*, size_t) override {}

 protected:
  pplx::task<int_type> _putc(uint8_t octet) override {
    auto copy = std::make_shared<uint8_t>(octet);
    return take_(copy.get(), 1).then([copy]() -> int_type { return *copy; });
  }
  pplx::task<size_t> _putn(const uint8_t* octets, size_t size) override {
    return take_(octets, size).then([size] { return size; });
  }
  pplx::task<int_type> _bumpc() override { return end(); }
  int_type _sbumpc() override { return traits::eof(); }
  pplx::task<int_type> _getc() override { return end(); }
  int_type _sgetc() override { return traits::eof(); }
  pplx::task<int_type> _nextc() override { return end(); }
  pplx::task<int_type> _ungetc() override { return end(); }
  pplx::task<size_t> _getn(uint8_t*, size_t) override { return pplx::task_from_result<size_t>(0); }
  size_t _scopy(uint8_t*, size_t) override { return 0; }
  pplx::task<bool> _sync() override { return pplx::task_from_result(true); }
  uint8_t* _alloc(size_t) override { return nullptr; }
  void _commit(size_t) override {}

 private:
  static pplx::task<int_type> end() { return pplx::task_from_result<int_type>(traits::eof()); }

  const TakePiece take_;
};

}  // namespace

streams::streambuf<uint8_t> make_body_buffer(TakePiece take) {
  return streams::streambuf<uint8_t>(std::make_shared<BodyBuffer>(std::move(take)));
}

}  // namespace fairlead::k8s_watch
