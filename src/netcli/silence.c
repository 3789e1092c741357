/* SPDX-License-Identifier: MIT */
#include "netcli/silence.h"

#include <string.h>

#include "base/json.h"
#include "base/timefmt.h"
#include "model/act.h"
#include "source/jsonbody.h"

enum { ANSWER_MAX = 64 << 10 };

/* ---- what is told ---- */

static void on_begin(void *ctx)
{
    struct silence_feed *f = ctx;
    f->count = 0;
    f->whole = false;
}

static bool keep_labels(struct silence_feed *f, const struct outside_told *told, struct silence_alert *ret)
{
    struct outside_label *kept = arena_array(f->a, told->label_count + 1, sizeof *kept);
    for (size_t i = 0; kept != NULL && i < told->label_count; i++) {
        const struct outside_label *l = &told->labels[i];
        const char *name = arena_strdup(f->a, l->name), *value = arena_strdup(f->a, l->value);
        if (name == NULL || value == NULL)
            return false;
        kept[i] = (struct outside_label){{name, l->name.n}, {value, l->value.n}};
    }
    ret->labels = kept;
    ret->label_count = told->label_count;
    ret->cut = told->labels_cut;
    return kept != NULL;
}

/* The same alert, told twice in one answer. */
static bool is_known(const struct silence_feed *f, const struct silence_alert *alert)
{
    for (size_t i = 0; i < f->count; i++)
        if (strcmp(f->list[i].o.fingerprint, alert->o.fingerprint) == 0)
            return true;
    return false;
}

static bool on_alert(void *ctx, const struct outside_told *told)
{
    struct silence_feed *f = ctx;
    if (told->state == OUTSIDE_OVER)
        return true;
    if (f->count == OUTSIDE_ALERTS_MAX)
        return false;
    struct silence_alert *one = &f->list[f->count];
    if (outside_take(told, &f->words, f->a, &one->o) != ERR_OK || !keep_labels(f, told, one))
        return false;
    f->count += !is_known(f, one);
    return true;
}

static bool on_told(void *ctx, bool whole)
{
    struct silence_feed *f = ctx;
    f->whole = whole;
    return true;
}

static void on_warning(void *ctx, size_t line, const char *what, struct str text)
{
    (void)ctx; /* the adapter's remark says so in one sentence */
    (void)line;
    (void)what;
    (void)text;
}

enum err silence_feed_init(struct silence_feed *f, const struct config_source *source, struct arena *a, struct errctx *ctx)
{
    *f = (struct silence_feed){.a = a, .words = {source->page_severities, source->quiet_severities}};
    f->list = arena_array(a, OUTSIDE_ALERTS_MAX, sizeof *f->list);
    f->sink = (struct source_sink){.ctx = f, .warning = on_warning, .alerts_begin = on_begin, .alert = on_alert, .alerts_told = on_told};
    return f->list != NULL ? ERR_OK : errctx_set(ctx, ERR_NOMEM, "out of memory for alerts");
}

/* ---- which is meant ---- */

static bool has_label(const struct silence_alert *alert, const struct outside_label *l)
{
    for (size_t i = 0; i < alert->label_count; i++)
        if (str_eq(alert->labels[i].name, l->name) && str_eq(alert->labels[i].value, l->value))
            return true;
    return false;
}

size_t silence_find(const struct silence_feed *f, const char *word, const struct silence_alert **ret, size_t max)
{
    size_t count = 0;
    for (size_t i = 0; max > 0 && i < f->count; i++) {
        if (strcmp(f->list[i].o.fingerprint, word) == 0) {
            ret[0] = &f->list[i];
            return 1;
        }
    }
    for (size_t i = 0; i < f->count; i++) {
        const struct silence_alert *one = &f->list[i];
        if (strcmp(one->o.name, word) != 0)
            continue;
        if (count < max)
            ret[count] = one;
        count++;
    }
    return count;
}

