/* SPDX-License-Identifier: MIT */
/* Sources, what became of their polls, and their gaps.
 *
 * How this works: every poll has a status, and writing it into a table of its own would dirty a page per poll. So a status is a head row
 * of shard 0, beside the poll's samples in the same page; table status keeps those that changed something (state, reason, HTTP code),
 * which is what "as known at the cursor" needs. */
#include "store/store_internal.h"

#include <stdlib.h>
#include <string.h>

#include "base/varint.h"
#include "store/store_export.h"
#include "store/store_mask.h"

enum {
    STATUS_FORMAT = 1,
    STATUS_TEXT_MAX = 1024,
    STATUS_FIELDS = 15,
    LACK_FIELDS = 4,
    LATER_FIELDS = 3, /* watching_signals, slow_ms, frozen_since_ms */
    RATE_WINDOW_MS = 15 * 60 * 1000,
    STALE_INTERVALS = 3
};

/* ---- the form of a status ---- */

static enum err put(struct buf *out, int64_t v)
{
    uint8_t tmp[VARINT_MAX];

    return buf_append(out, tmp, varint_put(tmp, zigzag(v)));
}

static enum err put_text(struct buf *out, const char *z)
{
    size_t n = z == NULL ? 0 : strlen(z);

    if (n > STATUS_TEXT_MAX)
        n = STATUS_TEXT_MAX;
    while (n > 0 && n == STATUS_TEXT_MAX && ((unsigned char)z[n] & 0xc0) == 0x80)
        n--; /* never half a rune */
    enum err e = put(out, (int64_t)n);
    return e == ERR_OK ? buf_append(out, z, n) : e;
}

enum { DOUBT_NONE, DOUBT_SAWTOOTH, DOUBT_WATCHING };

/* A sawtooth, and one that is watched, is written as "ok" with a flag, and an answer in part as "ok" with what it lacks, behind the texts.
 * Behind that is what later versions added. */
static enum err status_encode(const struct source_status *s, struct buf *out)
{
    const bool answers = s->state == SOURCE_SAWTOOTH || s->state == SOURCE_PARTIAL || s->state == SOURCE_WATCHING;
    const int64_t fields[STATUS_FIELDS] = {answers ? SOURCE_OK : s->state,
                                           s->last_ok_ms,
                                           s->last_try_ms,
                                           s->http_status,
                                           s->bytes,
                                           s->duration_ms,
                                           s->series_seen,
                                           s->series_kept,
                                           s->series_dropped,
                                           s->families_unknown,
                                           s->warnings,
                                           s->sawtooth_since_ms != 0   ? DOUBT_SAWTOOTH
                                           : s->watching_since_ms != 0 ? DOUBT_WATCHING
                                                                       : DOUBT_NONE,
                                           s->cert_expiry_ms,
                                           s->interval_ms,
                                           s->sawtooth_since_ms != 0 ? s->sawtooth_since_ms : s->watching_since_ms};
    enum err e = buf_append_char(out, STATUS_FORMAT);

    for (int i = 0; e == ERR_OK && i < STATUS_FIELDS; i++)
        e = put(out, fields[i]);
    if (e == ERR_OK)
        e = put_text(out, s->reason);
    if (e == ERR_OK)
        e = put_text(out, s->warning);
    const int64_t lack[LACK_FIELDS] = {s->lack.since_ms, (int64_t)s->lack.part, (int64_t)s->lack.family, (int64_t)s->lack.all};
    const int64_t later[LATER_FIELDS] = {(int64_t)s->watching_signals, s->slow_ms, s->frozen_since_ms};
    const bool more = s->watching_signals != 0 || s->slow_ms != 0 || s->frozen_since_ms != 0, lacks = s->lack.since_ms != 0 || more;
    for (int i = 0; e == ERR_OK && lacks && i < LACK_FIELDS; i++)
        e = put(out, lack[i]);
    if (e == ERR_OK && lacks)
        e = put_text(out, s->lack.since_ms != 0 ? s->lack.metrics : "");
    for (int i = 0; e == ERR_OK && more && i < LATER_FIELDS; i++)
        e = put(out, later[i]);
    return e;
}

