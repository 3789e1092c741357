/* SPDX-License-Identifier: MIT */
/* What a feed of alerts costs beside a gateway of many series: 2,000 alerts, each of a scope of its own (key and team), told four times and
 * then no more, in a store of 10,000 series. Processor time of the poll in which they are new, of one in which they are known, of a step of
 * the gateway meanwhile, and of the poll that ends them. The peer is the same in a store of ten series: where an alert is must not cost
 * more where there is more to be at. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "record/analyse.h"
#include "support/tmpdir.h"

enum { ALERTS = 2000, TEAMS = 20 };
static const int64_t start_ms = INT64_C(1763946000000), step_ms = 15000;

struct cost {
    double begin_ms, again_ms, step_ms, end_ms;
    size_t incidents;
};

static _Noreturn void die(const char *what, const struct errctx *ctx)
{
    fprintf(stderr, "bench_outside: %s: %s\n", what, ctx->text);
    exit(EXIT_FAILURE);
}

static double cpu_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static uint32_t string(struct store *st, const char *name, unsigned i)
{
    struct errctx ctx;
    char text[32];
    uint32_t id;
    str_format(text, sizeof text, "%s%u", name, i);
    if (store_string(st, str_of(text), &id, &ctx) != ERR_OK)
        die("store_string", &ctx);
    return id;
}

static void build(struct store *st, uint32_t source, unsigned series, uint32_t *ret_first)
{
    struct errctx ctx;
    for (unsigned i = 0; i < series; i++) {
        struct series s = {.source = source, .signal = SIG_REQUESTS};
        uint32_t id;
        s.dim[DIM_GATEWAY] = string(st, "gw", i % 2);
        s.dim[DIM_PROVIDER] = string(st, "provider-", i % 3);
        s.dim[DIM_MODEL] = string(st, "model-", i % 40);
        s.dim[DIM_TEAM] = string(st, "team-", i % TEAMS);
        s.dim[DIM_KEY] = string(st, "key-", i);
        if (store_series(st, &s, &id, &ctx) != ERR_OK)
            die("store_series", &ctx);
        *ret_first = i == 0 ? id : *ret_first;
    }
}

static void make_alerts(struct outside *list, char (*text)[96])
{
    for (unsigned i = 0; i < ALERTS; i++) {
        char *fingerprint = text[2 * i], *scope = text[2 * i + 1];
        str_format(fingerprint, 96, "f%u", i);
        str_format(scope, 96, "team=team-%u,key=key-%u", i % TEAMS, i);
        list[i] = (struct outside){.fingerprint = fingerprint,
                                   .name = "Errors",
                                   .scope = scope,
                                   .state = OUTSIDE_FIRING,
                                   .severity = SEV_TICKET,
                                   .starts_ms = start_ms,
                                   .summary = "many fail",
                                   .runbook = "",
                                   .dashboard = "",
                                   .labels = "",
                                   .quiet = "",
                                   .quiet_by = "",
                                   .acked_by = ""};
    }
}

static double tell(struct store *st, struct analyser *an, const struct outside *list, size_t count, int64_t at_ms)
{
    const struct analyser_alerts told = {
        .source = "am", .id = 1, .interval_ms = step_ms, .at_ms = at_ms, .list = list, .count = count, .whole = true};
    struct errctx ctx;
    const double from = cpu_ms();
    if (analyser_alerts_told(an, &told, &ctx) != ERR_OK || store_append(st, NULL, 0, &ctx) != ERR_OK)
        die("analyser_alerts_told", &ctx);
    return cpu_ms() - from;
}

static struct cost run(unsigned series)
{
    static struct outside list[ALERTS];
    static char text[2 * ALERTS][96];
    char dir[96], db[128];
    struct config_source source = {.name = "am", .kind = SOURCE_ALERTMANAGER, .interval_ms = step_ms};
    const struct config cfg = {.sources = &source, .source_count = 1, .false_alarms = 2};
    struct clock_manual manual = {.wall_ms = start_ms, .mono_ms = 1000};
    struct clock clock = clock_manual(&manual);
    const struct store_options opt = {.private_files = true};
    const struct source_status status[2] = {{.name = "am", .kind = "alertmanager", .url = "", .gateway = "", .profile = ""},
                                            {.name = "gw", .kind = "metrics", .url = "", .gateway = "gw0", .profile = "litellm"}};
    struct errctx ctx = {""};
    struct store *st;
    struct analyser *an;
    struct store_item item = {.v.increment = 5};
    uint32_t id[2];
    struct cost c;
    if (!tmpdir_make(dir, sizeof dir))
        die("tmpdir_make", &ctx);
    str_format(db, sizeof db, "%s/b.db", dir);
    if (store_open_writer(db, &opt, &clock, &st, &ctx) != ERR_OK || store_put_source(st, &status[0], &id[0], &ctx) != ERR_OK ||
        store_put_source(st, &status[1], &id[1], &ctx) != ERR_OK)
        die(db, &ctx);
    build(st, id[1], series, &item.series);
    if (analyser_open(st, &cfg, &an, &ctx) != ERR_OK)
        die("analyser_open", &ctx);
    make_alerts(list, text);
    int64_t t = start_ms;
    c.begin_ms = tell(st, an, list, ALERTS, t += step_ms);
    c.again_ms = tell(st, an, list, ALERTS, t += step_ms);
    const struct store_batch b = {.source = id[1], .t0_ms = t - step_ms, .t1_ms = t, .items = &item, .count = 1};
    const double from = cpu_ms();
    if (analyser_step(an, &b, 1, t, false, &ctx) != ERR_OK)
        die("analyser_step", &ctx);
    c.step_ms = cpu_ms() - from;
    c.end_ms = tell(st, an, list, 0, t += step_ms);
    struct arena a;
    struct incident *in;
    arena_init(&a, 64 << 20);
    if (store_incidents(st, t, &a, &in, &c.incidents, &ctx) != ERR_OK)
        die("store_incidents", &ctx);
    arena_fini(&a);
    analyser_close(an);
    store_close(st);
    (void)tmpdir_remove(dir);
    return c;
}

int main(void)
{
    const struct cost few = run(10), many = run(10000);
    printf("2000 alerts\tnew\tknown\tstep\tover\tincidents\n");
    printf("10 series\t%.1f ms\t%.1f ms\t%.2f ms\t%.1f ms\t%zu\n", few.begin_ms, few.again_ms, few.step_ms, few.end_ms, few.incidents);
    printf("10000 series\t%.1f ms\t%.1f ms\t%.2f ms\t%.1f ms\t%zu\n", many.begin_ms, many.again_ms, many.step_ms, many.end_ms,
           many.incidents);
    const double ratio = many.begin_ms / few.begin_ms;
    printf("new alerts, many series against few: %.2fx\n", ratio);
    return 0;
}
