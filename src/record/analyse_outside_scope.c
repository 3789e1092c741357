/* SPDX-License-Identifier: MIT */
/* Scopes of outside alerts: what may open incidents. One is kept while an alert has it, and as long as what is back after that would be of
 * the same incident; then its room is another's. */
#include "record/analyse_outside.h"

#include <stdlib.h>
#include <string.h>

void outside_scopes_free(struct analyser *an, int64_t now_ms)
{
    struct outsides *os = an->outside;
    for (uint32_t i = 0; i < os->scope_count; i++) {
        struct outside_scope *s = &os->scopes[i];
        if (s->tracks > 0)
            s->over_ms = 0;
        else if (s->over_ms == 0)
            s->over_ms = now_ms;
        if (s->subject == NULL || s->tracks > 0 ||
            (an->incidents[s->incident].at != 0 && now_ms - s->over_ms <= INCIDENT_CALM_MS + INCIDENT_REOPEN_MS))
            continue;
        an->incidents[s->incident].outside = 0;
        analyse_incident_untrack(an, s->incident);
        free(s->subject);
        *s = (struct outside_scope){.subject = NULL};
    }
}

void outside_scopes_close(struct outsides *os)
{
    for (uint32_t i = 0; i < os->scope_count; i++)
        free(os->scopes[i].subject);
}

/* A free place; scope_count: there is none. */
static uint32_t free_place(const struct outsides *os)
{
    uint32_t i = 0;
    while (i < os->scope_count && os->scopes[i].subject != NULL)
        i++;
    return i;
}

static enum err make(struct analyser *an, uint32_t at, const char *text, struct errctx *ctx)
{
    struct outside_scope *s = &an->outside->scopes[at];
    struct scope_part part[SCOPE_PARTS_MAX];
    struct watch w;
    uint32_t count;
    enum err e = outside_scope_parts(text, &an->scratch, part, &count);
    if (e == ERR_OK)
        e = analyse_watch(&an->scratch, part, count, &w);
    char *subject = e == ERR_OK ? str_dup(str_of(w.subject)) : NULL;
    if (subject == NULL)
        return errctx_set(ctx, ERR_NOMEM, "out of memory while writing down alerts from outside");
    *s = (struct outside_scope){.hash = outside_hash(an->outside, text, "")};
    e = analyse_incident_track(an, w.text, NULL, &s->incident, ctx);
    if (e != ERR_OK) {
        free(subject);
        return e;
    }
    s->subject = subject;
    an->incidents[s->incident].outside = at + 1;
    return ERR_OK;
}

enum err outside_scope_find(struct analyser *an, uint32_t feed, const char *text, uint32_t *ret, struct errctx *ctx)
{
    struct outsides *os = an->outside;
    const uint64_t hash = outside_hash(os, text, "");
    uint32_t i = 0;
    while (i < os->scope_count &&
           (os->scopes[i].subject == NULL || os->scopes[i].hash != hash || strcmp(an->incidents[os->scopes[i].incident].scope, text) != 0))
        i++;
    if (i == os->scope_count) {
        i = free_place(os);
        if (i == OUTSIDE_SCOPES_MAX) {
            *ret = OUTSIDE_NO_SCOPE;
            return ERR_OK;
        }
        enum err e = make(an, i, text, ctx);
        if (e != ERR_OK)
            return e;
        os->scope_count += i == os->scope_count;
    }
    os->scopes[i].feeds |= UINT64_C(1) << feed;
    *ret = i;
    return ERR_OK;
}

/* ---- what fires ---- */

/* Of all scopes at once: a walk over the alerts for each would be as long as a feed likes. */
static void count_firing(struct outsides *os)
{
    for (uint32_t i = 0; i < os->scope_count; i++)
        os->scopes[i].firing = (struct firing){.worst = SEV_NONE};
    for (uint32_t i = 0; i < os->track_count; i++) {
        const struct outside_track *t = &os->tracks[i];
        if (t->alert != ALERT_INACTIVE && t->scope != OUTSIDE_NO_SCOPE)
            firing_add(&os->scopes[t->scope].firing, t->severity, t->heard_ms);
    }
    os->counted = true;
}

void analyse_outside_firing(const struct analyser *an, uint32_t incident, struct firing *f)
{
    struct outsides *os = an->outside;
    const uint32_t at = an->incidents[incident].outside;
    if (at == 0)
        return;
    if (!os->counted)
        count_firing(os);
    const struct outside_scope *s = &os->scopes[at - 1];
    for (uint32_t k = 0; k < os->feed_count; k++)
        if ((s->feeds >> k & 1) != 0 && os->feeds[k].last_ms > f->now_ms)
            f->now_ms = os->feeds[k].last_ms;
    firing_add(f, s->firing.worst, s->firing.page_ms);
}
