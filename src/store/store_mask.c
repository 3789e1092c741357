/* SPDX-License-Identifier: MIT */
#define _DEFAULT_SOURCE /* getentropy beside _POSIX_C_SOURCE */
#include "store/store_mask.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/intern.h"
#include "model/act.h"
#include "store/store_sha256.h"

enum { MASK_ARENA_MAX = 256 << 20, SHOWN_BYTES = 4 };

static bool is_name(const char *text)
{
    return text[0] != '\0' && text[0] != '(' && strcmp(text, "other") != 0 && strcmp(text, "total") != 0;
}

/* ---- the list of names ---- */

struct names {
    struct store_mask *m;
    size_t cap;
};

static enum err add(struct names *n, const char *kind, const char *name)
{
    struct store_mask *m = n->m;
    struct store_sha256 s;
    uint8_t hash[STORE_SHA256_BYTES];

    if (!is_name(name))
        return ERR_OK;
    if (m->count == n->cap) {
        const size_t cap = n->cap == 0 ? 256 : 2 * n->cap;
        struct store_mask_name *list = arena_array(&m->arena, cap, sizeof *list);
        if (list == NULL)
            return ERR_NOMEM;
        if (m->count > 0)
            memcpy(list, m->names, m->count * sizeof *list);
        m->names = list;
        n->cap = cap;
    }
    store_sha256_init(&s);
    store_sha256_add(&s, m->salt, sizeof m->salt);
    store_sha256_add(&s, name, strlen(name));
    store_sha256_end(&s, hash);
    _Static_assert(SHOWN_BYTES == 4, "as many as are formatted");
    struct store_mask_name *to = &m->names[m->count];
    to->name = arena_strdup(&m->arena, str_of(name));
    to->shown =
        arena_printf(&m->arena, "%s-%02x%02x%02x%02x", kind, (unsigned)hash[0], (unsigned)hash[1], (unsigned)hash[2], (unsigned)hash[3]);
    if (to->name == NULL || to->shown == NULL)
        return ERR_NOMEM;
    m->count++;
    return ERR_OK;
}

static enum err add_of_series(struct names *n, const struct store *st)
{
    static const struct {
        enum dim dim;
        const char *kind;
    } dims[] = {{DIM_TEAM, "team"}, {DIM_KEY, "key"}};
    const uint32_t count = intern_count(st->dict.strings);
    const char **kinds = calloc(count + 1, sizeof *kinds); /* by the id of a string */
    enum err e = kinds != NULL ? ERR_OK : ERR_NOMEM;

    for (size_t i = 0; e == ERR_OK && i < st->dict.series_count; i++)
        for (size_t d = 0; d < sizeof dims / sizeof *dims; d++) {
            const uint32_t id = st->dict.series[i].dim[dims[d].dim];
            kinds[id] = id != 0 && kinds[id] == NULL ? dims[d].kind : kinds[id];
        }
    for (uint32_t id = 1; e == ERR_OK && id < count; id++)
        if (kinds[id] != NULL)
            e = add(n, kinds[id], intern_text(st->dict.strings, id));
    free(kinds);
    return e;
}

static enum err add_of_acts(struct names *n, struct store *st, struct errctx *ctx)
{
    struct store_act *acts;
    struct arena a;
    size_t count = 0;

    arena_init(&a, MASK_ARENA_MAX);
    enum err e = store_acts(st, INT64_MAX, &a, &acts, &count, ctx);
    for (size_t i = 0; e == ERR_OK && i < count; i++) {
        if (strcmp(acts[i].verb, STORE_ACT_RETENTION) == 0)
            continue; /* the recorder's own */
        e = add(n, "user", acts[i].author);
        if (e == ERR_OK && strcmp(acts[i].verb, act_verb_name(ACT_ASSIGN)) == 0)
            e = add(n, "user", acts[i].text);
    }
    arena_fini(&a);
    return e;
}

/* Who silenced or took an alert of an outside system is told as that system has it. */
static enum err add_of_outside(struct names *n, struct store *st, struct errctx *ctx)
{
    struct outside *list;
    struct arena a;
    size_t count = 0;

