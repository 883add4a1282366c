#include "forward/forwarder.h"

namespace fairlead::forward {

struct Forwarder::Impl {
  asio::io_context& context;
  size_t asking = 0;
};

Forwarder::Forwarder(asio::io_context& context, size_t /*worker*/) : impl_(new Impl{context}) {}

Forwarder::~Forwarder() = default;

void Forwarder::ask(const std::shared_ptr<Group>& /*group*/, const dns::Question& /*question*/,
                    dns::Transport /*client*/, size_t /*client_size*/, Asker& asker) {
  asio::post(impl_->context, [&asker] { asker.on_outcome({.error = "no healthy proxies"}); });
}

size_t Forwarder::in_flight() const {
  return impl_->asking;
}

}  // namespace fairlead::forward
