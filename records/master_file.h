// Zones as text (RFC 1035 §5): the lines beginning with a dollar sign, files within files, and what
// a record takes from those before it. Records themselves are read by dns/text_record.h.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "dns/name.h"
#include "dns/text_record.h"

namespace fairlead::records {

/// A file.
struct MasterText {
  const std::string& path;
  std::string_view text;
};

/// Files are asked for by path. Returns what is wrong, in words that end a sentence; empty: `text`
/// is the file.
using ReadText = std::function<std::string(const std::string& path, std::string& text)>;

/// Who is told what was read.
struct MasterSink {
  /// Each record, valid during the call.
  std::function<void(const dns::TextRecord&)> take;
  /// What is wrong with a record that says nothing (TextRecord::can_be_left_out), in the words of
  /// an error. Without it such a record is an error.
  std::function<void(const std::string&)> leave_out = nullptr;
};

/// The most that one zone may consist of, all $INCLUDEs together.
struct MasterLimits {
  size_t octets = size_t{256} << 20;
  size_t records = 20'000'000;
  size_t includes = 1000;
  size_t include_depth = 7;
};

/// Reads `file`: $ORIGIN, $TTL, $INCLUDE (relative to the file that has it) and
/// $GENERATE, records over several lines. `read` is asked for what is included. Returns empty, or
/// what is wrong first, in CoreDNS's words where that has some:
///   db.example: dns: bad A A: "1.2.3" at line: 2:14
/// What was taken until then is no zone. Linear in what is read and made. Throws nothing of
/// its own.
std::string read_master_file(const MasterText& file, const dns::Name& origin, const ReadText& read,
                             const MasterSink& sink, const MasterLimits& limits = {});

}  // namespace fairlead::records
