#include "net/start_memory.h"

#include <link.h>
#include <malloc.h>
#include <sys/mman.h>
#include <unistd.h>

#include <bit>
#include <cstdint>

namespace fairlead::net {
namespace {

// Code and constants are never written to: their pages are those of the file, whatever is dropped.
// What the dynamic linker has filled in lies in segments that are writable.
int drop_constant(dl_phdr_info* object, size_t, void*) {
  const auto page = static_cast<uintptr_t>(::sysconf(_SC_PAGESIZE));
  for (int i = 0; i < object->dlpi_phnum; ++i) {
    const ElfW(Phdr)& part = object->dlpi_phdr[i];
    if (part.p_type != PT_LOAD || (part.p_flags & PF_W) != 0) continue;
    const uintptr_t begin = (object->dlpi_addr + part.p_vaddr) & ~(page - 1);
    const uintptr_t end = object->dlpi_addr + part.p_vaddr + part.p_memsz;
    ::madvise(std::bit_cast<void*>(begin), end - begin, MADV_DONTNEED);
  }
  return 0;
}

}  // namespace

void give_back_start_memory() {
  ::malloc_trim(0);
  ::dl_iterate_phdr(drop_constant, nullptr);
}

}  // namespace fairlead::net
