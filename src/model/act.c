/* SPDX-License-Identifier: MIT */
#include "model/act.h"

#include <string.h>

#include "base/safe_text.h"
#include "base/timefmt.h"

static const char *const verbs[ACT_VERB_COUNT] = {
    [ACT_ACK] = "ack",         [ACT_NOTE] = "note",     [ACT_ASSIGN] = "assign",   [ACT_NEXT] = "next", [ACT_MITIGATE] = "mitigate",
    [ACT_RESOLVE] = "resolve", [ACT_SNOOZE] = "snooze", [ACT_CORRECT] = "correct", [ACT_PIN] = "pin",   [ACT_MARK] = "mark",
};

static const struct {
    const char *name;
    enum event_kind kind;
} kinds[] = {
    {"deploy", EVENT_DEPLOY}, {"config", EVENT_CONFIG}, {"model", EVENT_MODEL_VERSION},
    {"price", EVENT_PRICE},   {"note", EVENT_MARK},     {"silence", EVENT_SILENCE},
};
enum { KINDS = sizeof kinds / sizeof *kinds };

const char *act_verb_name(enum act_verb v)
{
    return (unsigned)v < ACT_VERB_COUNT ? verbs[v] : "unknown";
}

bool act_verb_by_name(const char *name, enum act_verb *ret)
{
    for (int v = 0; v < ACT_VERB_COUNT; v++) {
        if (strcmp(verbs[v], name) != 0)
            continue;
        *ret = (enum act_verb)v;
        return true;
    }
    return false;
}

/* The first byte that is not to be shown; n when there is none. */
static size_t unsafe_at(const char *text, size_t n)
{
    size_t at = 0;
    while (at < n) {
        uint32_t rune;
        size_t length = utf8_decode((struct str){text + at, n - at}, &rune);
        if (utf8_width(rune) < 0 || (length == 1 && (unsigned char)text[at] >= 0x80))
            return at;
        at += length;
    }
    return n;
}

enum err act_check_text(const char *what, const char *text, size_t max, struct errctx *ctx)
{
    const size_t n = strlen(text);
    if (strspn(text, " ") == n)
        return errctx_set(ctx, ERR_USAGE, "%s is empty", what);
    if (n > max)
        return errctx_set(ctx, ERR_USAGE, "%s has %zu bytes, and nothing of it is kept; say it in at most %zu", what, n, max);
    const size_t at = unsafe_at(text, n);
    return at == n ? ERR_OK
                   : errctx_set(ctx, ERR_USAGE, "%s has a byte 0x%02x at %zu that cannot be shown; it is one line of plain text", what,
                                (unsigned)(unsigned char)text[at], at + 1);
}

/* ---- marks ---- */

enum err act_kind_by_name(const char *name, enum event_kind *ret, struct errctx *ctx)
{
    for (int i = 0; i < KINDS; i++) {
        if (strcmp(kinds[i].name, name) != 0)
            continue;
        *ret = kinds[i].kind;
        return ERR_OK;
    }
    return errctx_set(ctx, ERR_USAGE, "there is no kind '%.40s'; a mark is a deploy, config, model, price, silence or note", name);
}

const char *act_kind_name(enum event_kind k)
{
    for (int i = 0; i < KINDS; i++)
        if (kinds[i].kind == k)
            return kinds[i].name;
    return NULL;
}

/* Takes "dim=value" into its place of the list. */
static enum err take_condition(struct str word, struct str value[DIM_COUNT], struct errctx *ctx)
{
    const char *equals = memchr(word.p, '=', word.n);
    const size_t n = equals != NULL ? (size_t)(equals - word.p) : 0;
    enum dim d;
    if (equals == NULL || n + 1 == word.n || !dim_by_name((struct str){word.p, n}, &d) || memchr(word.p, '|', word.n) != NULL)
        return errctx_set(ctx, ERR_USAGE, "scope '%.*s': expected DIMENSION=VALUE, as in model=gpt-x", (int)(word.n < 80 ? word.n : 80),
                          word.p);
    if (value[d].n > 0)
        return errctx_set(ctx, ERR_USAGE, "scope: %s stands twice; a mark is of one %s or of all", dim_name(d), dim_name(d));
    value[d] = (struct str){equals + 1, word.n - n - 1};
    return ERR_OK;
}

