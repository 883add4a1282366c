// The zones that catalogs list (RFC 9432), each copied from its catalog's servers.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "dns/name.h"
#include "net/log.h"
#include "plugins/secondary/follower.h"
#include "plugins/secondary/setup.h"
#include "records/catalog.h"
#include "records/zone.h"

namespace fairlead::plugins::secondary {

/// How a zone of the source is followed: its own, or one that it lists.
Follower::Options options_of(const Source& source, const dns::Name& origin);

/// Those of one block. Used and destroyed by the control thread.
class Members {
 public:
  using Make = std::function<std::shared_ptr<Follower>(const Follower::Options&, KnownCopy)>;
  struct Member {
    records::CatalogMember said;
    size_t catalog = 0;  // its number among the sources
    std::shared_ptr<Follower> follower;
  };
  using All = std::map<std::string, Member>;  // by zone, as text
  /// Of a block before this one.
  struct Earlier {
    std::vector<std::shared_ptr<Follower>> followers;  // of members; they go on if still wanted
    std::map<std::string, std::vector<records::CatalogMember>> said;  // by catalog, the last good
  };

  /// `make` starts to follow a zone, from the copy that is known. `sources` and `tools` must
  /// outlive it.
  Members(const Sources& sources, const Tools& tools, Make make, Earlier earlier);

  /// `zone` is the newest copy of the catalog sources[number]. A broken one leaves everything as it
  /// is.
  void read(size_t number, const records::Zone& zone);

  /// Of the earlier ones none is wanted any more.
  void forget_earlier() { earlier_ = {}; }
  /// Adds what there is here.
  void add_to(Earlier& earlier) const;

  [[nodiscard]] const All& all() const { return all_; }

 private:
  void read_again(size_t number, bool told);
  void remove_others(size_t number);
  void take(size_t number, const records::CatalogMember& said, bool told);
  [[nodiscard]] KnownCopy earlier_copy(size_t number, const records::CatalogMember& said) const;
  void add(size_t number, const records::CatalogMember& said);
  void change(Member& member, size_t number, const records::CatalogMember& said);
  std::shared_ptr<Follower> follow(size_t number, const records::CatalogMember& said,
                                   const std::function<KnownCopy(const Follower::Options&)>& known);
  void forget(const Member& member) const;
  void log(const std::string& what, const records::CatalogMember& said,
           const std::string& how) const;
  [[nodiscard]] bool is_wanted(size_t number, const dns::Name& zone) const;
  [[nodiscard]] std::string name_of(size_t number) const;

  const Sources& sources_;
  const Tools& tools_;
  const Make make_;
  Earlier earlier_;
  std::map<size_t, std::vector<records::CatalogMember>>
      said_;  // by catalog, the last that was good
  All all_;
};

}  // namespace fairlead::plugins::secondary