    arena_init(&a, MASK_ARENA_MAX);
    enum err e = store_outside_history(st, 0, INT64_MAX, &a, &list, &count, ctx);
    for (size_t i = 0; e == ERR_OK && i < count; i++) {
        e = list[i].state == OUTSIDE_INHIBITED ? ERR_OK : add(n, "user", list[i].quiet_by); /* by another alert */
        if (e == ERR_OK)
            e = add(n, "user", list[i].acked_by);
    }
    arena_fini(&a);
    return e;
}

/* Who deployed is told at the end of a deploy's text, as its system has it: "v7 (3fa9c01) to production by ana". */
static enum err add_of_deploys(struct names *n, struct store *st, struct errctx *ctx)
{
    static const char said[] = " by ";
    struct event *list;
    struct arena a;
    size_t count = 0;

    arena_init(&a, MASK_ARENA_MAX);
    enum err e = store_events(st, 0, INT64_MAX, INT64_MAX, &a, &list, &count, ctx);
    for (size_t i = 0; e == ERR_OK && i < count; i++) {
        const char *who = NULL;
        for (const char *at = strstr(list[i].text, said); at != NULL; at = strstr(at + 1, said))
            who = at + sizeof said - 1;
        if (list[i].kind != EVENT_DEPLOY || who == NULL || strchr(who, ' ') != NULL)
            continue;
        e = add(n, "user", who);
    }
    arena_fini(&a);
    return e;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct store_mask_name *)a)->name, ((const struct store_mask_name *)b)->name);
}

enum err store_mask_init(struct store_mask *m, struct store *st, struct errctx *ctx)
{
    struct names n = {.m = m};
    size_t kept = 0;

    *m = (struct store_mask){.names = NULL};
    arena_init(&m->arena, MASK_ARENA_MAX);
    if (getentropy(m->salt, sizeof m->salt) != 0)
        return errctx_set(ctx, ERR_IO, "the system has no random bytes to mask names with");
    enum err e = add_of_series(&n, st);
    if (e == ERR_OK)
        e = add_of_acts(&n, st, ctx);
    if (e == ERR_OK)
        e = add_of_outside(&n, st, ctx);
    if (e == ERR_OK)
        e = add_of_deploys(&n, st, ctx);
    if (e != ERR_OK)
        return errctx_set(ctx, e, "out of memory while masking names");
    if (m->count > 0)
        qsort(m->names, m->count, sizeof *m->names, by_name);
    for (size_t i = 0; i < m->count; i++) /* a name that is a team's and a user's has one pseudonym, too */
        if (kept == 0 || strcmp(m->names[kept - 1].name, m->names[i].name) != 0)
            m->names[kept++] = m->names[i];
    m->count = kept;
    for (size_t i = 0; i < kept; i++)
        m->longest = strlen(m->names[i].name) > m->longest ? strlen(m->names[i].name) : m->longest;
    return ERR_OK;
}

void store_mask_fini(struct store_mask *m)
{
    arena_fini(&m->arena);
}

/* ---- replacing ---- */

static bool is_word_byte(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || strchr("_-.@+", c) != NULL ||
           (unsigned char)c >= 0x80;
}

static const char *shown_of(const struct store_mask *m, struct str word)
{
    size_t lo = 0, hi = m->count;

    while (lo < hi) {
        const size_t mid = lo + (hi - lo) / 2;
        const char *name = m->names[mid].name;
        int order = strncmp(name, word.p, word.n);
        order = order == 0 && name[word.n] != '\0' ? 1 : order;
        if (order == 0)
            return m->names[mid].shown;
        lo = order < 0 ? mid + 1 : lo;
        hi = order < 0 ? hi : mid;
    }
    return NULL;
}

/* A name with a byte that is of no word, which begins at p; the longest. */
static const struct store_mask_name *phrase_at(const struct store_mask *m, struct str s)
{
    const struct store_mask_name *best = NULL;

    for (size_t i = 0; i < m->count; i++) {
        const size_t n = strlen(m->names[i].name);
        if (n > s.n || memcmp(m->names[i].name, s.p, n) != 0 || (n < s.n && is_word_byte(s.p[n]) && is_word_byte(s.p[n - 1])))
            continue;
        bool is_phrase = false;
        for (size_t k = 0; k < n; k++)
            is_phrase = is_phrase || !is_word_byte(m->names[i].name[k]);
        if (is_phrase && (best == NULL || n > strlen(best->name)))
            best = &m->names[i];
    }
    return best;
}

