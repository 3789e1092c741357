/* SPDX-License-Identifier: MIT */
/* What a report says of a budget: an incident of one stays open for ten minutes after its last rule, and may hold other budgets' alerts, so
 * that its own time is asked of the budget's own rules, and of what was refused where all of it was spent. */
#include <math.h>
#include <string.h>

#include "base/timefmt.h"
#include "view/vrefused.h"
#include "view/vreport.h"
#include "view/vtext.h"

enum { SPENDERS_TOLD = 3 };

bool vreport_budget_is_spent(const struct vreport *r)
{
    const struct alert *first = vreport_first(&r->out->incidents);
    return incident_is_of_budget(&r->v->in) && first != NULL && vrefused_is_spent(first);
}

/* Whether it is of the budget that the incident has its name from: "budget team data", "budget:team data:ticket-gateway". */
static bool is_own(const struct vreport *r, const struct alert *al)
{
    const struct str name = budget_of_rule(al->rule);
    const char *title = r->v->in.title;
    const size_t all = strlen(title);
    return name.p != NULL && name.n <= all && memcmp(title + all - name.n, name.p, name.n) == 0 &&
           (name.n == all || title[all - name.n - 1] == ' ');
}

/* When the last of its own rules was over, and how often they were; 0 while one fires, or where none of it is recorded. */
static int64_t own_over_ms(const struct vreport *r, size_t *ret_times)
{
    const struct view_incidents *v = &r->out->incidents;
    int64_t last = 0;
    *ret_times = 0;
    for (size_t i = 0; i < v->alert_count; i++) {
        if (v->alerts[i].state != ALERT_FIRING || !is_own(r, &v->alerts[i]))
            continue;
        const struct alert *over = vreport_over(v, &v->alerts[i]);
        if (over == NULL)
            return 0;
        *ret_times += over->since_ms > last; /* a rule of a longer window fires beside it */
        last = over->since_ms > last ? over->since_ms : last;
    }
    return last;
}

/* "from 1 Dec 17:00:50Z to 17:10:50Z (10m)". NULL when the arena is full. */
static const char *until(const struct vreport *r, int64_t end_ms, const char *pauses)
{
    struct arena *a = r->l->arena;
    const char *began = vreport_began(r, true), *to = vreport_at(r, end_ms, 0);
    char least[TIMEFMT_MAX], most[TIMEFMT_MAX];
    duration_format(end_ms > r->v->from_by_ms ? end_ms - r->v->from_by_ms : 0, least);
    duration_format(end_ms > r->v->from_ms ? end_ms - r->v->from_ms : 0, most);
    if (began == NULL || to == NULL)
        return NULL;
    return strcmp(least, most) == 0 ? arena_printf(a, "from %s to %s (%s%s)", began, to, most, pauses)
                                    : arena_printf(a, "from %s to %s (%s to %s%s)", began, to, least, most, pauses);
}

const char *vreport_budget_happened(const struct vreport *r, const char *name, const char *time)
{
    const bool spent = vreport_budget_is_spent(r), goes_on = incident_end_ms(&r->v->in) == 0 && !r->v->is_silent;
    const int64_t refused_until = spent ? r->counts->refused_until_ms : 0;
    size_t times;
    const int64_t over = refused_until != 0 ? refused_until : own_over_ms(r, &times);
    struct arena *a = r->l->arena;
    const char *within = over != 0 ? until(r, over, refused_until == 0 && times > 1 ? ", with pauses" : "") : time;
    const char *was = goes_on && over == 0 ? "has been" : "was";
    if (within == NULL)
        return NULL;
    return spent ? arena_printf(a, "All of %s %s spent %s.", name, was, within)
                 : arena_printf(a, "%s %s spent too fast %s.", name, was, within);
}

const char *vreport_budget_state(const struct vreport *r, const char *fires)
{
    struct arena *a = r->l->arena;
    size_t times;
    const int64_t over = own_over_ms(r, &times);
    if (vreport_budget_is_spent(r) && r->counts->refused_until_ms != 0) {
        const char *at = vreport_at(r, r->counts->refused_until_ms, 0);
        return at == NULL ? NULL : arena_printf(a, ": refusals ended at %s%s%s", at, fires[0] != '\0' ? ", and " : "", fires);
    }
    if (fires[0] != '\0')
        return over == 0 ? ", going on" : arena_printf(a, ": another budget that is told with it is still spent too fast");
    return ": none of its rules fires; it is resolved after ten minutes of that";
}

/* "spent most: key agents-f31a ($213, $8.10 in as much time 1h ago), key x ($20)"; "" where nobody is told by name. */
const char *vreport_budget_spenders(const struct vreport *r)
{
    const struct view_report *out = r->out;
    const bool by_key = out->keys_spent_count > 1;
    const struct vreport_spender *list = by_key ? out->keys_spent : out->teams;
    const size_t count = by_key ? out->keys_spent_count : out->team_count;
    struct arena *a = r->l->arena;
    const char *text = "";
    size_t told = 0;
    bool more = false; /* of anybody it is known that it was more, or not known that it was not */
    for (size_t i = 0; i < count; i++)
        more = more || isnan(list[i].usual.v) || (double)list[i].nusd / 1e9 > list[i].usual.v;
    const char *most = more ? "spent most: " : "nobody of it spent more than in as much time before; most: ";
    for (size_t i = 0; count > 1 && i < count && told < SPENDERS_TOLD && text != NULL; i++) { /* one alone is the budget's scope */
        char now[VTEXT_MAX], usual[VTEXT_MAX];
        if (list[i].name[0] == '(' || strcmp(list[i].name, "other") == 0)
            continue;
        vtext_usd((double)list[i].nusd / 1e9, now);
        vtext_usd(list[i].usual.v, usual);
        text = isnan(list[i].usual.v) ? arena_printf(a, "%s%s%s %s (%s%s)", text, told > 0 ? ", " : most,
                                                     dim_name(by_key ? DIM_KEY : DIM_TEAM), list[i].name, exact_mark(list[i].exact), now)
                                      : arena_printf(a, "%s%s%s %s (%s%s, %s%s%s)", text, told > 0 ? ", " : most,
                                                     dim_name(by_key ? DIM_KEY : DIM_TEAM), list[i].name, exact_mark(list[i].exact), now,
                                                     exact_mark(list[i].usual.exact), usual, told > 0 ? "" : " in as much time before");
        told++;
    }
    return text;
}
