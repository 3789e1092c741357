/* SPDX-License-Identifier: MIT */
/* A recorded world for the one-shot commands, and running one with what it printed: model gpt-x for teams zebra and quagga with a key each,
 * gpt-x failing for the last ten minutes; spend, one objective, one firing alert, one incident. The recording is closed, so now is its end,
 * whatever the system's clock says: 2026-11-23T16:00:00Z. */
#ifndef GWTOP_TESTS_CLI_FIXTURE_H
#define GWTOP_TESTS_CLI_FIXTURE_H

#include "cli/cli.h"
#include "unit/view/fixture.h"

enum { CLI_ARGS_MAX = 16 };

struct ran {
    struct fixture f;
    char config[600];
    char *out, *err; /* of the last command */
};

static inline void ran_config(struct ran *r, const char *yaml)
{
    ck_assert(str_format(r->config, sizeof r->config, "%s/gwtop.yaml", r->f.dir));
    FILE *file = fopen(r->config, "w");
    ck_assert_ptr_nonnull(file);
    ck_assert_int_ge(fputs(yaml, file), 0);
    ck_assert_int_eq(fclose(file), 0);
    ck_assert_int_eq(chmod(r->config, 0600), 0);
}

static inline void ran_note(struct ran *r, const char *name, const char *text)
{
    ck_assert_int_eq(store_put_note(r->f.st, name, fixture_start_ms, str_of(text), NULL), ERR_OK);
    ck_assert_int_eq(store_commit(r->f.st, NULL), ERR_OK);
}

static inline void ran_slo(struct ran *r)
{
    ran_note(r, "slo",
             "[{\"name\": \"gpt-x availability\", \"kind\": \"availability\", \"objective\": 0.999, \"period_ms\": 2592000000, \"signal\": "
             "\"requests\", \"scope\": [{\"dim\": \"model\", \"value\": \"gpt-x\"}]}]");
}

static inline void ran_alert(struct ran *r, enum severity severity, enum alert_state state)
{
    int64_t now_ms = r->f.manual.wall_ms;
    struct alert al = {.rule = "slo:gpt-x availability:page-1h",
                       .scope = "model=gpt-x",
                       .severity = severity,
                       .state = state,
                       .since_ms = now_ms - 480000,
                       .onset_ms = now_ms - 540000,
                       .known_ms = now_ms - 480000,
                       .window_long_ms = 3600000,
                       .window_short_ms = 300000,
                       .text = "burns"};
    struct incident in = {.title = "gpt-x errors",
                          .scope = "model=gpt-x",
                          .severity = severity,
                          .state = INCIDENT_OPEN,
                          .onset_ms = al.onset_ms,
                          .opened_ms = al.since_ms,
                          .known_ms = al.since_ms,
                          .owner = ""};
    int64_t id;
    ck_assert_int_eq(store_put_alert(r->f.st, &al, NULL), ERR_OK);
    ck_assert_int_eq(store_put_incident(r->f.st, &in, &id, NULL), ERR_OK);
    struct timeline_entry t = {
        .incident = id, .at_ms = al.since_ms, .known_ms = al.since_ms, .letter = 'P', .text = "page for team zebra", .source = "gwtop"};
    ck_assert_int_eq(store_put_timeline(r->f.st, "1:P", &t, NULL), ERR_OK);
    ck_assert_int_eq(store_commit(r->f.st, NULL), ERR_OK);
}

static inline void ran_open(struct ran *r)
{
    char ended[32];
    memset(r, 0, sizeof *r);
    fixture_open(&r->f);
    struct fixture *f = &r->f;
    uint32_t cost[2] = {fixture_series(f, SIG_COST, 0, "gpt-x", "zebra", "zebra-key", "", ""),
                        fixture_series(f, SIG_COST, 0, "gpt-x", "quagga", "quagga-key", "", "")};
    uint32_t ok = fixture_series(f, SIG_REQUESTS, 0, "gpt-x", "zebra", "zebra-key", "ok", ""),
             bad = fixture_series(f, SIG_REQUESTS, 0, "gpt-x", "zebra", "zebra-key", "5xx", "");
    uint32_t quagga = fixture_series(f, SIG_REQUESTS, 0, "gpt-x", "quagga", "quagga-key", "ok", ""),
             tokens = fixture_series(f, SIG_TOKENS_INPUT, 0, "gpt-x", "zebra", "zebra-key", "", "");
    for (int i = 1; i <= FIXTURE_POLLS; i++) {
        bool late = i > FIXTURE_POLLS - 10;
        fixture_increment(f, ok, late ? 60 : 80);
        fixture_increment(f, bad, late ? 20 : 0);
        fixture_increment(f, quagga, 20);
        fixture_increment(f, cost[0], 123456789);
        fixture_increment(f, cost[1], 1000);
        fixture_increment(f, tokens, 1500);
        fixture_append(f, fixture_start_ms + i * fixture_step_ms);
    }
    ck_assert(str_format(ended, sizeof ended, "%lld", (long long)f->manual.wall_ms));
    ran_note(r, "ended", ended);
    ran_config(r, "gateway: test\n");
}

static inline void ran_forget(struct ran *r)
{
    free(r->out);
    free(r->err);
    r->out = r->err = NULL;
}

static inline void ran_close(struct ran *r)
{
    ran_forget(r);
    fixture_close(&r->f);
}

static inline int ran_command(const char *name, int argc, char **argv, const struct cli_io *io)
{
    for (const struct cli_command *c = cli_commands(); c->name != NULL; c++)
        if (strcmp(c->name, name) == 0)
            return c->run(argc, argv, io);
    ck_abort_msg("no command %s", name);
    return -1;
}

/* "cost --by key": runs it as it stands. */
static inline int ran_bare(struct ran *r, const char *line)
{
    char room[1200], *argv[CLI_ARGS_MAX], *save = NULL;
    size_t n;
    int argc = 0;
    ran_forget(r);
    ck_assert(str_format(room, sizeof room, "%s", line));
    for (char *word = strtok_r(room, " ", &save); word != NULL && argc + 1 < CLI_ARGS_MAX; word = strtok_r(NULL, " ", &save))
        argv[argc++] = word;
    argv[argc] = NULL;
    struct cli_io io = {.out = open_memstream(&r->out, &n), .err = open_memstream(&r->err, &n)};
    ck_assert(io.out != NULL && io.err != NULL);
    int status = ran_command(argv[0], argc, argv, &io);
    fclose(io.out);
    fclose(io.err);
    return status;
}

/* The same on the recorded world. */
static inline int ran_here(struct ran *r, const char *line)
{
    char whole[1200];
    ck_assert(str_format(whole, sizeof whole, "%s --store %s --config %s", line, r->f.path, r->config));
    return ran_bare(r, whole);
}

#define assert_out(r, text) ck_assert_msg(strstr((r)->out, text) != NULL, "'%s' is not in:\n%s\n%s", text, (r)->out, (r)->err)
#define assert_err(r, text) ck_assert_msg(strstr((r)->err, text) != NULL, "'%s' is not in:\n%s", text, (r)->err)

#endif
