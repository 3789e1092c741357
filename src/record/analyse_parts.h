/* SPDX-License-Identifier: MIT */
/* Strata from the store: what traffic is split by, one query per dimension and window, and tables by the values of a dimension. Of
 * analyse_traffic.c and analyse_traffic_beside.c alone. */
#ifndef GWTOP_RECORD_ANALYSE_PARTS_H
#define GWTOP_RECORD_ANALYSE_PARTS_H

#include "record/analyse_stream.h"

enum {
    PARTS_MAX = 4096,
    PARTS_SLOTS = 4 * PARTS_MAX,
    PARTS_PLACES = 4, /* whose traffic it is, and where the gateway sent it: no other traffic, but a place where a drift may be */
    PARTS_DIMS = PARTS_PLACES - 1, /* the former alone */
};
extern const enum dim parts_dims[PARTS_PLACES];

/* Queries of a kind of question, and what they told. */
struct parts_asked {
    struct store_query q[6 * PARTS_PLACES];
    struct store_result r[6 * PARTS_PLACES];
    size_t count;
    const struct store_result *usual; /* by dimension; NULL: as before */
};

/* A signal by a dimension: before, and now. */
void parts_ask(struct parts_asked *a, enum signal signal, const struct store_filter *f, enum dim dim, const struct spans *of);
/* Asks for what a stream is of, by each dimension: of a score two results, of a share of answers four; and after them the usual ones. */
enum err parts_ask_stream(struct analyser *an, const struct group *g, struct parts_asked *a, const struct spans *of,
                          struct errctx *ctx) GW_MUST_USE;
/* Of a signal what the analyser counts of a model; 0: of those of no model alone. Lists are in scratch. */
enum err parts_filter(struct analyser *an, enum signal signal, uint32_t model, struct store_filter *f, struct errctx *ctx) GW_MUST_USE;
enum err parts_only(struct analyser *an, enum dim dim, uint32_t id, struct store_filter *f, struct errctx *ctx) GW_MUST_USE;

/* A table by the values of one dimension; of more than it holds the rest is one stratum, that is nobody's (TRAFFIC_REST). */
struct parts_table {
    uint32_t id[PARTS_MAX];
    struct stratum list[PARTS_MAX];
    size_t count;
    uint16_t slots[PARTS_SLOTS]; /* place in the list and one, 0 = free */
};
void parts_clear(struct parts_table *t);
struct stratum *parts_row(struct parts_table *t, uint32_t id); /* made when new */
/* What of a stream a result of it told: of before or now, of its whole or its bad ones. */
void parts_add(const struct group *g, struct parts_table *t, const struct store_result *r, enum dim dim, bool is_now, bool is_bad);
void parts_add_usual(const struct group *g, struct parts_table *t, const struct store_result *r, enum dim dim, bool is_bad);

/* ---- words (analyse_traffic.c) ---- */

/* "route /v1/extract 6.0 -> 31 % of OF"; in scratch, NULL when out of memory. */
const char *traffic_stratum_text(struct analyser *an, enum dim dim, uint32_t id, double was, double is, const char *of);

/* ---- beside (analyse_traffic_beside.c) ---- */

/* The requests' own mix, and the length of their prompts: into ret->text, where they moved. */
enum err traffic_compare_requests(struct analyser *an, const struct group *g, const struct spans *of, struct traffic *ret,
                                  struct errctx *ctx) GW_MUST_USE;
enum err traffic_compare_length(struct analyser *an, const struct group *g, const struct spans *of, struct traffic *ret,
                                struct errctx *ctx) GW_MUST_USE;

#endif
