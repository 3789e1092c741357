/* SPDX-License-Identifier: MIT */
/* Retention of facts: who is under regulation says how long each kind of them is kept, and must be able to show what went by it.
 *
 * How this works: what is older than a kind's age, counted in whole days, is deleted some rows at a time. Each deletion puts an act by
 * "gwtop" into the audit chain, in the same transaction: how many of what, by which age. Of the chain itself only a beginning can go; its
 * record has the hash of the last act that went, from which the verification goes on (store_chain.c), so that retention and a removal by
 * hand are told apart. A chain that is not whole is evidence, and stays. */
#include "store/store_internal.h"

#include <string.h>

#include "base/str.h"
#include "base/timefmt.h"
#include "store/store_sha256.h"

enum { ROWS_PER_CALL = 2000, INCIDENTS_PER_CALL = 50 }; /* some milliseconds, as what retention deletes of chunks takes */

static const char author[] = "gwtop";

static enum err put_act(struct store *st, const char *key, const char *text, struct errctx *ctx)
{
    const int64_t now_ms = clock_wall_ms(&st->clock);
    const struct store_val v[] = {
        store_text(key), store_text(author), store_int(now_ms), store_int(now_ms), store_text(STORE_ACT_RETENTION),
        store_int(0),    store_text(text),   store_text("")};
    return store_run(st, STMT_ACT_PUT, v, sizeof v / sizeof *v, ctx);
}

enum err store_keep_record(struct store *st, const char *key, const char *text, struct errctx *ctx)
{
    enum err e = put_act(st, key, text, ctx);

    return e == ERR_OK ? store_chain_extend(st, 0, ctx) : e;
}

/* "events older than 400d: 2,000 removed, those before 2025-10-27T00:00:00Z" */
static enum err record(struct store *st, enum store_fact_kind kind, int64_t floor_ms, int64_t rows, struct errctx *ctx)
{
    static const char *const names[STORE_FACTS] = {
        [STORE_EVENTS] = "events", [STORE_ALERTS] = "alerts", [STORE_INCIDENTS] = "incidents", [STORE_NOTES] = "notes"};
    char key[64], text[160], age[TIMEFMT_MAX], before[TIMEFMT_MAX];
    int64_t next = 0;

    duration_format(st->opt.keep_facts_ms[kind], age);
    instant_format_iso(floor_ms, before);
    enum err e = store_get_int(st, STMT_ACT_NEXT, NULL, 0, 1, &next, ctx);
    (void)str_format(key, sizeof key, "retention-%s-%lld", names[kind], (long long)next); /* no act has that id yet */
    (void)str_format(text, sizeof text, "%s older than %s: %lld removed, of before %s", names[kind], age, (long long)rows, before);
    return e == ERR_OK ? store_keep_record(st, key, text, ctx) : e;
}

static enum err remove_rows(struct store *st, enum store_stmt stmt, int64_t floor_ms, int64_t *ret_rows, bool *ret_more, struct errctx *ctx)
{
    const struct store_val v[] = {store_int(floor_ms), store_int(ROWS_PER_CALL)};
    enum err e = store_run(st, stmt, v, 2, ctx);

    if (e != ERR_OK)
        return e;
    *ret_rows = sqlite3_changes64(st->db);
    *ret_more = *ret_rows == ROWS_PER_CALL;
    return ERR_OK;
}

/* Of gwtop's own rules, and of outside systems. */
static enum err remove_alerts(struct store *st, int64_t floor_ms, int64_t *ret_rows, bool *ret_more, struct errctx *ctx)
{
    int64_t own = 0, outside = 0;
    bool more_own = false, more_outside = false;
    enum err e = remove_rows(st, STMT_ALERT_OLD, floor_ms, &own, &more_own, ctx);

    if (e == ERR_OK)
        e = remove_rows(st, STMT_OUTSIDE_OLD, floor_ms, &outside, &more_outside, ctx);
    *ret_rows = own + outside;
    *ret_more = more_own || more_outside;
    return e;
}

static enum err remove_incidents(struct store *st, int64_t floor_ms, int64_t *ret_rows, bool *ret_more, struct errctx *ctx)
{
    int64_t id = 0;
    enum err e = ERR_OK;

    for (*ret_rows = 0; *ret_rows < INCIDENTS_PER_CALL; ++*ret_rows) {
        e = store_get_int(st, STMT_INCIDENT_OLD, (const struct store_val[]){store_int(floor_ms)}, 1, 0, &id, ctx);
        if (e != ERR_OK || id == 0)
            return e;
        const struct store_val v[] = {store_int(id)};
        e = store_run(st, STMT_TIMELINE_DELETE, v, 1, ctx);
        if (e == ERR_OK)
            e = store_run(st, STMT_INCIDENT_DELETE, v, 1, ctx);
        if (e != ERR_OK)
            return e;
    }
    *ret_more = true;
    return ERR_OK;
}

