/* SPDX-License-Identifier: MIT */
#include "view/vworked.h"

#include <math.h>
#include <string.h>

#include "model/money.h"
#include "view/vsuspects.h"
#include "view/vtext.h"

static void put(struct ventry *list, size_t *count, int64_t at_ms, char letter, const char *text)
{
    list[(*count)++] = (struct ventry){.at_ms = at_ms, .known_ms = at_ms, .letter = letter, .text = text, .source = "gwtop"};
}

/* "suspects then: provider openai; key 06:49:58Z", "no suspect then: too few more failures than usual to tell". NULL when the arena is
 * full. */
static const char *suspects_text(struct arena *a, const struct vsuspect *s, size_t count, const char *note)
{
    const char *text = count > 0 ? "suspects then: " : note[0] != '\0' ? "no suspect then: " : "no suspect then";
    for (size_t i = 0; i < count && text != NULL; i++)
        text = arena_printf(a, "%s%s%s", text, i > 0 ? "; " : "", s[i].title);
    return text != NULL && count == 0 ? arena_printf(a, "%s%s", text, note) : text;
}

/* By what was measured until it was opened; of a time before that nobody could have looked. */
static enum err put_suspects(const struct vworked_ask *ask, struct ventry *list, size_t *count, struct errctx *ctx)
{
    const struct incident *in = &ask->of->in;
    const struct view_incidents *v = ask->v;
    struct view_params then = *ask->p;
    struct view_differs_ask trouble = *ask->trouble;
    const struct vsuspect *s;
    const char *note;
    size_t n;

    then.cursor_ms = in->opened_ms;
    then.live = false;
    trouble.t1_ms = in->opened_ms;
    enum err e = vsuspects_load(ask->l, &then, &trouble, &s, &n, &note, ctx);
    if (e != ERR_OK)
        return e;
    const char *text = suspects_text(ask->l->arena, s, n, note);
    const bool moved = v->suspect_count > 0 && !v->suspects[0].weak && (n == 0 || strcmp(v->suspects[0].title, s[0].title) != 0);
    const char *now = moved ? arena_printf(ask->l->arena, "first suspect is %s by now", v->suspects[0].title) : "";
    if (text == NULL || now == NULL)
        return errctx_set(ctx, ERR_NOMEM, "out of memory while reading the incident");
    put(list, count, in->opened_ms, '?', text);
    if (moved && ask->to_ms > in->opened_ms)
        put(list, count, ask->to_ms, '?', now);
    return ERR_OK;
}

/* "4.16k of 11k requests lost, >=$140 spent in its scope". NULL when the arena is full; "" where neither is known. */
static const char *cost_text(struct arena *a, const struct vimpact *c)
{
    char bad[VTEXT_MAX], all[VTEXT_MAX], money[VTEXT_MAX];
    const bool counted = c->known && !c->torn && !c->of_money, spent = !isnan(c->spend.v);
    const char *lost = "";
    int64_t nusd;
    vtext_count(c->failed, bad);
    vtext_count(c->counted, all);
    if (counted && (c->counted > 0 || !c->refusals))
        lost = arena_printf(a, "%s%s of %s%s requests lost", exact_mark(c->exact), bad, exact_mark(c->exact), all);
    if (c->refusals && lost != NULL)
        lost = arena_printf(a, "%s%s%s", lost, lost[0] != '\0' ? ", " : "", c->refused_text);
    if (!spent || lost == NULL)
        return lost;
    if (!unit_to_fixed(UNIT_USD, c->spend.v, &nusd))
        return lost;
    money_format(nusd, money);
    return arena_printf(a, "%s%s%s%s spent in its scope", lost, lost[0] != '\0' ? ", " : "", exact_mark(c->spend.exact), money);
}

enum err vworked_make(const struct vworked_ask *ask, struct ventry list[VWORKED_MAX], size_t *ret_count, struct errctx *ctx)
{
    size_t n = 0;
    const char *cost = cost_text(ask->l->arena, &ask->v->counts);
    enum err e = cost != NULL ? put_suspects(ask, list, &n, ctx) : errctx_set(ctx, ERR_NOMEM, "out of memory while reading the incident");
    if (e == ERR_OK && cost[0] != '\0')
        put(list, &n, ask->to_ms, '$', cost);
    if (e == ERR_OK && ask->of->again_ms != 0)
        put(list, &n, ask->of->again_ms, '!', ask->of->again_text);
    if (e == ERR_OK)
        *ret_count = n;
    return e;
}