enum err act_scope_make(const char *words, struct arena *a, const char **ret, struct errctx *ctx)
{
    struct str value[DIM_COUNT] = {{NULL, 0}};
    const char *scope = "";
    enum err e = words[0] != '\0' ? act_check_text("the scope", words, ACT_SCOPE_MAX, ctx) : ERR_OK;

    while (e == ERR_OK && words[0] != '\0') {
        const size_t n = strcspn(words, " ,");
        if (n > 0)
            e = take_condition((struct str){words, n}, value, ctx);
        words += n + (words[n] != '\0');
    }
    for (int d = 0; e == ERR_OK && scope != NULL && d < DIM_COUNT; d++)
        if (value[d].n > 0)
            scope = arena_printf(a, "%s%s%s=%.*s", scope, scope[0] != '\0' ? "," : "", dim_name((enum dim)d), (int)value[d].n, value[d].p);
    if (e == ERR_OK && scope == NULL)
        e = errctx_set(ctx, ERR_NOMEM, "out of memory for a scope");
    if (e == ERR_OK)
        *ret = scope;
    return e;
}

enum err act_mark_format(const struct act_mark *m, int64_t now_ms, char *dst, size_t cap, struct errctx *ctx)
{
    char at[TIMEFMT_MAX], now[TIMEFMT_MAX];
    enum err e = act_check_text("the text", m->text, ACT_TEXT_MAX, ctx);
    if (e != ERR_OK)
        return e;
    instant_format_iso(m->at_ms, at);
    instant_format_iso(now_ms, now);
    if (m->at_ms > now_ms)
        return errctx_set(ctx, ERR_USAGE, "%s lies in the future: it is %s", at, now);
    if (m->at_ms <= 0)
        return errctx_set(ctx, ERR_USAGE, "%s lies before all recordings", at);
    return str_format(dst, cap, "%s|%lld|%s|%s", act_kind_name(m->kind), (long long)m->at_ms, m->scope, m->text)
               ? ERR_OK
               : errctx_set(ctx, ERR_LIMIT, "the mark is longer than %zu bytes", cap);
}

/* Up to the next bar; NULL when there is none, or no room. */
static const char *take_part(const char **pp, struct arena *a)
{
    const char *bar = strchr(*pp, '|'), *part = *pp;
    if (bar == NULL)
        return NULL;
    *pp = bar + 1;
    return arena_strdup(a, (struct str){part, (size_t)(bar - part)});
}

bool act_mark_parse(const char *text, int64_t said_ms, struct arena *a, struct act_mark *ret)
{
    struct act_mark m;
    const char *kind = take_part(&text, a), *at = kind != NULL ? take_part(&text, a) : NULL,
               *scope = at != NULL ? take_part(&text, a) : NULL;
    const char *formed = NULL;
    if (scope == NULL || act_kind_by_name(kind, &m.kind, NULL) != ERR_OK || !str_to_i64(str_of(at), &m.at_ms) || m.at_ms <= 0 ||
        m.at_ms > said_ms || act_scope_make(scope, a, &formed, NULL) != ERR_OK || act_check_text("", text, ACT_TEXT_MAX, NULL) != ERR_OK)
        return false;
    m.scope = formed;
    m.text = text;
    *ret = m;
    return true;
}

/* ---- snoozes ---- */

