// What the tests of the native kernels share: counting checks, guarded memory, random numbers.
#pragma once
#include <sys/mman.h>
#include <unistd.h>

#include <cstdarg>
#include <cstdio>
#include <random>

inline int passed = 0, failed = 0;
inline std::mt19937 engine(7);

inline void check(bool good, const char* format, ...) {
  good ? passed++ : failed++;
  if (good || failed > 20) return;
  va_list arguments;
  va_start(arguments, format);
  printf("FAILED ");
  vprintf(format, arguments);
  printf("\n");
  va_end(arguments);
}

// Memory whose last byte is followed by an unmapped page: a read or write behind the end ends the process.
template <typename T>
class Guarded {
 public:
  explicit Guarded(long count) {
    const long page = sysconf(_SC_PAGESIZE);
    bytes_ = (count * sizeof(T) + page - 1) / page * page + page;
    base_ = static_cast<char*>(mmap(nullptr, bytes_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
    mprotect(base_ + bytes_ - page, page, PROT_NONE);
    data_ = reinterpret_cast<T*>(base_ + bytes_ - page - count * sizeof(T));
  }
  ~Guarded() { munmap(base_, bytes_); }
  Guarded(const Guarded&) = delete;
  T* data() { return data_; }
  T& operator[](long i) { return data_[i]; }

 private:
  char* base_;
  T* data_;
  size_t bytes_;
};

inline float uniform() { return std::uniform_real_distribution<float>(-1, 1)(engine); }

// Products of few columns: dots_test.cc.
void testDots();
// Products of small matrices: small_products_test.cc.
void testSmallProducts();
void testRowProducts();
// The gather of minibatches and transposition: gather_test.cc.
void testGathering();
// Products rounded to bfloat16, on processors that have them: bfloat16_test.cc.
void testBfloat16();
