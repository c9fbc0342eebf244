/*
 * The same updates in C, for the compiler to vectorise: the arithmetic of assembly/optimizers, operation for operation.
 *
 *   optimizers <name> <parameters> <milliseconds>
 *
 * prints the median over batches of nanoseconds a parameter.
 */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

typedef struct {
  float rate, ahead, momentum, keep, alpha, beta1, keep1, beta2, keep2, beta3, keep3, root, eps, shrink;
} Scalars;

typedef void Update(long n, float *restrict p, const float *restrict g, float *restrict s, float *restrict t,
                    float *restrict u, float *restrict v, Scalars c);

/* An update with names for the arrays of its state, of which not all are used. */
#define UNUSED __attribute__((unused))
#define UPDATE(name, s, t, u, v)                                                                                   \
  static void name(long n, float *restrict p, const float *restrict g, UNUSED float *restrict s,                   \
                   UNUSED float *restrict t, UNUSED float *restrict u, UNUSED float *restrict v, Scalars c)

/* The kernels' sign, but 0 of a NaN: as a ?: gcc would not vectorise it, as a comparison may raise an exception. */
static inline float sign(float x) {
  return (float)(x > 0) - (float)(x < 0);
}

UPDATE(sgd, s, t, u, v) {
  for (long i = 0; i < n; i++) p[i] -= c.rate * g[i];
}

UPDATE(momentum, buffer, t, u, v) {
  for (long i = 0; i < n; i++) {
    buffer[i] = c.momentum * buffer[i] + c.keep * g[i];
    p[i] -= c.rate * buffer[i];
  }
}

UPDATE(nesterov, buffer, t, u, v) {
  for (long i = 0; i < n; i++) {
    buffer[i] = c.momentum * buffer[i] + c.keep * g[i];
    p[i] -= c.rate * (g[i] + c.momentum * buffer[i]);
  }
}

UPDATE(adagrad, sum, t, u, v) {
  for (long i = 0; i < n; i++) {
    sum[i] += g[i] * g[i];
    p[i] -= c.rate * g[i] / (sqrtf(sum[i]) + c.eps);
  }
}

UPDATE(rmsprop, square, t, u, v) {
  for (long i = 0; i < n; i++) {
    square[i] = c.alpha * square[i] + c.keep * g[i] * g[i];
    p[i] -= c.rate * g[i] / (sqrtf(square[i]) + c.eps);
  }
}

UPDATE(centered, square, mean, u, v) {
  for (long i = 0; i < n; i++) {
    square[i] = c.alpha * square[i] + c.keep * g[i] * g[i];
    mean[i] = c.alpha * mean[i] + c.keep * g[i];
    float variance = square[i] - mean[i] * mean[i];
    if (variance < 0) variance = 0;
    p[i] -= c.rate * g[i] / (sqrtf(variance) + c.eps);
  }
}

UPDATE(adam, mean, square, u, v) {
  for (long i = 0; i < n; i++) {
    mean[i] = c.beta1 * mean[i] + c.keep1 * g[i];
    square[i] = c.beta2 * square[i] + c.keep2 * g[i] * g[i];
    p[i] -= c.rate * mean[i] / (sqrtf(square[i]) * c.root + c.eps);
  }
}

UPDATE(amsgrad, mean, square, largest, v) {
  for (long i = 0; i < n; i++) {
    mean[i] = c.beta1 * mean[i] + c.keep1 * g[i];
    square[i] = c.beta2 * square[i] + c.keep2 * g[i] * g[i];
    largest[i] = square[i] < largest[i] ? largest[i] : square[i];
    p[i] -= c.rate * mean[i] / (sqrtf(largest[i]) * c.root + c.eps);
  }
}

UPDATE(adamw, mean, square, u, v) {
  for (long i = 0; i < n; i++) {
    mean[i] = c.beta1 * mean[i] + c.keep1 * g[i];
    square[i] = c.beta2 * square[i] + c.keep2 * g[i] * g[i];
    p[i] = c.shrink * p[i] - c.rate * mean[i] / (sqrtf(square[i]) * c.root + c.eps);
  }
}

UPDATE(lion, mean, t, u, v) {
  for (long i = 0; i < n; i++) {
    p[i] = c.shrink * p[i] - c.rate * sign(c.beta1 * mean[i] + c.keep1 * g[i]);
    mean[i] = c.beta2 * mean[i] + c.keep2 * g[i];
  }
}

