// What the walks of one worker share: live data, random numbers, and what directives keep for each
// worker.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <vector>

#include "net/asio.h"
#include "net/prng.h"
#include "query/live_board.h"

namespace fairlead::query {

/// Names what a directive keeps once per worker, and how it is made. Copied freely; any thread.
template <class T>
struct LocalAt {
  using Make = std::function<std::shared_ptr<T>(asio::io_context&, size_t worker)>;
  size_t place = 0;
  std::shared_ptr<const Make> make;
};

/// Used by its worker's thread only.
class WorkerView {
 public:
  /// `context` must outlive it. `number` is the worker's, counted from 0.
  WorkerView(asio::io_context& context, size_t number)
      : context_(context), number_(number), random_(net::Prng::from_system()) {}

  [[nodiscard]] asio::io_context& context() const { return context_; }
  [[nodiscard]] size_t number() const { return number_; }
  [[nodiscard]] net::Prng& random() { return random_; }
  [[nodiscard]] const Live& live() const { return live_; }
  [[nodiscard]] Live& live() { return live_; }

  /// Made when it is first asked for; lives as long as this.
  template <class T>
  T& local(const LocalAt<T>& at) {
    if (locals_.size() <= at.place) locals_.resize(at.place + 1);
    auto& made = locals_[at.place];
    if (!made) made = (*at.make)(context_, number_);
    return *static_cast<T*>(made.get());
  }

 private:
  asio::io_context& context_;
  const size_t number_;
  net::Prng random_;
  Live live_;
  std::vector<std::shared_ptr<void>> locals_;  // by place
};

}  // namespace fairlead::query