static bool get(const uint8_t **pp, const uint8_t *end, int64_t *ret)
{
    uint64_t v;

    if (!varint_get(pp, end, &v))
        return false;
    *ret = unzigzag(v);
    return true;
}

static enum err get_text(const uint8_t **pp, const uint8_t *end, struct arena *a, const char **ret)
{
    int64_t n;

    if (!get(pp, end, &n) || n < 0 || n > STATUS_TEXT_MAX || n > end - *pp)
        return ERR_CORRUPT;
    *ret = arena_strdup(a, (struct str){.p = (const char *)*pp, .n = (size_t)n});
    *pp += n;
    return *ret != NULL ? ERR_OK : ERR_NOMEM;
}

static uint32_t to_u32(int64_t v)
{
    return v < 0 ? 0 : v > UINT32_MAX ? UINT32_MAX : (uint32_t)v;
}

/* ERR_CORRUPT for bytes that are no status (a damaged file): the source then counts as never heard of. ERR_NOMEM. */
static enum err status_decode(const uint8_t *p, size_t n, struct arena *a, struct source_status *ret)
{
    const uint8_t *end = p + n;
    int64_t f[STATUS_FIELDS];
    struct source_status s = *ret;

    if (n == 0 || *p++ != STATUS_FORMAT)
        return ERR_CORRUPT;
    for (int i = 0; i < STATUS_FIELDS; i++)
        if (!get(&p, end, &f[i]))
            return ERR_CORRUPT;
    if (f[0] < SOURCE_NEVER || f[0] > SOURCE_STOPPED)
        return ERR_CORRUPT;
    enum err e = get_text(&p, end, a, &s.reason);
    if (e == ERR_OK)
        e = get_text(&p, end, a, &s.warning);
    if (e != ERR_OK)
        return e;
    int64_t lack[LACK_FIELDS] = {0};
    for (int i = 0; p < end && i < LACK_FIELDS; i++)
        if (!get(&p, end, &lack[i]))
            return ERR_CORRUPT;
    s.lack = (struct source_lack){lack[0], (uint64_t)lack[1], (uint64_t)lack[2], (uint64_t)lack[3], ""};
    if (p < end && (e = get_text(&p, end, a, &s.lack.metrics)) != ERR_OK)
        return e;
    int64_t later[LATER_FIELDS] = {0};
    for (int i = 0; p < end && i < LATER_FIELDS; i++)
        if (!get(&p, end, &later[i]))
            return ERR_CORRUPT;
    s.slow_ms = later[1] > 0 ? later[1] : 0;
    s.frozen_since_ms = later[2] > 0 ? later[2] : 0;
    s.state = (enum source_state)f[0];
    if (s.lack.since_ms != 0 && s.state == SOURCE_OK)
        s.state = SOURCE_PARTIAL;
    s.last_ok_ms = f[1];
    s.last_try_ms = f[2];
    s.http_status = (int32_t)to_u32(f[3]);
    s.bytes = f[4];
    s.duration_ms = f[5];
    s.series_seen = to_u32(f[6]);
    s.series_kept = to_u32(f[7]);
    s.series_dropped = to_u32(f[8]);
    s.families_unknown = to_u32(f[9]);
    s.warnings = to_u32(f[10]);
    if (f[11] == DOUBT_WATCHING) {
        s.watching_since_ms = f[14];
        s.watching_signals = (uint64_t)later[0];
        s.state = s.state == SOURCE_OK ? SOURCE_WATCHING : s.state;
    } else if (f[11] != DOUBT_NONE) {
        s.sawtooth_since_ms = f[14] != 0 ? f[14] : s.last_ok_ms;
        s.state = s.state == SOURCE_OK || s.state == SOURCE_PARTIAL ? SOURCE_SAWTOOTH : s.state;
    }
    s.cert_expiry_ms = f[12];
    *ret = s;
    return ERR_OK;
}