/* Up to which act all are old, at most some of them; 0 = there is none. */
static enum err last_old_act(struct store *st, int64_t floor_ms, int64_t *ret, bool *ret_more, struct errctx *ctx)
{
    int64_t first = 0, stays = 0, next = 0;
    enum err e = store_get_int(st, STMT_ACT_FIRST, NULL, 0, 0, &first, ctx);

    if (e == ERR_OK)
        e = store_get_int(st, STMT_ACT_STAYS, (const struct store_val[]){store_int(floor_ms)}, 1, 0, &stays, ctx);
    if (e == ERR_OK)
        e = store_get_int(st, STMT_ACT_NEXT, NULL, 0, 1, &next, ctx);
    if (e != ERR_OK)
        return e;
    const int64_t end = stays != 0 ? stays : next, most = first + ROWS_PER_CALL;
    *ret_more = most < end;
    *ret = first == 0 || end <= first ? 0 : (*ret_more ? most : end) - 1;
    return ERR_OK;
}

/* The beginning of the chain, where all of it is whole. */
static enum err remove_acts(struct store *st, int64_t floor_ms, int64_t *ret_rows, bool *ret_more, struct errctx *ctx)
{
    char key[64], text[256], age[TIMEFMT_MAX];
    struct store_chain chain;
    int64_t last = 0;
    enum err e = last_old_act(st, floor_ms, &last, ret_more, ctx);

    if (e != ERR_OK || last == 0)
        return e;
    e = store_chain_head_at(st, 0, &chain, ctx);
    const bool whole = e == ERR_OK && chain.word == STORE_CHAIN_WHOLE;
    if (e == ERR_OK)
        e = store_chain_head_at(st, last, &chain, ctx);
    if (e != ERR_OK || !whole || chain.head_id != last) { /* changed by another's hand, or not hashed */
        *ret_more = false;
        return e;
    }
    duration_format(st->opt.keep_facts_ms[STORE_ACTS], age);
    (void)str_format(key, sizeof key, STORE_CHAIN_CUT_KEY "%lld", (long long)last);
    (void)str_format(text, sizeof text, "acts older than %s: those up to %lld removed, of which the last has the hash %s", age,
                     (long long)last, chain.head);
    e = put_act(st, key, text, ctx); /* first: the next id is one more than the highest that there is */
    if (e == ERR_OK)
        e = store_run(st, STMT_ACT_DELETE, (const struct store_val[]){store_int(last)}, 1, ctx);
    if (e == ERR_OK)
        e = store_chain_extend(st, sqlite3_last_insert_rowid(st->db), ctx); /* which begins where that says */
    *ret_rows = last;
    return e;
}

static enum err remove_old(struct store *st, enum store_fact_kind kind, int64_t floor_ms, bool *ret_more, struct errctx *ctx)
{
    int64_t rows = 0;
    enum err e = ERR_UNSUPPORTED;

    switch (kind) {
    case STORE_EVENTS: e = remove_rows(st, STMT_EVENT_OLD, floor_ms, &rows, ret_more, ctx); break;
    case STORE_ALERTS: e = remove_alerts(st, floor_ms, &rows, ret_more, ctx); break;
    case STORE_NOTES: e = remove_rows(st, STMT_NOTE_OLD, floor_ms, &rows, ret_more, ctx); break;
    case STORE_INCIDENTS: e = remove_incidents(st, floor_ms, &rows, ret_more, ctx); break;
    case STORE_ACTS: return remove_acts(st, floor_ms, &rows, ret_more, ctx); /* its record is another */
    case STORE_FACTS: break;
    }
    return e == ERR_OK && rows > 0 ? record(st, kind, floor_ms, rows, ctx) : e;
}

enum err store_keep_facts(struct store *st, int64_t now_ms, bool *ret_more, struct errctx *ctx)
{
    *ret_more = false;
    for (int k = 0; k < STORE_FACTS; k++) {
        const int64_t keep = st->opt.keep_facts_ms[k], floor = keep > 0 ? instant_floor(now_ms - keep, STORE_1D_MS) : 0;
        bool more = false;
        if (floor <= st->fact_floor_ms[k] || st->ring)
            continue;
        enum err e = store_txn_begin(st, ctx);
        if (e == ERR_OK)
            e = remove_old(st, (enum store_fact_kind)k, floor, &more, ctx);
        if (e == ERR_OK)
            e = store_txn_commit(st, ctx);
        if (e != ERR_OK) {
            store_txn_rollback(st);
            return e;
        }
        if (!more)
            st->fact_floor_ms[k] = floor;
        *ret_more = *ret_more || more;
    }
    return ERR_OK;
}
