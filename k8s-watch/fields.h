// Reading members of a JSON object whose types nobody vouches for. Internal to decoding.
#pragma once

#include <simdjson.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "k8s-watch/rules.h"

namespace fairlead::k8s_watch {

/// One JSON object's members. A member that is absent or null reads as empty, as in Go; one of
/// another type than asked for reads as empty too and is noted in the rejection. `path` is where
/// the object stands, for the note.
class Fields {
 public:
  Fields(simdjson::dom::object object, std::string path, Rejection& rejection)
      : object_(object), path_(std::move(path)), rejection_(&rejection) {}

  [[nodiscard]] std::optional<simdjson::dom::element> find(std::string_view key) const {
    simdjson::dom::element value;
    if (object_.at_key(key).get(value) != simdjson::SUCCESS || value.is_null()) return std::nullopt;
    return value;
  }

  [[nodiscard]] std::string_view text(std::string_view key) const {
    return get<std::string_view>(key).value_or(std::string_view());
  }
  [[nodiscard]] std::optional<int64_t> integer(std::string_view key) const {
    return get<int64_t>(key);
  }
  [[nodiscard]] std::optional<bool> boolean(std::string_view key) const { return get<bool>(key); }

  [[nodiscard]] std::optional<Fields> object(std::string_view key) const {
    const auto value = get<simdjson::dom::object>(key);
    if (!value) return std::nullopt;
    return Fields(*value, where(key), *rejection_);
  }

  /// Calls `take(element)` for each element that is of type T.
  template <typename T, typename Take>
  void each(std::string_view key, Take take) const {
    const auto values = get<simdjson::dom::array>(key);
    if (!values) return;
    for (const simdjson::dom::element element : *values) {
      T value;
      if (element.get(value) != simdjson::SUCCESS) return reject("type", key);
      take(value);
    }
  }

  /// The same for objects, as Fields.
  template <typename Take>
  void each_object(std::string_view key, Take take) const {
    each<simdjson::dom::object>(
        key, [&](simdjson::dom::object value) { take(Fields(value, where(key), *rejection_)); });
  }

  void reject(const char* reason, std::string_view key) const {
    rejection_->set(reason, where(key));
  }
  /// The object can be used without it.
  void omit(const char* reason, std::string_view key) const {
    rejection_->omit(reason, where(key));
  }

 private:
  template <typename T>
  [[nodiscard]] std::optional<T> get(std::string_view key) const {
    const auto element = find(key);
    if (!element) return std::nullopt;
    T value;
    if (element->get(value) == simdjson::SUCCESS) return value;
    reject("type", key);
    return std::nullopt;
  }

  [[nodiscard]] std::string where(std::string_view key) const {
    return path_.empty() ? std::string(key) : path_ + "." + std::string(key);
  }

  simdjson::dom::object object_;
  std::string path_;
  Rejection* rejection_;
};

}  // namespace fairlead::k8s_watch
