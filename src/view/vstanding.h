/* SPDX-License-Identifier: MIT */
/* Internal to view/: what the verdict judges, and what is known of each part of it at the cursor: whether what it rests on is measured,
 * fresh and whole. */
#ifndef GWTOP_VIEW_VSTANDING_H
#define GWTOP_VIEW_VSTANDING_H

#include "view/vfeeds.h"
#include "view/vslo.h"

/* What is known of an objective, or a budget. */
struct vstanding {
    bool gone;      /* no source measures it any more: it can neither hold nor fail */
    bool unseen;    /* nothing was ever recorded in its scope */
    bool uncounted; /* of availability, and what answers tells that requests ended, and not how many failed */
    /* since when what answers lacks a part of what it is judged by, 0 = it does not: it may fail more than it seems, or less */
    int64_t lacks_ms;
    int64_t unsure_ms;     /* since when it is not sure what of it is counted, 0 = it is */
    int64_t unknown_ms;    /* since when nothing is known of it, 0 = all is fresh */
    struct alert *no_data; /* the worst of its rules that waited for data while its sources answered, NULL = none */
};

/* What is judged; vstanding_find fills its standings and `uncounted`, the caller the rest. */
struct vjudged {
    const struct view_loader *l;
    const struct view_params *p;
    int64_t until_ms; /* the last answer up to the cursor: ages are as of then */
    struct vslo_rules rules;
    struct vstanding *standing;   /* of rules.slos[i] */
    struct vstanding *of_budget;  /* of rules.budgets[i]; no_data: the worst of those that fired when their data ended */
    struct vstanding of_gateways; /* of the gateway's own budgets */
    const char *uncounted;        /* "vllm counts no failures," */
    const struct alert *findings; /* open */
    size_t finding_count;
    struct incident *incidents;
    size_t incident_count;
    struct vfeeds feeds;
};

/* Errors: ERR_NOMEM, the store's. */
enum err vstanding_find(struct vjudged *in, const struct vread *vr, struct errctx *ctx) GW_MUST_USE;

/* The worst that fires, of what rests on fresh data (settled) or of what does not; NULL when nothing does. */
struct alert *vstanding_worst_firing(const struct vjudged *in, bool settled);
/* The worst that fired when its data ended; *ret NULL when none did. Errors: the store's. */
enum err vstanding_worst_silent(const struct vjudged *in, struct alert **ret, struct errctx *ctx) GW_MUST_USE;

/* The moment from which on nothing is known of what seems to hold, 0 while all of that is fresh. fires: something does, by what is left of
 * what lacks a part. */
int64_t vstanding_unsettled_ms(const struct vjudged *in, const struct vread *vr, bool fires);
/* Whether some objective waited for data while its sources answered: a moment of which nothing was known. */
bool vstanding_lacks_data(const struct vjudged *in);
/* Whether nothing was ever recorded of what the objectives watch: that they hold would be a guess. */
bool vstanding_is_unseen(const struct vjudged *in);
/* Whether some objective is still measured, or there is another rule that can page. */
bool vstanding_can_page(const struct vjudged *in);

#endif
