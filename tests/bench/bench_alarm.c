/* SPDX-License-Identifier: MIT */
/* From the poll that tells of trouble to the first screen with its suspects, at 10,000 series: an hour and a half of polls of one gateway,
 * then every model of one provider fails two requests of five; and again, where every model of all does. All traffic has an objective, and
 * so has each model. Wall time of the recorder's longest step from the one on in which the page is opened, with its commit, and of the load
 * of the overview after the page; beside them the step before, and the load of a calm minute.
 * Fails where the two take more than a second, where one provider fails and none of the suspects is it, or where nothing pages within a
 * quarter of an hour. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/rng.h"
#include "record/analyse.h"
#include "support/tmpdir.h"
#include "view/load.h"

enum {
    MODELS = 20,
    PROVIDERS = 4,
    KEYS = 100,
    TEAMS = 10,
    KINDS = 5,
    SERIES = MODELS * KEYS * KINDS,
    CALM = 360,
    TROUBLE = 60,
    AFTER = 12
};
static const int64_t start_ms = INT64_C(1795442400000), poll_ms = 15000;
static const double most_ms = 1000;

#define MUST(call)                                                                                                                         \
    do {                                                                                                                                   \
        if ((call) != ERR_OK) {                                                                                                            \
            fprintf(stderr, "%s: %s\n", #call, ctx.text);                                                                                  \
            exit(EXIT_FAILURE);                                                                                                            \
        }                                                                                                                                  \
    } while (0)

static struct errctx ctx;

static double now_ms(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static uint32_t string(struct store *st, const char *what, int i)
{
    char text[32];
    uint32_t id;
    snprintf(text, sizeof text, "%s-%d", what, i);
    MUST(store_string(st, str_of(text), &id, &ctx));
    return id;
}

/* Of each model and key: answered, failed, tokens in and out, cost. */
static void build(struct store *st, uint32_t source, uint32_t gateway, struct store_item *items)
{
    static const enum signal kinds[KINDS] = {SIG_REQUESTS, SIG_REQUESTS, SIG_TOKENS_INPUT, SIG_TOKENS_OUTPUT, SIG_COST};
    uint32_t class[2];
    MUST(store_string(st, str_of("ok"), &class[0], &ctx));
    MUST(store_string(st, str_of("5xx"), &class[1], &ctx));
    for (int i = 0; i < SERIES; i++) {
        const int kind = i % KINDS, key = i / KINDS % KEYS, model = i / KINDS / KEYS;
        struct series s = {.source = source, .signal = (uint16_t)kinds[kind]};
        s.dim[DIM_GATEWAY] = gateway;
        s.dim[DIM_PROVIDER] = string(st, "provider", model % PROVIDERS);
        s.dim[DIM_MODEL] = string(st, "model", model);
        s.dim[DIM_TEAM] = string(st, "team", key % TEAMS);
        s.dim[DIM_KEY] = string(st, "key", key);
        s.dim[DIM_CLASS] = kind < 2 ? class[kind] : 0;
        MUST(store_series(st, &s, &items[i].series, &ctx));
    }
}

/* An objective of all traffic, and one of each model. */
static void configure(struct config *ret)
{
    char text[4096];
    size_t at = (size_t)snprintf(text, sizeof text, "gateway: gw\nslos:\n  - {name: all, availability: 99.9%%, period: 30d}\n");
    for (int i = 0; i < MODELS; i++)
        at += (size_t)snprintf(text + at, sizeof text - at, "  - {name: m%d, availability: 99.9%%, period: 30d, scope: model=model-%d}\n",
                               i, i);
    MUST(config_parse(str_of(text), "bench", ret, &ctx));
}

enum trouble { NOTHING_FAILS, PROVIDER_FAILS, ALL_FAILS };

static void fill(struct store_item *items, struct rng *r, enum trouble trouble)
{
    for (int i = 0; i < SERIES; i++) {
        const bool hit = trouble == ALL_FAILS || (trouble == PROVIDER_FAILS && i / KINDS / KEYS % PROVIDERS == 1);
        const double mean[KINDS] = {hit ? 3 : 5, hit ? 2 : 0.0005, 5000, 900, 20000000};
        items[i].v.increment = (int64_t)rng_poisson(r, mean[i % KINDS]);
    }
}

