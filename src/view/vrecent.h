/* SPDX-License-Identifier: MIT */
/* Internal to view/: since when within the now window money goes at another rate than before, where its polls prove that.
 *
 * A rate of $/h is that of the now window, everywhere. When traffic stops or doubles within it, that mean is true and says nothing of now;
 * so the time since then stands beside it. How this works: the window is cut at each end of a poll, and what was counted after the cut is
 * compared with what a steady rate would have put there. How far chance moves that is told by the number of requests, whose costs are taken
 * to be as unlike as an exponential distribution's and a half more (variance of a sum: three times the number's). Five times that far is no
 * chance. Of nothing since the cut the probability itself is taken: 1 in 10,000. What lies after the best cut is cut again, until no cut in
 * it proves anything. Half a minute at least must lie behind it, but ten seconds where the number of requests rose as far beyond chance:
 * traffic that is back is told at once. The rate is a lower bound: of a rise, from the poll in which it began; of a fall, from the end of
 * that poll, which holds some of what went before. Source: docs/decisions/0009-prices.md. */
#ifndef GWTOP_VIEW_VRECENT_H
#define GWTOP_VIEW_VRECENT_H

#include "view/view_spend.h"
#include "view/vread.h"

struct vrecent_ask {
    size_t cost, input, output, requests;
};
/* Adds what vrecent_find needs: four queries over the now window, of all that the filter leaves. */
struct vrecent_ask vrecent_ask(struct vread *vr);

struct vrecent_time {
    int64_t since_ms; /* 0: the window is of one rate, or nothing proves otherwise, or some source is not fresh, or it fell just now */
    bool stopped;     /* nothing in that time */
    bool is_idle;     /* and no request ended in it either */
    int64_t booked_nusd, covered_ms; /* of what is booked */
};
/* is_computed: money is what tokens cost, and not what was booked. */
struct vrecent_time vrecent_find(const struct vread *vr, const struct vrecent_ask *ask, bool is_computed);

/* What is told of it. text is NULL when the arena is full. */
struct vspend_recent vrecent_tell(struct arena *a, const struct vrecent_time *t, struct vspend_amount per_h, bool is_computed);
/* "over the last 5m", followed by " (no request ended since 21:14:05Z)" where there is such a text. NULL when the arena is full. */
const char *vrecent_over(struct arena *a, int64_t measured_ms, const struct vspend_recent *r);

#endif
