/* SPDX-License-Identifier: MIT */
/* A recorded world that is told as lines: model gpt-x behind one gateway, polled every minute from 14:00Z on, two hours in the store, one
 * objective (99.9 % of gpt-x). The clock stands at 16:00Z and is moved by hand. */
#ifndef GWTOP_TESTS_SESSIONS_PLAIN_WORLD_H
#define GWTOP_TESTS_SESSIONS_PLAIN_WORLD_H

#include "ui/console/plain_state.h"
#include "unit/view/fixture.h"

enum { MINUTE_MS = 60000, HISTORY_MINUTES = 120 };

struct plain_world {
    struct fixture f;
    char config[600];
    struct console_options opt;
    struct plain *p;
    FILE *out;
    char *text; /* everything that was said */
    size_t size, read;
    bool end;
};

Suite *suite_plain_lines(void);
Suite *suite_plain_program(const char *gwtop);

/* A minute with so many good and bad requests, recorded; the clock is at its end. */
static inline void plain_poll(struct plain_world *w, int64_t ok, int64_t bad)
{
    struct fixture *f = &w->f;
    int64_t t1_ms = f->manual.wall_ms + MINUTE_MS;
    fixture_increment(f, fixture_series(f, SIG_REQUESTS, 0, "gpt-x", "search", "k1", "ok", ""), ok);
    fixture_increment(f, fixture_series(f, SIG_REQUESTS, 0, "gpt-x", "search", "k1", "5xx", ""), bad);
    fixture_append(f, t1_ms);
    f->manual.mono_ms += MINUTE_MS;
}

static inline void plain_write_config(const struct plain_world *w, const char *yaml)
{
    FILE *file = fopen(w->config, "w");
    ck_assert_ptr_nonnull(file);
    ck_assert_int_ge(fputs(yaml, file), 0);
    ck_assert_int_eq(fclose(file), 0);
    ck_assert_int_eq(chmod(w->config, 0600), 0);
}

static inline void plain_put_slo(struct plain_world *w)
{
    struct config cfg;
    struct buf json;
    buf_init(&json, 64 * 1024);
    ck_assert_int_eq(config_parse(str_of("slos:\n  - {name: gpt-x availability, scope: model=gpt-x, availability: 99.9%, period: 30d}\n"),
                                  "slo", &cfg, NULL),
                     ERR_OK);
    ck_assert_int_eq(config_slos_to_json(cfg.slos, cfg.slo_count, &json), ERR_OK);
    ck_assert_int_eq(store_put_note(w->f.st, "slo", fixture_start_ms, buf_str(&json), NULL), ERR_OK);
    buf_fini(&json);
    config_fini(&cfg);
}

static inline void plain_world_record(struct plain_world *w)
{
    memset(w, 0, sizeof *w);
    fixture_open(&w->f);
    w->f.manual.mono_ms = 1000;
    plain_put_slo(w);
    for (int i = 0; i < HISTORY_MINUTES; i++)
        plain_poll(w, 100, 0);
    ck_assert(str_format(w->config, sizeof w->config, "%s/gwtop.yaml", w->f.dir));
    plain_write_config(w, "gateway: test\n");
    w->opt = (struct console_options){.config_path = w->config, .store_path = w->f.path, .filter = "", .no_recorder = true};
}

static inline enum err plain_world_start(struct plain_world *w, struct errctx *ctx)
{
    w->p = calloc(1, sizeof *w->p);
    w->out = open_memstream(&w->text, &w->size);
    ck_assert(w->p != NULL && w->out != NULL);
    enum err e = plain_open(w->p, &w->opt, &w->f.clock, w->out, ctx);
    return e == ERR_OK ? plain_turn(w->p, &w->end, ctx) : e;
}

static inline void plain_world_open(struct plain_world *w)
{
    struct errctx ctx = {.text = ""};
    plain_world_record(w);
    enum err e = plain_world_start(w, &ctx);
    ck_assert_msg(e == ERR_OK, "%s", ctx.text);
}

static inline void plain_world_close(struct plain_world *w)
{
    if (w->p != NULL)
        plain_close(w->p);
    free(w->p);
    if (w->out != NULL)
        fclose(w->out);
    free(w->text);
    fixture_close(&w->f);
}

static inline void plain_turns(struct plain_world *w)
{
    struct errctx ctx = {.text = ""};
    enum err e = plain_turn(w->p, &w->end, &ctx);
    ck_assert_msg(e == ERR_OK, "%s", ctx.text);
}

/* What was said since the last call. */
static inline const char *plain_heard(struct plain_world *w)
{
    fflush(w->out);
    const char *news = w->text + w->read;
    w->read = w->size;
    return news;
}

#define assert_heard(w, lines) ck_assert_str_eq(plain_heard(w), lines)
#define assert_silence(w) ck_assert_str_eq(plain_heard(w), "")

#endif
