/* SPDX-License-Identifier: MIT */
/* The store's writing: bytes per exposition value beside Prometheus on the same data, durable commits beside the disk's own fdatasync, and
 * WAL per poll.
 *
 * usage: bench_store [HOURS [VALUES]]. 24 hours at 15 s of about 1,000 exposition values by default, for both data sets of store_data.h; 0
 * hours leaves the bytes out. Times are
 * wall time, for a commit waits for the disk; Prometheus' blocks are made by promtool from the same values as OpenMetrics text. */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bench/store_data.h"

enum { STEP_MS = 15000, COMMITS = 400, WAL_POLLS = 600 };
#define START_MS INT64_C(1763942400000) /* 2025-11-24T00:00:00Z */

static int64_t du(const char *dir)
{
    char cmd[1024];
    long long bytes = 0;
    snprintf(cmd, sizeof cmd, "du -sb --apparent-size '%s' | cut -f1", dir);
    FILE *p = popen(cmd, "r");
    if (p == NULL || fscanf(p, "%lld", &bytes) != 1)
        bytes = 0;
    if (p != NULL)
        pclose(p);
    return bytes;
}

/* Bytes of Prometheus' blocks for the same values; 0 when promtool is not there. */
static int64_t prometheus_bytes(const struct data *d, const char *dir)
{
    char text[300], cmd[900];
    snprintf(text, sizeof text, "%s/data.om", dir);
    FILE *out = fopen(text, "w");
    if (out == NULL)
        bench_die(text, "cannot write");
    data_openmetrics(d, out);
    fclose(out);
    snprintf(cmd, sizeof cmd, "promtool tsdb create-blocks-from openmetrics '%s' '%s/prom' >'%s/prom.log' 2>&1", text, dir, dir);
    int rc = system(cmd);
    unlink(text);
    if (rc != 0)
        return 0;
    snprintf(cmd, sizeof cmd, "%s/prom", dir);
    return du(cmd);
}

static void bench_bytes(const char *name, struct data *d)
{
    char dir[200], path[256];
    struct store_stats stats;
    struct errctx ctx = {.text = ""};
    bench_dir(dir, sizeof dir);
    snprintf(path, sizeof path, "%s/store.db", dir);
    struct clock_manual manual = {.wall_ms = START_MS};
    struct clock clock = clock_manual(&manual);
    struct store *st = bench_open(path, &clock, 0);
    data_register(d, st);
    struct data_poll *p = data_poll_new(d);
    double t = 0;
    for (uint32_t i = 0; i < d->polls; i++) {
        manual.wall_ms = d->start_ms + (int64_t)(i + 1) * d->step_ms;
        data_prepare(d, i, p);
        double from = bench_seconds();
        data_append(d, st, p, true);
        t += bench_seconds() - from;
    }
    data_poll_free(p);
    if (store_seal_all(st, &ctx) != ERR_OK || store_get_stats(st, &stats, &ctx) != ERR_OK)
        bench_die("seal", ctx.text);
    store_close(st);
    struct stat sb;
    stat(path, &sb);
    double values = (double)d->value_count * d->polls;
    int64_t prom = prometheus_bytes(d, dir);
    printf("%s, %zu exposition values x %u polls = %.1f M (%zu series)\n", name, d->value_count, d->polls, values / 1e6, d->series_count);
    printf("  gwtop: %.2f MB, %.3f bytes per exposition value, all tiers; appended and sealed at %.1f M values/s\n",
           (double)sb.st_size / 1e6, (double)sb.st_size / values, values / t / 1e6);
    if (prom > 0)
        printf("  Prometheus (promtool, blocks and index): %.2f MB, %.3f bytes per value; gwtop / Prometheus = %.2f\n", (double)prom / 1e6,
               (double)prom / values, (double)sb.st_size / (double)prom);
    else
        printf("  Prometheus: promtool is not installed\n");
    char cmd[400];
    snprintf(cmd, sizeof cmd, "rm -rf '%s'", dir);
    if (system(cmd) != 0)
        bench_die(dir, "cannot remove");
}

/* The floor: as many bytes written to the end of a file and made durable. */
static double fsync_floor(const char *dir, size_t bytes)
{
    char path[256];
    double ms[COMMITS];
    snprintf(path, sizeof path, "%s/floor", dir);
    char *buf = calloc(1, bytes);
    int fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
    if (buf == NULL || fd < 0)
        bench_die(path, "cannot write");
    for (int i = 0; i < COMMITS; i++) {
        double t = bench_seconds();
        if (write(fd, buf, bytes) != (ssize_t)bytes || fdatasync(fd) != 0)
            bench_die(path, "cannot write");
        ms[i] = (bench_seconds() - t) * 1000;
    }
    close(fd);
    unlink(path);
    free(buf);
    return bench_median(ms, COMMITS);
}

