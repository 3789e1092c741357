/* SPDX-License-Identifier: MIT */
/* Traffic or model? Whether a share of bad answers rose because there is more of the traffic that always was worse, or because answers to
 * the same traffic are worse.
 *
 * The rise is split by strata (routes, say): what the new mix would bring at the old shares of each stratum, what came in strata that were
 * not known before, and what is left, which is within the strata. Old shares are of the time that the usual share is of, of what was not
 * known then the day before's. Whether the rest is more than chance brings is Mantel and Haenszel's test, with the strata's own sizes, so
 * that a stratum whose old share is hardly known proves little; of one stratum it is Fisher's, of several the tail of a sum with the same
 * first three moments (stat_sum_tail), so that rare ones prove no more than they do.
 * Source: Mantel and Haenszel 1959; Kitagawa 1955; docs/decisions/0013-detectors.md. */
#ifndef GWTOP_ANALYSIS_STRATA_H
#define GWTOP_ANALYSIS_STRATA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Samples of before that a stratum's share is known by. Those with fewer are one known stratum together, and are new where they are fewer
 * even so. */
enum { STRATA_KNOWN_LEAST = 20 };
/* What chance brings as seldom is no chance. */
#define STRATA_CHANCE 1e-3

struct stratum {
    uint64_t base_n, base_bad, now_n, now_bad; /* bad <= n */
    uint64_t usual_n, usual_bad;               /* of the time that the usual share is of; none of any: as base */
};

struct strata {
    double excess; /* bad answers now beyond the usual share; this is the sum of the next four */
    double mix, fresh, within;
    double level;      /* by which the strata were off the usual share already, in the mix of its time: no other traffic explains that */
    double expected;   /* the share of all that the new mix would have, were nothing worse within the strata */
    double expected_n; /* how many samples of one share would tell it as well as the strata do, at most those of before */
    double p;        /* that chance alone brings as much within the strata, one-sided in the direction of excess; 1 without known strata */
    bool would_show; /* p would be STRATA_CHANCE at most if the known strata had the change as the whole has */
    size_t most;     /* the stratum whose part of the traffic grew most of those that bring the mix */
    double was, is;  /* its part of the traffic */
};

/* usual: the share of bad ones that now is compared with; that of the list's base, or of another time. False when there is nothing to
 * compare: fewer than two strata, or no samples on a side. Cost: O(count). */
bool strata_compare(const struct stratum *list, size_t count, double usual, struct strata *ret);

/* Where a change is: in some strata alone, of which the largest comes first; most of it in one; in all; or nothing can be told. */
enum strata_where_word { STRATA_UNTOLD, STRATA_SOME, STRATA_MOSTLY, STRATA_ALL };
enum { STRATA_SOME_MAX = 3 };
struct strata_where {
    enum strata_where_word word;
    size_t at[STRATA_SOME_MAX], count; /* places in the list: SOME, and of MOSTLY one */
    double was, is;                    /* the first one's share of bad answers; was NaN where it is new */
    uint64_t n;                        /* samples of it now */
    double part;                       /* of what is bad beyond the usual, theirs */
    size_t parts, all; /* strata that would show the change if it were in all of them alike (ALL: that do); with samples now */
};

/* SOME is told when each of them changed (p 1e-2 over all strata and tests: of a hundred changes of all alike one may be told of a place),
 * they hold three quarters of the change, the others would show it if they had it, and show none (p > STRATA_CHANCE). MOSTLY: the one holds
 * half of it and twice what its traffic would. ALL: each that would show it does. False, and UNTOLD, where there are fewer than two strata
 * or none of that holds. usual: as above. tests: among how many such questions this one is, at least 1. Cost: O(count). */
bool strata_where(const struct stratum *list, size_t count, double usual, double tests, struct strata_where *ret);

#endif
