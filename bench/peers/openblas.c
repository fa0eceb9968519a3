/*
 * What bounds every library: the matrix products of a case by plain OpenBLAS on one thread and nothing else, and what the processor's
 * fused multiply-adds reach at most.
 *
 *   openblas train <seconds> <batch> <rows> <inputs> <units>...   ms a step: forward, the weights' gradients, the inputs' but the first
 *   openblas infer <seconds> <batch> <rows> <inputs> <units>...   us a call: forward; one row by sgemv
 *   openblas peak <seconds> <threads> <float32|bfloat16>          GFLOP/s
 *
 * The result is JSON on the last line.
 */
#define _GNU_SOURCE
#include <cblas.h>
#include <pthread.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#ifdef __AVX512BF16__
#include <immintrin.h>
#endif

enum { MAX_LAYERS = 16, MAX_THREADS = 256 };

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

/* Seconds that all processors worked for others than this process so far; negative where that is unknown. */
static double foreign(void) {
  unsigned long long user, nice, system, idle, wait, irq, soft;
  FILE *file = fopen("/proc/stat", "r");
  if (file == NULL) return -1;
  int read = fscanf(file, "cpu %llu %llu %llu %llu %llu %llu %llu", &user, &nice, &system, &idle, &wait, &irq, &soft);
  fclose(file);
  if (read != 7) return -1;
  return (double)(user + nice + system + irq + soft) / (double)sysconf(_SC_CLK_TCK) - (double)clock() / CLOCKS_PER_SEC;
}

/* The result's line, with how many processors worked for others meanwhile. */
static void print_result(double value, double start, double before, const char *name, const char *version) {
  double others = (foreign() - before) / (now() - start);
  printf("{\"value\": %.6g, ", value);
  if (before >= 0) printf("\"others\": %.3f, ", others > 0 ? others : 0);
  printf("\"versions\": {\"%s\": \"%s\"}}\n", name, version);
}

/* Numbers as weights and activations are: small, and none of them denormal. */
static float *numbers(size_t count) {
  float *values = aligned_alloc(64, (count * sizeof(float) + 63) / 64 * 64);
  uint32_t state = 1;
  if (values == NULL) exit(1);
  for (size_t i = 0; i < count; i++) {
    state = state * 1664525u + 1013904223u;
    values[i] = ((float)(state >> 8) / 16777216.0f - 0.5f) * 0.1f;
  }
  return values;
}

typedef struct {
  int layers, batch, batches;
  int widths[MAX_LAYERS + 1];
  float *data;                     /* [batches * batch, widths[0]] */
  float *weights[MAX_LAYERS];      /* [out, in] */
  float *gradients[MAX_LAYERS];    /* [out, in] */
  float *activations[MAX_LAYERS];  /* [batch, out]; in the backward pass also their gradients */
  float *deltas[MAX_LAYERS];       /* [batch, out] */
} Network;

static Network build(int count, char **arguments) {
  Network network = {.layers = count - 3, .batch = atoi(arguments[0])};
  network.batches = atoi(arguments[1]) / network.batch;
  for (int i = 0; i <= network.layers; i++) network.widths[i] = atoi(arguments[2 + i]);
  network.data = numbers((size_t)network.batches * network.batch * network.widths[0]);
  for (int i = 0; i < network.layers; i++) {
    size_t size = (size_t)network.widths[i] * network.widths[i + 1], rows = (size_t)network.batch * network.widths[i + 1];
    network.weights[i] = numbers(size);
    network.gradients[i] = numbers(size);
    network.activations[i] = numbers(rows);
    network.deltas[i] = numbers(rows);
  }
  return network;
}

static void forward(const Network *network, const float *x) {
  for (int i = 0; i < network->layers; i++) {
    int in = network->widths[i], out = network->widths[i + 1];
    if (network->batch == 1) cblas_sgemv(CblasRowMajor, CblasNoTrans, out, in, 1, network->weights[i], in, x, 1, 0, network->activations[i], 1);
    else cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, network->batch, out, in, 1, x, in, network->weights[i], in, 0, network->activations[i], out);
    x = network->activations[i];
  }
}