enum err act_duration_parse(struct str word, int64_t *ret_ms, struct errctx *ctx)
{
    const int shown = (int)(word.n < 40 ? word.n : 40);
    int64_t ms;
    if (duration_parse(word, &ms, ctx) != ERR_OK)
        return errctx_set(ctx, ERR_PARSE, "'%.*s' is no duration like 30m, 4h or 2d", shown, word.p);
    if (ms > ACT_SNOOZE_MAX_DAYS * (int64_t)86400000)
        return errctx_set(ctx, ERR_USAGE, "'%.*s' is longer than %d days, and what is put off for so long is forgotten", shown, word.p,
                          ACT_SNOOZE_MAX_DAYS);
    *ret_ms = ms;
    return ERR_OK;
}

enum err act_snooze_parse(const char *text, int64_t *ret_ms, const char **ret_reason, struct errctx *ctx)
{
    const size_t n = strcspn(text, " ");
    const char *reason = text + n + strspn(text + n, " ");
    int64_t ms;
    enum err e = act_duration_parse((struct str){text, n}, &ms, ctx);
    if (e == ERR_PARSE)
        return errctx_set(ctx, ERR_USAGE, "'%.40s' is no duration like 30m, 4h or 2d; 0s ends a snooze", text);
    if (e == ERR_OK)
        e = act_check_text("the reason", reason, ACT_TEXT_MAX, ctx);
    if (e != ERR_OK)
        return e;
    *ret_ms = ms;
    *ret_reason = reason;
    return ERR_OK;
}

/* ---- entries of a timeline ---- */

enum err act_entry_parse(const char *text, struct act_entry *ret, const char **ret_rest, struct errctx *ctx)
{
    const size_t n = strcspn(text, " ");
    int64_t id = 0;
    if ((text[0] != 't' && text[0] != 'n') || !str_to_i64((struct str){text + 1, n - 1}, &id) || id <= 0)
        return errctx_set(ctx, ERR_USAGE, "'%.*s' is no entry like t12 or n5; `gwtop incidents show` has them beside the timeline",
                          (int)(n < 40 ? n : 40), text);
    *ret = (struct act_entry){.kind = text[0], .id = id};
    *ret_rest = text + n + strspn(text + n, " ");
    return ERR_OK;
}

static enum err check_entry(enum act_verb v, const char *text, struct errctx *ctx)
{
    struct act_entry entry;
    const char *rest;
    enum err e = act_entry_parse(text, &entry, &rest, ctx);
    if (e != ERR_OK || v == ACT_CORRECT)
        return e == ERR_OK ? act_check_text("the text", rest, ACT_TEXT_MAX, ctx) : e;
    return rest[0] == '\0' || strcmp(rest, ACT_PIN_OFF) == 0
               ? ERR_OK
               : errctx_set(ctx, ERR_USAGE, "'%.40s' says nothing of a pin; %c%lld alone sets it, and %c%lld off takes it away", rest,
                            entry.kind, (long long)entry.id, entry.kind, (long long)entry.id);
}

enum err act_check(enum act_verb v, const char *text, struct errctx *ctx)
{
    const char *reason;
    int64_t ms;
    switch (v) {
    case ACT_ACK: return text[0] == '\0' ? ERR_OK : errctx_set(ctx, ERR_USAGE, "an acknowledgement has no text; a note has");
    case ACT_NOTE:
    case ACT_NEXT: return act_check_text("the text", text, ACT_TEXT_MAX, ctx);
    case ACT_ASSIGN: return act_check_text("the name", text, ACT_NAME_MAX, ctx);
    case ACT_MITIGATE:
    case ACT_RESOLVE: return text[0] != '\0' ? act_check_text("the text", text, ACT_TEXT_MAX, ctx) : ERR_OK;
    case ACT_SNOOZE: return act_snooze_parse(text, &ms, &reason, ctx);
    case ACT_CORRECT:
    case ACT_PIN: return check_entry(v, text, ctx);
    case ACT_MARK:
    case ACT_VERB_COUNT: break;
    }
    return errctx_set(ctx, ERR_USAGE, "a mark is of no incident");
}
