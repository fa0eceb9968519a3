// Lets allocations and new threads of the addon fail. Preloaded into Node (LD_PRELOAD), where it stands before the allocators, and loaded by
// scripts as an addon of its own, by which they say what is to fail. Calls of others, Node and OpenBLAS among them, go through.
#include <dlfcn.h>
#include <link.h>
#include <node_api.h>
#include <pthread.h>
#include <sys/mman.h>
#include <unwind.h>

#include <atomic>
#include <cerrno>
#include <cstring>
#include <new>

namespace {

struct Range {
  uintptr_t begin = 0, end = 0;
  bool holds(uintptr_t address) const { return address >= begin && address < end; }
};

std::atomic<bool> armed{false};
std::atomic<bool> lasting{false};
std::atomic<long> target{0}, seen{0}, failed{0}, threads{-1};

// The memory that a library is mapped to: the first whose path ends with `name`.
Range find(const char* name) {
  struct Search {
    const char* name;
    Range range;
  } search{name, {}};
  dl_iterate_phdr([](dl_phdr_info* info, size_t, void* data) {
    Search& wanted = *static_cast<Search*>(data);
    const char* found = std::strstr(info->dlpi_name, wanted.name);
    if (!found) return 0;
    for (int i = 0; i < info->dlpi_phnum; i++) {
      if (info->dlpi_phdr[i].p_type != PT_LOAD) continue;
      const uintptr_t begin = info->dlpi_addr + info->dlpi_phdr[i].p_vaddr, end = begin + info->dlpi_phdr[i].p_memsz;
      if (wanted.range.begin == 0 || begin < wanted.range.begin) wanted.range.begin = begin;
      if (end > wanted.range.end) wanted.range.end = end;
    }
    return 1;
  }, &search);
  return search.range;
}

struct Walk {
  Range addon, library;
  bool isAddon;
};

// The first frame outside of the standard library says whose call it is.
bool isOfAddon(uintptr_t caller) {
  static Range addon, library;
  if (addon.begin == 0) addon = find("/densely.node");
  if (library.begin == 0) library = find("/libstdc++.so");
  if (addon.begin == 0) return false;
  if (!library.holds(caller)) return addon.holds(caller);
  Walk walk{addon, library, false};
  bool inside = false;
  struct State {
    Walk* walk;
    bool* inside;
  } state{&walk, &inside};
  _Unwind_Backtrace([](_Unwind_Context* context, void* data) {
    State& at = *static_cast<State*>(data);
    const uintptr_t address = _Unwind_GetIP(context);
    if (at.walk->library.holds(address)) {
      *at.inside = true;
      return _URC_NO_REASON;
    }
    if (!*at.inside) return _URC_NO_REASON;  // this shim
    at.walk->isAddon = at.walk->addon.holds(address);
    return _URC_END_OF_STACK;
  }, &state);
  return walk.isAddon;
}

bool fails(void* caller) {
  if (!armed.load(std::memory_order_relaxed) || !isOfAddon(reinterpret_cast<uintptr_t>(caller))) return false;
  const long number = ++seen;
  const bool now = lasting ? number >= target : number == target;
  if (now && target > 0) ++failed;
  return now && target > 0;
}

template <typename Function>
Function next(const char* name) {
  return reinterpret_cast<Function>(dlsym(RTLD_NEXT, name));
}

long integer(napi_env env, napi_callback_info info, size_t index) {
  napi_value arguments[2];
  size_t count = 2;
  int64_t value = 0;
  napi_get_cb_info(env, info, &count, arguments, nullptr, nullptr);
  if (index < count) napi_get_value_int64(env, arguments[index], &value);
  return (long)value;
}

napi_value number(napi_env env, long value) {
  napi_value result = nullptr;
  napi_create_int64(env, value, &result);
  return result;
}

// arm(n, lasting): the n-th allocation fails from now on, or it and all after it; none with n = 0, which counts them.
napi_value arm(napi_env env, napi_callback_info info) {
  target = integer(env, info, 0);
  lasting = integer(env, info, 1) != 0;
  seen = 0;
  failed = 0;
  armed = true;
  return nullptr;
}

// disarm(): how many allocations have failed.
napi_value disarm(napi_env env, napi_callback_info) {
  armed = false;
  return number(env, failed);
}

napi_value count(napi_env env, napi_callback_info) { return number(env, seen); }

// allowThreads(n): so many more threads can be made; any number with n < 0.
napi_value allowThreads(napi_env env, napi_callback_info info) {
  threads = integer(env, info, 0);
  return nullptr;
}

}  // namespace

void* operator new(size_t size) {
  static const auto original = next<void* (*)(size_t)>("_Znwm");
  if (fails(__builtin_return_address(0))) throw std::bad_alloc();
  return original(size);
}

void* operator new[](size_t size) {
  static const auto original = next<void* (*)(size_t)>("_Znam");
  if (fails(__builtin_return_address(0))) throw std::bad_alloc();
  return original(size);
}

void* operator new(size_t size, std::align_val_t alignment) {
  static const auto original = next<void* (*)(size_t, std::align_val_t)>("_ZnwmSt11align_val_t");
  if (fails(__builtin_return_address(0))) throw std::bad_alloc();
  return original(size, alignment);
}

extern "C" void* aligned_alloc(size_t alignment, size_t size) {
  static const auto original = next<void* (*)(size_t, size_t)>("aligned_alloc");
  return fails(__builtin_return_address(0)) ? nullptr : original(alignment, size);
}

extern "C" void* mmap(void* address, size_t length, int protection, int flags, int file, off_t offset) {
  static const auto original = next<void* (*)(void*, size_t, int, int, int, off_t)>("mmap");
  return fails(__builtin_return_address(0)) ? MAP_FAILED : original(address, length, protection, flags, file, offset);
}

extern "C" int pthread_create(pthread_t* thread, const pthread_attr_t* attributes, void* (*start)(void*), void* argument) {
  static const auto original = next<int (*)(pthread_t*, const pthread_attr_t*, void* (*)(void*), void*)>("pthread_create");
  if (threads >= 0 && isOfAddon(reinterpret_cast<uintptr_t>(__builtin_return_address(0)))) {
    if (threads == 0) return EAGAIN;
    --threads;
  }
  return original(thread, attributes, start, argument);
}

extern "C" __attribute__((visibility("default"))) napi_value napi_register_module_v1(napi_env env, napi_value exports) {
  const struct {
    const char* name;
    napi_callback function;
  } functions[] = {{"arm", arm}, {"disarm", disarm}, {"count", count}, {"allowThreads", allowThreads}};
  for (const auto& each : functions) {
    napi_value value;
    napi_create_function(env, each.name, NAPI_AUTO_LENGTH, each.function, nullptr, &value);
    napi_set_named_property(env, exports, each.name, value);
  }
  return exports;
}
