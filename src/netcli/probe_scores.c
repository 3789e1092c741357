/* SPDX-License-Identifier: MIT */
#include "netcli/probe_scores.h"

#include <string.h>

#include "base/safe_text.h"

static const int64_t hour_ms = 60 * 60 * 1000;

static void on_span(void *ctx, int64_t *ret_mark_ms, int64_t *ret_floor_ms)
{
    const struct probe_scores *p = ctx;
    *ret_mark_ms = p->whole ? INT64_MAX : 0; /* then nothing is left to be read */
    *ret_floor_ms = 0;
}

static struct probe_score_name *name_of(struct probe_scores *p, const struct score_told *s)
{
    char name[SCORE_NAME_MAX + 2];
    (void)safe_text(name, sizeof name, s->name);
    for (size_t i = 0; i < p->name_count; i++)
        if (strcmp(p->names[i].name, name) == 0)
            return &p->names[i];
    if (p->name_count == PROBE_SCORES_NAMES)
        return NULL;
    struct probe_score_name *one = &p->names[p->name_count++];
    *one = (struct probe_score_name){.kind = s->kind};
    (void)str_copy(one->name, sizeof one->name, str_of(name));
    return one;
}

static bool on_score(void *ctx, const struct score_told *s)
{
    struct probe_scores *p = ctx;
    struct probe_score_name *one = name_of(p, s);
    struct score_count count;
    const char *why;
    p->total++;
    if (one == NULL)
        return true;
    one->n++;
    one->has_model |= s->model.n > 0;
    one->has_judge |= s->judge.n > 0;
    if (score_counts(s, score_rule_of(p->cfg->scores, p->cfg->score_count, s->name), &count, &why)) {
        one->bad += count.bad;
    } else {
        one->why = one->refused++ == 0 ? why : one->why;
    }
    return true;
}

static bool on_read(void *ctx, int64_t from_ms, int64_t to_ms)
{
    struct probe_scores *p = ctx;
    (void)from_ms;
    (void)to_ms;
    p->whole = true;
    return true;
}

static void on_warning(void *ctx, size_t line, const char *what, struct str text)
{
    struct probe_scores *p = ctx;
    char raw[sizeof p->warning];
    (void)line;
    if (p->warning_count++ > 0)
        return;
    (void)str_format(raw, sizeof raw, "%.*s %s", (int)(text.n < 100 ? text.n : 100), text.p, what);
    (void)safe_text(p->warning, sizeof p->warning, str_of(raw));
}

void probe_scores_init(struct probe_scores *p, const struct config *cfg, const struct config_source *source)
{
    *p = (struct probe_scores){.cfg = cfg, .source = *source};
    p->source.backfill_ms = hour_ms;
    p->source.lag_ms = 0;
    p->sink = (struct source_sink){.ctx = p, .warning = on_warning, .scores_span = on_span, .score = on_score, .scores_read = on_read};
}
