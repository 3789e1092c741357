/* SPDX-License-Identifier: MIT */
#include "record/analyse_outside.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"

enum {
    SLOTS = 1 << 16,         /* three times as many as there are tracks */
    SOFT_MS = 5 * MINUTE_MS, /* a summary that holds a value is another with each evaluation */
};

/* ---- tracks ---- */

static uint64_t fold(uint64_t h, const char *text, uint64_t key)
{
    return hash_bytes(text, strlen(text), h ^ key);
}

uint64_t outside_hash(const struct outsides *os, const char *a, const char *b)
{
    return fold(fold(0, a, os->key), b, os->key);
}

static uint32_t slot_of_rule(const struct outsides *os, const char *rule, const char *scope)
{
    uint32_t at = (uint32_t)outside_hash(os, rule, scope) & (SLOTS - 1);
    for (; os->rule_slots[at] != 0; at = (at + 1) & (SLOTS - 1)) {
        const struct outside_track *t = &os->tracks[os->rule_slots[at] - 1];
        if (strcmp(t->rule, rule) == 0 && strcmp(t->scope_text, scope) == 0)
            break;
    }
    return at;
}

/* The track of a rule and scope; NULL: there is none. */
static struct outside_track *track_of(const struct outsides *os, const char *rule, const char *scope)
{
    const uint32_t i = os->rule_slots[slot_of_rule(os, rule, scope)];
    return i != 0 ? &os->tracks[i - 1] : NULL;
}

static uint32_t slot_of(const struct outsides *os, uint32_t feed, const char *fingerprint)
{
    uint32_t at = (uint32_t)fold(feed, fingerprint, os->key) & (SLOTS - 1);
    for (; os->slots[at] != 0; at = (at + 1) & (SLOTS - 1)) {
        const struct outside_track *t = &os->tracks[os->slots[at] - 1];
        if (t->feed == feed && strcmp(t->fingerprint, fingerprint) == 0)
            break;
    }
    return at;
}

static void free_track(struct outside_track *t)
{
    free(t->fingerprint);
    free(t->rule);
    free(t->name);
    free(t->scope_text);
}

static enum err no_memory(struct errctx *ctx)
{
    return errctx_set(ctx, ERR_NOMEM, "out of memory while writing down alerts from outside");
}

static void take_slots(struct outsides *os, uint32_t i)
{
    const struct outside_track *t = &os->tracks[i];
    os->slots[slot_of(os, t->feed, t->fingerprint)] = i + 1;
    os->rule_slots[slot_of_rule(os, t->rule, t->scope_text)] = i + 1;
}

/* Adds a track. rule NULL: it is to be made. Errors: ERR_LIMIT where there is no room, ERR_NOMEM. */
static enum err add_track(struct analyser *an, uint32_t feed, const struct outside *o, const char *rule, struct outside_track **ret,
                          struct errctx *ctx)
{
    struct outsides *os = an->outside;
    void *list = os->tracks;
    uint32_t scope;
    if (os->track_count == OUTSIDE_TRACKS_MAX)
        return errctx_set(ctx, ERR_LIMIT, "there are %d alerts from outside already", OUTSIDE_TRACKS_MAX);
    enum err e = analyse_grow(&list, &os->track_cap, os->track_count, sizeof *os->tracks, ctx);
    os->tracks = list;
    if (e == ERR_OK)
        e = outside_scope_find(an, feed, o->scope, &scope, ctx);
    if (e != ERR_OK)
        return e;
    if (rule == NULL) {
        rule = arena_printf(&an->scratch, "outside:%s:%s", os->feeds[feed].name, o->name);
        if (rule != NULL && track_of(os, rule, o->scope) != NULL)
            rule = arena_printf(&an->scratch, "%s:%s", rule, o->fingerprint);
    }
    struct outside_track t = {.feed = feed, .scope = scope, .state = OUTSIDE_OVER, .alert = ALERT_INACTIVE};
    t.fingerprint = str_dup(str_of(o->fingerprint));
    t.rule = rule != NULL ? str_dup(str_of(rule)) : NULL;
    t.name = str_dup(str_of(o->name));
    t.scope_text = str_dup(str_of(o->scope));
    if (t.fingerprint == NULL || t.rule == NULL || t.name == NULL || t.scope_text == NULL) {
        free_track(&t);
        return no_memory(ctx);
    }
    if (scope != OUTSIDE_NO_SCOPE)
        os->scopes[scope].tracks++;
    os->tracks[os->track_count] = t;
    take_slots(os, os->track_count);
    *ret = &os->tracks[os->track_count++];
    return ERR_OK;
}

