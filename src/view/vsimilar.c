/* SPDX-License-Identifier: MIT */
#include "view/vsimilar.h"

#include <string.h>

#include "analysis/similar.h"
#include "base/timefmt.h"
#include "model/act.h"
#include "view/ventries.h"
#include "view/vincidents.h"
#include "view/vlasted.h"
#include "view/vsuspects.h"

enum { WORDS_MAX = 64 };
static const int64_t hour_ms = 3600000;

struct words {
    const char **list;
    size_t count;
};

/* Once each; what comes beyond WORDS_MAX is left out. Errors: ERR_NOMEM. */
static enum err add_word(struct arena *a, struct words *w, struct str word)
{
    for (size_t i = 0; i < w->count; i++)
        if (str_eq_z(word, w->list[i]))
            return ERR_OK;
    if (w->count == WORDS_MAX || word.n == 0)
        return ERR_OK;
    if (w->list == NULL && (w->list = arena_array(a, WORDS_MAX, sizeof *w->list)) == NULL)
        return ERR_NOMEM;
    w->list[w->count] = arena_strdup(a, word);
    return w->list[w->count++] != NULL ? ERR_OK : ERR_NOMEM;
}

/* The parts of a text between separators. */
static enum err add_parts(struct arena *a, struct words *w, const char *text, const char *between)
{
    enum err e = ERR_OK;
    for (const char *p = text; e == ERR_OK && p != NULL;) {
        const char *end = strstr(p, between);
        e = add_word(a, w, (struct str){p, end != NULL ? (size_t)(end - p) : strlen(p)});
        p = end != NULL ? end + strlen(between) : NULL;
    }
    return e;
}

struct signature {
    struct words rules, values, suspects, shape;
};

static struct similar_incident signature_of(const struct signature *s)
{
    return (struct similar_incident){.rules = {s->rules.list, s->rules.count},
                                     .values = {s->values.list, s->values.count},
                                     .suspects = {s->suspects.list, s->suspects.count},
                                     .shape = {s->shape.list, s->shape.count}};
}

/* Whether the alert is one of the incident's: of an earlier version's its time tells which of those of its scope. */
static bool is_of(const struct incident *in, const struct alert *al)
{
    const int64_t from_ms = (in->onset_ms != 0 ? in->onset_ms : in->opened_ms) - hour_ms;
    return incident_is_of(in, al) &&
           (al->incident != 0 || (al->since_ms > from_ms && (in->resolved_ms == 0 || al->since_ms <= in->resolved_ms)));
}

/* Which rules fired, and of what. */
static enum err read_alerts(struct arena *a, const struct incident *in, const struct alert *list, size_t count, struct signature *s)
{
    enum err e = ERR_OK;
    for (size_t i = 0; e == ERR_OK && i < count; i++) {
        const struct alert *al = &list[i];
        if (!alert_is_firing_rule(al) || !is_of(in, al))
            continue;
        const char *window = strrchr(al->rule, ':');
        const bool has_window = strncmp(al->rule, "slo:", 4) == 0 || budget_of_rule(al->rule).p != NULL;
        e = add_word(a, &s->rules, (struct str){al->rule, has_window && window != NULL ? (size_t)(window - al->rule) : strlen(al->rule)});
        if (e == ERR_OK)
            e = add_parts(a, &s->values, al->scope, ",");
    }
    if (e == ERR_OK && s->rules.count == 0) /* its alerts are not kept any more */
        e = add_word(a, &s->rules, str_of(in->title));
    return e == ERR_OK ? add_parts(a, &s->values, in->scope, ",") : e;
}

static enum err read_shape(const struct view_loader *l, const struct view_params *p, int64_t id, struct signature *s, struct errctx *ctx)
{
    struct timeline_entry *list;
    size_t count;
    enum err e = store_timeline(l->st, id, p->cursor_ms, l->scratch, &list, &count, ctx);
    for (size_t i = 0; e == ERR_OK && i < count; i++)
        if (strchr("oR!+", list[i].letter) == NULL) /* how it ended says nothing of what it is */
            e = add_word(l->scratch, &s->shape, (struct str){&list[i].letter, 1});
    return e;
}

