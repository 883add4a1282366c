// One question on its way through the blocks, told step by step.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "explain/explain_lines.h"
#include "net/asio.h"
#include "plugins/building.h"
#include "query/routing.h"
#include "query/telling.h"
#include "query/walk.h"
#include "query/worker_view.h"

namespace fairlead::query {

/// What the steps and the walk say becomes lines. Used once, by one thread.
class Narrator final : public Telling, private WalkOwner {
 public:
  /// `routing` and `blocks` (by their query block) must outlive it. `typed`: the name as it was.
  using Places = std::map<const Step*, plugins::Use>;
  using BlockText = std::function<std::string(const ServedZone&)>;
  Narrator(const Routing& routing, const Places& places, BlockText block_text, std::string typed,
           explain::ExplainLines& lines);

  /// Asks `served`, which the listener of `peers` has for `query`. answer(), upstream() and
  /// silent() hold afterwards.
  void ask(const net::Peers& peers, dns::Query& query, const ServedZone& served);

  [[nodiscard]] const dns::Answer& answer() const { return walk_.answer(); }
  /// The answer, or its end, is an upstream's to give.
  [[nodiscard]] bool upstream() const { return upstream_; }
  /// Nothing is said to the client, whatever answer() holds.
  [[nodiscard]] bool silent() const { return silent_; }
  void tell_hints();

  void add(std::string_view who, std::string_view text) override { lines_.add(who, text); }
  void tell(const std::string& text) override;
  void leave_to_upstream() override { upstream_ = true; }
  [[nodiscard]] const std::string& typed() const override { return typed_; }
  void hint(std::string_view who, const std::string& text) override;
  void asks(dns::NameView name, const ServedZone* served) override;
  void ran_out(bool handles) override;

 private:
  void resume(Walk&, Turn) override {}
  void ask_again(Walk&) override {}
  [[nodiscard]] bool has_room() const override { return false; }

  const Routing& routing_;
  const Places& places_;
  const BlockText block_text_;
  const std::string typed_;
  explain::ExplainLines& lines_;
  std::vector<std::pair<std::string, std::string>> hints_;
  asio::io_context context_;
  WorkerView worker_{context_, 0};
  Walk walk_{*this, worker_};
  net::Request request_;
  bool upstream_ = false;
  bool silent_ = false;
};

}  // namespace fairlead::query