/* Those that are over have no track. */
static void drop_over(struct outsides *os)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < os->track_count; i++) {
        struct outside_track *t = &os->tracks[i];
        if (t->state != OUTSIDE_OVER) {
            os->tracks[n++] = *t;
            continue;
        }
        if (t->scope != OUTSIDE_NO_SCOPE)
            os->scopes[t->scope].tracks--;
        free_track(t);
    }
    if (n == os->track_count)
        return;
    os->track_count = n;
    os->counted = false;
    memset(os->slots, 0, SLOTS * sizeof *os->slots);
    memset(os->rule_slots, 0, SLOTS * sizeof *os->rule_slots);
    for (uint32_t i = 0; i < n; i++)
        take_slots(os, i);
}

/* ---- opening ---- */

static uint32_t feed_of(const struct outsides *os, const char *name)
{
    uint32_t i = 0;
    while (i < os->feed_count && strcmp(os->feeds[i].name, name) != 0)
        i++;
    return i;
}

/* The feed that the rule of an alert names; feed_count: none that is configured. */
static uint32_t feed_of_rule(const struct outsides *os, const char *rule)
{
    const char *name = rule + strlen("outside:");
    uint32_t i = 0;
    for (; i < os->feed_count; i++) {
        const size_t n = strlen(os->feeds[i].name);
        if (strncmp(name, os->feeds[i].name, n) == 0 && name[n] == ':')
            break;
    }
    return i;
}

static enum err read_tracks(struct analyser *an, struct errctx *ctx)
{
    struct outsides *os = an->outside;
    struct outside *list;
    size_t count;
    enum err e = store_outside(an->st, INT64_MAX, INT64_MAX, &an->scratch, &list, &count, ctx);
    for (size_t i = 0; e == ERR_OK && i < count; i++) {
        const struct outside *o = &list[i];
        const uint32_t feed = feed_of(os, o->source);
        struct outside_track *t;
        if (feed == os->feed_count) /* retire() ends it */
            continue;
        e = add_track(an, feed, o, o->rule, &t, ctx);
        if (e != ERR_OK)
            return e;
        t->state = o->state;
        t->since_ms = o->since_ms;
    }
    return e;
}

/* What fires goes on; the scopes of what ended in the last day may still have an incident, or have it opened again. */
static enum err read_alerts(struct analyser *an, struct errctx *ctx)
{
    struct outsides *os = an->outside;
    struct alert *list;
    size_t count;
    int64_t newest = 0;
    enum err e = store_alerts(an->st, INT64_MAX, &an->scratch, &list, &count, ctx);
    for (size_t i = 0; e == ERR_OK && i < count; i++)
        newest = list[i].since_ms > newest ? list[i].since_ms : newest;
    for (size_t i = 0; e == ERR_OK && i < count; i++) {
        const struct alert *al = &list[i];
        const uint32_t feed = outside_is_rule(al->rule) ? feed_of_rule(os, al->rule) : os->feed_count;
        struct outside_track *t = feed < os->feed_count ? track_of(os, al->rule, al->scope) : NULL;
        uint32_t scope;
        if (!outside_is_rule(al->rule))
            continue;
        if (feed < os->feed_count && newest - al->since_ms < DAY_MS)
            e = outside_scope_find(an, feed, al->scope, &scope, ctx);
        if (t == NULL)
            continue;
        t->alert = al->state;
        t->severity = al->severity;
        t->alert_ms = al->since_ms;
    }
    return e;
}

