/* SPDX-License-Identifier: MIT */
/* What is said of outside alerts: their names and summaries are safe text already. */
#include "record/analyse_outside.h"

#include "base/timefmt.h"

static const char *subject_of(const struct analyser *an, const struct outside_track *t)
{
    const char *all = t->scope_text[0] != '\0' ? t->scope_text : "all traffic";
    return t->scope != OUTSIDE_NO_SCOPE ? an->outside->scopes[t->scope].subject : all;
}

static const char *source_of(const struct analyser *an, const struct outside_track *t)
{
    return an->outside->feeds[t->feed].name;
}

/* Never the title of a budget, whatever the alert is called. */
const char *outside_title(struct analyser *an, const struct outside_track *t)
{
    return arena_printf(&an->scratch, "%s alert %s", subject_of(an, t), t->name);
}

const char *outside_evidence(struct analyser *an, const struct outside_track *t, const struct outside *o)
{
    return arena_printf(&an->scratch, "%s fires, says %s%s%s", t->name, source_of(an, t), o->summary[0] != '\0' ? ": " : "", o->summary);
}

const char *outside_fires_text(struct analyser *an, const struct outside_track *t, const struct outside *o)
{
    const char *evidence = outside_evidence(an, t, o);
    return evidence != NULL ? arena_printf(&an->scratch, "%s: %s", subject_of(an, t), evidence) : NULL;
}

const char *outside_begins(struct analyser *an, const struct outside_track *t)
{
    return arena_printf(&an->scratch, "%s began, says %s", t->name, source_of(an, t));
}

const char *outside_ends(struct analyser *an, const struct outside_track *t, const struct outside *o)
{
    const char *by = o != NULL ? o->quiet_by : "", *why = o != NULL ? o->quiet : "";
    char until[TIMEFMT_MAX];
    if (o == NULL || o->state == OUTSIDE_OVER)
        return arena_printf(&an->scratch, "%s is over, says %s", t->name, source_of(an, t));
    if (o->state == OUTSIDE_FIRING)
        return arena_printf(&an->scratch, "%s has a severity now that opens nothing, says %s", t->name, source_of(an, t));
    instant_format_iso(instant_floor(o->quiet_until_ms, 1000), until);
    return arena_printf(&an->scratch, "%s is %s in %s%s%s%s%s%s%s", t->name, outside_state_name(o->state), source_of(an, t),
                        by[0] != '\0' ? " by " : "", by, o->quiet_until_ms != 0 ? " until " : "", o->quiet_until_ms != 0 ? until : "",
                        why[0] != '\0' ? ": " : "", why);
}

const char *outside_silent(struct analyser *an, const struct outside_track *t)
{
    const char *since = text_clock(an, t->heard_ms);
    return since != NULL ? arena_printf(&an->scratch, "%s: whether %s still fires is not known: %s has not told of it since %s",
                                        subject_of(an, t), t->name, source_of(an, t), since)
                         : NULL;
}
