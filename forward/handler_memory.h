// A place for one handler in the event loop's queue, so that to post it again and again allocates
// nothing.
#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <new>
#include <utility>

#include "net/asio.h"

namespace fairlead::forward {

/// Used by one thread. Whoever finds it taken gets heap memory.
class HandlerMemory {
 public:
  void* take(size_t size) {
    if (taken_ || size > block_.size()) return ::operator new(size);
    taken_ = true;
    return block_.data();
  }
  void give_back(void* memory) {
    if (memory != block_.data()) return ::operator delete(memory);
    taken_ = false;
  }

 private:
  alignas(std::max_align_t) std::array<std::byte, 192> block_{};
  bool taken_ = false;
};

/// What Asio asks for memory; the memory outlives the handler in it.
template <typename T>
struct HandlerAllocator {
  using value_type = T;

  explicit HandlerAllocator(std::shared_ptr<HandlerMemory> from) : memory(std::move(from)) {}
  template <typename Other>
  HandlerAllocator(const HandlerAllocator<Other>& other)  // NOLINT: allocators convert
      : memory(other.memory) {}

  T* allocate(size_t count) { return static_cast<T*>(memory->take(count * sizeof(T))); }
  void deallocate(T* block, size_t) { memory->give_back(block); }
  bool operator==(const HandlerAllocator& other) const = default;

  std::shared_ptr<HandlerMemory> memory;
};

template <typename Handler>
struct PostedHandler {
  using allocator_type = HandlerAllocator<Handler>;
  [[nodiscard]] allocator_type get_allocator() const { return allocator_type(memory); }
  void operator()() { handler(); }

  Handler handler;
  std::shared_ptr<HandlerMemory> memory;
};

/// asio::post() of a handler that fits into `memory`.
template <typename Handler>
void post_in(const std::shared_ptr<HandlerMemory>& memory, asio::io_context& context,
             Handler handler) {
  asio::post(context, PostedHandler<Handler>{std::move(handler), memory});
}

}  // namespace fairlead::forward