static enum err read_suspects(struct arena *a, const struct vsuspect *list, size_t count, struct signature *s)
{
    enum err e = ERR_OK;
    for (size_t i = 0; e == ERR_OK && i < count; i++)
        e = add_parts(a, &s->suspects, list[i].title, ", ");
    return e;
}

/* ---- the list ---- */

struct candidate {
    const struct vincident *v;
    const char *apart; /* as struct vincident's */
    struct signature s;
    double score;
};

static void insert(struct candidate *list, size_t *count, const struct candidate *c)
{
    size_t at = *count;
    while (at > 0 && list[at - 1].score < c->score) /* they come newest first */
        at--;
    if (at == VSIMILAR_MAX)
        return;
    const size_t last = *count < VSIMILAR_MAX ? (*count)++ : VSIMILAR_MAX - 1;
    memmove(&list[at + 1], &list[at], (last - at) * sizeof *list);
    list[at] = *c;
}

/* Whom the earlier one pointed at, by what is known now. */
static enum err look_back(const struct view_loader *l, const struct view_params *p, struct candidate *c, struct errctx *ctx)
{
    const struct incident *in = &c->v->in;
    const int64_t from_ms = in->onset_ms != 0 ? in->onset_ms : in->opened_ms, end_ms = incident_end_ms(in);
    struct view_params whole = *p;
    struct view_differs_ask trouble;
    const struct vsuspect *list;
    const char *note;
    size_t count;
    whole.filter = "";
    if (end_ms == 0 || end_ms <= from_ms)
        return ERR_OK;
    enum err e = view_differs_since(l, from_ms, end_ms, in->scope, &trouble, ctx);
    trouble.onset_error_ms = in->onset_error_ms;
    trouble.of_spend = incident_is_of_budget(in);
    trouble.apart = c->apart;
    if (e == ERR_OK)
        e = vsuspects_load(l, &whole, &trouble, &list, &count, &note, ctx);
    return e == ERR_OK ? read_suspects(l->scratch, list, count, &c->s) : e;
}

/* What an operator said that ended it, or made it bearable: the last word of those. */
static const struct store_act *fix_of(const struct vsimilar_known *known, int64_t id)
{
    const struct store_act *fix = NULL;
    for (size_t i = 0; i < known->act_count; i++) {
        enum act_verb verb;
        const struct store_act *act = &known->acts[i];
        if (act->incident == id && act->text[0] != '\0' && act_verb_by_name(act->verb, &verb) &&
            (verb == ACT_MITIGATE || verb == ACT_RESOLVE))
            fix = act;
    }
    return fix;
}

static enum err tell(const struct view_loader *l, const struct vsimilar_known *known, const struct candidate *c, struct vsimilar *ret)
{
    const struct incident *in = &c->v->in;
    const struct store_act *fix = fix_of(known, in->id);
    const bool over = incident_end_ms(in) != 0, noted = fix == NULL && c->v->note[0] != '\0';
    char day[TIMEFMT_MAX];
    instant_format_day(in->onset_ms != 0 ? in->onset_ms : in->opened_ms, day);
    *ret = (struct vsimilar){.id = in->id,
                             .score = c->score,
                             .fix = fix != NULL ? ventries_text_now(known->acts, known->act_count, fix)
                                    : noted     ? c->v->note
                                                : "",
                             .fixed_by = fix != NULL ? fix->author : "",
                             .lasted = c->v->short_text};
    ret->text = arena_printf(l->arena, "#%lld, %s: %s%s%s%s", (long long)in->id, day, ret->fix, ret->fix[0] != '\0' ? ", " : "",
                             over ? "over in " : "lasts ", c->v->short_text);
    return ret->text != NULL ? ERR_OK : ERR_NOMEM;
}

static int64_t since_ms(const struct incident *in)
{
    return in->onset_ms != 0 ? in->onset_ms : in->opened_ms;
}

