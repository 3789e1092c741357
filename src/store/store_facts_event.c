/* SPDX-License-Identifier: MIT */
/* Events, authorities and notes. */
#include "store/store_internal.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"

/* A line per stage: "SOURCE SIGNAL STAGE". */
static const char kept_stages_note[] = "kept_stages";
/* Of a source, by its id: "MS SIGNAL MS SIGNAL"; an instant goes for all signals up to the next. */
static const char odd_buckets_note[] = "odd_buckets/%u";
enum { KEPT_STAGES_BYTES_MAX = 4 << 20 };

enum err store_put_event(struct store *st, const char *key, const struct event *e, struct errctx *ctx)
{
    const struct store_val v[] = {store_text(key),      store_int(e->at_ms), store_int(e->known_ms), store_int(e->kind),
                                  store_text(e->scope), store_text(e->text), store_text(e->source)};
    return store_fact(st, STMT_EVENT_PUT, v, 7, ctx);
}

static enum err event_row(sqlite3_stmt *s, struct arena *a, void *ret)
{
    struct event *e = ret;
    int64_t kind = sqlite3_column_int64(s, 3);

    *e = (struct event){.id = sqlite3_column_int64(s, 0), .at_ms = sqlite3_column_int64(s, 1), .known_ms = sqlite3_column_int64(s, 2)};
    e->kind = kind >= 0 && kind < EVENT_KIND_COUNT ? (enum event_kind)kind : EVENT_MARK;
    e->scope = store_column_text(s, 4, a);
    e->text = store_column_text(s, 5, a);
    e->source = store_column_text(s, 6, a);
    e->key = store_column_text(s, 7, a);
    return e->scope == NULL || e->text == NULL || e->source == NULL || e->key == NULL ? ERR_NOMEM : ERR_OK;
}

enum err store_events(struct store *st, int64_t t0_ms, int64_t t1_ms, int64_t cursor_ms, struct arena *a, struct event **ret,
                      size_t *ret_count, struct errctx *ctx)
{
    const struct store_val v[] = {store_int(t0_ms), store_int(t1_ms), store_int(cursor_ms)};
    return store_list(st, STMT_EVENT_LIST, v, 3, sizeof **ret, event_row, a, (void **)ret, ret_count, ctx);
}

enum err store_put_authority(struct store *st, const struct store_authority *a, struct errctx *ctx)
{
    const struct store_val v[] = {store_int(a->source), store_int((int64_t)a->kept), store_int((int64_t)a->unresolved)};
    return store_fact(st, STMT_AUTHORITY_PUT, v, 3, ctx);
}

static enum err authority_row(sqlite3_stmt *s, struct arena *a, void *ret)
{
    struct store_authority *r = ret;

    (void)a;
    *r = (struct store_authority){.source = (uint32_t)sqlite3_column_int64(s, 0),
                                  .kept = (uint64_t)sqlite3_column_int64(s, 1),
                                  .unresolved = (uint64_t)sqlite3_column_int64(s, 2)};
    return ERR_OK;
}

enum err store_authorities(struct store *st, struct arena *a, struct store_authority **ret, size_t *ret_count, struct errctx *ctx)
{
    return store_list(st, STMT_AUTHORITY_LIST, NULL, 0, sizeof **ret, authority_row, a, (void **)ret, ret_count, ctx);
}

struct store_authority store_authority_of(const struct store_authority *list, size_t count, uint32_t source)
{
    size_t lo = 0, hi = count;

    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        if (list[mid].source < source)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo < count && list[lo].source == source ? list[lo] : (struct store_authority){.source = source};
}

enum err store_put_note(struct store *st, const char *name, int64_t known_ms, struct str value, struct errctx *ctx)
{
    const struct store_val v[] = {store_text(name), store_int(known_ms), store_blob(value.p, value.n)};
    enum err e = store_fact(st, STMT_NOTE_PUT, v, 3, ctx);

    return e == ERR_OK ? store_fact(st, STMT_NOTE_TRIM, v, 1, ctx) : e;
}

enum err store_note(struct store *st, const char *name, int64_t cursor_ms, struct arena *a, struct str *ret)
{
    const struct store_val v[] = {store_text(name), store_int(cursor_ms)};
    sqlite3_stmt *s = store_stmt(st, STMT_NOTE_GET);
    bool row = false;

    if (s == NULL)
        return store_sql_error(st, sqlite3_extended_errcode(st->db), NULL, "read a note");
    store_bind(s, v, 2);
    enum err e = store_step(st, s, &row, NULL);
    if (e != ERR_OK || !row)
        return e != ERR_OK ? e : ERR_NOTFOUND;
    const void *p = sqlite3_column_blob(s, 0);
    struct str value = {.p = p == NULL ? "" : p, .n = (size_t)sqlite3_column_bytes(s, 0)};
    char *copy = arena_strdup(a, value);
    sqlite3_reset(s);
    if (copy == NULL)
        return ERR_NOMEM;
    *ret = (struct str){.p = copy, .n = value.n};
    return ERR_OK;
}

