#include "plugins/loadbalance/weight_source.h"

#include <stdexcept>
#include <utility>

#include "corefile/duration.h"
#include "net/file.h"

namespace fairlead::plugins::loadbalance {
namespace {

constexpr size_t kMaxFileBytes = 16u << 20;  // larger files are not read
constexpr const char* kOpenError = "weight file open error";

std::runtime_error fatal(const std::string& error) {
  return std::runtime_error("plugin/loadbalance: " + error);
}

// Until it can be read there are no weights, and all are alike.
bool is_awaited(const std::string& error, const WeightFile& file) {
  return error == kOpenError && file.reload.count() != 0;
}

}  // namespace

void check_weights(const WeightFile& file) {
  std::string text;
  std::string error;
  if (net::read_file(file.path, kMaxFileBytes, text) != 0)
    error = kOpenError;
  else
    Weights::from_text(text, file.path, error);
  if (!error.empty() && !is_awaited(error, file)) throw fatal(error);
}

WeightSource::WeightSource(WeightFile file, asio::io_context& context, net::LogSink& log,
                           std::unique_ptr<Place> place)
    : file_(std::move(file)), log_(log), place_(std::move(place)), timer_(context) {}

void WeightSource::start() {
  const std::string error = read();
  if (!error.empty() && !is_awaited(error, file_)) throw fatal(error);
  if (!error.empty()) {
    log_.write(net::LogLevel::Warning, "loadbalance",
               "Failed to open weight file:" + error + ". Will try again in " +
                   corefile::format_duration(file_.reload));
  }
  check_later();
}

void WeightSource::check_later() {
  if (file_.reload.count() == 0) return;
  timer_.expires_after(file_.reload);
  timer_.async_wait([weak = weak_from_this()](const boost::system::error_code& cancelled) {
    const auto self = weak.lock();
    if (cancelled || !self) return;
    const std::string error = self->read();
    if (!error.empty()) self->log_.write(net::LogLevel::Error, "loadbalance", error);
    self->check_later();
  });
}

// A mistake is told once: the same text again is nothing new.
std::string WeightSource::read() {
  std::string text;
  if (net::read_file(file_.path, kMaxFileBytes, text) != 0) return kOpenError;
  if (read_once_ && text == text_) return {};
  read_once_ = true;
  text_ = std::move(text);
  std::string error;
  Weights weights = Weights::from_text(text_, file_.path, error);
  if (!error.empty()) return error;
  place_->publish(std::make_shared<const Weights>(std::move(weights)));
  log_.write(net::LogLevel::Info, "loadbalance", "Successfully reloaded weight file " + file_.path);
  return {};
}

}  // namespace fairlead::plugins::loadbalance