static void backward(const Network *network, const float *x) {
  for (int i = network->layers - 1; i >= 0; i--) {
    int in = network->widths[i], out = network->widths[i + 1];
    const float *input = i == 0 ? x : network->activations[i - 1];
    if (i > 0) cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, network->batch, in, out, 1, network->deltas[i], out, network->weights[i], in, 0, network->deltas[i - 1], in);
    cblas_sgemm(CblasRowMajor, CblasTrans, CblasNoTrans, out, in, network->batch, 1, network->deltas[i], out, input, in, 0, network->gradients[i], in);
  }
}

static void step(const Network *network, long index, int trains) {
  const float *x = network->data + (size_t)(index % network->batches) * network->batch * network->widths[0];
  forward(network, x);
  /* The deltas of the last layer stay what they are: numbers of the right size. */
  if (trains) backward(network, x);
}

static int compare(const void *a, const void *b) {
  double difference = *(const double *)a - *(const double *)b;
  return difference < 0 ? -1 : difference > 0;
}

/* Seconds a step: one run of at least `seconds` after a warm-up of a quarter of it, as a training is measured. */
static double time_of_steps(const Network *network, double seconds) {
  long done = 0, count = 1;
  for (double start = now(); now() - start < seconds / 4; done++) step(network, done, 1);
  for (;;) {
    double start = now();
    for (long i = 0; i < count; i++) step(network, done++, 1);
    double elapsed = now() - start;
    if (elapsed >= seconds) return elapsed / (double)count;
    /* A little more than should do, and more each time. */
    long next = elapsed > seconds / 16 ? (long)(1.1 * (double)count * seconds / elapsed) : 8 * count;
    count = next > count ? next : count + 1;
  }
}

/* Seconds of the median call, as an inference is measured. */
static double time_of_calls(const Network *network, double seconds) {
  size_t capacity = 1 << 22, count = 0;
  double *times = malloc(capacity * sizeof(double)), total = 0;
  long done = 0;
  if (times == NULL) exit(1);
  for (double start = now(); done == 0 || now() - start < seconds / 4; done++) step(network, done, 0);
  while (total < seconds && count < capacity) {
    double start = now();
    step(network, done++, 0);
    times[count] = now() - start;
    total += times[count++];
  }
  qsort(times, count, sizeof(double), compare);
  double median = times[(count - 1) / 2];
  free(times);
  return median;
}

/* The widest vector there is; GCC and Clang turn a * b + c into one fused instruction where the processor has it. */
#if defined(__AVX512F__)
enum { VECTOR_BYTES = 64 };
#elif defined(__AVX2__) && defined(__FMA__)
enum { VECTOR_BYTES = 32 };
#else
enum { VECTOR_BYTES = 16 };
#endif
typedef float Vector __attribute__((vector_size(VECTOR_BYTES)));

/* Independent chains, enough to hide the latency of an instruction and few enough for the registers. */
enum { CHAINS = 12, ROUNDS = 4096 };
static volatile float sink, factor = 0.999f, addend = 0.001f;

static double peak_float32(double seconds) {
  Vector sums[CHAINS], a, b;
  for (size_t i = 0; i < sizeof(Vector) / sizeof(float); i++) {
    a[i] = factor;
    b[i] = addend;
    for (int chain = 0; chain < CHAINS; chain++) sums[chain][i] = (float)chain;
  }
  double start = now(), elapsed, done = 0;
  do {
    for (int round = 0; round < ROUNDS; round++) {
      for (int chain = 0; chain < CHAINS; chain++) sums[chain] = sums[chain] * a + b;
    }
    done += (double)ROUNDS * CHAINS * 2 * (sizeof(Vector) / sizeof(float));
  } while ((elapsed = now() - start) < seconds);
  for (int chain = 0; chain < CHAINS; chain++) sink = sums[chain][0];
  return done / elapsed / 1e9;
}

