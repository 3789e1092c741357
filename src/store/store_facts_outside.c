/* SPDX-License-Identifier: MIT */
/* Alerts of outside systems, as versions by when they became known. */
#include "store/store_internal.h"

enum err store_put_outside(struct store *st, const struct outside *o, struct errctx *ctx)
{
    const struct store_val v[] = {store_text(o->source),  store_text(o->fingerprint), store_int(o->known_ms),       store_text(o->rule),
                                  store_text(o->name),    store_text(o->scope),       store_text(o->labels),        store_int(o->severity),
                                  store_int(o->state),    store_int(o->since_ms),     store_int(o->starts_ms),      store_int(o->ends_ms),
                                  store_text(o->quiet),   store_text(o->quiet_by),    store_int(o->quiet_until_ms), store_text(o->acked_by),
                                  store_text(o->summary), store_text(o->runbook),     store_text(o->dashboard)};
    return store_fact(st, STMT_OUTSIDE_PUT, v, sizeof v / sizeof v[0], ctx);
}

enum err store_put_outside_state(struct store *st, const struct outside *o, enum outside_state state, int64_t known_ms, struct errctx *ctx)
{
    const struct store_val v[] = {store_text(o->source), store_text(o->fingerprint), store_int(known_ms), store_int(state)};
    return store_fact(st, STMT_OUTSIDE_STATE, v, 4, ctx);
}

static enum err outside_row(sqlite3_stmt *s, struct arena *a, void *ret)
{
    struct outside *o = ret;
    const int64_t severity = sqlite3_column_int64(s, 7), state = sqlite3_column_int64(s, 8);
    const char **const texts[] = {&o->source, &o->fingerprint, &o->rule,     &o->name,    &o->scope,   &o->labels,
                                  &o->quiet,  &o->quiet_by,    &o->acked_by, &o->summary, &o->runbook, &o->dashboard};
    static const int columns[] = {0, 1, 3, 4, 5, 6, 12, 13, 15, 16, 17, 18};

    /* a store of another's hand: what there is no word for is not known */
    *o = (struct outside){.known_ms = sqlite3_column_int64(s, 2),
                          .severity = severity >= 0 && severity <= SEV_PAGE ? (enum severity)severity : SEV_TICKET,
                          .state = state >= 0 && state <= OUTSIDE_UNKNOWN ? (enum outside_state)state : OUTSIDE_UNKNOWN,
                          .since_ms = sqlite3_column_int64(s, 9),
                          .starts_ms = sqlite3_column_int64(s, 10),
                          .ends_ms = sqlite3_column_int64(s, 11),
                          .quiet_until_ms = sqlite3_column_int64(s, 14),
                          .id = sqlite3_column_int64(s, 19)};
    for (size_t i = 0; i < sizeof columns / sizeof columns[0]; i++) {
        *texts[i] = store_column_text(s, columns[i], a);
        if (*texts[i] == NULL)
            return ERR_NOMEM;
    }
    return ERR_OK;
}

enum err store_outside(struct store *st, int64_t cursor_ms, int64_t over_ms, struct arena *a, struct outside **ret, size_t *ret_count,
                       struct errctx *ctx)
{
    const struct store_val v[] = {store_int(cursor_ms), store_int(over_ms)};
    return store_list(st, STMT_OUTSIDE_LATEST, v, 2, sizeof **ret, outside_row, a, (void **)ret, ret_count, ctx);
}

enum err store_outside_history(struct store *st, int64_t t0_ms, int64_t t1_ms, struct arena *a, struct outside **ret, size_t *ret_count,
                               struct errctx *ctx)
{
    const struct store_val v[] = {store_int(t0_ms), store_int(t1_ms)};
    return store_list(st, STMT_OUTSIDE_HISTORY, v, 2, sizeof **ret, outside_row, a, (void **)ret, ret_count, ctx);
}