static bool has_phrases(const struct store_mask *m)
{
    for (size_t i = 0; i < m->count; i++)
        for (const char *c = m->names[i].name; *c != '\0'; c++)
            if (!is_word_byte(*c))
                return true;
    return false;
}

static bool is_joint(char c)
{
    return strchr("_-.@+", c) != NULL && c != '\0';
}

/* The longest part of a word that begins at from, ends before a joint or the end, and is a name; 0 = there is none. */
static size_t name_at(const struct store_mask *m, struct str word, size_t from, const char **ret_shown)
{
    for (size_t end = word.n - from > m->longest ? from + m->longest : word.n; end > from; end--) {
        if (end < word.n && !is_joint(word.p[end]) && !is_joint(word.p[end - 1]))
            continue;
        *ret_shown = shown_of(m, (struct str){word.p + from, end - from});
        if (*ret_shown != NULL)
            return end - from;
    }
    return 0;
}

/* A word with each name in it replaced: bob is in @bob, bob_ and bob@example.com, and not in bobsled. */
static enum err put_word(const struct store_mask *m, struct str word, struct buf *out)
{
    enum err e = ERR_OK;

    for (size_t i = 0; e == ERR_OK && i < word.n;) {
        const char *shown = NULL;
        const bool begins = i == 0 || is_joint(word.p[i - 1]) || is_joint(word.p[i]);
        const size_t n = begins ? name_at(m, word, i, &shown) : 0;
        e = n > 0 ? buf_append_z(out, shown) : buf_append_char(out, word.p[i]);
        i += n > 0 ? n : 1;
    }
    return e;
}

enum err store_mask_text(const struct store_mask *m, struct str text, struct buf *out)
{
    const bool phrases = has_phrases(m);
    enum err e = ERR_OK;

    while (e == ERR_OK && text.n > 0) {
        const struct store_mask_name *phrase = phrases ? phrase_at(m, text) : NULL;
        size_t n = phrase != NULL ? strlen(phrase->name) : 0;
        if (phrase != NULL) {
            e = buf_append_z(out, phrase->shown);
        } else {
            while (n < text.n && is_word_byte(text.p[n]))
                n++;
            e = n > 0 ? put_word(m, (struct str){text.p, n}, out) : buf_append_char(out, text.p[0]);
            n += n == 0;
        }
        text.p += n;
        text.n -= n;
    }
    return e;
}

enum err store_mask_dict(const struct store_mask *m, const struct store_dict *d, struct buf *out)
{
    struct store_dict copy = *d; /* but for the strings, which are other ones */
    struct buf text;
    enum err e = ERR_OK;

    copy.strings = intern_new(STORE_STRINGS_MAX);
    if (copy.strings == NULL)
        return ERR_NOMEM;
    const struct store_dict_mark none = {.strings = intern_count(copy.strings)};
    buf_init(&text, 2 * STORE_STRING_BYTES_MAX);
    for (uint32_t id = none.strings; e == ERR_OK && id < intern_count(d->strings); id++) {
        uint32_t got = 0;
        const char *was = intern_text(d->strings, id), *shown = shown_of(m, str_of(was));
        buf_reset(&text);
        e = buf_append_z(&text, shown != NULL ? shown : was);
        if (e == ERR_OK)
            e = intern_add(copy.strings, buf_str(&text), &got);
        if (e == ERR_OK && got != id) { /* two names with one pseudonym: ids must stay what they are */
            e = buf_printf(&text, "-%lu", (unsigned long)id);
            if (e == ERR_OK)
                e = intern_add(copy.strings, buf_str(&text), &got);
        }
        e = e == ERR_OK && got != id ? ERR_LIMIT : e;
    }
    if (e == ERR_OK)
        e = store_dict_encode(&copy, &none, out);
    buf_fini(&text);
    intern_free(copy.strings);
    return e;
}