static enum err find(const struct view_loader *l, const struct view_params *p, const struct vsimilar_known *known,
                     const struct vincident *of, struct signature *mine, struct candidate *best, size_t *count, struct errctx *ctx)
{
    struct alert *alerts;
    size_t alert_count;
    int64_t from_ms = since_ms(&of->in);
    for (size_t i = 0; i < known->count; i++)
        from_ms = since_ms(&known->list[i].in) < from_ms ? since_ms(&known->list[i].in) : from_ms;
    enum err e = store_alert_history(l->st, from_ms - 24 * hour_ms, p->cursor_ms, p->cursor_ms, l->scratch, &alerts, &alert_count, ctx);
    if (e == ERR_OK)
        e = read_alerts(l->scratch, &of->in, alerts, alert_count, mine);
    if (e == ERR_OK)
        e = read_shape(l, p, of->in.id, mine, ctx);
    const struct similar_incident me = signature_of(mine);
    for (size_t i = 0; e == ERR_OK && i < known->count; i++) {
        const struct incident *in = &known->list[i].in;
        struct candidate c = {.v = &known->list[i], .apart = vincident_apart(in, alerts, alert_count)};
        if (in->id == of->in.id || in->parent != 0 || in->opened_ms >= of->in.opened_ms)
            continue;
        e = read_alerts(l->scratch, in, alerts, alert_count, &c.s);
        struct similar_incident other = signature_of(&c.s);
        if (e != ERR_OK || similar_score(&me, &other) <= 0)
            continue;
        e = read_shape(l, p, in->id, &c.s, ctx);
        other = signature_of(&c.s);
        c.score = e == ERR_OK ? similar_score(&me, &other) : 0;
        if (c.score >= SIMILAR_LEAST)
            insert(best, count, &c);
    }
    return e;
}

enum err vsimilar_find(const struct view_loader *l, const struct view_params *p, const struct vsimilar_known *known,
                       const struct vincident *of, const struct vsuspect *suspects, size_t suspect_count, const struct vsimilar **ret,
                       size_t *ret_count, struct errctx *ctx)
{
    struct signature mine = {.rules = {NULL, 0}};
    struct candidate first[VSIMILAR_MAX], best[VSIMILAR_MAX];
    size_t found = 0, count = 0;
    struct vsimilar *list = arena_array(l->arena, VSIMILAR_MAX, sizeof *list);
    enum err e = list != NULL ? find(l, p, known, of, &mine, first, &found, ctx) : ERR_NOMEM;
    if (e == ERR_OK && suspects != NULL)
        e = read_suspects(l->scratch, suspects, suspect_count, &mine);
    const struct similar_incident me = signature_of(&mine);
    for (size_t i = 0; e == ERR_OK && i < found; i++) {
        if (suspects != NULL)
            e = look_back(l, p, &first[i], ctx);
        const struct similar_incident other = signature_of(&first[i].s);
        first[i].score = e == ERR_OK ? similar_score(&me, &other) : 0;
        if (first[i].score >= SIMILAR_LEAST)
            insert(best, &count, &first[i]);
    }
    for (size_t i = 0; e == ERR_OK && i < count; i++)
        e = tell(l, known, &best[i], &list[i]);
    if (e != ERR_OK)
        return e == ERR_NOMEM ? errctx_set(ctx, e, "out of memory while looking for similar incidents") : e;
    *ret = list;
    *ret_count = count;
    return ERR_OK;
}

const char *vsimilar_text(struct arena *a, const struct vsimilar *list, size_t count)
{
    if (count == 0)
        return "";
    return count > 1 ? arena_printf(a, "%s; %zu more", list[0].text, count - 1) : list[0].text;
}

enum err vsimilar_now(const struct view_loader *l, const struct view_params *p, const char **ret, struct errctx *ctx)
{
    struct vincidents v;
    const struct vincident *worst = NULL;
    const struct vsimilar *similar = NULL;
    size_t similar_count = 0;
    enum err e = vincidents_load(l, p, NULL, &v, ctx);
    for (size_t i = 0; e == ERR_OK && i < v.count; i++)
        if (v.list[i].in.state != INCIDENT_RESOLVED && (worst == NULL || v.list[i].in.severity > worst->in.severity))
            worst = &v.list[i];
    if (e == ERR_OK && worst != NULL)
        e = vlasted_tell(l, p, v.list, v.count, ctx);
    if (e == ERR_OK && worst != NULL)
        e = vsimilar_find(l, p, &(struct vsimilar_known){v.list, v.count, v.acts, v.act_count}, worst, NULL, 0, &similar, &similar_count,
                          ctx);
    if (e != ERR_OK)
        return e;
    *ret = vsimilar_text(l->arena, similar, similar_count);
    return *ret != NULL ? ERR_OK : errctx_set(ctx, ERR_NOMEM, "out of memory while looking for similar incidents");
}
