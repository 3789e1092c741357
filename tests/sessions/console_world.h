/* SPDX-License-Identifier: MIT */
/* A console on a recorded world: two hours at one poll a minute of models gpt-x (some 5xx in the last ten minutes), c-l and c-s, three
 * teams, three events, one open incident. The console's clock is moved by hand and stands at the end of the recording. */
#ifndef GWTOP_TESTS_SESSIONS_CONSOLE_WORLD_H
#define GWTOP_TESTS_SESSIONS_CONSOLE_WORLD_H

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sessions/console_fake_terminal.h"
#include "ui/console/state.h"
#include "unit/view/fixture.h"

enum { EVENTS = 3 };
/* Before the end of the recording. */
static const int64_t event_before_ms[EVENTS] = {70 * 60000, 30 * 60000, 9 * 60000};

struct world {
    struct fixture f;
    struct console_options opt;
    struct console *c;
    char config[600];
    int64_t end_ms, incident;
};

static inline void world_poll(struct world *w, bool late, int64_t t1_ms)
{
    static const struct {
        const char *model, *team;
        int64_t ok;
    } traffic[] = {{"gpt-x", "search", 60}, {"gpt-x", "support", 30}, {"c-l", "batch", 20}, {"c-s", "search", 10}};
    static const double bounds[] = {0.1, 1, 5};
    static const struct store_hist_count slow[] = {{1, 20}, {2, 40}}, usual[] = {{1, 60}};
    struct fixture *f = &w->f;
    const struct hist_bounds *b;
    ck_assert_int_eq(store_bounds(f->st, bounds, 3, &b, NULL), ERR_OK);
    for (size_t i = 0; i < 3; i++) { /* ttft of its models; gpt-x becomes slow with its failures */
        static const char *const model[] = {"gpt-x", "c-l", "c-s"};
        bool is_slow = late && i == 0;
        f->items[f->count] = (struct store_item){.series = fixture_series(f, SIG_TTFT, b->id, model[i], "search", "", "", "")};
        f->items[f->count].v.hist.counts = is_slow ? slow : usual;
        f->items[f->count].v.hist.count = is_slow ? 2 : 1;
        f->items[f->count].v.hist.n = 60;
        f->items[f->count++].v.hist.sum_fixed = INT64_C(60000000000);
    }
    for (size_t i = 0; i < sizeof traffic / sizeof *traffic; i++) {
        fixture_increment(f, fixture_series(f, SIG_REQUESTS, 0, traffic[i].model, traffic[i].team, "k1", "ok", ""), traffic[i].ok);
        fixture_increment(f, fixture_series(f, SIG_REQUESTS, 0, traffic[i].model, traffic[i].team, "k1", "5xx", ""),
                          late && i < 2 ? 20 : 0);
    }
    fixture_append(f, t1_ms);
}

static inline void world_facts(struct world *w)
{
    static const struct {
        enum event_kind kind;
        const char *text;
    } events[EVENTS] = {{EVENT_DEPLOY, "deployed v2"}, {EVENT_CONFIG, "reload for team search"}, {EVENT_ERRORS, "gpt-x errors begin"}};
    for (int i = 0; i < EVENTS; i++) {
        char key[16];
        struct event e = {.at_ms = w->end_ms - event_before_ms[i],
                          .known_ms = w->end_ms - event_before_ms[i],
                          .kind = events[i].kind,
                          .scope = "",
                          .text = events[i].text,
                          .source = "gw"};
        ck_assert(str_format(key, sizeof key, "event-%d", i));
        ck_assert_int_eq(store_put_event(w->f.st, key, &e, NULL), ERR_OK);
    }
    struct alert al = {.rule = "slo:gpt-x availability:page-1h",
                       .scope = "model=gpt-x",
                       .severity = SEV_PAGE,
                       .state = ALERT_FIRING,
                       .since_ms = w->end_ms - 8 * 60000,
                       .onset_ms = w->end_ms - 9 * 60000,
                       .known_ms = w->end_ms - 8 * 60000,
                       .burn_long = 20,
                       .burn_short = 200,
                       .window_long_ms = 3600000,
                       .window_short_ms = 300000,
                       .bad = 400,
                       .total = 5400,
                       .text = "burns 20x over 1h"};
    struct incident in = {.title = "gpt-x errors",
                          .scope = "model=gpt-x",
                          .severity = SEV_PAGE,
                          .state = INCIDENT_OPEN,
                          .onset_ms = al.onset_ms,
                          .opened_ms = al.since_ms,
                          .known_ms = al.since_ms,
                          .owner = ""};
    ck_assert_int_eq(store_put_alert(w->f.st, &al, NULL), ERR_OK);
    ck_assert_int_eq(store_put_incident(w->f.st, &in, &w->incident, NULL), ERR_OK);
    ck_assert_int_eq(store_commit(w->f.st, NULL), ERR_OK);
}

static inline void world_config(struct world *w, const char *yaml)
{
    ck_assert(str_format(w->config, sizeof w->config, "%s/gwtop.yaml", w->f.dir));
    int fd = open(w->config, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(write(fd, yaml, strlen(yaml)), (ssize_t)strlen(yaml));
    close(fd);
}

/* The recording without a console. */
static inline void world_record(struct world *w)
{
    memset(w, 0, sizeof *w);
    fixture_open(&w->f);
    for (int i = 1; i <= FIXTURE_POLLS; i++)
        world_poll(w, i > FIXTURE_POLLS - 10, fixture_start_ms + i * fixture_step_ms);
    w->end_ms = w->f.manual.wall_ms;
    w->f.manual.mono_ms = 1000;
    world_facts(w);
    world_config(w, "gateway: test\n");
    w->opt = (struct console_options){.config_path = w->config, .store_path = w->f.path, .filter = "", .no_recorder = true};
}

static inline enum err world_start(struct world *w, struct errctx *ctx)
{
    w->c = calloc(1, sizeof *w->c);
    ck_assert_ptr_nonnull(w->c);
    enum err e = console_open(w->c, &w->opt, &w->f.clock, ctx);
    return e == ERR_OK ? console_begin(w->c, ctx) : e;
}

static inline void world_open(struct world *w)
{
    struct errctx ctx = {.text = ""};
    world_record(w);
    enum err e = world_start(w, &ctx);
    ck_assert_msg(e == ERR_OK, "%s", ctx.text);
}

static inline void world_close(struct world *w)
{
    if (w->c != NULL)
        console_close(w->c);
    free(w->c);
    fixture_close(&w->f);
    fake_terminal_kind = (struct fake_terminal_kind){120, 40, 256, true, true};
}

/* The keys arrive together, as on a slow line; then one turn. */
static inline void world_type(struct world *w, const char *keys)
{
    fake_type(w->c->term, keys);
    ck_assert(console_turn(w->c));
}

static inline void world_press(struct world *w, uint32_t key)
{
    fake_press(w->c->term, key);
    ck_assert(console_turn(w->c));
}

#define assert_shows(w, text)                                                                                                              \
    ck_assert_msg(fake_shows((w)->c->term, text), "'%s' is not on the screen:\n%s", text, (w)->c->term->screen.data)
#define assert_hides(w, text) ck_assert_msg(!fake_shows((w)->c->term, text), "'%s' is on the screen:\n%s", text, (w)->c->term->screen.data)

#endif
