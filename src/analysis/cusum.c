/* SPDX-License-Identifier: MIT */
#include "analysis/cusum.h"

#include <math.h>

double cusum_share(double p0, double p1)
{
    return log((1 - p0) / (1 - p1)) / log(p1 * (1 - p0) / (p0 * (1 - p1)));
}

double cusum_share_nats(double p0, double p1)
{
    return p1 * log(p1 / p0) + (1 - p1) * log((1 - p1) / (1 - p0));
}

void cusum_step(struct cusum *c, int64_t t0_ms, int64_t t1_ms, double seen, double allowed)
{
    double next = c->sum + seen - allowed;
    if (c->sum <= 0 && next > 0) {
        c->t0_ms = t0_ms;
        c->t1_ms = t1_ms;
    }
    c->sum = fmax(0, next);
}

bool cusum_onset(const struct cusum *c, double nats_per_s, int64_t *ret_ms, int64_t *ret_error_ms)
{
    static const double decisive = 3; /* nats */
    if (c->sum <= 0)
        return false;
    double needed_ms = nats_per_s > 0 ? 1000 * decisive / nats_per_s : 0;
    *ret_ms = c->t0_ms + (c->t1_ms - c->t0_ms) / 2;
    *ret_error_ms = (int64_t)fmin(fmax((double)(c->t1_ms - c->t0_ms), needed_ms), 86400000);
    return true;
}
