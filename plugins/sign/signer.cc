#include "plugins/sign/signer.h"

#include <chrono>
#include <utility>
#include <vector>

#include "dns/siphash.h"
#include "net/clock.h"
#include "net/file_stamp.h"
#include "net/unix_time.h"
#include "plugins/sign/signed_file.h"

namespace fairlead::plugins::sign {
namespace {

constexpr uint32_t kHour = 3600;
constexpr uint32_t kDay = 24 * kHour;
constexpr uint32_t kRefresh = 5 * kHour;  // CoreDNS's times
constexpr uint32_t kBefore = 3 * kHour;   // and up to kMostBefore more
constexpr uint32_t kMostBefore = 18 * kHour;
constexpr uint32_t kHolds = 32 * kDay;  // and up to kMostHolds more
constexpr uint32_t kMostHolds = 5 * kDay;
constexpr std::chrono::minutes kLook{1};  // at the zone's file
constexpr size_t kNames = 20;             // signed at a time

std::vector<uint16_t> tags_of(const Keys& keys) {
  std::vector<uint16_t> tags;
  for (const auto& key : keys) tags.push_back(key->tag());
  return tags;
}

std::string text_of(const std::vector<uint16_t>& tags) {
  std::string text;
  for (const uint16_t tag : tags) text += (text.empty() ? "" : ",") + std::to_string(tag);
  return text;
}

std::string seconds_text(uint64_t nanoseconds) {
  std::string micros = std::to_string(nanoseconds / 1000 % 1'000'000);
  micros.insert(0, 6 - micros.size(), '0');
  return std::to_string(nanoseconds / 1'000'000'000) + "." + micros;
}

bool is_newer(const std::string& path, const std::string& other) {
  const auto stamp = net::FileStamp::of(path);
  const auto others = net::FileStamp::of(other);
  return stamp && others && stamp->modified > others->modified;
}

}  // namespace

Signer::Signer(const Options& options, asio::io_context& context, net::LogSink& log)
    : options_(options),
      context_(context),
      log_(log),
      file_(options.path, options.origin, true),
      timer_(context) {}

std::string Signer::quoted_zone() const {
  return "\"" + dns::to_text(options_.origin.view()) + "\"";
}

void Signer::tell(net::LogLevel level, const std::string& text) {
  log_.write(level, "sign", text);
}

void Signer::start() {
  look();
  wait();
}

void Signer::wait() {
  timer_.expires_after(kLook);
  timer_.async_wait([weak = weak_from_this()](const boost::system::error_code& error) {
    const auto self = weak.lock();
    if (error || !self) return;
    self->look();
    self->wait();
  });
}

// A file that is not there, or wrong, is told of once: then the signed one stays as it is.
void Signer::look() {
  const bool is_first = checked_ == 0;
  const records::ZoneChange change = file_.check(net::time_of_day());
  for (const std::string& warning : change.warnings) tell(net::LogLevel::Warning, warning);
  const std::string wrong = change.unreadable.empty() ? change.error : change.unreadable;
  if (!wrong.empty()) tell(net::LogLevel::Warning, "Error signing " + quoted_zone() + ": " + wrong);
  const bool changed = change.zone != nullptr && !is_first;
  if (!changed && net::unix_seconds() - checked_ < kRefresh) return;
  checked_ = net::unix_seconds();
  const std::string why = reason(changed);
  if (why.empty()) {
    if (is_first)
      tell(net::LogLevel::Info, "Skipping signing zone " + quoted_zone() + " in \"" +
                                    options_.signed_path + "\": signatures are valid");
    return;
  }
  begin(why);
}

std::string Signer::reason(bool changed) const {
  if (changed) return "its file has changed";
  std::string why =
      reason_to_sign(options_.signed_path, net::unix_seconds(), tags_of(options_.keys));
  if (why.empty() && is_newer(options_.path, options_.signed_path))
    why = "its file is newer than the signed one";
  return why;
}

void Signer::begin(const std::string& why) {
  if (file_.zone() == nullptr) return;
  if (signing_ != nullptr) {
    again_ = true;
    return;
  }
  tell(net::LogLevel::Info, "Signing " + quoted_zone() + " because " + why);
  began_ = net::now_ns();
  const uint32_t now = net::unix_seconds();
  signing_ =
      std::make_unique<ZoneSigning>(file_.zone(), options_.keys, SigningTimes{now, validity(now)});
  go_on();
}

// Spread by the zone's name, so that many zones are not signed at once.
signing::Validity Signer::validity(uint32_t now) const {
  const uint64_t hash = dns::siphash({1, 2}, options_.origin.view());
  const auto before = static_cast<uint32_t>(hash % kMostBefore);
  const auto behind = static_cast<uint32_t>((hash >> 32) % kMostHolds);
  return {now - kBefore - before, now + kHolds + behind};
}

// In pieces: what else the thread does comes in between.
void Signer::go_on() {
  if (signing_->work(kNames)) return finish();
  asio::post(context_, [weak = weak_from_this()] {
    if (const auto self = weak.lock()) self->go_on();
  });
}

void Signer::finish() {
  const std::unique_ptr<ZoneSigning> done = std::move(signing_);
  std::string error = done->error();
  if (error.empty()) error = replace_file(options_.signed_path, done->text());
  const std::string tags = " with key tags \"" + text_of(tags_of(options_.keys)) + "\"";
  if (!error.empty()) {
    checked_ -= kRefresh - kHour;  // sooner than when all is well
    tell(net::LogLevel::Warning, "Error signing " + quoted_zone() + tags + ": " + error +
                                     ", next: " + timestamp(checked_ + kRefresh));
  } else {
    tell(net::LogLevel::Info,
         "Successfully signed zone " + quoted_zone() + " in \"" + options_.signed_path + "\"" +
             tags + " and " + std::to_string(done->serial()) + " SOA serial, elapsed " +
             seconds_text(net::now_ns() - began_) + ", next: " + timestamp(checked_ + kRefresh));
  }
  if (std::exchange(again_, false)) begin("its file has changed");
}

}  // namespace fairlead::plugins::sign
