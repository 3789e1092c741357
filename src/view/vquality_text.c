/* SPDX-License-Identifier: MIT */
#include "view/vquality.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

#include "view/vtext.h"

const char *vquality_never(struct arena *a, const struct vquality_row *rows, size_t count)
{
    const char *text = count > 0 ? "none bad in 24h: " : "";
    for (size_t i = 0; i < count && text != NULL; i++) {
        const bool same = i > 0 && strcmp(rows[i].name, rows[i - 1].name) == 0;
        text = arena_printf(a, "%s%s%s", text, i > 0 ? ", " : "", same && rows[i].scope[0] != '\0' ? rows[i].scope : rows[i].label);
    }
    return text;
}

/* ---- the sentence ---- */

static size_t count_of(const struct vquality *q, enum quality_state s)
{
    size_t n = 0;
    for (size_t i = 0; i < q->count; i++)
        n += q->rows[i].state == s;
    return n;
}

static const char *percent_text(const struct vnum *n, const char *none, char out[VTEXT_MAX])
{
    if (isnan(n->v))
        return none;
    (void)str_format(out, VTEXT_MAX, "%.1f%%", n->v);
    return out;
}

static const char *drift_sentence(const struct vquality *q, size_t drifts)
{
    const struct vquality_row *r = &q->rows[0];
    struct arena *a = q->vr->l->arena;
    char now[VTEXT_MAX], base[VTEXT_MAX], n[VTEXT_MAX];
    const char *since = vtext_since(a, r->onset_ms, r->onset_error_ms, q->p->cursor_ms),
               *more = drifts > 1 ? arena_printf(a, "; %zu more drift", drifts - 1) : "";

    vtext_count(r->now.n, n);
    if (since == NULL || more == NULL)
        return NULL;
    const char *end = strstr(r->finding->text, "; "), *also = r->beside[0] != '\0' ? "; " : "";
    const int what = (int)(end != NULL ? end - r->finding->text : (ptrdiff_t)strlen(r->finding->text));
    if (r->kind == QUALITY_OTHER)
        return arena_printf(a, "%.*s%s%s%s%s", what, r->finding->text, since, more, also, r->beside);
    return arena_printf(a, "%.*s%s: %s in %s (n %s), baseline %s%s%s%s", what, r->finding->text, since,
                        percent_text(&r->now, "nothing", now), r->kind == QUALITY_CANARY ? "the last run" : "the last 15m", n,
                        percent_text(&r->base, "not known", base), more, also, r->beside);
}

/* "; watching json_valid gpt-x at 0.62 of the alarm line": the first of a state, and how many more. */
static const char *first_of(const struct vquality *q, enum quality_state s, const char *word)
{
    struct arena *a = q->vr->l->arena;
    const size_t n = count_of(q, s);
    size_t i = 0;
    if (n == 0)
        return "";
    while (q->rows[i].state != s)
        i++;
    const char *more = n > 1 ? arena_printf(a, " +%zu", n - 1) : "";
    const char *at = s == QUALITY_WATCHING ? arena_printf(a, " at %.2f of the alarm line", q->rows[i].evidence) : "";
    return more != NULL && at != NULL ? arena_printf(a, "; %s %s%s%s", word, q->rows[i].label, at, more) : NULL;
}

/* When the first of the thin ones is complete; 0 = not known. */
static int64_t soonest(const struct vquality *q)
{
    int64_t ms = 0;
    for (size_t i = 0; i < q->count; i++)
        if (q->rows[i].lacks_ms > 0 && (ms == 0 || q->rows[i].lacks_ms < ms))
            ms = q->rows[i].lacks_ms;
    return ms;
}

const char *vquality_sentence(const struct vquality *q)
{
    struct arena *a = q->vr->l->arena;
    const size_t drifts = count_of(q, QUALITY_DRIFT), watching = count_of(q, QUALITY_WATCHING), quiet = count_of(q, QUALITY_QUIET);
    const size_t mix = count_of(q, QUALITY_MIX), thin = count_of(q, QUALITY_THIN);
    char age[VTEXT_MAX];

    if (drifts > 0)
        return drift_sentence(q, drifts);
    if (q->unsplit != 0) {
        const char *scores = vread_unsplit_text(q->vr, SIG_EVAL);
        return scores == NULL || scores[0] != '\0'
                   ? arena_printf(a, "not known: scores are %s", scores != NULL ? scores : "")
                   : arena_printf(a, "not known: %s", q->count > 0 ? q->rows[0].missing : "nothing was told");
    }
    if (q->count == 0)
        return "no answer was bad in the last 24h";
    if (watching + quiet + mix == 0) {
        vtext_age(soonest(q), age);
        return soonest(q) > 0 ? arena_printf(a, "not known: no baseline is complete yet, the first in about %s", age)
               : thin > 0     ? "not known: no baseline is complete yet"
                              : "not known: nothing was told lately";
    }
    const char *watched_text = first_of(q, QUALITY_WATCHING, "watching"), *mixed = first_of(q, QUALITY_MIX, "traffic changed, no model:");
    const char *rest = thin > 0 ? arena_printf(a, ", %zu too thin to judge", thin) : "";
    const struct vquality_row *told = NULL;
    for (size_t i = 0; i < q->count && told == NULL; i++)
        told = q->rows[i].streams > 0 ? &q->rows[i] : NULL;
    const char *promise =
        told != NULL ? arena_printf(a, "; at most %g false alarms in 30 d over %u streams", told->alarms, told->streams) : "";
    if (watched_text == NULL || mixed == NULL || rest == NULL || promise == NULL)
        return NULL;
    return arena_printf(a, "no drift in %zu of %zu%s%s%s%s", watching + quiet + mix, q->count, rest, watched_text, mixed, promise);
}
