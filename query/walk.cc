#include "query/walk.h"

#include <algorithm>
#include <utility>

namespace fairlead::query {

void Walk::begin(dns::Query& query, const net::Request& request, const ServedZone& served,
                 std::span<uint8_t> out) {
  received_ = &query;
  peers_ = &request;
  late_ = request.late;
  packet_ = request.packet;
  ahead_ = nullptr;
  out_ = out;
  depth_ = 1;
  questions_ = 1;
  if (!levels_[0]) levels_[0] = std::make_unique<Level>();
  Level& level = *levels_[0];
  level.served = &served;
  level.next = 0;
  level.changed = false;
  level.is_clients = true;
  level.answer.clear();
  level.seers.clear();
  level.kept.clear();
  level.upstream_options.clear();
  found_ = nullptr;
  sealer_ = nullptr;
  unsealed_limit_ = SIZE_MAX;
  sealing_.clear();
  arranger_ = nullptr;
  arrange_seed_ = 0;
  made_by_ = 0;
  failed_ = false;
  error_.clear();
  alone = false;
  store_seen = 0;
  telling_ = nullptr;
  upstream_ = {};
}

// The steps behind the one that `other` stands at, with the same question. There is no room for a
// reply: nobody gets one.
void Walk::begin_again(const Walk& other) {
  own_received_ = other.question();
  own_peers_ = other.peers();
  const net::Request nobody{own_peers_, {}, own_received_.transport, nullptr};
  begin(own_received_, nobody, *other.top().served, {});
  set_upstream_options(other.upstream_options());
  peers_ = &own_peers_;
  background_ = true;
  levels_[0]->next = other.top().next;
  routing_ = other.routing_;
}

// All that lies in the packet or in the caller's frame is copied.
void Walk::keep(std::shared_ptr<const Routing> routing) {
  const std::span<const uint8_t> options = received_->edns.options;
  own_options_.assign(options.begin(), options.end());
  own_qname_ = dns::Name(received_->qname);
  if (received_ != &own_received_) own_received_ = *received_;
  own_received_.qname = own_qname_.view();
  own_received_.edns.options = own_options_;
  own_received_.has_tsig = false;  // its views are of the packet
  received_ = &own_received_;
  for (size_t i = 0; i < depth_; ++i) {
    if (!levels_[i]->changed) continue;
    dns::Query& query = levels_[i]->own->query;
    if (query.edns.options.data() == options.data()) query.edns.options = own_options_;
    query.has_tsig = false;
  }
  packet_ = {};
  ahead_ = nullptr;
  own_peers_ = *peers_;
  peers_ = &own_peers_;
  if (late_ != nullptr) promised_ = late_->expect_reply();
  late_ = promised_.get();
  out_ = {};
  kept_routing_ = std::move(routing);
  waits_ = true;
}

void Walk::end() {
  if (awaited_ != nullptr) std::exchange(awaited_, nullptr)->leave(*this);
  promised_.reset();
  kept_routing_.reset();
  messages_.reset();
  late_ = nullptr;
  waits_ = false;
  background_ = false;
}

Turn Walk::run(Turn turn) {
  for (;;) {
    switch (turn) {
      case Turn::Pass:
        turn = ask_next();
        break;
      case Turn::Done:
        if (depth_ == 1 && top().seers.empty()) return turn;
        turn = back();
        break;
      case Turn::Ask:  // the question has been put down by descend()
        turn = Turn::Pass;
        break;
      case Turn::Drop:
        turn = drop();
        if (turn == Turn::Drop) return turn;
        break;
      default:
        return turn;
    }
  }
}

Turn Walk::ask_next() {
  Level& level = top();
  if (level.served == nullptr) {  // nobody here has that name
    level.nobody = true;
    level.answer.rcode = dns::Rcode::Refused;
    return Turn::Done;
  }
  const auto& chain = level.served->block->chain;
  if (level.next == chain.size()) return run_out();
  const Block::Link& link = chain[level.next++];
  asking_ = {link.step.get(), level.next, 0, {}};
  const bool is_clients = level.is_clients;  // an Ask goes deeper
  const Turn turn = link.step->ask(*this);
  if (turn != Turn::Pass && is_clients) made_by_ = link.maker;
  return turn;
}

// A block without any handler refuses; a chain that ran out of steps is a failure of the
// configuration.
Turn Walk::run_out() {
  const Block& block = *top().served->block;
  top().nobody = true;
  if (telling_ != nullptr) telling_->ran_out(block.handles_queries);
  if (!block.handles_queries) return fail(dns::Rcode::Refused);
  return fail(dns::Rcode::ServFail, block.unanswered);
}

// One step towards whoever asked: the last who wanted to see the answer, or the level above.
Turn Walk::back() {
  found_ = nullptr;
  if (top().seers.empty()) {
    found_ = &top();
    --depth_;
  }
  Level& level = top();
  asking_ = level.seers.back();
  level.seers.pop_back();
  level.next = asking_.next;
  const Turn turn = asking_.step->see(*this, asking_.note);
  found_ = nullptr;
  return turn;
}

// Those who wanted to see an answer hear that there is none, in the same order.
Turn Walk::drop() {
  for (;;) {
    if (top().seers.empty()) {
      if (depth_ == 1) return Turn::Drop;
      --depth_;
    }
    Level& level = top();
    asking_ = level.seers.back();
    level.seers.pop_back();
    level.next = asking_.next;
    const Turn turn = asking_.step->dropped(*this, asking_.note);
    if (turn != Turn::Drop) return turn;
  }
}

const zones::Lookahead* WalkState::looked_ahead() const {
  return depth_ == 1 && !top().changed ? ahead_ : nullptr;
}

WalkState::OwnQuestion& WalkState::own_question(Level& level) {
  if (!level.own) level.own = std::make_unique<OwnQuestion>();
  return *level.own;
}

// Too many questions end in a level that nobody is asked for.
Turn Walk::descend(dns::NameView name, dns::RrType type, bool rest) {
  Level& here = top();
  const bool known = !here.seers.empty() && here.seers.back().step == asking_.step;
  if (!known) see_me(asking_.note);  // whoever asks sees the answer
  if (!levels_[depth_]) levels_[depth_] = std::make_unique<Level>();
  Level& next = *levels_[depth_];
  const dns::Name asked(name);  // it may lie in what is overwritten now
  OwnQuestion& own = own_question(next);
  own.query = question();
  own.name = asked;
  own.query.set_name(own.name.view());
  own.query.qtype = type;
  next.changed = true;
  next.nobody = false;
  next.is_clients = rest && here.is_clients;
  next.answer.clear();
  next.seers.clear();
  next.kept.clear();
  next.upstream_options.clear();
  if (rest) next.upstream_options = here.upstream_options;
  ++depth_;
  if (depth_ > kMostDeep || questions_++ == kMostQuestions) {
    next.answer.rcode = dns::Rcode::ServFail;
    return Turn::Done;
  }
  next.served =
      rest ? here.served : routing_->find(peers_->listener, {own.query, *peers_, worker_.live()});
  next.next = rest ? asking_.next : 0;
  if (telling_ != nullptr) telling_->asks(own.query.qname, next.served);
  return Turn::Ask;
}

Turn Walk::ask_server(dns::NameView name, dns::RrType type) {
  return descend(name, type, false);
}

Turn Walk::ask_rest(dns::NameView name, dns::RrType type) {
  return descend(name, type, true);
}

// Whoever asked in between is the last of its level who wants to see an answer.
bool WalkState::is_asked_by_me() const {
  for (size_t i = 0; i + 1 < depth_; ++i)
    if (levels_[i]->seers.back().step == asking_.step) return true;
  return false;
}

void Walk::seal_me(size_t most) {
  sealer_ = asking_.step;
  unsealed_limit_ = most;
}

void Walk::limit_udp_size(uint16_t octets) {
  received_->edns.udp_size = std::min(received_->edns.udp_size, octets);
}

dns::Query& Walk::change_question() {
  Level& level = top();
  OwnQuestion& own = own_question(level);
  if (!level.changed) {
    own.query = *received_;
    own.name = dns::Name(received_->qname);
    own.query.qname = own.name.view();
    level.changed = true;
  }
  return own.query;
}

void Walk::set_name(dns::NameView name) {
  const dns::Name copy(name);
  dns::Query& query = change_question();
  OwnQuestion& own = own_question(top());
  own.name = copy;
  query.set_name(own.name.view());
}

bool Walk::label(std::string_view label, std::string& out) const {
  if (top().served == nullptr) return false;
  const dns::Query& asked = depth_ == 1 ? *received_ : question();
  const Asked about{asked, *peers_, std::as_const(worker_).live(), this};
  return top().served->block->labels->tell(label, about, out);
}

void WalkState::set_upstream_options(std::span<const uint8_t> options) {
  top().upstream_options.assign(options.begin(), options.end());
}

size_t WalkState::keep_octets(std::span<const uint8_t> octets) {
  std::vector<uint8_t>& kept = top().kept;
  kept.insert(kept.end(), octets.begin(), octets.end());
  return kept.size() - octets.size();
}

void Walk::append_found(dns::Section section) {
  answer().append(*found(), found_name(), section);
}

Turn Walk::fail(dns::Rcode rcode, std::string_view error) {
  answer().clear();
  answer().rcode = rcode;
  if (top().is_clients) {
    failed_ = true;
    error_.assign(error);
  }
  return Turn::Done;
}

void Walk::forget_failure() {
  if (!top().is_clients) return;
  failed_ = false;
  error_.clear();
}

void Walk::arrange(const Arranger& arranger) {
  if (arranger_ != nullptr) return;
  arranger_ = &arranger;
  arrange_seed_ = worker_.random()() | 1;
}

bool Walk::may_write() const {
  const Level& level = top();
  return depth_ == 1 && level.seers.empty() && !level.changed && !out_.empty() &&
         !level.served->block->answer_is_read;
}

Turn Walk::wrote(size_t size, dns::Rcode rcode) {
  written_ = size;
  written_rcode_ = rcode;
  return Turn::Written;
}

void Walk::see_me(Note note, uint64_t late_at) {
  top().seers.push_back({asking_.step, asking_.next, late_at, note});
}

// Who got a lone CNAME would believe that there is no address. Only where nobody here is asked for
// the target it is left to the client, as in CoreDNS.
void Walk::end_chain() {
  append_found();
  const dns::Rcode rcode = found()->rcode;
  if (rcode == dns::Rcode::NxDomain) {
    answer().rcode = rcode;
    append_found(dns::Section::Authority);
  } else if (rcode != dns::Rcode::NoError && !found_->nobody) {
    answer().rcode = dns::Rcode::ServFail;
  }
}

bool Walk::can_send_many() const {
  return depth_ == 1 && late_ != nullptr && received_->transport != dns::Transport::Udp &&
         can_wait();
}

Turn Walk::send_many(std::unique_ptr<Messages> messages) {
  messages_ = std::move(messages);
  top().seers.clear();
  return Turn::Many;
}

Turn Walk::wait(Awaited& awaited) {
  awaited_ = &awaited;
  return Turn::Wait;
}

// Something threw: nothing of what was asked in between counts.
Turn Walk::give_up() {
  if (awaited_ != nullptr) std::exchange(awaited_, nullptr)->leave(*this);
  depth_ = 1;
  levels_[0]->seers.clear();
  return fail(dns::Rcode::ServFail);
}

uint64_t WalkState::next_late() const {
  uint64_t first = 0;
  for (size_t i = 0; i < depth_; ++i) {
    for (const Seer& seer : levels_[i]->seers) {
      if (seer.late_at != 0 && (first == 0 || seer.late_at < first)) first = seer.late_at;
    }
  }
  return first;
}

// The outermost first: what it says is said of everything that was asked behind it.
Turn Walk::run_late(uint64_t now) {
  const size_t deepest = depth_;
  const Seer asking = asking_;
  for (size_t i = 0; i < deepest; ++i) {
    auto& seers = levels_[i]->seers;
    for (size_t k = 0; k < seers.size(); ++k) {
      if (seers[k].late_at == 0 || seers[k].late_at > now) continue;
      seers[k].late_at = 0;
      depth_ = i + 1;
      asking_ = seers[k];
      const Turn turn = seers[k].step->late(*this, seers[k].note);
      if (turn != Turn::Wait) {
        seers.resize(k);
        if (awaited_ != nullptr) std::exchange(awaited_, nullptr)->leave(*this);
        return run(turn);
      }
    }
  }
  depth_ = deepest;
  asking_ = asking;
  return Turn::Wait;
}

}  // namespace fairlead::query
