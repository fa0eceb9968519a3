// Lets a binary built on a new glibc load on the oldest one that Node itself runs on, 2.28. Part of the prebuilt binaries for Linux alone.
//
// A linker takes the newest version of each function. Of the few that changed after 2.28, those below are taken in the version they had
// before (CMakeLists.txt leads every call here with --wrap); the two at the end did not exist, and nobody misses them.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <pthread.h>
#include <signal.h>

#if defined(__x86_64__)
#define FIRST "GLIBC_2.2.5"
#define AFFINITY "GLIBC_2.3.4"
#elif defined(__aarch64__)
#define FIRST "GLIBC_2.17"
#define AFFINITY "GLIBC_2.17"
#else
#error "the first versions of these functions on this processor are not known here"
#endif

#define OLD(result, name, version, parameters, arguments)  \
  __asm__(".symver old_" #name "," #name "@" version);     \
  result old_##name parameters;                            \
  result __wrap_##name parameters { return old_##name arguments; }

OLD(int, pthread_create, FIRST, (pthread_t* thread, const pthread_attr_t* how, void* (*start)(void*), void* given), (thread, how, start, given))
OLD(int, pthread_join, FIRST, (pthread_t thread, void** result), (thread, result))
OLD(int, pthread_once, FIRST, (pthread_once_t* once, void (*start)(void)), (once, start))
OLD(int, pthread_sigmask, FIRST, (int how, const sigset_t* mask, sigset_t* before), (how, mask, before))
OLD(int, pthread_setaffinity_np, AFFINITY, (pthread_t thread, size_t bytes, const cpu_set_t* set), (thread, bytes, set))
OLD(int, pthread_getaffinity_np, AFFINITY, (pthread_t thread, size_t bytes, cpu_set_t* set), (thread, bytes, set))
OLD(int, __pthread_key_create, FIRST, (pthread_key_t* key, void (*end)(void*)), (key, end))
OLD(double, log, FIRST, (double x), (x))

// Asked by the C++ library whether plain counts will do in place of atomic ones: they will not.
char __libc_single_threaded = 0;

// Asked by the C++ library for the frames of a thrown exception, of which this addon has none: there is nothing to find.
int _dl_find_object(void* address, struct dl_find_object* result) {
  (void)address, (void)result;
  return -1;
}
