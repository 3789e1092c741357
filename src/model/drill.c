/* SPDX-License-Identifier: MIT */
#include "model/drill.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/str.h"

static const int64_t ack_within_ms = 5 * 60000, name_within_ms = 15 * 60000;

static bool is_of_word(char c)
{
    return isalnum((unsigned char)c) || c == '-' || c == '_';
}

bool drill_names(const char *text, const char *component)
{
    const char *equals = strchr(component, '='), *value = equals != NULL ? equals + 1 : component;
    const size_t n = strlen(value);
    if (n == 0)
        return false;
    for (const char *at = text; *at != '\0'; at++) {
        if ((at == text || !is_of_word(at[-1])) && strncasecmp(at, value, n) == 0 && !is_of_word(at[n]))
            return true;
    }
    return false;
}

struct room {
    const struct drill_truth *t;
    const struct drill_act *acts;
    size_t count;
    int64_t now_ms;
};

static bool counts(const struct room *r, const struct drill_act *a)
{
    const bool is_pipelines = a->verb == ACT_MARK && strncmp(a->text, "deploy|", 7) == 0; /* told by no person of the drill */
    return a->at_ms >= r->t->onset_ms && a->at_ms <= r->now_ms && !is_pipelines;
}

static bool names_it(const struct room *r, const char *text)
{
    bool named = false;
    for (size_t i = 0; i < DRILL_ALIASES && r->t->component[i] != NULL; i++)
        named = named || drill_names(text, r->t->component[i]);
    return named;
}

static bool is_of_it(const struct room *r, const char *text)
{
    return names_it(r, text) || drill_names(text, r->t->scope);
}

static bool is_over(const struct room *r)
{
    return r->t->ended_ms != 0 && r->t->ended_ms <= r->now_ms;
}

/* The first act of some verbs (bit v is verb v), that names the component where asked. NULL: none. */
static const struct drill_act *first(const struct room *r, unsigned verbs, bool naming)
{
    const struct drill_act *found = NULL;
    for (size_t i = 0; i < r->count; i++) {
        const struct drill_act *a = &r->acts[i];
        const bool fits = (verbs & 1u << a->verb) != 0 && counts(r, a) && (!naming || names_it(r, a->text));
        if (fits && (found == NULL || a->at_ms < found->at_ms))
            found = a;
    }
    return found;
}

static void put(struct drill_line *l, const char *what, const struct drill_act *a, unsigned points, unsigned out_of, const char *missing)
{
    *l = (struct drill_line){.what = what, .at_ms = a != NULL ? a->at_ms : 0, .points = a != NULL ? points : 0, .out_of = out_of};
    if (a == NULL)
        str_copy(l->note, sizeof l->note, str_of(missing));
    else if (!str_format(l->note, sizeof l->note, "%s%s%s", a->author, a->text[0] != '\0' ? ": " : "", a->text))
        str_copy(l->note, sizeof l->note, str_of(a->author)); /* the whole text stands in the incident */
}

static void put_seen(const struct room *r, const struct drill_sign *signs, size_t count, struct drill_line *l)
{
    const struct drill_sign *found = NULL;
    for (size_t i = 0; i < count; i++) {
        const bool fits =
            signs[i].known_ms >= r->t->onset_ms && signs[i].known_ms <= r->now_ms && (signs[i].pages || is_of_it(r, signs[i].scope));
        if (fits && (found == NULL || signs[i].known_ms < found->known_ms))
            found = &signs[i];
    }
    *l = (struct drill_line){.what = "first sign, told by gwtop", .at_ms = found != NULL ? found->known_ms : 0};
    str_copy(l->note, sizeof l->note,
             str_of(found == NULL             ? "nothing was told of it yet"
                    : found->scope[0] != '\0' ? found->scope
                                              : "all traffic"));
}

