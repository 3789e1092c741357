/* SPDX-License-Identifier: MIT */
/* What the tests of adapters for changes share, over score_rig.h: more than one answer, and what each is asked for. */
#ifndef GWTOP_TESTS_CHANGE_RIG_H
#define GWTOP_TESTS_CHANGE_RIG_H

#include "unit/source/score_rig.h"

/* As rig_open, with options that the caller filled into cfg before. */
static inline void change_open(const struct source_ops *ops, enum source_kind kind, const char *url)
{
    cfg.name = "c";
    cfg.kind = kind;
    cfg.url = url;
    cfg.gateway = "g";
    cfg.interval_ms = MINUTE;
    cfg.backfill_ms = 24 * 60 * MINUTE;
    cfg.max_body_bytes = 1 << 20;
    logged = (struct sink_log){.refuse = false};
    sink = sink_log_sink(&logged);
    ck_assert_msg(ops->open(&cfg, NULL, &sink, &s, &ctx) == ERR_OK, "%s", ctx.text);
}

static inline void change_close(void)
{
    rig_close();
    cfg = (struct config_source){.name = NULL};
}

static inline enum err answer_etag_of(const char *body, bool same, const char *etag)
{
    const struct source_answer head = {.content_type = "application/json", .same = same, .etag = etag};
    s->ops->begin(s, &head);
    enum err e = s->ops->feed(s, body, strlen(body), &ctx);
    return e == ERR_OK ? s->ops->finish(s, &ctx) : e;
}

/* Whether every beginning of a body is refused, with nothing told that cannot be said of all of it, and the whole one is understood. */
static inline void change_cut_everywhere(const char *body)
{
    for (size_t n = 0; n < strlen(body); n++) {
        ck_assert(next(NOW));
        enum err e = answer_n(body, n);
        ck_assert_msg(e == ERR_PARSE, "%zu of %s", n, body);
        while (next(NOW))
            ck_abort_msg("the poll goes on");
    }
    (void)told();
}

#endif