static void bench_commit(void)
{
    char dir[200], path[256];
    double ms[COMMITS];
    struct store_stats before, after;
    struct errctx ctx = {.text = ""};
    bench_dir(dir, sizeof dir);
    snprintf(path, sizeof path, "%s/store.db", dir);
    struct store *st = bench_open(path, NULL, 0);
    struct data *d = data_plain(10000, 10, COMMITS + 8, START_MS, STEP_MS, 2);
    data_register(d, st);
    struct data_poll *p = data_poll_new(d);
    for (uint32_t i = 0; i < 8; i++) {
        data_prepare(d, i, p);
        data_append(d, st, p, true);
    }
    if (store_get_stats(st, &before, &ctx) != ERR_OK)
        bench_die("stats", ctx.text);
    for (uint32_t i = 0; i < COMMITS; i++) {
        data_prepare(d, i + 8, p);
        double t = bench_seconds();
        data_append(d, st, p, true);
        ms[i] = (bench_seconds() - t) * 1000;
    }
    if (store_get_stats(st, &after, &ctx) != ERR_OK)
        bench_die("stats", ctx.text);
    double p50 = bench_median(ms, COMMITS), p99 = bench_quantile(ms, COMMITS, 0.99), worst = ms[COMMITS - 1];
    printf("10,000 samples of 10 sources, durable (synchronous=FULL): p50 %.2f ms, p99 %.2f ms, max %.2f ms, sealing included\n", p50, p99,
           worst);
    store_close(st);
    double floor = fsync_floor(dir, 24000);
    printf("  floor, write and fdatasync of 24,000 bytes: p50 %.2f ms; commit / floor = %.2f\n", floor, p50 / floor);
    data_poll_free(p);
    data_free(d);
    bench_remove(dir);
}

/* A reader that keeps its snapshot keeps the log from starting over, so its growth is all that was written. */
static void bench_wal(const char *name, struct data *d)
{
    char dir[200], path[256], wal[264];
    struct stat sb;
    struct errctx ctx = {.text = ""};
    struct store *reader = NULL;
    bench_dir(dir, sizeof dir);
    snprintf(path, sizeof path, "%s/store.db", dir);
    snprintf(wal, sizeof wal, "%s-wal", path);
    struct store *st = bench_open(path, NULL, 0);
    data_register(d, st);
    struct data_poll *p = data_poll_new(d);
    data_prepare(d, 0, p);
    data_append(d, st, p, true);
    if (store_open_reader(path, &reader, &ctx) != ERR_OK || store_snapshot_begin(reader, &ctx) != ERR_OK)
        bench_die("reader", ctx.text);
    stat(wal, &sb);
    int64_t first = sb.st_size, sealing = 0;
    for (uint32_t i = 1; i < WAL_POLLS; i++) {
        struct store_stats before, after;
        struct errctx ignored;
        if (store_get_stats(st, &before, &ignored) != ERR_OK)
            bench_die("stats", ignored.text);
        data_prepare(d, i, p);
        data_append(d, st, p, true);
        if (store_get_stats(st, &after, &ignored) != ERR_OK)
            bench_die("stats", ignored.text);
        if (after.chunks != before.chunks)
            sealing += after.wal_bytes - before.wal_bytes;
    }
    stat(wal, &sb);
    double polls = WAL_POLLS - 1;
    printf("WAL, %s, %zu exposition values per poll: %.1f KB per poll, and %.1f KB for sealing and rollups\n", name, d->value_count,
           (double)(sb.st_size - first - sealing) / polls / 1000, (double)sealing / polls / 1000);
    store_close(reader);
    store_close(st);
    data_poll_free(p);
    bench_remove(dir);
}

int main(int argc, char **argv)
{
    uint32_t hours = argc > 1 ? (uint32_t)strtoul(argv[1], NULL, 10) : 24;
    size_t values = argc > 2 ? strtoul(argv[2], NULL, 10) : 1000;
    uint32_t polls = hours * 240;
    struct data *d;
    if (hours > 0) {
        d = data_plain(values, 1, polls, START_MS, STEP_MS, 1);
        bench_bytes("plain", d);
        data_free(d);
        d = data_gateway(values, 1, polls, START_MS, STEP_MS, 1);
        bench_bytes("gateway", d);
        data_free(d);
    }
    bench_commit();
    d = data_plain(1000, 1, WAL_POLLS, START_MS, STEP_MS, 3);
    bench_wal("plain", d);
    data_free(d);
    d = data_gateway(1000, 1, WAL_POLLS, START_MS, STEP_MS, 3);
    bench_wal("gateway", d);
    data_free(d);
    return 0;
}
