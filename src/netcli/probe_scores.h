/* SPDX-License-Identifier: MIT */
/* What an evaluation system tells: the scores of the last hour, as far as some pages reach, by name. Without I/O: a sink that counts
 * instead of keeping. */
#ifndef GWTOP_NETCLI_PROBE_SCORES_H
#define GWTOP_NETCLI_PROBE_SCORES_H

#include "config/config.h"
#include "source/source.h"

enum { PROBE_SCORES_NAMES = 40, PROBE_SCORES_PAGES = 5 };

struct probe_score_name {
    char name[SCORE_NAME_MAX + 2];
    enum score_kind kind;
    size_t n, bad, refused; /* refused: of them, those that count as nothing */
    const char *why;        /* they were, the first one. Static */
    bool has_model, has_judge;
};

struct probe_scores {
    const struct config *cfg;
    struct config_source source; /* the configured one, of which the last hour is asked */
    struct probe_score_name names[PROBE_SCORES_NAMES];
    size_t name_count, total, warning_count;
    char warning[256];  /* the first, safe */
    const char *remark; /* the adapter's, NULL = nothing */
    bool whole;         /* that was all of the hour */
    struct source_sink sink;
};

void probe_scores_init(struct probe_scores *p, const struct config *cfg, const struct config_source *source);

#endif
