// What a walk remembers of its question. Walk alone gives it its meaning.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "dns/answer.h"
#include "dns/query.h"
#include "net/endpoint.h"
#include "net/responder.h"
#include "query/messages.h"
#include "query/routing.h"
#include "query/step.h"
#include "query/walk_owner.h"

namespace fairlead::query {

class Telling;

struct WalkState {
  static constexpr size_t kMostDeep = 9;  // questions within a question, the client's included
  static constexpr size_t kMostQuestions = 17;  // for one question of a client, that one included

  struct Seer {
    const Step* step = nullptr;
    size_t next = 0;  // the place behind it
    uint64_t late_at = 0;
    Note note;
  };
  struct OwnQuestion {
    dns::Query query;
    dns::Name name;
  };
  struct Level {
    const ServedZone* served = nullptr;
    size_t next = 0;          // the place in the chain of the step that is asked next
    bool changed = false;     // `own` holds the question
    bool is_clients = false;  // the client's own question, by whatever name (ask_rest)
    bool nobody = false;      // no block is for it, or none of the steps took it
    std::unique_ptr<OwnQuestion> own;
    dns::Answer answer;
    std::vector<Seer> seers;
    std::vector<uint8_t> kept;              // keep_octets()
    std::vector<uint8_t> upstream_options;  // as in an OPT record's rdata
  };

  dns::Query* received_ = nullptr;  // in the batch, or own_received_
  const net::Peers* peers_ = nullptr;
  net::LateReplies* late_ = nullptr;  // null: only an immediate reply is of use
  std::span<const uint8_t> packet_;   // what the client sent; empty once the question has waited
  const zones::Lookahead* ahead_ = nullptr;  // in the batch, or null
  std::span<uint8_t> out_;
  const Routing* routing_ = nullptr;
  uint64_t start_ = 0;  // net::now_ns(); 0 when nobody measures

  std::array<std::unique_ptr<Level>, kMostDeep + 1> levels_;
  size_t depth_ = 0;
  size_t questions_ = 0;
  const Level* found_ = nullptr;
  Seer asking_;  // the step whose ask() or see() runs
  const Step* sealer_ = nullptr;
  size_t unsealed_limit_ = SIZE_MAX;
  mutable std::vector<uint8_t> sealing_;
  const Arranger* arranger_ = nullptr;
  uint64_t arrange_seed_ = 0;
  uint8_t made_by_ = 0;
  bool failed_ = false;
  std::string error_;
  size_t written_ = 0;
  dns::Rcode written_rcode_ = dns::Rcode::NoError;
  Telling* telling_ = nullptr;
  std::string_view upstream_;

  // While it waits.
  Awaited* awaited_ = nullptr;
  bool waits_ = false;       // what it needs is kept
  bool counted_ = false;     // it has a place in the table
  bool background_ = false;  // nobody gets the answer
  std::shared_ptr<net::LateReplies> promised_;
  std::shared_ptr<const Routing> kept_routing_;
  std::unique_ptr<Messages> messages_;  // still to be sent
  dns::Query own_received_;
  dns::Name own_qname_;
  std::vector<uint8_t> own_options_;
  net::Peers own_peers_;
  std::optional<std::multimap<uint64_t, Walk*>::iterator> late_at_;  // in WaitingWalks

  [[nodiscard]] Level& top() { return *levels_[depth_ - 1]; }
  [[nodiscard]] const Level& top() const { return *levels_[depth_ - 1]; }
  static OwnQuestion& own_question(Level& level);

  /// 0: the client's own question; more: one that a step asked.
  [[nodiscard]] size_t depth() const { return depth_ - 1; }

  /// In see() after Ask: the answer to what was asked, the name it was asked for, and whether no
  /// block is for that, or none of its steps took it.
  [[nodiscard]] const dns::Answer* found() const { return found_ ? &found_->answer : nullptr; }
  [[nodiscard]] dns::NameView found_name() const { return found_->own->query.qname; }
  [[nodiscard]] bool found_nobody() const { return found_->nobody; }

  /// What the client sent; empty once the question has waited.
  [[nodiscard]] std::span<const uint8_t> packet() const { return packet_; }

  /// Who was asked last outside, "10.0.0.2:53", as long as the block is there; empty for nobody.
  void set_upstream(std::string_view address) { upstream_ = address; }
  [[nodiscard]] std::string_view upstream() const { return upstream_; }

  /// What was read ahead of the question as it stands; null: nothing, it was changed, or waited.
  [[nodiscard]] const zones::Lookahead* looked_ahead() const;

  /// The client's own question, by whatever name; not one that a step asked of the server.
  [[nodiscard]] bool is_clients() const { return top().is_clients; }

  /// What the step that seals the reply keeps until then, and from message to message.
  [[nodiscard]] std::vector<uint8_t>& sealing() const { return sealing_; }

  /// This question was asked, directly or through others, by the step that runs now.
  [[nodiscard]] bool is_asked_by_me() const;

  /// Options that upstreams are sent with the question of this level, as in an OPT record's rdata;
  /// none unless a step says so: what a client sends is for this server. At most
  /// dns::kMaxUpstreamOptions octets of whole options are sent.
  [[nodiscard]] std::span<const uint8_t> upstream_options() const { return top().upstream_options; }
  void set_upstream_options(std::span<const uint8_t> options);

  /// What is more than a Note takes: a copy that stays until this level's question has ended.
  /// Returns its place, for kept_octets(): all that has been kept from there on.
  size_t keep_octets(std::span<const uint8_t> octets);
  [[nodiscard]] std::span<const uint8_t> kept_octets(size_t place) const {
    return std::span(top().kept).subspan(place);
  }

  /// Its records are in the only order that they may have, and no step sees them again.
  void keep_order() {
    arranger_ = nullptr;
    top().seers.clear();
  }

  /// The first time that a step wanted to be told of (Step::late); 0: none does.
  [[nodiscard]] uint64_t next_late() const;
};

}  // namespace fairlead::query
