#include "plugins/names.h"

namespace fairlead::plugins {

dns::Name name_at(const corefile::Cursor& cursor, const std::string& text) {
  const auto name = dns::Name::from_text(text);
  if (!name) throw cursor.error("'" + text + "' is no domain name");
  return name->lowered();
}

std::vector<dns::Name> names_at(const corefile::Cursor& cursor,
                                const std::vector<std::string>& texts) {
  std::vector<dns::Name> names;
  names.reserve(texts.size());
  for (const std::string& text : texts) names.push_back(name_at(cursor, text));
  return names;
}

std::string list(const std::vector<dns::Name>& names) {
  std::string text;
  for (const dns::Name& name : names)
    text += (text.empty() ? "" : ", ") + dns::to_text(name.view());
  return text;
}

}  // namespace fairlead::plugins