/* ---- the table of sources ---- */

static struct store_source *source_at(struct store *st, uint32_t id)
{
    return id >= 1 && id <= st->source_count ? &st->sources[id - 1] : NULL;
}

static enum err set_source(struct store *st, uint32_t id, const char *name, int64_t interval_ms)
{
    if (id > st->source_cap) {
        uint32_t cap = st->source_cap == 0 ? 32 : st->source_cap;
        while (cap < id)
            cap *= 2;
        struct store_source *p = realloc(st->sources, cap * sizeof *p);
        if (p == NULL)
            return ERR_NOMEM;
        memset(p + st->source_cap, 0, (cap - st->source_cap) * sizeof *p);
        st->sources = p;
        st->source_cap = cap;
    }
    struct store_source *src = &st->sources[id - 1];
    if (src->name == NULL) {
        size_t n = strlen(name) + 1;
        src->name = malloc(n);
        if (src->name == NULL)
            return ERR_NOMEM;
        memcpy(src->name, name, n);
    }
    src->interval_ms = interval_ms;
    if (id > st->source_count)
        st->source_count = id;
    return ERR_OK;
}

enum err store_sources_refresh(struct store *st, struct errctx *ctx)
{
    sqlite3_stmt *s = store_stmt(st, STMT_SOURCE_LIST);
    enum err e = ERR_OK;
    bool row = true;

    if (s == NULL)
        return store_sql_error(st, sqlite3_extended_errcode(st->db), ctx, "read the sources");
    while (e == ERR_OK) {
        e = store_step(st, s, &row, ctx);
        if (e != ERR_OK || !row)
            break;
        int64_t id = sqlite3_column_int64(s, 0);
        const char *name = (const char *)sqlite3_column_text(s, 1);
        if (id >= 1 && id < UINT16_MAX)
            e = set_source(st, (uint32_t)id, name == NULL ? "" : name, sqlite3_column_int64(s, 6));
    }
    sqlite3_reset(s);
    return e;
}

enum err store_sources_take(struct store *st, const struct store *from)
{
    enum err e = ERR_OK;

    for (uint32_t i = st->source_count; e == ERR_OK && i < from->source_count; i++)
        e = set_source(st, i + 1, from->sources[i].name == NULL ? "" : from->sources[i].name, from->sources[i].interval_ms);
    return e;
}

enum err store_put_source(struct store *st, const struct source_status *s, uint32_t *ret_id, struct errctx *ctx)
{
    uint32_t id = st->source_count + 1;

    for (uint32_t i = 0; i < st->source_count; i++)
        if (st->sources[i].name != NULL && strcmp(st->sources[i].name, s->name) == 0)
            id = i + 1;
    if (id >= UINT16_MAX)
        return errctx_set(ctx, ERR_LIMIT, "the store already holds %d sources", UINT16_MAX);
    const struct store_val v[] = {store_int(id),          store_text(s->name),    store_text(s->kind),      store_text(s->url),
                                  store_text(s->gateway), store_text(s->profile), store_int(s->interval_ms)};
    enum err e = store_fact(st, STMT_SOURCE_PUT, v, 7, ctx);
    if (e == ERR_OK)
        e = set_source(st, id, s->name, s->interval_ms);
    if (e == ERR_OK)
        *ret_id = id;
    return e;
}

/* ---- statuses ---- */

enum err store_status_apply(struct store *st, uint32_t source, int64_t at_ms, const void *data, size_t n)
{
    struct store_source *src = source_at(st, source);

    if (src == NULL || at_ms < src->at_ms)
        return ERR_OK;
    uint8_t *copy = malloc(n + 1);
    if (copy == NULL)
        return ERR_NOMEM;
    if (n > 0)
        memcpy(copy, data, n);
    free(src->status);
    src->status = copy;
    src->status_bytes = n;
    src->at_ms = at_ms;
    return ERR_OK;
}

