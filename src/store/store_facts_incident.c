/* SPDX-License-Identifier: MIT */
/* Alert transitions, incidents as versions, and their timelines: kept as they became known, so that a past cursor shows what was known
 * then. */
#include "store/store_internal.h"

#include <math.h>

/* A burn rate that was not known is stored as NULL. */
static double real_or_nan(sqlite3_stmt *s, int c)
{
    return sqlite3_column_type(s, c) == SQLITE_NULL ? NAN : sqlite3_column_double(s, c);
}

static int clamp(int64_t v, int last)
{
    return v < 0 || v > last ? 0 : (int)v;
}

enum err store_put_alert(struct store *st, const struct alert *al, struct errctx *ctx)
{
    const struct store_val v[] = {store_text(al->rule),          store_text(al->scope),          store_int(al->since_ms),
                                  store_int(al->severity),       store_int(al->state),           store_int(al->onset_ms),
                                  store_int(al->known_ms),       store_real(al->burn_long),      store_real(al->burn_short),
                                  store_int(al->window_long_ms), store_int(al->window_short_ms), store_int(al->bad),
                                  store_int(al->total),          store_text(al->text),           store_int(al->onset_error_ms),
                                  store_int(al->ended_ms),       store_int(al->ended_error_ms),  store_int(al->incident)};
    return store_fact(st, STMT_ALERT_PUT, v, 18, ctx);
}

enum err store_put_alert_incident(struct store *st, const char *rule, const char *scope, int64_t since_ms, int64_t incident,
                                  struct errctx *ctx)
{
    const struct store_val v[] = {store_text(rule), store_text(scope), store_int(since_ms), store_int(incident)};
    return store_fact(st, STMT_ALERT_OF, v, 4, ctx);
}

static enum err alert_row(sqlite3_stmt *s, struct arena *a, void *ret)
{
    struct alert *al = ret;

    *al = (struct alert){.id = sqlite3_column_int64(s, 0),
                         .since_ms = sqlite3_column_int64(s, 3),
                         .onset_ms = sqlite3_column_int64(s, 6),
                         .known_ms = sqlite3_column_int64(s, 7),
                         .burn_long = real_or_nan(s, 8),
                         .burn_short = real_or_nan(s, 9),
                         .window_long_ms = sqlite3_column_int64(s, 10),
                         .window_short_ms = sqlite3_column_int64(s, 11),
                         .bad = sqlite3_column_int64(s, 12),
                         .total = sqlite3_column_int64(s, 13),
                         .onset_error_ms = sqlite3_column_int64(s, 15),
                         .ended_ms = sqlite3_column_int64(s, 16),
                         .ended_error_ms = sqlite3_column_int64(s, 17),
                         .incident = sqlite3_column_int64(s, 18)};
    al->rule = store_column_text(s, 1, a);
    al->scope = store_column_text(s, 2, a);
    al->severity = (enum severity)clamp(sqlite3_column_int64(s, 4), SEV_PAGE);
    al->state = (enum alert_state)clamp(sqlite3_column_int64(s, 5), ALERT_NO_DATA);
    al->text = store_column_text(s, 14, a);
    return al->rule == NULL || al->scope == NULL || al->text == NULL ? ERR_NOMEM : ERR_OK;
}

enum err store_alerts(struct store *st, int64_t cursor_ms, struct arena *a, struct alert **ret, size_t *ret_count, struct errctx *ctx)
{
    const struct store_val v[] = {store_int(cursor_ms)};
    return store_list(st, STMT_ALERT_LATEST, v, 1, sizeof **ret, alert_row, a, (void **)ret, ret_count, ctx);
}

enum err store_alert_history(struct store *st, int64_t t0_ms, int64_t t1_ms, int64_t cursor_ms, struct arena *a, struct alert **ret,
                             size_t *ret_count, struct errctx *ctx)
{
    const struct store_val v[] = {store_int(cursor_ms), store_int(t0_ms), store_int(t1_ms)};
    return store_list(st, STMT_ALERT_HISTORY, v, 3, sizeof **ret, alert_row, a, (void **)ret, ret_count, ctx);
}

