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
  float rate, momentum, keep, alpha, beta1, keep1, beta2, keep2, root, eps, shrink;
} Scalars;

typedef void Update(long n, float *restrict p, const float *restrict g, float *restrict s, float *restrict t,
                    float *restrict u, Scalars c);

static void sgd(long n, float *restrict p, const float *restrict g, float *restrict s, float *restrict t,
                float *restrict u, Scalars c) {
  (void)s, (void)t, (void)u;
  for (long i = 0; i < n; i++) p[i] -= c.rate * g[i];
}

static void momentum(long n, float *restrict p, const float *restrict g, float *restrict buffer, float *restrict t,
                     float *restrict u, Scalars c) {
  (void)t, (void)u;
  for (long i = 0; i < n; i++) {
    buffer[i] = c.momentum * buffer[i] + c.keep * g[i];
    p[i] -= c.rate * buffer[i];
  }
}

static void nesterov(long n, float *restrict p, const float *restrict g, float *restrict buffer, float *restrict t,
                     float *restrict u, Scalars c) {
  (void)t, (void)u;
  for (long i = 0; i < n; i++) {
    buffer[i] = c.momentum * buffer[i] + c.keep * g[i];
    p[i] -= c.rate * (g[i] + c.momentum * buffer[i]);
  }
}

static void adagrad(long n, float *restrict p, const float *restrict g, float *restrict sum, float *restrict t,
                    float *restrict u, Scalars c) {
  (void)t, (void)u;
  for (long i = 0; i < n; i++) {
    sum[i] += g[i] * g[i];
    p[i] -= c.rate * g[i] / (sqrtf(sum[i]) + c.eps);
  }
}

static void rmsprop(long n, float *restrict p, const float *restrict g, float *restrict square, float *restrict t,
                    float *restrict u, Scalars c) {
  (void)t, (void)u;
  for (long i = 0; i < n; i++) {
    square[i] = c.alpha * square[i] + c.keep * g[i] * g[i];
    p[i] -= c.rate * g[i] / (sqrtf(square[i]) + c.eps);
  }
}

static void centered(long n, float *restrict p, const float *restrict g, float *restrict square,
                             float *restrict mean, float *restrict u, Scalars c) {
  (void)u;
  for (long i = 0; i < n; i++) {
    square[i] = c.alpha * square[i] + c.keep * g[i] * g[i];
    mean[i] = c.alpha * mean[i] + c.keep * g[i];
    float variance = square[i] - mean[i] * mean[i];
    if (variance < 0) variance = 0;
    p[i] -= c.rate * g[i] / (sqrtf(variance) + c.eps);
  }
}

static void adam(long n, float *restrict p, const float *restrict g, float *restrict mean, float *restrict square,
                 float *restrict u, Scalars c) {
  (void)u;
  for (long i = 0; i < n; i++) {
    mean[i] = c.beta1 * mean[i] + c.keep1 * g[i];
    square[i] = c.beta2 * square[i] + c.keep2 * g[i] * g[i];
    p[i] -= c.rate * mean[i] / (sqrtf(square[i]) * c.root + c.eps);
  }
}

static void amsgrad(long n, float *restrict p, const float *restrict g, float *restrict mean,
                         float *restrict square, float *restrict largest, Scalars c) {
  for (long i = 0; i < n; i++) {
    mean[i] = c.beta1 * mean[i] + c.keep1 * g[i];
    square[i] = c.beta2 * square[i] + c.keep2 * g[i] * g[i];
    largest[i] = square[i] < largest[i] ? largest[i] : square[i];
    p[i] -= c.rate * mean[i] / (sqrtf(largest[i]) * c.root + c.eps);
  }
}

static void adamw(long n, float *restrict p, const float *restrict g, float *restrict mean, float *restrict square,
                  float *restrict u, Scalars c) {
  (void)u;
  for (long i = 0; i < n; i++) {
    mean[i] = c.beta1 * mean[i] + c.keep1 * g[i];
    square[i] = c.beta2 * square[i] + c.keep2 * g[i] * g[i];
    p[i] = c.shrink * p[i] - c.rate * mean[i] / (sqrtf(square[i]) * c.root + c.eps);
  }
}

static const struct {
  const char *name;
  Update *update;
} peers[] = {
    {"sgd", sgd},
    {"momentum", momentum},
    {"nesterov", nesterov},
    {"adagrad", adagrad},
    {"rmsprop", rmsprop},
    {"centered", centered},
    {"adam", adam},
    {"amsgrad", amsgrad},
    {"adamw", adamw},
};

/* A seeded xorshift: uniform in [-1, 1). */
static float uniform(void) {
  static uint32_t state = 2463534242u;
  state ^= state << 13;
  state ^= state >> 17;
  state ^= state << 5;
  return (float)(int32_t)state / 2147483648.0f;
}

static float *array(long n) {
  size_t bytes = ((size_t)n * sizeof(float) + 63) / 64 * 64;
  float *x = aligned_alloc(64, bytes);
  if (!x) exit(1);
  memset(x, 0, bytes);
  return x;
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

  float *p = array(n), *g = array(n), *s = array(n), *t = array(n), *u = array(n);
  for (long i = 0; i < n; i++) p[i] = uniform(), g[i] = uniform();
  Scalars c = {
      .rate = 1e-6f, .momentum = 0.9f, .keep = 0.01f, .alpha = 0.99f, .beta1 = 0.9f, .keep1 = 0.1f,
      .beta2 = 0.999f, .keep2 = 0.001f, .root = 1.5f, .eps = 1e-8f, .shrink = 1 - 1e-6f * 1e-2f,
  };

  long batch = n < BATCH ? BATCH / n : 1;
  static double samples[MOST];
  int taken = 0;
  double warm = now() + budget / 4;
  do update(n, p, g, s, t, u, c);
  while (now() < warm);
  double end = now() + budget;
  do {
    double start = now();
    for (long k = 0; k < batch; k++) update(n, p, g, s, t, u, c);
    samples[taken++] = (now() - start) / (double)(batch * n);
  } while (taken < MOST && (taken < 2 || now() < end));
  qsort(samples, (size_t)taken, sizeof *samples, ascending);
  printf("%.6f\n", (samples[(taken - 1) / 2] + samples[taken / 2]) / 2);
  return 0;
}
