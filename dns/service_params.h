// The parameters of SVCB and HTTPS records in text (RFC 9460 §2.1, appendix A).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "dns/record_words.h"

namespace fairlead::dns {

/// Collects KEY=VALUE words and writes them as they are on the wire. Made for reuse.
class ServiceParams {
 public:
  void clear();

  /// A key with what stands behind '='; quoted values are words of their own that are glued to it.
  /// False when it is no parameter, or a value is not what its key takes.
  bool add(RecordWord word, RecordWords& words);

  /// Appends them in the order of their keys. False when a key was given twice, or one that
  /// needs a value has none, or one that is mandatory is missing, named twice, or that list itself.
  bool write(std::vector<uint8_t>& rdata);

 private:
  struct Param {
    uint16_t key = 0;
    size_t at = 0;
    size_t size = 0;
  };
  bool add_value(uint16_t key, std::string_view value);
  bool sort_mandatory(const Param& param);
  [[nodiscard]] bool has(uint16_t key) const;

  std::vector<Param> params_;
  std::vector<uint8_t> values_;
  bool lacks_value_ = false;
  std::string text_;  // scratch
  std::string item_;  // scratch
};

}  // namespace fairlead::dns
