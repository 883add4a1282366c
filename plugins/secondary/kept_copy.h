// The copy of a zone as a file: what a restart begins with.
#pragma once

#include <memory>
#include <string>

#include "dns/name.h"
#include "records/cluster_copy.h"
#include "records/epoch.h"
#include "records/zone.h"

namespace fairlead::plugins::secondary {

/// A copy that somebody had before.
struct KnownCopy {
  std::shared_ptr<const records::Zone> zone;  // null: there is none
  // What the expire of its SOA counts from, in seconds since 1970: when a server last said that it
  // is the zone, or earlier, as that has a copy itself (RFC 7314).
  double good_at = 0;
  records::Epoch epoch = {};      // what its serial belongs to
  records::Cluster cluster = {};  // of the compact form
};

/// The name of the zone's file: of letters, digits, '-', '_' and '.', another for each zone, at
/// most 255 octets with the end of a temporary one. `origin` is lower-cased.
std::string file_name(const dns::Name& origin);

/// Puts the copy in place of the file, as records (RFC 1035 §5.1) with absolute names and a line at
/// the end that says that they are all, in front of it the epoch, and in front of that whether the
/// form is compact; the file's time of modification is `good_at`. Readers see the old file or the
/// new one, and so does who starts after a crash. Used by one thread for one path. Returns why that
/// cannot be; empty: it is done.
std::string write_copy(const std::string& path, const KnownCopy& copy);

/// Says of a file that is there already that it is good. False: it is not there.
bool touch_copy(const std::string& path, double good_at);

/// Reads what write_copy() wrote. What is wrong with it is in `error`: cut, of another zone, no
/// regular file; empty for nothing, and when there is no file.
KnownCopy read_copy(const std::string& path, const dns::Name& origin, std::string& error);

}  // namespace fairlead::plugins::secondary
