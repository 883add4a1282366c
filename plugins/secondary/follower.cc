#include "plugins/secondary/follower.h"

#include <algorithm>
#include <chrono>
#include <exception>
#include <utility>

#include "net/clock.h"
#include "net/unix_time.h"
#include "records/catalog.h"

namespace fairlead::plugins::secondary {
namespace {

using std::chrono::seconds;

constexpr std::chrono::milliseconds kFirstPause{250};
// Of looks that others ask for: so many at once, then one each time.
constexpr seconds kBetweenLooks{1};
constexpr int kLooksAtOnce = 3;
constexpr uint32_t kRefreshJitter = 5;  // seconds
constexpr uint32_t kRetryJitter = 2;

std::chrono::nanoseconds until(net::Clock::time_point at) {
  return std::max(std::chrono::nanoseconds(0), std::chrono::nanoseconds(at - net::Clock::now()));
}

}  // namespace

Follower::Follower(Tools tools, Options options)
    : tools_(std::move(tools)),
      options_(std::move(options)),
      log_(tools_.log, dns::to_text(options_.origin.view())),
      timer_(tools_.control),
      expiry_(tools_.control),
      lifetime_(std::make_shared<records::Lifetime>()),
      edns_(options_.primaries.size()),
      pause_(kFirstPause) {}

void Follower::start(KnownCopy known) {
  copy_ = std::move(known.zone);
  epoch_ = known.epoch;
  cluster_ = known.cluster;
  good_at_ = copy_ ? known.good_at : 0;
  if (copy_) {
    const double left = good_at_ + records::soa_times(*copy_).expire - net::unix_time();
    end_at(net::Clock::now() + std::chrono::milliseconds(static_cast<int64_t>(left * 1000)));
    if (expired_) log_.expired();
    keep();
  }
  look(home_);
}

// Serials that belong to an epoch say nothing without it: changes are asked for at once.
void Follower::look(size_t first) {
  told_.begin();
  begin(copy_ && !epoch_ ? Doing::Checking : Doing::Copying, first);
}

void Follower::on_change(const std::weak_ptr<void>& who, std::function<void()> changed) {
  listeners_.push_back({who, std::move(changed)});
}

void Follower::tell() {
  std::erase_if(listeners_, [](const Listener& listener) { return listener.who.expired(); });
  for (const Listener& listener : listeners_) listener.changed();
}

void Follower::notified(const dns::IpAddress& from) {
  ++counts_.notifies;
  log_.notified(from);
  if (doing_ != Doing::Nothing) {
    again_ = true;
    return;
  }
  const auto who = std::ranges::find(options_.primaries, from, address_of);
  const bool anybody = epoch_ || who == options_.primaries.end();
  first_ = anybody ? home_ : static_cast<size_t>(who - options_.primaries.begin());
  rest(until(free_at_));
}

// The next look. Whoever said that there is news is asked first, but of a zone with epochs who the
// copy is from: any other would say all of it.
void Follower::rest(std::chrono::nanoseconds pause) {
  timer_.expires_after(pause);
  timer_.async_wait([weak = weak_from_this()](const boost::system::error_code& error) {
    const auto self = weak.lock();
    if (!self || error || self->doing_ != Doing::Nothing) return;
    self->look(std::exchange(self->first_, self->home_));
  });
}

void Follower::begin(Doing what, size_t first) {
  doing_ = what;
  first_ = first;
  tried_ = 0;
  changes_ = what == Doing::Copying && copy_ && (epoch_ || told_.is_newer_than(copy_->serial()));
  if (turn_) return ask();
  tools_.turns->ask(to_text(options_.primaries),
                    [weak = weak_from_this()](std::unique_ptr<Turns::Turn> turn) {
                      const auto self = weak.lock();
                      if (!self) return;
                      self->turn_ = std::move(turn);
                      self->ask();
                    });
}

size_t Follower::server() const {
  return (first_ + tried_) % options_.primaries.size();
}

const Primary& Follower::primary() const {
  return options_.primaries[server()];
}

// None: to be asked without EDNS.
std::vector<uint8_t> Follower::edns_options() const {
  if (!term_.with_edns) return {};
  std::vector<uint8_t> options(dns::kAsksExpire.begin(), dns::kAsksExpire.end());
  if (doing_ != Doing::Copying) return options;
  records::add_epoch_option(options, changes_ ? epoch_ : std::nullopt);
  dns::add_compact_option(options);
  return options;
}

void Follower::ask() {
  const uint16_t id = random_.u16();
  const bool copying = doing_ == Doing::Copying;
  const auto from = copying && changes_ ? copy_ : nullptr;
  incoming_ =
      copying ? std::make_unique<records::IncomingZone>(options_.origin, id, from) : nullptr;
  wrong_.clear();
  turn_->hold(0);
  conversation_ = std::make_shared<Conversation>(
      tools_.control, primary().endpoint,
      options_.encrypted ? options_.encrypted->connect(server()) : nullptr);
  const auto now = net::Clock::now();
  term_.begin(now);
  if (!epoch_ && edns_[server()].is_without(now)) term_.with_edns = false;
  std::vector<uint8_t> query =
      copying ? records::transfer_query(options_.origin, id, from.get(), edns_options())
              : records::serial_query(options_.origin, id, edns_options());
  asking_.reset();
  if (const auto& with = options_.signed_with) {
    asking_ = std::make_unique<signing::TsigAsking>(with->key, with->algorithm);
    if (!asking_->sign(query, net::seconds_since_1970()))
      return conclude("the question cannot be signed", true);
  }
  // The conversation is ours, and ends with us.
  conversation_->start(
      query, [this, id](std::span<const uint8_t> message) { return take(message, id); },
      [this](const std::string& error, bool connected) {
        const auto self = shared_from_this();
        conclude(error.empty() ? reply_error() : error, connected);
      });
}

// False: that was all.
bool Follower::take(std::span<const uint8_t> message, uint16_t id) {
  using State = records::IncomingZone::State;
  if (asking_) wrong_ = asking_->check(message, net::seconds_since_1970());
  term_.heard = true;
  if (!wrong_.empty()) {
    term_.take_unsigned(message);
    return false;
  }
  term_.take(message);
  const bool more = incoming_ && incoming_->take(message) == State::More;
  if (incoming_ && !turn_->hold(incoming_->octets()))
    wrong_ = "the zones of these servers are too large together";
  if (!incoming_) told_.say(records::read_serial(message, options_.origin, id, wrong_));
  if (!more && wrong_.empty() && asking_ && !asking_->is_closed())
    wrong_ = "the last message is not signed";
  return more && wrong_.empty();
}

// What is wrong with what was said, empty for nothing.
std::string Follower::reply_error() {
  if (!incoming_ || !wrong_.empty()) return wrong_;
  using State = records::IncomingZone::State;
  const bool same = incoming_->epoch() == epoch_ && incoming_->is_compact() == cluster_.has_value();
  if (incoming_->state() == State::Current && !(epoch_ && same))
    return "the server has nothing newer";
  if (incoming_->state() == State::Done && incoming_->was_changes() && !same)
    return "the changes are of another epoch";
  return incoming_->error();
}

// Memory may run out for one large zone: it is tried again like one that did not come.
void Follower::conclude(const std::string& error, bool connected) try {
  answered(error, connected);
} catch (const std::exception& failure) {
  ++counts_.failures;
  all_failed(failure.what());
}

void Follower::answered(const std::string& error, bool connected) {
  using State = records::IncomingZone::State;
  if (error.empty()) {
    edns_[server()].answered(term_, net::Clock::now());
    term_.was_foreign = term_.was_silent = false;
  }
  if (error.empty() && !incoming_) return checked();
  if (error.empty() && incoming_->state() == State::Current) return unchanged();
  if (error.empty()) return copied(incoming_->finish());
  if (ask_without_edns(error, connected)) return;
  if (doing_ == Doing::Copying && changes_ && connected) return ask_for_all(error);
  failed(error, connected);
}

void Follower::failed(const std::string& error, bool connected) {
  ++counts_.failures;
  if (doing_ == Doing::Checking) {
    log_.check_failed(primary(), error);
  } else {
    log_.transfer_failed(primary(), error, connected);
  }
  term_ = {};
  if (++tried_ < options_.primaries.size()) return ask();
  all_failed(error);
}

// Some say that they do not know EDNS; others, or boxes in front of them, say nothing. An epoch is
// not known but by EDNS.
bool Follower::ask_without_edns(const std::string& error, bool connected) {
  const bool silent = connected && term_.with_edns && !term_.heard && !epoch_ &&
                      edns_[server()].may_be_without(net::Clock::now());
  if (!term_.edns_is_foreign && !silent) return false;
  if (silent) log_.asks_without_edns(primary(), error);
  (silent ? term_.was_silent : term_.was_foreign) = true;
  term_.with_edns = false;
  ask();
  return true;
}

// Not every server knows changes, nor those to every copy.
void Follower::ask_for_all(const std::string& error) {
  log_.asks_for_all(primary(), error);
  changes_ = false;
  term_ = {};
  ask();
}

void Follower::all_failed(const std::string& error) {
  const bool served = copy_ && !expired_;
  std::chrono::nanoseconds pause = pause_;
  if (served) {
    const uint32_t retry = std::max<uint32_t>(records::soa_times(*copy_).retry, 1);
    log_.all_failed(doing_ == Doing::Copying, seconds(retry), error);
    pause = jittered(retry, kRetryJitter);
  } else {
    log_.all_failed(doing_ == Doing::Copying, pause, error);
    pause_ = std::min<std::chrono::nanoseconds>(2 * pause_, kLongestPause);
  }
  end_look(pause);
}

void Follower::checked() {
  const uint32_t ours = copy_->serial();
  if (told_.is_newer_than(ours) || follows_back()) return begin(Doing::Copying, server());
  const bool older = told_.serial() != ours;
  log_.found_nothing_newer();
  good();
  const records::SoaTimes times = records::soa_times(*copy_);
  end_look(older ? jittered(times.retry, kRetryJitter) : jittered(times.refresh, kRefreshJitter));
}

// Within its epoch, that is.
void Follower::unchanged() {
  doing_ = Doing::Checking;  // it was no more than that
  log_.found_nothing_newer();
  good();
  end_look(jittered(records::soa_times(*copy_).refresh, kRefreshJitter));
}

// A zone whose only server says an older serial for as long as a retry was made anew there: it
// would never be followed again. Of several servers one may lag behind.
bool Follower::follows_back() {
  const uint32_t ours = copy_->serial();
  if (!told_.is_older_again(ours) || options_.primaries.size() > 1) return false;
  log_.went_back(ours, told_.serial());
  return true;
}

// A catalog that breaks a rule is none (RFC 9432 §5.1): the one before stays, and what it lists.
void Follower::copied(std::shared_ptr<const records::Zone> zone) {
  const std::string broken = options_.is_catalog ? records::read_catalog(*zone).error : "";
  if (!broken.empty()) return failed(broken, true);
  // Of an expired copy no name is left that could be taken away.
  const bool served = copy_ && !expired_;
  if (served && told_.is_belied_by(zone->serial(), copy_->serial()))
    return failed("the zone is older than the copy", true);
  const bool other = epoch_ && incoming_->epoch() != epoch_;
  copy_ = std::move(zone);
  epoch_ = incoming_->epoch();
  cluster_ = incoming_->cluster();
  home_ = epoch_ ? server() : 0;
  ++counts_.transfers;
  told_.forget_older();
  const std::string outside =
      incoming_->outside() == 0
          ? ""
          : " without " + std::to_string(incoming_->outside()) + " records outside of the zone";
  const std::string how = other                      ? ", of another epoch"
                          : incoming_->was_changes() ? ", as changes"
                                                     : "";
  log_.transferred(primary(), how + outside);
  good();
  tell();
  const records::SoaTimes times = records::soa_times(*copy_);
  // It was said to be newer than this: changes may lead there.
  const bool behind = told_.is_newer_than(copy_->serial());
  end_look(behind ? jittered(times.retry, kRetryJitter) : jittered(times.refresh, kRefreshJitter));
}

// Of several servers with the same zone one may be about to lose it: that takes nothing away from
// what another has said (RFC 7314 §4).
void Follower::good() {
  const bool same = doing_ == Doing::Checking;
  const bool was_expired = same && expired_;
  const auto end = end_of(records::soa_times(*copy_).expire, term_, net::Clock::now());
  good_at_ = net::unix_time();
  pause_ = kFirstPause;
  end_at(same ? std::max(end_, end) : end);
  keep();
  if (expired_ && !was_expired) log_.expired();
  if (same && expired_ != was_expired) tell();
}

KnownCopy Follower::known() const {
  if (!copy_) return {};
  const std::chrono::duration<double> left = end_ - net::Clock::now();
  const double counts_from = net::unix_time() + left.count() - records::soa_times(*copy_).expire;
  return {copy_, std::min(good_at_, counts_from), epoch_, cluster_};
}

void Follower::keep() const {
  if (!options_.kept_at.empty()) tools_.store->keep(options_.kept_at, known());
}

void Follower::end_look(std::chrono::nanoseconds pause) {
  doing_ = Doing::Nothing;
  free_at_ =
      std::max(free_at_, net::Clock::now() - (kLooksAtOnce - 1) * kBetweenLooks) + kBetweenLooks;
  first_ = home_;
  incoming_.reset();
  conversation_.reset();
  turn_.reset();
  term_ = {};
  rest(std::exchange(again_, false) ? std::min(pause, until(free_at_)) : pause);
}

void Follower::end_at(net::Clock::time_point end) {
  end_ = end;
  lifetime_->end_at(end);
  expired_ = end <= net::Clock::now();
  expiry_.expires_at(end);  // who waited so far does no longer
  if (expired_) return;
  expiry_.async_wait([weak = weak_from_this()](const boost::system::error_code& error) {
    const auto self = weak.lock();
    if (!self || error || self->expired_ || self->end_ > net::Clock::now()) return;
    self->expired_ = true;
    self->log_.expired();
    self->tell();
  });
}

std::chrono::nanoseconds Follower::jittered(uint32_t at_least, uint32_t jitter) {
  const std::chrono::milliseconds more(random_.below(jitter * 1000));
  return pause_before(end_, net::Clock::now(), seconds(std::max<uint32_t>(at_least, 1)) + more);
}

}  // namespace fairlead::plugins::secondary