enum err analyse_outside_open(struct analyser *an, struct errctx *ctx)
{
    struct outsides *os = an->outside = calloc(1, sizeof *os);
    if (os == NULL || (os->slots = calloc(SLOTS, sizeof *os->slots)) == NULL ||
        (os->rule_slots = calloc(SLOTS, sizeof *os->rule_slots)) == NULL)
        return no_memory(ctx);
    os->key = hash_random_key();
    for (uint32_t i = 0; i < an->cfg->source_count && os->feed_count < OUTSIDE_FEEDS_MAX; i++) {
        const struct config_source *s = &an->cfg->sources[i];
        if (source_kind_alerts(s->kind))
            os->feeds[os->feed_count++] = (struct outside_feed){.name = s->name, .interval_ms = s->interval_ms};
    }
    enum err e = read_tracks(an, ctx);
    return e == ERR_OK ? read_alerts(an, ctx) : e;
}

void analyse_outside_close(struct analyser *an)
{
    struct outsides *os = an->outside;
    if (os == NULL)
        return;
    for (uint32_t i = 0; i < os->track_count; i++)
        free_track(&os->tracks[i]);
    free(os->tracks);
    outside_scopes_close(os);
    free(os->slots);
    free(os->rule_slots);
    free(os);
    an->outside = NULL;
}

/* ---- transitions ---- */

/* o NULL: nothing was told, and the state says why. */
static enum err change(struct analyser *an, struct outside_track *t, enum alert_state state, enum severity severity,
                       const struct outside *o, const struct interval *in, struct errctx *ctx)
{
    const struct outside_feed *feed = &an->outside->feeds[t->feed];
    const bool goes_on = state == ALERT_FIRING && t->alert != ALERT_INACTIVE, rises = goes_on && severity > t->severity;
    const int64_t onset_ms = o != NULL && state == ALERT_FIRING && o->starts_ms <= in->t1_ms ? o->starts_ms : 0;
    const char *ends = state == ALERT_INACTIVE ? outside_ends(an, t, o) : NULL;
    const struct alert al = {.rule = t->rule,
                             .scope = t->scope_text,
                             .severity = severity,
                             .state = state,
                             .since_ms = in->t1_ms > t->alert_ms ? in->t1_ms : t->alert_ms + 1,
                             .onset_ms = onset_ms,
                             .known_ms = in->known_ms,
                             .burn_long = NAN,
                             .burn_short = NAN,
                             .text = state == ALERT_FIRING    ? outside_fires_text(an, t, o)
                                     : state == ALERT_NO_DATA ? outside_silent(an, t)
                                                              : ends};
    struct rule_change c = {.rule = t->rule,
                            .name = t->name,
                            .severity = severity,
                            .was_firing = t->alert != ALERT_INACTIVE && !rises, /* a severity that rises is told as one that fires */
                            .state = state,
                            .since_ms = al.since_ms,
                            .onset_ms = onset_ms,
                            .begins_letter = '!',
                            .title = outside_title(an, t),
                            .silent = text_duration(an, OUTSIDE_SILENT_INTERVALS * feed->interval_ms),
                            .ends = ends};
    if (state == ALERT_FIRING) {
        c.evidence = outside_evidence(an, t, o);
        c.begins = outside_begins(an, t);
    }
    if (al.text == NULL || c.silent == NULL || c.title == NULL || (state == ALERT_FIRING && (c.evidence == NULL || c.begins == NULL)))
        return no_memory(ctx);
    const bool quieter = t->alert == ALERT_FIRING && goes_on && severity < t->severity;
    t->alert = state;
    t->alert_ms = al.since_ms;
    t->severity = severity;
    an->outside->counted = false;
    enum err e = store_put_alert(an->st, &al, ctx);
    return e == ERR_OK && !quieter ? analyse_incident_change(an, an->outside->scopes[t->scope].incident, &c, in, ctx) : e;
}

/* What is told becomes the rule's state. */
static enum err judge(struct analyser *an, struct outside_track *t, const struct outside *o, const struct interval *in, struct errctx *ctx)
{
    struct outsides *os = an->outside;
    const bool fires = o->state == OUTSIDE_FIRING && o->severity > SEV_NONE;
    if (t->scope == OUTSIDE_NO_SCOPE) { /* there was no room: is there now? */
        enum err e = fires ? outside_scope_find(an, t->feed, t->scope_text, &t->scope, ctx) : ERR_OK;
        if (t->scope != OUTSIDE_NO_SCOPE)
            os->scopes[t->scope].tracks++;
        os->feeds[t->feed].opens_nothing += fires && t->scope == OUTSIDE_NO_SCOPE;
        if (e != ERR_OK || t->scope == OUTSIDE_NO_SCOPE)
            return e;
    }
    if (fires && (t->alert != ALERT_FIRING || o->severity != t->severity))
        return change(an, t, ALERT_FIRING, o->severity, o, in, ctx);
    if (!fires && t->alert != ALERT_INACTIVE)
        return change(an, t, ALERT_INACTIVE, t->severity, o, in, ctx);
    return ERR_OK;
}

