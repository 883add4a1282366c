#include "net/tls_session.h"

#include <openssl/buffer.h>
#include <openssl/err.h>

#include <utility>

namespace fairlead::net {
namespace {

// What an idle connection's buffers may keep: room for questions, not for a handshake.
constexpr size_t kKept = 512;

// OpenSSL's memory only grows: a connection that once had much to say would keep it for its life.
void shrink(BIO* bio) {
  BUF_MEM* memory = nullptr;
  if (BIO_ctrl_pending(bio) > 0 || BIO_get_mem_ptr(bio, &memory) != 1 || memory->max <= kKept) {
    return;
  }
  if (BUF_MEM* fresh = BUF_MEM_new(); fresh != nullptr) BIO_set_mem_buf(bio, fresh, BIO_CLOSE);
}

}  // namespace

TlsSession::TlsSession(const TlsContext& context) : ssl_(SSL_new(context.native())) {
  take_bios();
  if (ssl_ != nullptr) SSL_set_accept_state(ssl_.get());
}

TlsSession::TlsSession(const TlsContext& context, const std::string& server,
                       std::shared_ptr<ResumableSession> resumable)
    : resumable_(std::move(resumable)), ssl_(SSL_new(context.native())) {
  take_bios();
  if (ssl_ == nullptr) return;
  SSL_set_connect_state(ssl_.get());
  if (!expect_server(ssl_.get(), server)) fail("the server's name cannot be checked");
  if (resumable_ != nullptr) resumable_->attach(ssl_.get());
}

void TlsSession::take_bios() {
  BIO* in = BIO_new(BIO_s_mem());
  BIO* out = BIO_new(BIO_s_mem());
  if (ssl_ == nullptr || in == nullptr || out == nullptr) {
    BIO_free(in);
    BIO_free(out);
    ssl_.reset();
    fail("out of memory");
    return;
  }
  BIO_set_mem_eof_return(in, -1);
  BIO_set_mem_eof_return(out, -1);
  SSL_set_bio(ssl_.get(), in, out);
}

// A connection that ended without a goodbye is no reason to give up its session (RFC 5246 §7.2.1);
// OpenSSL would, had nothing been sent.
TlsSession::~TlsSession() {
  if (ssl_ != nullptr) SSL_set_shutdown(ssl_.get(), SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
}

void TlsSession::receive(std::span<const uint8_t> octets) {
  if (state_ == State::Closed || state_ == State::Failed || octets.empty()) return;
  BIO* in = SSL_get_rbio(ssl_.get());
  if (BIO_ctrl_pending(in) + octets.size() > kMaxUnread) {
    fail("more is received than read");
  } else if (output() > kMaxOutput) {
    fail("more is to be sent than is taken");
  } else if (const int size = static_cast<int>(octets.size());
             BIO_write(in, octets.data(), size) != size) {
    fail("out of memory");
  }
}

TlsSession::State TlsSession::advance() {
  if (state_ != State::Handshake) return state_;
  ERR_clear_error();
  const int result = SSL_do_handshake(ssl_.get());
  if (result == 1) return state_ = State::Open;
  return fail(result);
}

TlsSession::State TlsSession::fail(const char* text) {
  error_ = std::string("tls: ") + text;
  return state_ = State::Failed;
}

TlsSession::State TlsSession::fail(int result) {
  switch (SSL_get_error(ssl_.get(), result)) {
    case SSL_ERROR_WANT_READ:
    case SSL_ERROR_WANT_WRITE:
      shrink(SSL_get_rbio(ssl_.get()));
      return state_;
    case SSL_ERROR_ZERO_RETURN:
      return state_ = State::Closed;
    default:
      break;
  }
  error_ = handshake_error(ssl_.get(), take_openssl_reason());
  if (resumable_ != nullptr) resumable_->forget();
  return state_ = State::Failed;
}

size_t TlsSession::read(std::span<uint8_t> out) {
  if (state_ != State::Open || out.empty()) return 0;
  ERR_clear_error();
  size_t size = 0;
  const int result = SSL_read_ex(ssl_.get(), out.data(), out.size(), &size);
  if (result == 1) return size;
  fail(result);
  return 0;
}

bool TlsSession::has_unread() const {
  if (state_ != State::Open) return false;
  return SSL_pending(ssl_.get()) > 0 || BIO_ctrl_pending(SSL_get_rbio(ssl_.get())) > 0;
}

bool TlsSession::write(std::span<const uint8_t> octets) {
  if (octets.empty()) return true;
  if (state_ != State::Open) return false;
  if (output() + octets.size() > kMaxOutput) {
    fail("more is to be sent than is taken");
    return false;
  }
  ERR_clear_error();
  size_t size = 0;
  const int result = SSL_write_ex(ssl_.get(), octets.data(), octets.size(), &size);
  if (result == 1) return true;
  fail(result);
  return false;
}

void TlsSession::end() {
  const bool said = ssl_ == nullptr || (SSL_get_shutdown(ssl_.get()) & SSL_SENT_SHUTDOWN) != 0;
  if (said || (state_ != State::Open && state_ != State::Closed)) return;
  ERR_clear_error();
  SSL_shutdown(ssl_.get());
  ERR_clear_error();
  state_ = State::Closed;
}

size_t TlsSession::output() const {
  return ssl_ != nullptr ? BIO_ctrl_pending(SSL_get_wbio(ssl_.get())) : 0;
}

void TlsSession::take_output(std::vector<uint8_t>& out) {
  const size_t size = output();
  if (size == 0) return;
  BIO* bio = SSL_get_wbio(ssl_.get());
  out.resize(out.size() + size);
  BIO_read(bio, out.data() + out.size() - size, static_cast<int>(size));
  shrink(bio);
}

bool TlsSession::resumed() const {
  return ssl_ != nullptr && SSL_session_reused(ssl_.get()) == 1;
}

std::string_view TlsSession::protocol() const {
  const unsigned char* name = nullptr;
  unsigned int size = 0;
  if (ssl_ != nullptr) SSL_get0_alpn_selected(ssl_.get(), &name, &size);
  return {reinterpret_cast<const char*>(name), size};
}

}  // namespace fairlead::net
