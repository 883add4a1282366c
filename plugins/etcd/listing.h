// Reads all keys of some ranges, as of one revision of etcd.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "plugins/etcd/gateway.h"
#include "plugins/etcd/gateway_messages.h"

namespace fairlead::plugins::etcd {

/// Paths of zones with all that is below; what the ranges have beside is not handed out. Used by
/// the mirror's thread.
class Listing {
 public:
  struct Hooks {
    std::function<void(const KeyValue&)> take;
    /// The code of each response, "<error>" when there was none.
    std::function<void(const std::string& code)> heard;
    /// The end: all has been taken, or why not (`trouble`, not empty; `status` 0: no response).
    std::function<void(int status, const std::string& trouble)> done;
  };
  /// `gateway` outlives it. At least one path.
  Listing(Gateway& gateway, const std::vector<std::string>& paths, Hooks hooks);

  /// From the beginning on. done() may come from within.
  void begin();
  void stop() { exchange_.reset(); }

  /// Of the list that is complete.
  [[nodiscard]] const Header& header() const { return header_; }
  /// What is to be watched: a path's own key is left out once etcd has refused it.
  [[nodiscard]] const std::vector<Range>& ranges() const { return ranges_; }
  /// Whether a key of range number `number` is its path or below.
  [[nodiscard]] bool belongs(size_t number, const std::string& key) const;

 private:
  void ask();
  void answered();
  void refused();

  Gateway& gateway_;
  const std::vector<std::string> paths_;
  const Hooks hooks_;
  std::vector<Range> ranges_;
  size_t at_ = 0;     // the range that is read
  std::string from_;  // the first key that is missing
  Header header_;     // of the first reply; revision 0: there was none
  size_t page_ = 0;   // keys of one reply
  WholeReply reply_;
  std::unique_ptr<k8s_watch::Exchange> exchange_;
};

}  // namespace fairlead::plugins::etcd
