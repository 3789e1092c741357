/* SPDX-License-Identifier: MIT */
#include "analysis/price_fit.h"

#include <math.h>
#include <string.h>

static const double unexplained_max = 0.01, pivot_min = 1e-6, pusd_per_nusd = 1000;

/* Normal equations: of each row counts the share that it misses of its own cost, so that large rows do not hide small ones. */
struct equations {
    double a[LMDI_KINDS][LMDI_KINDS], b[LMDI_KINDS];
    bool used[LMDI_KINDS];
    size_t rows, kinds;
};

static bool counts(const struct lmdi_side *r)
{
    return r->cost_nusd > 0;
}

static struct equations equations_of(const struct lmdi_side *rows, size_t count)
{
    struct equations eq;
    memset(&eq, 0, sizeof eq);
    for (size_t i = 0; i < count; i++) {
        if (!counts(&rows[i]))
            continue;
        eq.rows++;
        for (int k = 0; k < LMDI_KINDS; k++) {
            double x = (double)rows[i].tokens[k] / (double)rows[i].cost_nusd;
            eq.used[k] = eq.used[k] || rows[i].tokens[k] > 0;
            eq.b[k] += x;
            for (int j = 0; j < LMDI_KINDS; j++)
                eq.a[k][j] += x * (double)rows[i].tokens[j] / (double)rows[i].cost_nusd;
        }
    }
    for (int k = 0; k < LMDI_KINDS; k++)
        eq.kinds += eq.used[k];
    return eq;
}

/* Cholesky on the used kinds, scaled to a diagonal of ones: a pivot near 0 means that rows do not tell two kinds apart. */
static bool solve(const struct equations *eq, double x[LMDI_KINDS])
{
    double l[LMDI_KINDS][LMDI_KINDS] = {{0}}, scale[LMDI_KINDS], y[LMDI_KINDS];
    int at[LMDI_KINDS], n = 0;
    for (int k = 0; k < LMDI_KINDS; k++) {
        x[k] = 0;
        if (eq->used[k])
            at[n++] = k;
    }
    for (int i = 0; i < n; i++) {
        scale[i] = sqrt(eq->a[at[i]][at[i]]);
        y[i] = eq->b[at[i]] / scale[i];
        for (int j = 0; j <= i; j++) {
            double sum = eq->a[at[i]][at[j]] / scale[i] / scale[j];
            for (int k = 0; k < j; k++)
                sum -= l[i][k] * l[j][k];
            if (i == j && sum < pivot_min)
                return false;
            l[i][j] = i == j ? sqrt(sum) : sum / l[j][j];
        }
        for (int k = 0; k < i; k++)
            y[i] -= l[i][k] * y[k];
        y[i] /= l[i][i];
    }
    for (int i = n - 1; i >= 0; i--) {
        for (int k = i + 1; k < n; k++)
            y[i] -= l[k][i] * y[k];
        y[i] /= l[i][i];
        x[at[i]] = y[i] / scale[i];
    }
    return true;
}

static bool explains(const struct lmdi_side *rows, size_t count, const double x[LMDI_KINDS])
{
    double missed = 0, booked = 0;
    for (size_t i = 0; i < count; i++) {
        if (!counts(&rows[i]))
            continue;
        double guess = 0;
        for (int k = 0; k < LMDI_KINDS; k++)
            guess += x[k] * (double)rows[i].tokens[k];
        booked += (double)rows[i].cost_nusd;
        missed += fabs((double)rows[i].cost_nusd - guess);
    }
    return missed <= unexplained_max * booked;
}

bool price_fit(const struct lmdi_side *rows, size_t count, int64_t ret_pusd[LMDI_KINDS])
{
    const struct equations eq = equations_of(rows, count);
    double x[LMDI_KINDS];
    if (eq.kinds == 0 || eq.rows <= eq.kinds || !solve(&eq, x))
        return false;
    for (int k = 0; k < LMDI_KINDS; k++)
        if (x[k] < 0 || x[k] * pusd_per_nusd > 1e15)
            return false;
    if (!explains(rows, count, x))
        return false;
    for (int k = 0; k < LMDI_KINDS; k++)
        ret_pusd[k] = llround(x[k] * pusd_per_nusd);
    return true;
}
