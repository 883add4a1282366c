#include "k8s-watch/kind_watch.h"

#include <algorithm>
#include <charconv>
#include <random>

namespace fairlead::k8s_watch {
namespace {

constexpr size_t kErrorBodyLimit = 65536;
constexpr size_t kSkipsLogged = 256;  // objects; then only counted
constexpr size_t kTriggers = 4096;
constexpr auto kSayAgain = std::chrono::minutes(5);

// A stream of protobuf is half as long, and costs the API server a quarter of the time.
constexpr const char* kProtobuf = "application/vnd.kubernetes.protobuf";
constexpr const char* kProtobufOrJson = "application/vnd.kubernetes.protobuf, application/json";
constexpr const char* kJson = "application/json";

const char* path_of(zones::Kind kind) {
  switch (kind) {
    case zones::Kind::Namespace:
      return "/api/v1/namespaces";
    case zones::Kind::Service:
      return "/api/v1/services";
    case zones::Kind::EndpointSlice:
      return "/apis/discovery.k8s.io/v1/endpointslices";
    case zones::Kind::Pod:
      return "/api/v1/pods";
    case zones::Kind::ServiceImport:
      return "/apis/multicluster.x-k8s.io/v1alpha1/serviceimports";
  }
  return "";
}

// RFC 9110 §10.2.3; the API server uses seconds only.
int retry_after_seconds(const std::string& text) {
  int seconds = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  return error == std::errc() && end == text.data() + text.size() ? std::max(0, seconds) : 0;
}

}  // namespace

KindWatch::KindWatch(Wanted wanted, WatchContext& context)
    : kind_(wanted.kind),
      selector_(std::move(wanted.selector)),
      extras_(wanted.extras),
      optional_(wanted.optional),
      context_(context),
      reflector_(zones::resource_name(kind_), *this, optional_),
      timer_(context.io),
      decoder_(ListDecoder(kind_, extras_)) {}

void KindWatch::start() {
  reflector_.start();
  set_timer();
}

void KindWatch::stop() {
  stopped_ = true;
  exchange_.reset();
  timer_.cancel();
}

void KindWatch::start(const ApiRequest& request) {
  const bool list = request.verb == ApiRequest::Verb::List;
  exchange_.reset();
  head_.reset();
  error_body_.clear();
  if (list) {
    decoder_ = ListDecoder(kind_, extras_);
  } else {
    decoder_ = WatchDecoder(kind_, extras_);
  }
  HttpRequest http;
  http.target = std::string(path_of(kind_)) + "?" + request.query +
                (selector_.empty() ? "" : "&" + selector_);
  // A list may take long to begin, a watch begins at once: silence means that the server is gone.
  http.head_timeout =
      list ? context_.head_timeout : std::min(context_.head_timeout, context_.idle_timeout);
  http.idle_timeout = context_.idle_timeout;
  if (list) {
    http.headers.emplace_back("Accept", kJson);
    // The API server packs lists only, and only large ones.
    http.headers.emplace_back("Accept-Encoding", "gzip");
  } else {
    http.headers.emplace_back("Accept", kProtobufOrJson);
  }
  exchange_ = context_.client.get(std::move(http), *this);
}

void KindWatch::cancel() {
  exchange_.reset();
}

void KindWatch::begin_relist() {
  relist_changes_ = 0;
  context_.store.begin_relist(kind_);
}

void KindWatch::apply(Event&& event) {
  zones::Change change = zones::Change::None;
  if (event.type == Event::Type::Deleted) {
    change = context_.store.erase(kind_, event.key);
  } else if (event.object) {
    change = std::visit([this](const auto& object) { return context_.store.put(object); },
                        *event.object);
    if (ObjectObserver* objects = context_.observer.objects())
      std::visit([objects](const auto& object) { objects->entered(object); }, *event.object);
  }
  if (change == zones::Change::None) return;
  ++relist_changes_;
  if (event.object && !listing()) note_trigger(*event.object);
  context_.changed();
}

void KindWatch::note_trigger(const Object& object) {
  const auto* slice = std::get_if<zones::EndpointSlice>(&object);
  if (slice == nullptr || !slice->last_change || slice->service_name.empty() ||
      triggers_.size() >= kTriggers)
    return;
  triggers_.push_back({{slice->key.namespace_name, slice->service_name}, *slice->last_change});
}

void KindWatch::end_relist(const std::string& reason) {
  const size_t removed = context_.store.end_relist(kind_);
  context_.observer.relisted(kind_, reason, removed);
  const bool doubted = reason == "consistency" || reason == "silence";
  if (doubted && removed + relist_changes_ > 0) {
    log(LogLevel::Warning, std::string("relist of ") + zones::resource_name(kind_) + " (" + reason +
                               "): " + std::to_string(relist_changes_) + " objects differed, " +
                               std::to_string(removed) + " no longer existed");
  }
  context_.changed();
}

void KindWatch::trouble(const std::string& text) {
  context_.observer.trouble(kind_, text);
  if (optional_) context_.changed();  // somebody may have waited for it
}

void KindWatch::renew_credentials() {
  context_.client.renew_credentials();
}

// A server that is away would say the same at every attempt.
void KindWatch::log(LogLevel level, const std::string& text) {
  const Clock::time_point at = Clock::now();
  if (text == last_log_ && at - last_log_at_ < kSayAgain) {
    ++repeats_;
    return;
  }
  const std::string again =
      repeats_ == 0 ? "" : "(repeated " + std::to_string(repeats_) + " times) ";
  if (!again.empty() && text != last_log_) context_.observer.log(LogLevel::Info, again + last_log_);
  context_.observer.log(level, text == last_log_ ? again + text : text);
  last_log_ = text;
  last_log_at_ = at;
  repeats_ = 0;
}

double KindWatch::random() {
  return std::uniform_real_distribution<double>(0, 1)(random_);
}

void KindWatch::on_head(const HttpHead& head) {
  head_ = head;
  if (head.content_type.starts_with(kProtobuf) && std::holds_alternative<WatchDecoder>(decoder_))
    decoder_ = ProtobufWatchDecoder(kind_, extras_);
  if (head.status == 200) reflector_.accepted();
  set_timer();
}

void KindWatch::on_body(std::string_view octets) {
  if (head_->status != 200) {
    error_body_.append(octets.substr(0, kErrorBodyLimit - error_body_.size()));
    // Enough; the rest may never end.
    if (error_body_.size() == kErrorBodyLimit) on_end("");
    return;
  }
  // An ERROR event may cancel the request meanwhile; the decoder stays until the next one.
  std::visit(
      [&](auto& decoder) {
        if (!decoder.feed(octets, *this)) reflector_.undecodable(decoder.error());
      },
      decoder_);
  set_timer();
}

void KindWatch::on_end(const std::string& error) {
  exchange_.reset();
  finish_response(error);
  set_timer();
}

void KindWatch::finish_response(const std::string& error) {
  if (head_ && head_->status != 200) {
    return reflector_.refused(head_->status, decode_status(error_body_),
                              retry_after_seconds(head_->retry_after));
  }
  auto* list = std::get_if<ListDecoder>(&decoder_);
  if (list == nullptr || !error.empty()) return reflector_.ended(error);
  if (!list->finish()) return reflector_.undecodable(list->error());
  context_.observer.event(kind_);
  // Copies: the next page replaces the decoder.
  const std::string version = list->resource_version(), token = list->continue_token();
  reflector_.page_end(version, token);
}

void KindWatch::event(Event&& event) {
  if (event.type != Event::Type::Error) context_.observer.event(kind_);
  reflector_.event(std::move(event));
}

void KindWatch::skipped(Skip&& skip) {
  context_.observer.object_skipped(kind_, skip.reason);
  if (skip.whole) reflector_.skipped(skip.resource_version);
  if (skips_logged_.size() >= kSkipsLogged || !skips_logged_.insert(skip.key).second) return;
  const std::string& space = skip.key.namespace_name;
  context_.observer.log(LogLevel::Warning,
                        std::string(zones::resource_name(kind_)) + " " +
                            (space.empty() ? "" : space + "/") + skip.key.name +
                            (skip.whole ? " left out: " : " left out in part: ") + skip.reason +
                            ": " + skip.detail);
}

void KindWatch::set_timer() {
  const std::optional<Clock::time_point> due = reflector_.deadline();
  if (stopped_ || due == timer_at_) return;
  timer_at_ = due;
  if (!due) {
    timer_.cancel();
    return;
  }
  timer_.expires_at(*due);
  timer_.async_wait([this](boost::system::error_code error) {
    if (error || stopped_) return;
    timer_at_.reset();
    reflector_.wake();
    set_timer();
  });
}

}  // namespace fairlead::k8s_watch