/* Whether the new status says something that a reader at a past cursor must find. */
static bool is_change(const struct store_source *src, const struct source_status *now)
{
    struct arena a;
    struct source_status before = {.reason = ""};
    bool changed = true;

    arena_init(&a, 16384);
    if (src->at_ms != 0 && status_decode(src->status, src->status_bytes, &a, &before) == ERR_OK)
        changed = before.state != now->state || before.http_status != now->http_status ||
                  strcmp(before.reason, now->reason == NULL ? "" : now->reason) != 0;
    arena_fini(&a);
    return changed;
}

enum err store_put_status(struct store *st, int64_t at_ms, const struct source_status *s, struct errctx *ctx)
{
    struct store_source *src = source_at(st, s->id);
    struct buf row;

    if (!st->writer)
        return errctx_set(ctx, ERR_READONLY, "%s was opened for reading", st->path);
    if (src == NULL || at_ms <= 0)
        return errctx_set(ctx, ERR_USAGE, "a status names source %u at %lld, which the store does not have", s->id, (long long)at_ms);
    buf_init(&row, 3 * STATUS_TEXT_MAX + 256);
    enum err e = status_encode(s, &row);
    if (e == ERR_OK && is_change(src, s)) {
        const struct store_val v[] = {store_int(s->id), store_int(at_ms), store_blob(row.data, row.len)};
        e = store_fact(st, STMT_STATUS_PUT, v, 3, ctx);
    }
    if (e == ERR_OK)
        e = store_status_queue(st, s->id, at_ms, row.data, row.len);
    if (e == ERR_OK)
        e = store_status_apply(st, s->id, at_ms, row.data, row.len);
    buf_fini(&row);
    return e;
}

enum err store_status_keep(struct store *st, struct errctx *ctx)
{
    enum err e = ERR_OK;

    for (uint32_t i = 0; e == ERR_OK && i < st->source_count; i++) {
        struct store_source *src = &st->sources[i];
        if (src->at_ms == 0 || src->kept_ms == src->at_ms)
            continue;
        const struct store_val v[] = {store_int(i + 1), store_int(src->at_ms), store_blob(src->status, src->status_bytes)};
        e = store_run(st, STMT_STATUS_PUT, v, 3, ctx);
        if (e == ERR_OK)
            src->kept_ms = src->at_ms;
    }
    return e;
}

static enum err status_or_nothing(const uint8_t *p, size_t n, struct arena *a, struct source_status *ret, struct errctx *ctx)
{
    return status_decode(p, n, a, ret) == ERR_NOMEM ? errctx_set(ctx, ERR_NOMEM, "no room for the statuses of sources") : ERR_OK;
}

/* The status in force at the cursor: the latest one where the cursor is live, else the last change before it. */
static enum err status_at(struct store *st, uint32_t source, int64_t cursor_ms, struct arena *a, struct source_status *ret,
                          struct errctx *ctx)
{
    const struct store_source *src = source_at(st, source);
    const struct store_val v[] = {store_int(source), store_int(cursor_ms)};
    bool row = false;

    if (src->at_ms != 0 && src->at_ms <= cursor_ms)
        return status_or_nothing(src->status, src->status_bytes, a, ret, ctx);
    sqlite3_stmt *s = store_stmt(st, STMT_STATUS_AT);
    if (s == NULL)
        return store_sql_error(st, sqlite3_extended_errcode(st->db), ctx, "read the statuses");
    store_bind(s, v, 2);
    enum err e = store_step(st, s, &row, ctx);
    if (e == ERR_OK && row) {
        e = status_or_nothing(sqlite3_column_blob(s, 1), (size_t)sqlite3_column_bytes(s, 1), a, ret, ctx);
        sqlite3_reset(s);
    }
    return e;
}

/* The interval in force at the last polls: a history may have been recorded more slowly than today's setting. Of the last two spacings the
 * shorter one counts, so that the first poll after an outage does not stretch it. */
