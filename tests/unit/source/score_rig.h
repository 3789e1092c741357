/* SPDX-License-Identifier: MIT */
/* What the tests of adapters for evaluation systems share: one source with a sink that writes down what it is told. */
#ifndef GWTOP_TESTS_SCORE_RIG_H
#define GWTOP_TESTS_SCORE_RIG_H

#include "source/sweep.h"
#include "unit/source/sink_log.h"

#define NOW INT64_C(1800000000000) /* 2027-01-15T08:00:00Z */
#define MINUTE INT64_C(60000)

static struct config_source cfg;
static struct sink_log logged;
static struct source_sink sink;
static struct source *s;
static struct errctx ctx;
static char out[1 << 18];
static struct source_request rq;

static inline void rig_open(const struct source_ops *ops, enum source_kind kind, const char *name, const char *url, const char *project)
{
    cfg = (struct config_source){.name = name,
                                 .kind = kind,
                                 .url = url,
                                 .project = project,
                                 .gateway = "g",
                                 .interval_ms = MINUTE,
                                 .lag_ms = 30000,
                                 .backfill_ms = 10 * MINUTE,
                                 .revisit_ms = 60 * MINUTE,
                                 .max_body_bytes = 1 << 20};
    logged = (struct sink_log){.refuse = false};
    sink = sink_log_sink(&logged);
    ck_assert_msg(ops->open(&cfg, NULL, &sink, &s, &ctx) == ERR_OK, "%s", ctx.text);
}

static inline void rig_close(void)
{
    s->ops->close(s);
    buf_fini(&logged.text);
}

static inline bool next(int64_t now)
{
    return s->ops->request(s, now, &rq);
}

static inline enum err answer_n(const char *body, size_t n)
{
    const struct source_answer head = {.content_type = "application/json", .open_ended = false};
    s->ops->begin(s, &head);
    enum err e = s->ops->feed(s, body, n, &ctx);
    return e == ERR_OK ? s->ops->finish(s, &ctx) : e;
}

static inline enum err answer(const char *body)
{
    return answer_n(body, strlen(body));
}

static inline const char *told(void)
{
    return sink_log_take(&logged, out, sizeof out);
}

#endif