/* A version where it says something new. */
static enum err keep(struct analyser *an, struct outside_track *t, const struct outside *told, int64_t at_ms, struct errctx *ctx)
{
    struct outside o = *told;
    const uint64_t key = an->outside->key;
    uint64_t hard = hash_u64((uint64_t)o.severity << 8 | (uint64_t)o.state, key), soft = fold(0, o.summary, key);
    hard = hash_u64((uint64_t)o.starts_ms, hash_u64((uint64_t)o.quiet_until_ms, hard));
    hard = fold(fold(fold(hard, o.quiet, key), o.quiet_by, key), o.acked_by, key);
    soft = fold(fold(fold(soft, o.runbook, key), o.dashboard, key), o.labels, key);
    if (hard == t->hard && (soft == t->soft || at_ms - t->soft_ms < SOFT_MS))
        return ERR_OK;
    t->since_ms = o.state == t->state ? t->since_ms : at_ms;
    t->state = o.state;
    t->hard = hard;
    t->soft = soft;
    t->soft_ms = at_ms;
    o.source = an->outside->feeds[t->feed].name;
    o.rule = t->rule;
    o.since_ms = t->since_ms;
    o.known_ms = at_ms;
    return store_put_outside(an->st, &o, ctx);
}

/* It is over, or what it does is not known. */
static enum err leave(struct analyser *an, struct outside_track *t, enum outside_state state, const struct interval *in, struct errctx *ctx)
{
    const struct outside o = {.source = an->outside->feeds[t->feed].name, .fingerprint = t->fingerprint};
    const enum alert_state after = state == OUTSIDE_OVER ? ALERT_INACTIVE : ALERT_NO_DATA;
    t->state = state;
    t->since_ms = in->t1_ms;
    t->hard = t->soft = 0; /* what it says next is new */
    enum err e = store_put_outside_state(an->st, &o, state, in->known_ms, ctx);
    if (e != ERR_OK || t->alert == ALERT_INACTIVE || t->alert == after || t->scope == OUTSIDE_NO_SCOPE)
        return e;
    return change(an, t, after, t->severity, NULL, in, ctx);
}

static enum err take(struct analyser *an, uint32_t feed, const struct outside *o, const struct interval *in, struct errctx *ctx)
{
    struct outsides *os = an->outside;
    const uint32_t at = os->slots[slot_of(os, feed, o->fingerprint)];
    struct outside_track *t = at != 0 ? &os->tracks[at - 1] : NULL;
    if (t == NULL && o->state == OUTSIDE_OVER)
        return ERR_OK;
    if (t == NULL && os->track_count == OUTSIDE_TRACKS_MAX) {
        os->feeds[feed].left_out++;
        return ERR_OK;
    }
    enum err e = t == NULL ? add_track(an, feed, o, NULL, &t, ctx) : ERR_OK;
    if (e != ERR_OK)
        return e;
    os->counted = false;
    t->heard_ms = in->t1_ms;
    t->poll = os->feeds[feed].poll;
    if (o->state == OUTSIDE_OVER)
        return leave(an, t, OUTSIDE_OVER, in, ctx);
    e = keep(an, t, o, in->t1_ms, ctx);
    return e == ERR_OK ? judge(an, t, o, in, ctx) : e;
}

/* What of the feed there was no room for; ERR_OK: of all there was. */
static enum err say_limits(const struct outside_feed *feed, struct errctx *ctx)
{
    if (feed->left_out > 0)
        return errctx_set(ctx, ERR_LIMIT, "%u of its alerts are left out: no more than %d are kept at a time, of all sources",
                          feed->left_out, OUTSIDE_TRACKS_MAX);
    if (feed->opens_nothing > 0)
        return errctx_set(
            ctx, ERR_LIMIT,
            "%u of its alerts fire and can open no incident and page nobody: they are of more than %d scopes, which have one each",
            feed->opens_nothing, OUTSIDE_SCOPES_MAX);
    return ERR_OK;
}

