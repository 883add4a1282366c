// The rdata of a record from the words of its text. Internal to dns/.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dns/name.h"
#include "dns/rdata_form.h"
#include "dns/record_words.h"
#include "dns/service_params.h"
#include "dns/text_octets.h"
#include "dns/types.h"

namespace fairlead::dns {

/// Made for reuse: keeps its memory.
class RdataFromText {
 public:
  /// Reads the rest of `words`, names below the origin, into `rdata`. Empty, or what is wrong with
  /// which word.
  std::string read(RrType type, RecordWords& words, std::vector<uint8_t>& rdata);

  /// After a read that failed: what is wrong are octets or strings, at which CoreDNS does not look
  /// before it sends them, or the last line has no rdata.
  [[nodiscard]] bool failed_unchecked() const { return unchecked_; }

  /// What names without a final dot lie below: a view that outlives the read. The root at first.
  void set_origin(NameView origin) { origin_ = origin; }

 private:
  bool read_field(RdataForm form, RecordWords& words);
  [[nodiscard]] bool is_unchecked(RdataForm form) const;
  bool read_one(RdataForm form, const RecordWord& word);
  bool read_rest(RdataForm form, RecordWords& words);
  bool add_rest(RdataForm form, const RecordWord& word, RecordWords& words);
  bool put_words(RdataForm form);
  bool put_number(std::optional<uint32_t> number, size_t octets);
  bool put_type(std::optional<RrType> type);
  bool put_name(const RecordWord& word);
  bool put_address(const RecordWord& word, bool v6);
  bool put_string(const RecordWord& word, bool in_pieces);
  bool put_counted(RdataForm form, const RecordWord& word);
  static bool is_unknown_form(RecordWords ahead, bool has_own_form);
  std::string read_unknown(RrType type, RecordWords& words);

  static constexpr uint8_t kRoot[] = {0};

  NameView origin_{kRoot};
  std::vector<uint8_t>* rdata_ = nullptr;
  RecordWord word_;        // the last that was looked at
  bool all_read_ = false;  // words of a field that takes the rest
  bool unchecked_ = false;
  std::string text_;
  std::vector<RrType> types_;
  std::vector<std::string> all_;  // words that are read together
  ServiceParams params_;
  Base64Reader base64_;
};

}  // namespace fairlead::dns
