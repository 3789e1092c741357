/* SPDX-License-Identifier: MIT */
/* `gwtop hosting`: what a million tokens costs on GPUs of one's own, at the utilisation that was served. */
#ifndef GWTOP_VIEW_VIEW_HOSTING_H
#define GWTOP_VIEW_VIEW_HOSTING_H

#include "view/view.h"

/* A pool of GPUs. Rates are means over the window; NaN = not known, and `why` says why. Energy includes the site's overhead (PUE), power
 * does not. */
struct vhosting {
    const char *name, *scope_text; /* scope_text: "model=llama-70b", "" = all traffic */
    uint32_t gpus;                 /* at the window's end, 0 = the pool is not there yet */
    struct vnum gpu_usd_per_h;     /* of the GPUs, used or not */
    struct vnum tokens_per_s;      /* input and output */
    struct vnum power_w;           /* drawn by the GPUs; n: how many of them were measured */
    struct vnum energy_usd_per_h, usd_per_h;
    struct vnum usd_per_mtok, kwh_per_mtok, g_per_mtok, g_per_h; /* mtok: million tokens; g: grams of CO2 equivalent */
    struct vnum utilisation;                                     /* of full batches, 0 to 1 */
    struct vnum full_usd_per_mtok;                               /* what it would be at full batches, energy as it is now */
    const char *text; /* "llama: 8 GPUs $16.8/h + energy ~$1.05/h = ~$0.62 a million tokens, ~0.14 kWh, ~56 g CO2; 25% of full" */
    const char *why;  /* "power: no source measures it; ...", "" */
};

struct view_hosting {
    int64_t window_ms; /* in whole steps, so that a tariff changes between two of them */
    const struct vhosting *rows;
    size_t count; /* 0: none configured */
    double pue;
    const char *tariff_text; /* "0.24 USD/kWh", "0.14 to 0.24 USD/kWh, measured"; "" = none */
};

#endif
