/* SPDX-License-Identifier: MIT */
/* Internal to view/: whether the newest polls show that trouble is over, by the binomial guards of the rules. */
#ifndef GWTOP_VIEW_VLATEST_H
#define GWTOP_VIEW_VLATEST_H

#include "analysis/slo.h"
#include "view/vread.h"

enum { VLATEST_WINDOWS = 5 };
/* Queries over the last minute and over parts of it, of which the least holds the newest poll alone where polls are rarer. */
struct vlatest {
    size_t q[VLATEST_WINDOWS];
};
struct vlatest_reading {
    bool over;               /* so few are bad that it is over */
    struct slo_count count;  /* over: what shows that; else the last minute */
    int64_t ms;              /* the time of it, as text says it */
    struct slo_count newest; /* the last 20 s, or the newest poll */
    int64_t newest_ms;
};

/* Adds the queries; vread_run is the caller's. Errors: ERR_NOMEM. */
enum err vlatest_ask(struct vread *vr, const struct slo *s, struct vlatest *ret) GW_MUST_USE;
/* Over: the longest of the windows proves a burn rate wrong, and has no more bad ones than chance brings. The minute by a rule's end (once
 * in twenty times), parts of it by a ticket's guard, since there are many in a minute. Errors: ERR_NOMEM. */
enum err vlatest_read(const struct vread *vr, const struct slo *s, const struct vlatest *ask, double burn,
                      struct vlatest_reading *ret) GW_MUST_USE;
/* ", 100% of 480 in the last 20s", ", none of 480 in the last 20s" where the newest polls have clearly more or fewer bad ones, by a
 * ticket's guard, than the share that is said of a longer time; else "". NULL when the arena is full. */
const char *vlatest_news(struct arena *a, const struct vlatest_reading *r, double share);
/* Whether more of a count are bad than a ticket's guard takes for chance. */
bool vlatest_is_no_chance(const struct slo *s, const struct slo_count *c);

#endif
