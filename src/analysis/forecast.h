/* SPDX-License-Identifier: MIT */
/* What will have been spent by the end of a period, and when a budget is gone: a seasonal-naive forecast whose bands come from how wrong
 * the same method was in the past.
 *
 * Point: the mean of the same hour of the last weeks (at most four) times a level, by which the last days ran above or below that. How
 * quickly the level forgets is chosen per series, by what would have erred least; a trend that fades is taken where it would have halved
 * the errors. Band: forecasts are replayed from every past day over the same horizon; the logarithms of actual over forecast are the
 * residuals that the band is calibrated on. Overlapping replays are not independent: n is the number of horizons that fit side by side, and
 * up to half as many again for the overlap; with so few the quantile of the residuals is Student's with n degrees of freedom. A horizon of
 * which fewer than three fit into the history takes the residuals of the longest of which three do, grown with the root of time. A change
 * of level that is still to come no band holds, unless history had one.
 * Pure: no clock; `now` is the end of the history. Any unit of spend.
 * Source: Hyndman and Athanasopoulos, "Forecasting: principles and practice", 5.2; Gardner and McKenzie 1985 (a trend that fades); Lo and
 * MacKinlay 1989 (overlap); Lei et al. 2018 (split conformal); docs/decisions/0010-money-analysis.md. */
#ifndef GWTOP_ANALYSIS_FORECAST_H
#define GWTOP_ANALYSIS_FORECAST_H

#include <stdbool.h>
#include <stddef.h>

enum {
    FORECAST_HISTORY_DAYS_MAX = 26 * 7, /* what is older is not looked at */
    FORECAST_HISTORY_DAYS_MIN = 3,
    FORECAST_AHEAD_DAYS_MAX = 31,
    FORECAST_AHEAD_HOURS_MAX = 24 * FORECAST_AHEAD_DAYS_MAX
};

struct forecast {
    size_t ahead_hours, history_days;
    double level;                                  /* the last days' over the pattern's */
    double memory_days;                            /* how long the level remembers: its mean age */
    double growth;                                 /* of the logarithm, a day, as of now; it fades. 0 = no trend was taken */
    double sum[FORECAST_AHEAD_HOURS_MAX + 1];      /* median spend of the next i hours; sum[0] = 0 */
    double spread[FORECAST_AHEAD_DAYS_MAX + 1];    /* of the logarithm, at a horizon of so many days */
    double residuals[FORECAST_AHEAD_DAYS_MAX + 1]; /* independent ones behind it */
};

/* spend: of whole hours, oldest first, the last of them ends now; NaN = not observed, and so MUST be an hour of which less than half was;
 * of the others the caller scales up what is missing. ahead_hours <= FORECAST_AHEAD_HOURS_MAX.
 * Returns false when fewer than three days were observed, or nothing was spent: then nothing can be said. Cost: some 5 ms for half a
 * year. */
bool forecast_make(const double *spend, size_t hours, size_t ahead_hours, struct forecast *ret);

/* The spend of the next `hours` stays below this with probability p in (0, 1). hours <= ahead_hours. */
double forecast_quantile(const struct forecast *f, size_t hours, double p);

/* P(spend until the end of the period > left). */
double forecast_over(const struct forecast *f, double left);

/* Hours from now until `left` is spent, by the course that the spend stays below with probability p: 0.5 is the best guess, 0.95 the
 * earliest date of a 90 % interval and 0.05 the latest. Within an hour by proportion. -1 = not within the period. */
double forecast_gone_in_hours(const struct forecast *f, double left, double p);

#endif
