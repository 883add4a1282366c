// The weights of a file: read, looked at again and again, published to the workers.
#pragma once

#include <memory>
#include <string>

#include "net/asio.h"
#include "net/log.h"
#include "plugins/loadbalance/setup.h"
#include "plugins/loadbalance/weights.h"
#include "query/live_board.h"

namespace fairlead::plugins::loadbalance {

/// Throws std::runtime_error for a file that start() would not take.
void check_weights(const WeightFile& file);

/// One for all directives that say the same, kept over reloads. Made by make_shared; used and
/// destroyed by the control thread.
class WeightSource : public std::enable_shared_from_this<WeightSource> {
 public:
  using Place = query::LiveBoard::Place<Weights>;

  /// `context` and `log` must outlive it.
  WeightSource(WeightFile file, asio::io_context& context, net::LogSink& log,
               std::unique_ptr<Place> place);

  /// Reads and publishes what the file holds, and looks at it from now on. Throws
  /// std::runtime_error when it cannot be used: one that cannot be read only when it is not to be
  /// looked at again.
  void start();

  [[nodiscard]] const WeightFile& file() const { return file_; }
  [[nodiscard]] query::LiveAt<Weights> at() const { return place_->at(); }

 private:
  void check_later();

  /// Why the file has no new weights; empty when it has, or is what it was.
  std::string read();

  const WeightFile file_;
  net::LogSink& log_;
  const std::unique_ptr<Place> place_;
  net::Timer timer_;
  std::string text_;  // of the file when it was read last, usable or not
  bool read_once_ = false;
};

}  // namespace fairlead::plugins::loadbalance
