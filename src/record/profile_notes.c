/* SPDX-License-Identifier: MIT */
#include "record/profile_notes.h"

#include <string.h>

#include "base/json.h"

enum { NOTES_MAX_BYTES = 1 << 20 };

/* Whether a metric before i says the same of its signal. */
static bool is_said(const struct profile *p, size_t i)
{
    const struct profile_metric *m = &p->metrics[i];
    for (size_t k = 0; k < i; k++)
        if (p->metrics[k].signal == m->signal && p->metrics[k].note != NULL && strcmp(p->metrics[k].note, m->note) == 0)
            return true;
    return false;
}

/* The words on one signal, each once; "" when there are none. */
static enum err words_of(const struct profile *p, enum signal s, struct buf *b)
{
    buf_reset(b);
    for (size_t i = 0; i < p->metric_count; i++) {
        const struct profile_metric *m = &p->metrics[i];
        if (m->signal != s || m->note == NULL || is_said(p, i))
            continue;
        enum err e = buf_printf(b, "%s%s", b->len > 0 ? "; " : "", m->note);
        if (e != ERR_OK)
            return e;
    }
    return ERR_OK;
}

static enum err put_profile(const struct profile *p, struct json *w, struct buf *words)
{
    json_object(w, p->name);
    for (int s = 0; s < SIG_COUNT; s++) {
        if (signal_info((enum signal)s)->kind != KIND_HISTOGRAM)
            continue;
        enum err e = words_of(p, (enum signal)s, words);
        if (e != ERR_OK)
            return e;
        if (words->len > 0)
            json_string(w, signal_info((enum signal)s)->name, words->data);
    }
    json_end(w);
    return ERR_OK;
}

enum err profile_notes_put(struct store *st, const struct profiles *ps, int64_t now_ms, struct errctx *ctx)
{
    struct buf text, words;
    struct json w;
    struct arena a;
    struct str old;
    enum err e = ERR_OK;

    buf_init(&text, NOTES_MAX_BYTES);
    buf_init(&words, NOTES_MAX_BYTES);
    arena_init(&a, 2 * NOTES_MAX_BYTES);
    json_begin(&w, &text, false);
    json_object(&w, NULL);
    for (size_t i = 0; i < ps->count && e == ERR_OK; i++)
        e = put_profile(&ps->list[i], &w, &words);
    json_end(&w);
    e = e == ERR_OK ? w.err : e;
    if (e != ERR_OK)
        (void)errctx_set(ctx, e, "out of memory while writing down what profiles say");
    else if (store_note(st, "profile_notes", INT64_MAX, &a, &old) != ERR_OK || !str_eq(old, buf_str(&text)))
        e = store_put_note(st, "profile_notes", now_ms, buf_str(&text), ctx);
    arena_fini(&a);
    buf_fini(&words);
    buf_fini(&text);
    return e;
}