static int64_t interval_at(const int64_t *times, size_t count, int64_t configured_ms)
{
    if (count < 3)
        return configured_ms;
    int64_t a = times[count - 1] - times[count - 2], b = times[count - 2] - times[count - 3];
    int64_t spacing = a < b ? a : b;
    return spacing > configured_ms ? spacing : configured_ms;
}

/* Over the time since the first of them, less the holes in which nobody polled: a source that was added, or a recorder that was started,
 * two minutes ago has been asked for two minutes. What passed since a poll was due counts, so that the rate of a source that fell silent
 * falls. */
static double polls_per_s(const int64_t *times, size_t count, int64_t cursor_ms, int64_t configured_ms)
{
    const int64_t interval = interval_at(times, count, configured_ms);

    if (count == 0 || interval <= 0)
        return 0;
    int64_t overdue = cursor_ms - times[count - 1] - interval;
    int64_t covered = interval + (overdue > 0 ? overdue : 0);
    for (size_t i = 1; i < count; i++) {
        int64_t spacing = times[i] - times[i - 1];
        covered += spacing > STALE_INTERVALS * interval ? interval : spacing;
    }
    covered = covered < RATE_WINDOW_MS ? covered : RATE_WINDOW_MS;
    return (double)count / ((double)covered / 1000.0);
}

/* Up to when polls of a source were known at the cursor: what was read of a time afterwards is no sign that it answered then. */
static int64_t known_until(const struct store_late *late, size_t count, uint32_t source, int64_t cursor_ms)
{
    int64_t until = cursor_ms;

    for (size_t i = 0; i < count; i++)
        if (late[i].source == source && !late[i].part && late[i].t0_ms < until)
            until = late[i].t0_ms;
    return until;
}

/* What the polls themselves say that were known up to until_ms: the last one, and how many there were lately. */
static enum err add_polls(struct store *st, int64_t cursor_ms, int64_t until_ms, struct arena *a, struct source_status *s,
                          struct errctx *ctx)
{
    int64_t *times = NULL;
    size_t count = 0;
    int64_t last = 0;
    enum err e = store_last_poll(st, s->id, until_ms, &last, ctx);

    if (e == ERR_OK)
        e = store_polls(st, s->id, cursor_ms - RATE_WINDOW_MS, until_ms, SIZE_MAX, a, &times, &count, ctx);
    if (e != ERR_OK)
        return e;
    s->polls_per_s = polls_per_s(times, count, cursor_ms, s->interval_ms);
    if (s->last_ok_ms > until_ms || s->last_ok_ms < last)
        s->last_ok_ms = last;
    if (s->last_ok_ms != 0 && s->state == SOURCE_NEVER)
        s->state = s->lack.since_ms != 0       ? SOURCE_PARTIAL
                   : s->watching_since_ms != 0 ? SOURCE_WATCHING
                                               : SOURCE_OK; /* a recorder that has just begun goes on with what an earlier one told */
    const int64_t interval = interval_at(times, count, s->interval_ms), pace = s->slow_ms > interval ? s->slow_ms : interval;
    if ((s->state == SOURCE_OK || s->state == SOURCE_SAWTOOTH || s->state == SOURCE_PARTIAL || s->state == SOURCE_WATCHING) &&
        s->interval_ms > 0 && cursor_ms - s->last_ok_ms > STALE_INTERVALS * pace)
        s->state = SOURCE_STALE;
    return ERR_OK;
}

/* The rows of table source; their statuses are read after it is reset, for one statement runs at a time. */
static enum err list_sources(struct store *st, struct arena *a, struct source_status *list, size_t max, size_t *ret_count,
                             struct errctx *ctx)
{
    sqlite3_stmt *s = store_stmt(st, STMT_SOURCE_LIST);
    bool row = true;
    size_t n = 0;

