/* SPDX-License-Identifier: MIT */
#include "bench/store_data.h"

#include <dirent.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/rng.h"

enum { GAUGE_SCALE = 1000000 };
static const double bucket_bounds[DATA_BUCKETS - 1] = {0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1, 1.5, 2, 3, 4, 5, 7.5, 10, 15, 30, 60};

_Noreturn void bench_die(const char *what, const char *why)
{
    fprintf(stderr, "bench: %s: %s\n", what, why);
    exit(EXIT_FAILURE);
}

double bench_seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

double bench_cpu(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

double bench_quantile(double *v, size_t n, double q)
{
    qsort(v, n, sizeof *v, by_value);
    size_t i = (size_t)(q * (double)n);
    return v[i < n ? i : n - 1];
}

double bench_median(double *v, size_t n)
{
    return bench_quantile(v, n, 0.5);
}

void bench_dir(char *dst, size_t cap)
{
    const char *base = getenv("GWTOP_BENCH_DIR");
    snprintf(dst, cap, "%s/gwtop-bench-XXXXXX", base == NULL ? "/var/tmp" : base);
    if (mkdtemp(dst) == NULL)
        bench_die(dst, "cannot make a directory");
}

void bench_remove(const char *dir)
{
    char path[1024];
    DIR *d = opendir(dir);
    if (d == NULL)
        return;
    for (struct dirent *f; (f = readdir(d)) != NULL;) {
        if (strcmp(f->d_name, ".") == 0 || strcmp(f->d_name, "..") == 0)
            continue;
        snprintf(path, sizeof path, "%.700s/%.255s", dir, f->d_name);
        if (unlink(path) != 0)
            bench_remove(path);
    }
    closedir(d);
    rmdir(dir);
}

struct store *bench_open(const char *path, const struct clock *clock, int64_t max_bytes)
{
    struct store *st = NULL;
    struct errctx ctx = {.text = ""};
    const struct store_options opt = {.private_files = true, .max_bytes = max_bytes};
    if (store_open_writer(path, &opt, clock, &st, &ctx) != ERR_OK)
        bench_die("open", ctx.text);
    return st;
}

static void *need(void *p)
{
    if (p == NULL)
        bench_die("memory", "out of it");
    return p;
}

static struct data *new_data(size_t values, uint32_t sources, uint32_t polls, int64_t start_ms, int64_t step_ms)
{
    struct data *d = need(calloc(1, sizeof *d));
    *d = (struct data){.polls = polls, .sources = sources, .start_ms = start_ms, .step_ms = step_ms};
    d->series = need(calloc(values + 1, sizeof *d->series));
    d->value = need(calloc(values + 64, sizeof *d->value));
    return d;
}

void data_free(struct data *d)
{
    for (size_t i = 0; i < d->value_count; i++)
        free(d->value[i]);
    free(d->value);
    free(d->series);
    free(d);
}

static struct data_series *add_series(struct data *d, enum signal signal, const char *name, uint32_t deployment, size_t values)
{
    struct data_series *s = &d->series[d->series_count++];
    *s = (struct data_series){
        .signal = signal, .deployment = deployment, .source = deployment % d->sources, .first_value = (uint32_t)d->value_count};
    (void)str_format(s->name, sizeof s->name, "%s", name);
    for (size_t i = 0; i < values; i++)
        d->value[d->value_count++] = need(calloc(d->polls + 1, sizeof **d->value));
    return s;
}

/* ---- plain ---- */

struct data *data_plain(size_t values, uint32_t sources, uint32_t polls, int64_t start_ms, int64_t step_ms, uint64_t seed)
{
    struct data *d = new_data(values, sources, polls, start_ms, step_ms);
    struct rng r;
    rng_seed(&r, seed);
    for (size_t i = 0; i < values; i++) {
        char name[32];
        uint32_t kind = (uint32_t)(i * 7919 % 20); /* spread over the sources */
        snprintf(name, sizeof name, "v%zu", i);
        struct data_series *s = add_series(d,
                                           kind < 15   ? SIG_TOKENS_INPUT
                                           : kind < 17 ? SIG_RUNNING
                                                       : SIG_POWER,
                                           name, (uint32_t)(i % sources), 1);
        int64_t *v = d->value[s->first_value];
        double mean = rng_lognormal(&r, 20, 1.5), walk = 50 + 400 * rng_unit(&r);
        for (uint32_t t = 1; t <= polls; t++) {
            if (kind < 10) { /* nearly idle */
                v[t] = v[t - 1] + (rng_below(&r, 100) == 0 ? 1 + (int64_t)rng_below(&r, 5) : 0);
            } else if (kind < 15) {
                v[t] = v[t - 1] + (int64_t)rng_poisson(&r, mean > 900 ? 900 : mean);
            } else if (kind < 17) {
                v[t] = (int64_t)(walk += rng_normal(&r) * 3) * GAUGE_SCALE;
            } else {
                v[t] = (int64_t)((walk += rng_normal(&r) * 3) * GAUGE_SCALE);
            }
        }
    }
    return d;
}

/* ---- gateway ---- */

static void fill_hist(struct data *d, const struct data_series *s, uint32_t t, uint64_t n, double median, struct rng *r)
{
    int64_t add[DATA_BUCKETS] = {0}, sum_ns = 0;
    for (uint64_t i = 0; i < n; i++) {
        double v = rng_lognormal(r, median, 0.6);
        uint32_t b = 0;
        while (b < DATA_BUCKETS - 1 && v > bucket_bounds[b])
            b++;
        add[b]++;
        sum_ns += (int64_t)(v * 1e9);
    }
    int64_t running = 0;
    for (uint32_t b = 0; b < DATA_BUCKETS; b++) {
        running += add[b];
        d->value[s->first_value + b][t] = d->value[s->first_value + b][t - 1] + running;
    }
    d->value[s->first_value + DATA_BUCKETS][t] = d->value[s->first_value + DATA_BUCKETS][t - 1] + (int64_t)n;
    d->value[s->first_value + DATA_BUCKETS + 1][t] = d->value[s->first_value + DATA_BUCKETS + 1][t - 1] + sum_ns;
}

static void fill_deployment(struct data *d, size_t first, double rate, struct rng *r)
{
    const struct data_series *s = &d->series[first];
    for (uint32_t t = 1; t <= d->polls; t++) {
        double hour = fmod((double)(d->start_ms + t * d->step_ms) / 3600000.0, 24);
        uint64_t n = rng_poisson(r, rate * (1.2 + sin((hour - 9) / 24 * 6.283)) * (double)d->step_ms / 15000);
        uint64_t limited = rng_below(r, 40) == 0 ? rng_below(r, n + 1) / 4 : 0,
                 broken = rng_below(r, 200) == 0 ? rng_below(r, n + 1) / 4 : 0, ok = n - limited - broken;
        int64_t in = 0, out = 0;
        for (uint64_t i = 0; i < ok; i++) {
            in += (int64_t)rng_lognormal(r, 800, 1);
            out += (int64_t)rng_lognormal(r, 250, 0.8);
        }
        const int64_t step[] = {(int64_t)ok, (int64_t)limited, (int64_t)broken, in, out, in * 2500 + out * 10000};
        for (int k = 0; k < 6; k++)
            d->value[s[k].first_value][t] = d->value[s[k].first_value][t - 1] + step[k];
        fill_hist(d, &s[6], t, ok, 0.4, r);
        fill_hist(d, &s[7], t, ok, 3, r);
        d->value[s[8].first_value][t] = (int64_t)rng_poisson(r, (double)ok / 3) * GAUGE_SCALE;
        d->value[s[9].first_value][t] = (int64_t)(rng_unit(r) * 0.2 * 1000 + 300) * (GAUGE_SCALE / 1000);
    }
}

struct data *data_gateway(size_t values, uint32_t sources, uint32_t polls, int64_t start_ms, int64_t step_ms, uint64_t seed)
{
    enum { PER_DEPLOYMENT = 8 + 2 * (DATA_BUCKETS + 2) };
    struct data *d = new_data(values + PER_DEPLOYMENT, sources, polls, start_ms, step_ms);
    struct rng r;
    rng_seed(&r, seed);
    uint32_t deployments = (uint32_t)((values + PER_DEPLOYMENT / 2) / PER_DEPLOYMENT);
    for (uint32_t k = 0; k < deployments; k++) {
        size_t first = d->series_count;
        add_series(d, SIG_REQUESTS, "ok", k, 1);
        add_series(d, SIG_REQUESTS, "429", k, 1);
        add_series(d, SIG_REQUESTS, "5xx", k, 1);
        add_series(d, SIG_TOKENS_INPUT, "", k, 1);
        add_series(d, SIG_TOKENS_OUTPUT, "", k, 1);
        add_series(d, SIG_COST, "", k, 1);
        add_series(d, SIG_TTFT, "", k, DATA_BUCKETS + 2);
        add_series(d, SIG_E2E, "", k, DATA_BUCKETS + 2);
        add_series(d, SIG_RUNNING, "", k, 1);
        add_series(d, SIG_KV_CACHE, "", k, 1);
        fill_deployment(d, first, rng_lognormal(&r, 4, 1), &r);
    }
    return d;
}

/* ---- into a store ---- */

static uint32_t intern(struct store *st, const char *what, unsigned n)
{
    char text[40];
    uint32_t id = 0;
    struct errctx ctx;
    snprintf(text, sizeof text, "%s%u", what, n);
    if (store_string(st, str_of(text), &id, &ctx) != ERR_OK)
        bench_die("string", ctx.text);
    return id;
}

void data_register(struct data *d, struct store *st)
{
    struct errctx ctx = {.text = ""};
    const struct hist_bounds *b;
    if (store_bounds(st, bucket_bounds, DATA_BUCKETS - 1, &b, &ctx) != ERR_OK)
        bench_die("bounds", ctx.text);
    for (uint32_t i = 0; i < d->sources; i++) {
        char name[32];
        snprintf(name, sizeof name, "source%u", i);
        const struct source_status s = {.name = name,
                                        .kind = "metrics",
                                        .url = "http://127.0.0.1/metrics",
                                        .gateway = "gw",
                                        .profile = "litellm",
                                        .interval_ms = d->step_ms};
        if (store_put_source(st, &s, &d->source_ids[i], &ctx) != ERR_OK)
            bench_die("source", ctx.text);
    }
    for (size_t i = 0; i < d->series_count; i++) {
        struct data_series *x = &d->series[i];
        struct series s = {.source = d->source_ids[x->source], .signal = (uint16_t)x->signal};
        s.bounds = signal_info(x->signal)->kind == KIND_HISTOGRAM ? b->id : 0;
        s.dim[DIM_PROVIDER] = intern(st, "provider", x->deployment % 3);
        s.dim[DIM_MODEL] = intern(st, "model", x->deployment % 6);
        s.dim[DIM_TEAM] = intern(st, "team", x->deployment % 8);
        s.dim[DIM_DEPLOYMENT] = intern(st, "deployment", x->deployment);
        if (store_string(st, str_of(x->name), &s.dim[x->signal == SIG_REQUESTS ? DIM_CLASS : DIM_NAME], &ctx) != ERR_OK ||
            store_series(st, &s, &x->id, &ctx) != ERR_OK)
            bench_die("series", ctx.text);
    }
}

static struct store_item item_of(const struct data *d, const struct data_series *s, uint32_t t, struct store_hist_count *counts)
{
    struct store_item it = {.series = s->id};
    int64_t *const *v = d->value + s->first_value;
    if (signal_info(s->signal)->kind == KIND_GAUGE) {
        it.v.gauge = (double)v[0][t] / GAUGE_SCALE;
        return it;
    }
    if (signal_info(s->signal)->kind == KIND_INCREMENT) {
        it.v.increment = v[0][t] - v[0][t - 1];
        return it;
    }
    int64_t before = 0;
    for (uint32_t b = 0; b < DATA_BUCKETS; b++) {
        int64_t now = v[b][t] - v[b][t - 1];
        if (now > before)
            counts[it.v.hist.count++] = (struct store_hist_count){.bucket = b, .count = (uint64_t)(now - before)};
        before = now;
    }
    it.v.hist.counts = counts;
    it.v.hist.n = (uint64_t)(v[DATA_BUCKETS][t] - v[DATA_BUCKETS][t - 1]);
    it.v.hist.sum_fixed = v[DATA_BUCKETS + 1][t] - v[DATA_BUCKETS + 1][t - 1];
    return it;
}

static void put_status(const struct data *d, struct store *st, uint32_t source, int64_t t1)
{
    struct errctx ctx = {.text = ""};
    const struct source_status s = {.id = d->source_ids[source],
                                    .state = SOURCE_OK,
                                    .interval_ms = d->step_ms,
                                    .last_ok_ms = t1,
                                    .last_try_ms = t1,
                                    .reason = "",
                                    .warning = "",
                                    .http_status = 200,
                                    .bytes = 151000 + t1 % 1000,
                                    .duration_ms = 12 + t1 % 7,
                                    .series_seen = 1000,
                                    .series_kept = 900};
    if (store_put_status(st, t1, &s, &ctx) != ERR_OK)
        bench_die("status", ctx.text);
}

struct data_poll *data_poll_new(const struct data *d)
{
    struct data_poll *p = need(calloc(1, sizeof *p));
    p->items = need(malloc((d->series_count + 1) * sizeof *p->items));
    p->counts = need(malloc((d->series_count + 1) * DATA_BUCKETS * sizeof *p->counts));
    return p;
}

void data_poll_free(struct data_poll *p)
{
    free(p->items);
    free(p->counts);
    free(p);
}

void data_prepare(const struct data *d, uint32_t poll, struct data_poll *ret)
{
    int64_t t1 = d->start_ms + (int64_t)(poll + 1) * d->step_ms;
    size_t n = 0;
    for (uint32_t k = 0; k < d->sources; k++) {
        struct store_batch *b = &ret->batches[k];
        *b = (struct store_batch){
            .source = d->source_ids[k], .t0_ms = poll == 0 ? 0 : t1 - d->step_ms, .t1_ms = t1, .items = ret->items + n};
        for (size_t i = 0; i < d->series_count; i++)
            if (d->series[i].source == k) {
                ret->items[n] = item_of(d, &d->series[i], poll + 1, ret->counts + n * DATA_BUCKETS);
                n++;
                b->count++;
            }
    }
}

void data_append(const struct data *d, struct store *st, const struct data_poll *p, bool statuses)
{
    struct errctx ctx = {.text = ""};
    for (uint32_t k = 0; statuses && k < d->sources; k++)
        put_status(d, st, k, p->batches[k].t1_ms);
    if (store_append(st, p->batches, d->sources, &ctx) != ERR_OK)
        bench_die("append", ctx.text);
}

/* ---- as text ---- */

static void print_samples(const struct data *d, FILE *out, const char *name, const char *labels, size_t value, double scale, bool whole)
{
    for (uint32_t t = 0; t < d->polls; t++) {
        double seconds = (double)(d->start_ms + (int64_t)(t + 1) * d->step_ms) / 1000;
        int64_t v = d->value[value][t + 1];
        if (whole)
            fprintf(out, "%s{%s} %lld %.3f\n", name, labels, (long long)v, seconds);
        else
            fprintf(out, "%s{%s} %.17g %.3f\n", name, labels, (double)v / scale, seconds);
    }
}

static void print_series(const struct data *d, FILE *out, const struct data_series *s, const char *family)
{
    char labels[256], name[96];
    int n =
        snprintf(labels, sizeof labels,
                 "instance=\"source%u\",provider=\"provider%u\",model=\"model%u\",team=\"team%u\",deployment=\"deployment%u\",name=\"%s\"",
                 s->source, s->deployment % 3, s->deployment % 6, s->deployment % 8, s->deployment, s->name);
    enum signal_kind kind = signal_info(s->signal)->kind;
    if (kind == KIND_GAUGE) {
        print_samples(d, out, family, labels, s->first_value, GAUGE_SCALE, false);
    } else if (kind == KIND_INCREMENT) {
        snprintf(name, sizeof name, "%s_total", family);
        print_samples(d, out, name, labels, s->first_value, (double)unit_scale(signal_info(s->signal)->unit),
                      unit_scale(signal_info(s->signal)->unit) == 1);
    } else {
        snprintf(name, sizeof name, "%s_bucket", family);
        for (uint32_t b = 0; b < DATA_BUCKETS; b++) {
            if (b < DATA_BUCKETS - 1)
                snprintf(labels + n, sizeof labels - (size_t)n, ",le=\"%g\"", bucket_bounds[b]);
            else
                snprintf(labels + n, sizeof labels - (size_t)n, ",le=\"+Inf\"");
            print_samples(d, out, name, labels, s->first_value + b, 1, true);
        }
        labels[n] = '\0';
        snprintf(name, sizeof name, "%s_count", family);
        print_samples(d, out, name, labels, s->first_value + DATA_BUCKETS, 1, true);
        snprintf(name, sizeof name, "%s_sum", family);
        print_samples(d, out, name, labels, s->first_value + DATA_BUCKETS + 1, 1e9, false);
    }
}

void data_openmetrics(const struct data *d, FILE *out)
{
    for (int sig = 0; sig < SIG_COUNT; sig++) {
        const struct signal_info *info = signal_info((enum signal)sig);
        bool any = false;
        for (size_t i = 0; i < d->series_count; i++) {
            if (d->series[i].signal != (enum signal)sig)
                continue;
            if (!any)
                fprintf(out, "# TYPE %s %s\n", info->name,
                        info->kind == KIND_GAUGE       ? "gauge"
                        : info->kind == KIND_INCREMENT ? "counter"
                                                       : "histogram");
            any = true;
            print_series(d, out, &d->series[i], info->name);
        }
    }
    fputs("# EOF\n", out);
}