/* The first act of a verb once the trouble was over; NULL: none. */
static const struct drill_act *first_true(const struct room *r, enum act_verb verb)
{
    const struct drill_act *found = NULL;
    for (size_t i = 0; is_over(r) && i < r->count; i++) {
        const struct drill_act *a = &r->acts[i];
        if (a->verb == verb && counts(r, a) && a->at_ms >= r->t->ended_ms && (found == NULL || a->at_ms < found->at_ms))
            found = a;
    }
    return found;
}

/* What was done is right where it was done to what was broken, by its own text or by what was named before it, and true once that is
 * over. */
static void put_mitigated(const struct room *r, const struct drill_act *named, struct drill_line *l)
{
    const struct drill_act *now = first_true(r, ACT_MITIGATE), *a = now != NULL ? now : first(r, 1u << ACT_MITIGATE, false);
    const bool known = a != NULL && named != NULL && named->at_ms <= a->at_ms;
    const bool right = a != NULL && a->text[0] != '\0' && (known || is_of_it(r, a->text));
    put(l, "mitigation", a, (right ? 1U : 0U) + (now != NULL ? 1U : 0U), is_over(r) ? 2 : 1, "none was said");
    char said[DRILL_NOTE_MAX];
    memcpy(said, l->note, sizeof said);
    if (a != NULL && !(right && now != NULL))
        (void)str_format(l->note, sizeof l->note, "%s%s%s; %.120s", right ? "" : "of nothing that was hit, by what was said",
                         !right && now == NULL ? ", " : "", now == NULL ? "said while the trouble went on" : "", said);
}

/* What was resolved while it went on is not over. */
static void put_resolved(const struct room *r, struct drill_line *l)
{
    const struct drill_act *after = first_true(r, ACT_RESOLVE), *any = first(r, 1u << ACT_RESOLVE, false);
    put(l, "resolved", after, 1, is_over(r) || any != NULL ? 1 : 0,
        is_over(r) ? "the trouble is over, and nobody said so" : "the trouble goes on");
    if (after == NULL && any != NULL) {
        l->at_ms = any->at_ms;
        str_copy(l->note, sizeof l->note, str_of("not true: said while the trouble went on"));
    }
}

void drill_score(const struct drill_truth *t, const struct drill_sign *signs, size_t sign_count, const struct drill_act *acts,
                 size_t act_count, int64_t now_ms, struct drill_score *ret)
{
    const unsigned said = 1u << ACT_NOTE | 1u << ACT_NEXT | 1u << ACT_MITIGATE | 1u << ACT_RESOLVE | 1u << ACT_MARK;
    const struct room r = {t, acts, act_count, now_ms};
    const struct drill_act *ack = first(&r, 1u << ACT_ACK, false), *owner = first(&r, 1u << ACT_ACK | 1u << ACT_ASSIGN, false),
                           *named = first(&r, said, true);
    struct drill_line *l = ret->line;
    put_seen(&r, signs, sign_count, &l[DRILL_SEEN]);
    const int64_t seen_ms = l[DRILL_SEEN].at_ms != 0 ? l[DRILL_SEEN].at_ms : t->onset_ms;
    put(&l[DRILL_ACK], "acknowledged", ack, ack != NULL && ack->at_ms - seen_ms <= ack_within_ms ? 2 : 1, 2, "nobody took it");
    put(&l[DRILL_OWNER], "owner", owner, 1, 1, "nobody owns it");
    put(&l[DRILL_NAMED], "true component named", named, named != NULL && named->at_ms - seen_ms <= name_within_ms ? 3 : 2, 3,
        "nothing that was said names it");
    put(&l[DRILL_NEXT], "next step", first(&r, 1u << ACT_NEXT, false), 1, 1, "none was said");
    put(&l[DRILL_NOTE], "note for the others", first(&r, 1u << ACT_NOTE, false), 1, 1, "none was written");
    put_mitigated(&r, named, &l[DRILL_MITIGATED]);
    put_resolved(&r, &l[DRILL_RESOLVED]);
    ret->points = ret->out_of = 0;
    for (size_t i = 0; i < DRILL_STEPS; i++) {
        ret->points += l[i].points;
        ret->out_of += l[i].out_of;
    }
}
