#include "net/resumable_session.h"

namespace fairlead::net {
namespace {

// Not OpenSSL's "app data", which Asio takes for its own.
int own_index() {
  static const int index = SSL_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
  return index;
}

}  // namespace

void ResumableSession::attach(SSL* ssl) {
  SSL_set_ex_data(ssl, own_index(), this);
  const std::lock_guard lock(mutex_);
  if (session_ != nullptr) SSL_set_session(ssl, session_.get());
}

void ResumableSession::forget() {
  const std::lock_guard lock(mutex_);
  session_.reset();
}

int ResumableSession::on_session(SSL* ssl, SSL_SESSION* session) {
  auto* owner = static_cast<ResumableSession*>(SSL_get_ex_data(ssl, own_index()));
  if (owner == nullptr) return 0;
  const std::lock_guard lock(owner->mutex_);
  owner->session_.reset(session);
  return 1;  // the session is ours now
}

}  // namespace fairlead::net