static double peak_bfloat16(double seconds) {
#ifdef __AVX512BF16__
  __m512 sums[CHAINS];
  __m512bh a = _mm512_cvtne2ps_pbh(_mm512_set1_ps(factor), _mm512_set1_ps(factor)), b = _mm512_cvtne2ps_pbh(_mm512_set1_ps(addend), _mm512_set1_ps(addend));
  for (int chain = 0; chain < CHAINS; chain++) sums[chain] = _mm512_set1_ps((float)chain);
  double start = now(), elapsed, done = 0;
  do {
    for (int round = 0; round < ROUNDS; round++) {
      for (int chain = 0; chain < CHAINS; chain++) sums[chain] = _mm512_dpbf16_ps(sums[chain], a, b);
    }
    done += (double)ROUNDS * CHAINS * 2 * 32;
  } while ((elapsed = now() - start) < seconds);
  for (int chain = 0; chain < CHAINS; chain++) sink = _mm512_cvtss_f32(sums[chain]);
  return done / elapsed / 1e9;
#else
  (void)seconds;
  fprintf(stderr, "this processor has no AVX512-BF16\n");
  exit(2);
#endif
}

typedef struct {
  double seconds, rate;
  int is_bfloat16;
} Worker;

static void *work(void *argument) {
  Worker *worker = argument;
  worker->rate = worker->is_bfloat16 ? peak_bfloat16(worker->seconds) : peak_float32(worker->seconds);
  return NULL;
}

/* All threads at once: what they reach together. */
static double peak(double seconds, int threads, int is_bfloat16) {
  pthread_t handles[MAX_THREADS];
  Worker workers[MAX_THREADS];
  double sum = 0;
  if (threads > MAX_THREADS) threads = MAX_THREADS;
  for (int i = 0; i < threads; i++) {
    workers[i] = (Worker){.seconds = seconds, .is_bfloat16 = is_bfloat16};
    if (pthread_create(&handles[i], NULL, work, &workers[i]) != 0) exit(1);
#ifdef __linux__
    /* A processor each, from the beginning: the scheduler might take longer to see to that than all of it lasts. */
    cpu_set_t processor;
    CPU_ZERO(&processor);
    CPU_SET(i, &processor);
    pthread_setaffinity_np(handles[i], sizeof processor, &processor);
#endif
  }
  for (int i = 0; i < threads; i++) {
    pthread_join(handles[i], NULL);
    sum += workers[i].rate;
  }
  return sum;
}

int main(int count, char **arguments) {
  double value, seconds = count > 2 ? atof(arguments[2]) : 0;
  char version[512];
  if (count == 5 && strcmp(arguments[1], "peak") == 0) {
    double start = now(), before = foreign();
    value = peak(seconds, atoi(arguments[3]), strcmp(arguments[4], "bfloat16") == 0);
    snprintf(version, sizeof version, "%d bytes", (int)VECTOR_BYTES);
    print_result(value, start, before, "the peak's vectors", version);
    return 0;
  }
  if (count < 7 || count - 6 > MAX_LAYERS) {
    fprintf(stderr, "usage: openblas train|infer seconds batch rows inputs units..., or peak seconds threads float32|bfloat16\n");
    return 2;
  }
  openblas_set_num_threads(1);
  Network network = build(count - 3, arguments + 3);
  double start = now(), before = foreign();
  if (strcmp(arguments[1], "train") == 0) value = 1e3 * time_of_steps(&network, seconds);
  else value = 1e6 * time_of_calls(&network, seconds);
  snprintf(version, sizeof version, "%s %s", openblas_get_config(), openblas_get_corename());
  print_result(value, start, before, "plain OpenBLAS", version);
  return 0;
}