enum err store_put_incident(struct store *st, const struct incident *in, int64_t *ret_id, struct errctx *ctx)
{
    int64_t id = in->id == 0 ? st->next_incident : in->id;
    const struct store_val v[] = {store_int(id),
                                  store_text(in->title),
                                  store_text(in->scope),
                                  store_int(in->severity),
                                  store_int(in->state),
                                  store_int(in->onset_ms),
                                  store_int(in->opened_ms),
                                  store_int(in->resolved_ms),
                                  store_int(in->known_ms),
                                  store_text(in->owner),
                                  store_text("") /* next_step: what operators write are acts */,
                                  store_int(in->ended_ms),
                                  store_int(in->ended_error_ms),
                                  store_int(in->onset_error_ms),
                                  store_int(in->parent)};
    enum err e = store_fact(st, STMT_INCIDENT_PUT, v, 15, ctx);

    if (e != ERR_OK)
        return e;
    if (id >= st->next_incident)
        st->next_incident = id + 1;
    if (ret_id != NULL)
        *ret_id = id;
    return ERR_OK;
}

static enum err incident_row(sqlite3_stmt *s, struct arena *a, void *ret)
{
    struct incident *in = ret;

    *in = (struct incident){.id = sqlite3_column_int64(s, 0),
                            .onset_ms = sqlite3_column_int64(s, 5),
                            .opened_ms = sqlite3_column_int64(s, 6),
                            .resolved_ms = sqlite3_column_int64(s, 7),
                            .known_ms = sqlite3_column_int64(s, 8),
                            .ended_ms = sqlite3_column_int64(s, 10),
                            .ended_error_ms = sqlite3_column_int64(s, 11),
                            .onset_error_ms = sqlite3_column_int64(s, 12),
                            .parent = sqlite3_column_int64(s, 13)};
    in->title = store_column_text(s, 1, a);
    in->scope = store_column_text(s, 2, a);
    in->severity = (enum severity)clamp(sqlite3_column_int64(s, 3), SEV_PAGE);
    in->worst = (enum severity)clamp(sqlite3_column_int64(s, 14), SEV_PAGE);
    in->state = (enum incident_state)clamp(sqlite3_column_int64(s, 4), INCIDENT_RESOLVED);
    in->owner = store_column_text(s, 9, a);
    return in->title == NULL || in->scope == NULL || in->owner == NULL ? ERR_NOMEM : ERR_OK;
}

enum err store_incidents(struct store *st, int64_t cursor_ms, struct arena *a, struct incident **ret, size_t *ret_count, struct errctx *ctx)
{
    const struct store_val v[] = {store_int(cursor_ms)};
    return store_list(st, STMT_INCIDENT_LIST, v, 1, sizeof **ret, incident_row, a, (void **)ret, ret_count, ctx);
}

enum err store_put_timeline(struct store *st, const char *key, const struct timeline_entry *e, struct errctx *ctx)
{
    const struct store_val v[] = {store_text(key),      store_int(e->incident), store_int(e->at_ms),  store_int(e->known_ms),
                                  store_int(e->letter), store_text(e->text),    store_text(e->source)};
    return store_fact(st, STMT_TIMELINE_PUT, v, 7, ctx);
}

static enum err timeline_row(sqlite3_stmt *s, struct arena *a, void *ret)
{
    struct timeline_entry *e = ret;
    int64_t letter = sqlite3_column_int64(s, 4);

    *e = (struct timeline_entry){.id = sqlite3_column_int64(s, 0),
                                 .incident = sqlite3_column_int64(s, 1),
                                 .at_ms = sqlite3_column_int64(s, 2),
                                 .known_ms = sqlite3_column_int64(s, 3),
                                 .letter = letter > ' ' && letter < 127 ? (char)letter : '?'};
    e->text = store_column_text(s, 5, a);
    e->source = store_column_text(s, 6, a);
    return e->text == NULL || e->source == NULL ? ERR_NOMEM : ERR_OK;
}

enum err store_timeline(struct store *st, int64_t incident, int64_t cursor_ms, struct arena *a, struct timeline_entry **ret,
                        size_t *ret_count, struct errctx *ctx)
{
    const struct store_val v[] = {store_int(incident), store_int(cursor_ms)};
    return store_list(st, STMT_TIMELINE_LIST, v, 2, sizeof **ret, timeline_row, a, (void **)ret, ret_count, ctx);
}