enum err analyser_alerts_told(struct analyser *an, const struct analyser_alerts *told, struct errctx *ctx)
{
    struct outsides *os = an->outside;
    const uint32_t f = feed_of(os, told->source);
    enum err e = ERR_OK;
    if (f == os->feed_count)
        return errctx_set(ctx, ERR_LIMIT, "there are more than %d sources of alerts", OUTSIDE_FEEDS_MAX);
    struct outside_feed *feed = &os->feeds[f];
    const struct interval in = {.source = told->id, .t0_ms = feed->last_ms, .t1_ms = told->at_ms, .known_ms = told->at_ms};
    arena_reset(&an->scratch);
    feed->last_ms = told->at_ms;
    feed->poll++;
    feed->opens_nothing = feed->left_out = 0;
    for (size_t i = 0; e == ERR_OK && i < told->count; i++)
        e = take(an, f, &told->list[i], &in, ctx);
    for (uint32_t i = 0; e == ERR_OK && told->whole && i < os->track_count; i++)
        if (os->tracks[i].feed == f && os->tracks[i].poll != feed->poll)
            e = leave(an, &os->tracks[i], OUTSIDE_OVER, &in, ctx);
    drop_over(os);
    if (e == ERR_OK)
        e = analyse_incidents_interval(an, &in, ctx);
    outside_scopes_free(an, in.t1_ms);
    if (e == ERR_OK && an->dirty)
        e = analyse_note_put(an, ctx);
    return e == ERR_OK ? say_limits(feed, ctx) : e;
}

static int64_t after(int64_t known_ms, int64_t now_ms)
{
    return now_ms > known_ms ? now_ms : known_ms + 1;
}

/* What a source told that is no longer configured is in force no more. That is known from now on: before, it was shown. */
static enum err retire(struct analyser *an, int64_t now_ms, struct errctx *ctx)
{
    struct outsides *os = an->outside;
    struct outside *list;
    struct alert *alerts;
    size_t count;
    enum err e = store_outside(an->st, INT64_MAX, INT64_MAX, &an->scratch, &list, &count, ctx);
    for (size_t i = 0; e == ERR_OK && i < count; i++)
        if (feed_of(os, list[i].source) == os->feed_count)
            e = store_put_outside_state(an->st, &list[i], OUTSIDE_OVER, after(list[i].known_ms, now_ms), ctx);
    if (e == ERR_OK)
        e = store_alerts(an->st, INT64_MAX, &an->scratch, &alerts, &count, ctx);
    for (size_t i = 0; e == ERR_OK && i < count; i++) {
        struct alert over = alerts[i];
        if (!outside_is_rule(over.rule) || over.state == ALERT_INACTIVE ||
            (feed_of_rule(os, over.rule) < os->feed_count && track_of(os, over.rule, over.scope) != NULL))
            continue;
        over.state = ALERT_INACTIVE;
        over.since_ms = over.known_ms = after(over.known_ms, now_ms);
        over.text = "its source is no longer configured";
        e = store_put_alert(an->st, &over, ctx);
    }
    return e;
}

enum err analyse_outside_tick(struct analyser *an, int64_t now_ms, struct errctx *ctx)
{
    struct outsides *os = an->outside;
    const struct interval in = {.t1_ms = now_ms, .known_ms = now_ms};
    enum err e = os->retired ? ERR_OK : retire(an, now_ms, ctx);
    os->retired = e == ERR_OK;
    for (uint32_t i = 0; e == ERR_OK && i < os->track_count; i++) {
        struct outside_track *t = &os->tracks[i];
        if (t->heard_ms == 0) /* in an earlier run: it has as long from the beginning of this one */
            t->heard_ms = now_ms;
        if (t->state != OUTSIDE_UNKNOWN && now_ms - t->heard_ms > OUTSIDE_SILENT_INTERVALS * os->feeds[t->feed].interval_ms)
            e = leave(an, t, OUTSIDE_UNKNOWN, &in, ctx);
    }
    return e;
}