    if (s == NULL)
        return store_sql_error(st, sqlite3_extended_errcode(st->db), ctx, "read the sources");
    while (n < max) {
        enum err e = store_step(st, s, &row, ctx);
        if (e != ERR_OK)
            return e;
        if (!row)
            break;
        struct source_status *x = &list[n];
        *x = (struct source_status){
            .id = (uint32_t)sqlite3_column_int64(s, 0), .interval_ms = sqlite3_column_int64(s, 6), .reason = "", .warning = ""};
        x->name = store_column_text(s, 1, a);
        x->kind = store_column_text(s, 2, a);
        x->url = store_column_text(s, 3, a);
        x->gateway = store_column_text(s, 4, a);
        x->profile = store_column_text(s, 5, a);
        if (x->name == NULL || x->kind == NULL || x->url == NULL || x->gateway == NULL || x->profile == NULL) {
            sqlite3_reset(s);
            return errctx_set(ctx, ERR_NOMEM, "no room for the sources");
        }
        if (source_at(st, x->id) != NULL && strcmp(x->kind, CANARY_SOURCE_KIND) != 0 && strcmp(x->kind, OWN_SOURCE_KIND) != 0)
            n++;
    }
    sqlite3_reset(s);
    *ret_count = n;
    return ERR_OK;
}

enum err store_sources(struct store *st, int64_t cursor_ms, struct arena *a, struct source_status **ret, size_t *ret_count,
                       struct errctx *ctx)
{
    size_t count = 0;
    enum err e = store_read_begin(st, ctx);

    if (e != ERR_OK)
        return e;
    e = store_sources_refresh(st, ctx);
    if (e == ERR_OK)
        e = store_headrows_refresh(st, ctx);
    struct source_status *list = arena_array(a, (size_t)st->source_count + 1, sizeof *list);
    struct store_late *late;
    size_t late_count = 0;
    if (e == ERR_OK && list == NULL)
        e = errctx_set(ctx, ERR_NOMEM, "no room for the sources");
    if (e == ERR_OK)
        e = store_late(st, cursor_ms, a, &late, &late_count, ctx);
    if (e == ERR_OK)
        e = list_sources(st, a, list, st->source_count, &count, ctx);
    for (size_t i = 0; e == ERR_OK && i < count; i++) {
        e = status_at(st, list[i].id, cursor_ms, a, &list[i], ctx);
        if (e == ERR_OK)
            e = add_polls(st, cursor_ms, known_until(late, late_count, list[i].id, cursor_ms), a, &list[i], ctx);
    }
    store_read_end(st);
    if (e != ERR_OK)
        return e;
    *ret = list;
    *ret_count = count;
    return ERR_OK;
}

int64_t store_wrote_ms(struct store *st)
{
    int64_t newest = 0;

    if (store_read_begin(st, NULL) == ERR_OK) {
        if (store_sources_refresh(st, NULL) == ERR_OK)
            (void)!store_headrows_refresh(st, NULL); /* else what is known already */
        store_read_end(st);
    }
    for (uint32_t i = 0; i < st->source_count; i++)
        newest = st->sources[i].at_ms > newest ? st->sources[i].at_ms : newest;
    return newest;
}

enum err store_status_mask(const struct store_mask *m, const void *data, size_t n, struct buf *out)
{
    struct source_status s = {.name = ""};
    struct arena a;
    const char **texts[] = {&s.reason, &s.warning, &s.lack.metrics};
    struct buf text;

    arena_init(&a, 64 * 1024);
    buf_init(&text, 4 * STATUS_TEXT_MAX);
    enum err e = status_decode(data, n, &a, &s);
    for (size_t i = 0; e == ERR_OK && i < sizeof texts / sizeof *texts; i++) {
        buf_reset(&text);
        e = store_mask_text(m, str_of(*texts[i]), &text);
        if (e == ERR_OK && (*texts[i] = arena_strdup(&a, buf_str(&text))) == NULL)
            e = ERR_NOMEM;
    }
    if (e == ERR_OK)
        e = status_encode(&s, out);
    buf_fini(&text);
    arena_fini(&a);
    return e;
}