/* ---- rulings by stage ---- */

enum err store_put_kept_stages(struct store *st, int64_t known_ms, const struct store_stage *list, size_t count, struct errctx *ctx)
{
    struct buf text;
    enum err e = ERR_OK;

    buf_init(&text, KEPT_STAGES_BYTES_MAX);
    for (size_t i = 0; e == ERR_OK && i < count; i++)
        e = buf_printf(&text, "%u %s %s\n", list[i].source, signal_info(list[i].signal)->name,
                       intern_text(store_strings(st), list[i].stage));
    e = e == ERR_OK ? store_put_note(st, kept_stages_note, known_ms, buf_str(&text), ctx)
                    : errctx_set(ctx, e, "too many stages to rule on: more than %d bytes of names", KEPT_STAGES_BYTES_MAX);
    buf_fini(&text);
    return e;
}

/* False for a line that says nothing to this version, or of a stage that nobody has told. */
static bool read_stage(const struct store *st, struct str line, struct store_stage *ret)
{
    const char *end = line.p + line.n, *signal = memchr(line.p, ' ', line.n);
    const char *stage = signal != NULL ? memchr(signal + 1, ' ', (size_t)(end - signal - 1)) : NULL;

    if (stage == NULL)
        return false;
    ret->source = (uint32_t)strtoul(line.p, NULL, 10);
    ret->stage = 0;
    return signal_by_name((struct str){signal + 1, (size_t)(stage - signal - 1)}, &ret->signal) &&
           (stage + 1 == end || intern_find(store_strings(st), (struct str){stage + 1, (size_t)(end - stage - 1)}, &ret->stage));
}

enum err store_kept_stages(struct store *st, struct arena *a, struct store_stage **ret, size_t *ret_count, struct errctx *ctx)
{
    struct str text = {"", 0};
    size_t lines = 0, n = 0;
    enum err e = store_note(st, kept_stages_note, INT64_MAX, a, &text);

    if (e != ERR_OK && e != ERR_NOTFOUND)
        return errctx_set(ctx, e, "cannot read which stages count");
    for (size_t i = 0; i < text.n; i++)
        lines += text.p[i] == '\n';
    struct store_stage *list = arena_array(a, lines + 1, sizeof *list);
    if (list == NULL)
        return errctx_set(ctx, ERR_NOMEM, "out of memory while reading which stages count");
    for (size_t k = 0; k < lines; k++) {
        const size_t length = (size_t)((const char *)memchr(text.p, '\n', text.n) - text.p);
        n += read_stage(st, (struct str){text.p, length}, &list[n]);
        text.p += length + 1;
        text.n -= length + 1;
    }
    *ret = list;
    *ret_count = n;
    return ERR_OK;
}

bool store_has_stage(const struct store_stage *list, size_t count, const struct series *s)
{
    for (size_t i = 0; i < count; i++)
        if (list[i].source == s->source && list[i].signal == (enum signal)s->signal && list[i].stage == s->dim[DIM_STAGE])
            return true;
    return false;
}

/* ---- buckets that contradict each other ---- */

enum err store_put_odd_buckets(struct store *st, uint32_t source, int64_t known_ms, const int64_t at_ms[SIG_COUNT], struct errctx *ctx)
{
    char name[64], text[SIG_COUNT * 64] = "";

    (void)str_format(name, sizeof name, odd_buckets_note, source);
    for (int i = 0; i < SIG_COUNT; i++) {
        const size_t used = strlen(text);
        if (at_ms[i] != 0)
            (void)str_format(text + used, sizeof text - used, "%s%lld %s", used > 0 ? " " : "", (long long)at_ms[i],
                             signal_info((enum signal)i)->name);
    }
    return store_put_note(st, name, known_ms, str_of(text), ctx);
}

enum err store_odd_buckets(struct store *st, uint32_t source, int64_t cursor_ms, struct arena *a, int64_t ret_at_ms[SIG_COUNT],
                           struct errctx *ctx)
{
    char name[64];
    struct str text = {"", 0};
    int64_t at_ms = 0;
    enum signal s;

    (void)str_format(name, sizeof name, odd_buckets_note, source);
    enum err e = store_note(st, name, cursor_ms, a, &text);
    if (e != ERR_OK && e != ERR_NOTFOUND)
        return errctx_set(ctx, e, "cannot read which buckets contradict each other");
    memset(ret_at_ms, 0, SIG_COUNT * sizeof *ret_at_ms);
    while (text.n > 0) {
        const char *blank = memchr(text.p, ' ', text.n);
        const struct str word = {text.p, blank != NULL ? (size_t)(blank - text.p) : text.n};
        text = (struct str){word.p + word.n + (blank != NULL), text.n - word.n - (blank != NULL)};
        if (!str_to_i64(word, &at_ms) && signal_by_name(word, &s))
            ret_at_ms[s] = at_ms;
    }
    return ERR_OK;
}