/* The first screen at that time; returns what it took, and how many of its suspects are the provider that fails. */
static double load(struct store *st, const struct config *cfg, int64_t at, size_t *ret_suspects, size_t *ret_right)
{
    struct arena a, scratch;
    struct view_frame frame;
    struct view_overview v;
    arena_init(&a, 256 << 20);
    arena_init(&scratch, 256 << 20);
    const struct view_loader l = {.st = st, .cfg = cfg, .arena = &a, .scratch = &scratch};
    const struct view_params p = {.now_ms = at,
                                  .cursor_ms = at,
                                  .live = true,
                                  .window_ms = 3600000,
                                  .columns = 60,
                                  .now_window_ms = 300000,
                                  .compare_ms = 7 * INT64_C(86400000),
                                  .group = DIM_TEAM,
                                  .filter = ""};
    const double begin = now_ms();
    MUST(view_load_frame(&l, &p, &frame, &ctx));
    MUST(view_load_overview(&l, &p, &v, &ctx));
    const double took = now_ms() - begin;
    *ret_suspects = v.suspect_count;
    *ret_right = 0;
    for (size_t i = 0; i < v.suspect_count; i++)
        *ret_right += strstr(v.suspects[i].title, "provider-1") != NULL;
    arena_fini(&a);
    arena_fini(&scratch);
    return took;
}

static bool pages(struct store *st, int64_t at)
{
    struct arena a;
    struct incident *list;
    size_t count;
    bool paged = false;
    arena_init(&a, 64 << 20);
    MUST(store_incidents(st, at, &a, &list, &count, &ctx));
    for (size_t i = 0; i < count; i++)
        paged = paged || list[i].severity == SEV_PAGE;
    arena_fini(&a);
    return paged;
}

/* Whether it is fast enough. */
static bool measure(enum trouble trouble)
{
    static struct store_item items[SERIES];
    const struct store_options opt = {.private_files = true};
    struct clock clock = clock_system();
    struct source_status src = {.name = "gw",
                                .kind = "metrics",
                                .url = "",
                                .gateway = "gw",
                                .profile = "litellm",
                                .interval_ms = poll_ms,
                                .reason = "",
                                .warning = "",
                                .state = SOURCE_OK,
                                .http_status = 200};
    struct config cfg;
    struct store *st;
    struct analyser *an;
    struct rng rng;
    char dir[96], db[128];
    uint32_t gateway;
    double before_ms = 0, step_ms = 0;
    size_t suspects, right;
    if (!tmpdir_make(dir, sizeof dir))
        return false;
    snprintf(db, sizeof db, "%s/a.db", dir);
    MUST(store_open_writer(db, &opt, &clock, &st, &ctx));
    configure(&cfg);
    MUST(store_put_source(st, &src, &src.id, &ctx));
    MUST(store_string(st, str_of("gw"), &gateway, &ctx));
    build(st, src.id, gateway, items);
    MUST(store_commit(st, &ctx));
    MUST(analyser_open(st, &cfg, &an, &ctx));
    rng_seed(&rng, 1);
    int64_t at = start_ms, paged_ms = 0;
    for (int polls = 0; polls < CALM + TROUBLE && (paged_ms == 0 || at < paged_ms + AFTER * poll_ms); polls++) {
        fill(items, &rng, polls >= CALM ? trouble : NOTHING_FAILS);
        const struct store_batch b = {.source = src.id, .t0_ms = at, .t1_ms = at + poll_ms, .items = items, .count = SERIES};
        at += poll_ms;
        src.last_ok_ms = src.last_try_ms = at;
        const double begin = now_ms();
        MUST(store_put_status(st, at, &src, &ctx));
        MUST(analyser_step(an, &b, 1, at, false, &ctx));
        MUST(store_append(st, &b, 1, &ctx));
        MUST(store_commit(st, &ctx));
        const double took = now_ms() - begin;
        paged_ms = paged_ms == 0 && polls >= CALM && pages(st, at) ? at : paged_ms;
        before_ms = paged_ms == 0 ? took : before_ms;
        step_ms = paged_ms != 0 && took > step_ms ? took : step_ms;
    }
    const bool paged = paged_ms != 0;
    MUST(store_refresh(st, &ctx));
    size_t none, unused;
    const double calm_ms = load(st, &cfg, start_ms + CALM * poll_ms, &none, &unused), load_ms = load(st, &cfg, paged_ms, &suspects, &right);
    printf("%s; %d series, a poll every %d s; %s %d polls after the onset\n",
           trouble == ALL_FAILS ? "every model fails" : "the models of one provider fail", SERIES, (int)(poll_ms / 1000),
           paged ? "a page" : "no page", (int)((paged_ms - start_ms) / poll_ms) - CALM);
    printf("the longest step from the page on %.0f ms (the one before %.0f), the screen with %zu suspects, %zu of them the provider, %.0f "
           "ms (calm, with "
           "%zu, %.0f): together %.0f ms (asked <= %.0f)\n",
           step_ms, before_ms, suspects, right, load_ms, none, calm_ms, step_ms + load_ms, most_ms);
    analyser_close(an);
    config_fini(&cfg);
    store_close(st);
    (void)tmpdir_remove(dir);
    return paged && (right > 0 || trouble == ALL_FAILS) && step_ms + load_ms <= most_ms;
}

int main(void)
{
    const bool provider = measure(PROVIDER_FAILS), all = measure(ALL_FAILS);
    return provider && all ? EXIT_SUCCESS : EXIT_FAILURE;
}
