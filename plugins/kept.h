// What outlives a configuration: caches, upstreams, watches. A reload that changes nothing about
// one keeps it, with all it has learnt.
#pragma once

#include <algorithm>
#include <cstddef>
#include <map>
#include <memory>
#include <typeindex>
#include <utility>
#include <vector>

namespace fairlead::plugins {

/// Used by the control thread, which is also where everything is destroyed that is kept here.
class Kept {
 public:
  /// The T that `match` is true of, one of a configuration that is served if there is one; else
  /// what `make` returns, a shared_ptr<T>.
  template <class T, class Match, class Make>
  std::shared_ptr<T> keep(Match match, Make make) {
    auto& all = kept_[std::type_index(typeid(T))];
    for (const auto& one : all) {
      if (match(*static_cast<const T*>(one.get()))) return std::static_pointer_cast<T>(one);
    }
    std::shared_ptr<T> made = make();
    all.push_back(made);
    return made;
  }

  /// The one T of this process.
  template <class T, class Make>
  std::shared_ptr<T> process(Make make) {
    auto& one = process_[std::type_index(typeid(T))];
    if (!one) one = make();
    return std::static_pointer_cast<T>(one);
  }

  /// A number for each type, the same whenever asked again.
  template <class T>
  size_t number() {
    return numbers_.try_emplace(std::type_index(typeid(T)), numbers_.size()).first->second;
  }

  /// Forgets what nobody else has any more. True when something may follow.
  bool drop_unused() {
    bool left = false;
    for (auto& [type, all] : kept_) {
      std::vector<std::shared_ptr<void>> unused;
      std::erase_if(all, [&](auto& one) {
        if (one.use_count() != 1) return false;
        unused.push_back(std::move(one));
        return true;
      });
      left = left || !all.empty();
    }
    return left;
  }

  /// The end: nothing is served any more.
  void clear() {
    kept_.clear();
    process_.clear();
  }

 private:
  std::map<std::type_index, std::vector<std::shared_ptr<void>>> kept_;
  std::map<std::type_index, std::shared_ptr<void>> process_;
  std::map<std::type_index, size_t> numbers_;
};

}  // namespace fairlead::plugins
