/* SPDX-License-Identifier: MIT */
#include "view/vrefused.h"

#include <string.h>

#include "view/vtext.h"

static const double least_share =
    0.01; /* of what was asked, that is refused to callers who are not let in: scanners and old keys are less */

static const char *const reasons[OUTCOME_COUNT] = {
    [OUTCOME_BUDGET] = "budget spent", [OUTCOME_LIMIT] = "rate limit", [OUTCOME_AUTH] = "not let in"};

bool vrefused_matters(const struct voutcomes *o, uint64_t all)
{
    return o->by_class[OUTCOME_BUDGET] + o->by_class[OUTCOME_LIMIT] > 0 || (double)o->refused > least_share * (double)all;
}

const char *vrefused_reasons(struct arena *a, const uint64_t by_class[OUTCOME_COUNT])
{
    const char *text = "";
    size_t kinds = 0;
    for (int c = 0; c < OUTCOME_COUNT; c++)
        kinds += reasons[c] != NULL && by_class[c] > 0;
    for (int c = 0; c < OUTCOME_COUNT && text != NULL; c++) {
        char n[VTEXT_MAX] = "";
        if (reasons[c] == NULL || by_class[c] == 0)
            continue;
        if (kinds > 1)
            vtext_count(by_class[c], n);
        text = arena_printf(a, "%s%s%s%s%s", text, text[0] != '\0' ? ", " : "", reasons[c], n[0] != '\0' ? " " : "", n);
    }
    return text;
}

const char *vrefused_text(struct arena *a, const struct voutcomes *o)
{
    const char *mark = exact_mark(vnum_of(0, 0, VNUM_SUM, o->trust).exact), *why = vrefused_reasons(a, o->by_class);
    char refused[VTEXT_MAX], all[VTEXT_MAX];
    vtext_count(o->refused, refused);
    vtext_count(o->all, all);
    return why != NULL ? arena_printf(a, "%s%s of %s%s requests refused (%s)", mark, refused, mark, all, why) : NULL;
}

bool vrefused_is_spent(const struct alert *al)
{
    static const char *const of_end[] = {":ticket-gateway", ":ticket-reset"}; /* their counts are of the whole period */
    const char *last = strrchr(al->rule, ':');
    bool is = false;
    for (size_t i = 0; i < sizeof of_end / sizeof *of_end; i++)
        is = is || (last != NULL && strcmp(last, of_end[i]) == 0);
    return is && budget_of_rule(al->rule).p != NULL && al->total > 0 && al->bad >= al->total;
}

int64_t vrefused_since_ms(const struct vread *vr, size_t q)
{
    for (uint32_t c = 0; c < vr->q[q].columns; c++)
        if (vread_outcomes(vr, q, c, DIM_COUNT, 0).by_class[OUTCOME_BUDGET] > 0)
            return vr->q[q].t0_ms + c * vr->q[q].step_ms;
    return 0;
}

int64_t vrefused_until_ms(const struct vread *vr, size_t q)
{
    bool answered = false;
    for (uint32_t c = vr->q[q].columns; c-- > 0;) {
        const struct voutcomes o = vread_outcomes(vr, q, c, DIM_COUNT, 0);
        if (o.by_class[OUTCOME_BUDGET] > 0)
            return answered ? vr->q[q].t0_ms + (c + 1) * vr->q[q].step_ms : 0;
        answered = answered || o.by_class[OUTCOME_OK] > 0;
    }
    return 0;
}