size_t silence_covers(const struct silence_feed *f, const struct silence_plan *p)
{
    size_t count = 0;
    for (size_t i = 0; i < f->count; i++) {
        bool fits = true;
        for (size_t k = 0; fits && k < p->alert->label_count; k++)
            fits = has_label(&f->list[i], &p->alert->labels[k]);
        count += fits;
    }
    return count;
}

/* ---- what is posted ---- */

enum err silence_body(const struct silence_plan *p, struct buf *out)
{
    struct json w;
    char at[TIMEFMT_MAX];
    json_begin(&w, out, false);
    json_object(&w, NULL);
    json_array(&w, "matchers");
    for (size_t i = 0; i < p->alert->label_count; i++) {
        json_object(&w, NULL);
        json_str(&w, "name", p->alert->labels[i].name);
        json_str(&w, "value", p->alert->labels[i].value);
        json_bool(&w, "isRegex", false);
        json_bool(&w, "isEqual", true);
        json_end(&w);
    }
    json_end(&w);
    instant_format_iso(p->from_ms, at);
    json_string(&w, "startsAt", at);
    instant_format_iso(p->until_ms, at);
    json_string(&w, "endsAt", at);
    json_string(&w, "createdBy", p->by);
    json_string(&w, "comment", p->reason);
    json_end(&w);
    return w.err;
}

/* It goes into a command that is shown to be pasted. */
static bool is_id(struct str id)
{
    static const char letters[] = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-";
    bool good = id.n > 0 && id.n < SILENCE_ID_MAX && id.p[0] != '-';
    for (size_t i = 0; good && i < id.n; i++)
        good = id.p[i] != '\0' && strchr(letters, id.p[i]) != NULL;
    return good;
}

enum err silence_read_id(struct str answer, char ret[SILENCE_ID_MAX], struct errctx *ctx)
{
    struct jsonbody body;
    const struct jsontree *root;
    jsonbody_init(&body, ANSWER_MAX, 32 * ANSWER_MAX);
    jsonbody_begin(&body);
    enum err e = jsonbody_feed(&body, answer.p, answer.n, ctx);
    if (e == ERR_OK)
        e = jsonbody_read(&body, "word on a silence", &root, ctx);
    if (e == ERR_OK && !is_id(jsonbody_text(root, "silenceID")))
        e = errctx_set(ctx, ERR_PARSE, "it answers with JSON that names no silence: is this an Alertmanager's address?");
    if (e == ERR_OK)
        (void)str_copy(ret, SILENCE_ID_MAX, jsonbody_text(root, "silenceID"));
    jsonbody_fini(&body);
    return e;
}

/* ---- what is kept of it ---- */

enum err silence_act(const struct silence_plan *p, const char *id, int64_t now_ms, struct arena *a, char *dst, size_t cap,
                     struct errctx *ctx)
{
    const struct outside *o = &p->alert->o;
    struct act_mark m = {.kind = EVENT_SILENCE, .at_ms = now_ms};
    char until[TIMEFMT_MAX];
    instant_format_iso(instant_floor(p->until_ms, 1000), until);
    m.text = id != NULL ? arena_printf(a, "silenced %s at %s until %s (%s): %s", o->name, p->source->name, until, id, p->reason)
                        : arena_printf(a, "tried to silence %s at %s until %s, not known whether it is: %s", o->name, p->source->name,
                                       until, p->reason);
    if (m.text == NULL)
        return errctx_set(ctx, ERR_NOMEM, "out of memory for an act");
    if (act_scope_make(o->scope, a, &m.scope, NULL) != ERR_OK)
        m.scope = ""; /* an alert's scope may hold what an act's can't, a bar say */
    enum err e = act_check_text("what is kept of the silence, the alert's name and the reason,", m.text, ACT_TEXT_MAX, ctx);
    return e == ERR_OK ? act_mark_format(&m, now_ms, dst, cap, ctx) : e;
}
