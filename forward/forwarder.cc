#include "forward/forwarder.h"

#include "forward/asking.h"

namespace fairlead::forward {

struct Forwarder::Impl {
  std::shared_ptr<Asking> asking;  // handlers in the event loop hold it weakly
};

Forwarder::Forwarder(asio::io_context& context, size_t worker)
    : impl_(new Impl{std::make_shared<Asking>(context, worker)}) {
  impl_->asking->start();
}

Forwarder::~Forwarder() {
  impl_->asking->stop();
}

void Forwarder::ask(const std::shared_ptr<Group>& group, const dns::Question& question,
                    dns::Transport client, size_t client_size, Asker& asker) {
  impl_->asking->ask(group, {question, client, client_size, asker});
}

size_t Forwarder::in_flight() const {
  return impl_->asking->in_flight();
}

}  // namespace fairlead::forward
