#include "expression/value.h"

#include <algorithm>
#include <cstring>
#include <new>

#include "expression/environment.h"

namespace fairlead::expression {
namespace {

std::string_view word_of(Kind kind) {
  switch (kind) {
    case Kind::Bool:
      return "bool";
    case Kind::Int:
      return "int";
    case Kind::Float:
      return "float64";
    case Kind::String:
      return "string";
    case Kind::Unknown:
    case Kind::Nil:
    case Kind::List:
    case Kind::Function:
      break;
  }
  return "unknown";
}

std::string function_text(const Function& function) {
  std::string text = "func(";
  for (size_t i = 0; i < function.parameters.size(); ++i)
    text.append(i > 0 ? ", " : "").append(to_text(function.parameters[i]));
  const std::string result = to_text(function.result);
  return text + ") " + (function.may_fail ? "(" + result + ", error)" : result);
}

}  // namespace

// An integer is compared with a fraction as the latter.
bool operator==(const Value& a, const Value& b) {
  const int64_t* const ai = std::get_if<int64_t>(&a.is);
  const int64_t* const bi = std::get_if<int64_t>(&b.is);
  const double* const af = std::get_if<double>(&a.is);
  const double* const bf = std::get_if<double>(&b.is);
  if (ai != nullptr && bf != nullptr) return static_cast<double>(*ai) == *bf;
  if (af != nullptr && bi != nullptr) return *af == static_cast<double>(*bi);
  if (a.is.index() != b.is.index()) return false;
  if (const List* const list = std::get_if<List>(&a.is)) {
    const List& other = std::get<List>(b.is);
    return std::equal(list->begin(), list->end(), other.begin(), other.end());
  }
  if (ai != nullptr) return *ai == *bi;
  if (af != nullptr) return *af == *bf;
  if (const auto* const text = a.text()) return *text == *b.text();
  return a.is_true() == b.is_true();
}

std::string to_text(const Type& type) {
  if (type.kind == Kind::List) return type.texts ? "[]string" : "[]interface {}";
  if (type.kind == Kind::Function && type.function != nullptr) return function_text(*type.function);
  return std::string(word_of(type.kind));
}

void* Scratch::room(size_t octets) {
  constexpr size_t kAlign = alignof(Value);
  octets = (octets + kAlign - 1) / kAlign * kAlign;
  if (octets > kMostOctets - used_) return nullptr;
  if (octets > left_) {
    if (number_ == blocks_.size()) return nullptr;
    const size_t size = std::max(octets, kBlock);
    auto& block = blocks_[number_];
    block.reset(new (std::nothrow) std::byte[size]);
    if (!block) return nullptr;
    ++number_;
    at_ = block.get();
    left_ = size;
  }
  used_ += octets;
  left_ -= octets;
  void* const found = at_;
  at_ += octets;
  return found;
}

char* Scratch::characters(size_t size) {
  return static_cast<char*>(room(std::min(size, kMostOctets + 1)));
}

Value* Scratch::values(size_t size) {
  if (size > kMostOctets / sizeof(Value) || !steps(size)) return nullptr;
  void* const found = room(size * sizeof(Value));
  if (found == nullptr) return nullptr;
  auto* const values = static_cast<Value*>(found);
  std::uninitialized_default_construct_n(values, size);
  return values;
}

std::string_view Scratch::keep(std::string_view text) {
  char* const copy = characters(text.size());
  if (copy == nullptr) return {};
  std::memcpy(copy, text.data(), text.size());
  return {copy, text.size()};
}

}  // namespace fairlead::expression