UPDATE(adan, mean, trend, square, negated) {
  for (long i = 0; i < n; i++) {
    float change = g[i] + negated[i];
    float forecast = g[i] + c.beta2 * change;
    mean[i] = c.beta1 * mean[i] + c.keep1 * g[i];
    trend[i] = c.beta2 * trend[i] + c.keep2 * change;
    square[i] = c.beta3 * square[i] + c.keep3 * forecast * forecast;
    negated[i] = -g[i];
    p[i] = (p[i] - (c.rate * mean[i] + c.ahead * trend[i]) / (sqrtf(square[i]) + c.eps)) * c.shrink;
  }
}

/* out <- g * b, of square matrices of n elements; no update, but muon's work. */
UPDATE(product, b, t, u, v) {
  long side = (long)sqrt((double)n);
  for (long i = 0; i < side; i++) {
    float *out = p + i * side;
    for (long j = 0; j < side; j++) out[j] = 0;
    for (long k = 0; k < side; k++)
      for (long j = 0; j < side; j++) out[j] += g[i * side + k] * b[k * side + j];
  }
}

static const struct {
  const char *name;
  Update *update;
} peers[] = {
    {"sgd", sgd},         {"momentum", momentum}, {"nesterov", nesterov}, {"adagrad", adagrad},
    {"rmsprop", rmsprop}, {"centered", centered}, {"adam", adam},         {"amsgrad", amsgrad},
    {"adamw", adamw},     {"lion", lion},         {"adan", adan},         {"product", product},
};

/* A seeded xorshift: uniform in [-1, 1). */
static float uniform(void) {
  static uint32_t state = 2463534242u;
  state ^= state << 13;
  state ^= state >> 17;
  state ^= state << 5;
  return (float)(int32_t)state / 2147483648.0f;
}

/* The ith of the arrays, each on cache lines of its own and one line off its fellows, as the library's are. */
static float *array(long n, int i) {
  size_t bytes = ((size_t)n * sizeof(float) + 63) / 64 * 64;
  char *x = aligned_alloc(64, bytes + 64 * (size_t)i);
  if (!x) exit(1);
  memset(x, 0, bytes + 64 * (size_t)i);
  return (float *)(x + 64 * i);
}

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static int ascending(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

enum { MOST = 8192, BATCH = 1 << 16 };

int main(int count, char **arguments) {
  if (count != 4) return 2;
  Update *update = 0;
  for (size_t i = 0; i < sizeof peers / sizeof *peers; i++)
    if (!strcmp(peers[i].name, arguments[1])) update = peers[i].update;
  if (!update) return 2;
  long n = atol(arguments[2]);
  double budget = atof(arguments[3]) * 1e6;

  float *p = array(n, 0), *g = array(n, 1), *s = array(n, 2), *t = array(n, 3), *u = array(n, 4), *v = array(n, 5);
  for (long i = 0; i < n; i++) p[i] = uniform(), g[i] = uniform();
  Scalars c = {
      .rate = 1e-6f, .ahead = 1e-6f, .momentum = 0.9f, .keep = 0.01f, .alpha = 0.99f, .beta1 = 0.9f, .keep1 = 0.1f,
      .beta2 = 0.999f, .keep2 = 0.001f, .beta3 = 0.99f, .keep3 = 0.01f, .root = 1.5f, .eps = 1e-8f,
      .shrink = 1 - 1e-6f * 1e-2f,
  };

  long batch = n < BATCH ? BATCH / n : 1;
  static double samples[MOST];
  int taken = 0;
  double warm = now() + budget / 4;
  do update(n, p, g, s, t, u, v, c);
  while (now() < warm);
  double end = now() + budget;
  do {
    double start = now();
    for (long k = 0; k < batch; k++) update(n, p, g, s, t, u, v, c);
    samples[taken++] = (now() - start) / (double)(batch * n);
  } while (taken < MOST && (taken < 2 || now() < end));
  qsort(samples, (size_t)taken, sizeof *samples, ascending);
  printf("%.6f\n", (samples[(taken - 1) / 2] + samples[taken / 2]) / 2);
  return 0;
}
