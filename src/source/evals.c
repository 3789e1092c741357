/* SPDX-License-Identifier: MIT */
#include "source/evals.h"

#include <string.h>

#include "base/hash.h"
#include "base/timefmt.h"
#include "model/score.h"

enum {
    PAGE_BYTES_MAX = 16 << 20, /* of texts that are not looked at, mostly */
    TREE_BYTES_MAX = 64 << 20,
    SLOT_PAGES_MAX = 10000 /* of a stretch that cannot be cut: a million scores in ten seconds are none */
};

enum err evals_init(struct evals *e, const struct config_source *cfg, const struct source_sink *sink, struct errctx *ctx)
{
    struct str url = str_of(cfg->url);
    *e = (struct evals){.cfg = cfg, .sink = sink};
    sweep_init(&e->sweep, cfg->revisit_ms);
    jsonbody_init(&e->body, cfg->max_body_bytes < PAGE_BYTES_MAX ? (size_t)cfg->max_body_bytes : PAGE_BYTES_MAX, TREE_BYTES_MAX);
    while (url.n > 0 && url.p[url.n - 1] == '/')
        url.n--;
    if (!str_copy(e->base_url, sizeof e->base_url, url))
        return errctx_set(ctx, ERR_CONFIG, "source %s: its URL is too long", cfg->name);
    return ERR_OK;
}

void evals_fini(struct evals *e)
{
    jsonbody_fini(&e->body);
}

/* ---- asking ---- */

static bool next_stretch(struct evals *e)
{
    int64_t mark_ms, floor_ms;
    e->sink->scores_span(e->sink->ctx, &mark_ms, &floor_ms);
    if (e->start_ms == 0) {
        if (mark_ms == 0)
            sweep_first(&e->sweep, e->end_ms);
        e->start_ms = e->end_ms - (e->cfg->backfill_ms > e->cfg->interval_ms ? e->cfg->backfill_ms : e->cfg->interval_ms);
        e->start_ms -= e->start_ms % SWEEP_SLOT_MS;
    }
    e->pages = 0;
    e->cursor[0] = '\0';
    e->fresh = sweep_next(&e->sweep, e->end_ms, mark_ms > 0 ? mark_ms : e->start_ms, floor_ms);
    return e->fresh;
}

bool evals_go_on(struct evals *e, int64_t now_ms)
{
    if (!e->polling) {
        e->over = false;
        e->poll_pages = 0;
        e->end_ms = now_ms - e->cfg->lag_ms;
    }
    e->fresh = false;
    e->polling = !e->over && e->poll_pages < SWEEP_POLL_PAGES && (e->sweep.reading != SWEEP_NOTHING || next_stretch(e));
    return e->polling;
}

void evals_no_request(struct evals *e)
{
    e->polling = false;
}

void evals_begin(struct evals *e)
{
    jsonbody_begin(&e->body);
}

enum err evals_feed(struct evals *e, const void *bytes, size_t n, struct errctx *ctx)
{
    return jsonbody_feed(&e->body, bytes, n, ctx);
}

/* ---- understanding ---- */

uint64_t evals_hash(const struct jsontree *array, const char *key)
{
    uint64_t h = 1;
    for (const struct jsontree *o = array->child; o != NULL; o = o->next) {
        const struct str text = jsonbody_text(o, key);
        h = hash_bytes(text.p, text.n, h);
    }
    return h;
}

bool evals_escape(struct str text, char *to, size_t cap)
{
    static const char hex[] = "0123456789ABCDEF";
    size_t n = 0, i = 0;
    for (; i < text.n && n + 4 < cap; i++) {
        const unsigned char c = (unsigned char)text.p[i];
        if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || (c != '\0' && strchr("-._~", c) != NULL)) {
            to[n++] = (char)c;
        } else {
            to[n++] = '%';
            to[n++] = hex[c >> 4];
            to[n++] = hex[c & 15];
        }
    }
    to[n] = '\0';
    return i == text.n;
}

enum err evals_read(struct evals *e, const char *array, const char *what, const struct jsontree **ret_root,
                    const struct jsontree **ret_array, struct errctx *ctx)
{
    const struct jsontree *root;
    enum err err = jsonbody_read(&e->body, what, &root, ctx);
    if (err != ERR_OK)
        return err;
    *ret_array = jsontree_get(root, array);
    *ret_root = root;
    if (*ret_array == NULL || (*ret_array)->kind != JSONTREE_ARRAY)
        return errctx_set(ctx, ERR_PARSE,
                          "it answers with JSON that is no list of %s: is this the base address, without a path of its API?", what);
    return ERR_OK;
}

/* Whether a page like this one came before, in a cycle of any length. */
static bool comes_round(struct evals *e, uint64_t hash)
{
    const bool again = e->pages > 1 && hash == e->seen;
    if ((e->pages & (e->pages - 1)) == 0) /* at 1, 2, 4, 8 ... */
        e->seen = hash;
    return again;
}

enum err evals_page(struct evals *e, struct str cursor, uint64_t hash, struct errctx *ctx)
{
    e->pages++;
    e->poll_pages++;
    if (cursor.n == 0) {
        const int64_t from_ms = e->sweep.from_ms, to_ms = e->sweep.to_ms;
        sweep_done(&e->sweep, e->end_ms, e->pages);
        return e->sink->scores_read(e->sink->ctx, from_ms, to_ms) ? ERR_OK : errctx_set(ctx, ERR_LIMIT, "scores were refused");
    }
    if (comes_round(e, hash) || e->pages >= SLOT_PAGES_MAX)
        return errctx_set(ctx, ERR_PARSE, "its pages never end: what it tells on page %u it told before", e->pages);
    if (!str_copy(e->cursor, sizeof e->cursor, cursor))
        return errctx_set(ctx, ERR_LIMIT, "its cursor is longer than %d bytes", EVALS_CURSOR_MAX - 1);
    if (e->pages >= SWEEP_PAGES_MAX)
        (void)sweep_cut(&e->sweep);
    return ERR_OK;
}

const char *evals_remark(struct evals *e)
{
    static const int64_t late_ms = 15 * 60000, hour_ms = 3600000;
    int64_t mark_ms, floor_ms;
    char day[TIMEFMT_MAX], at[TIMEFMT_MAX];
    e->sink->scores_span(e->sink->ctx, &mark_ms, &floor_ms);
    if (e->end_ms == 0 || e->end_ms - (mark_ms > 0 ? mark_ms : e->start_ms) <= late_ms)
        return NULL;
    const int64_t to_ms = instant_floor(mark_ms > 0 ? mark_ms : e->start_ms, hour_ms);
    instant_format_day(to_ms, day);
    instant_format_clock(to_ms, at);
    (void)str_format(e->remark, sizeof e->remark, SCORE_PAST_REMARK SCORE_PAST_UNTIL "%s %.5sZ" SCORE_PAST_END, day + 4, at);
    return e->remark;
}

void evals_give_up(struct evals *e)
{
    e->over = true;
    e->sweep.reading = SWEEP_NOTHING;
}
