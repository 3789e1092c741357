/* SPDX-License-Identifier: MIT */
/* Facts as the panes show them: who is hit, suspects, timelines, objectives, deployments. Each draws from row 0 of its area down, never
 * more rows than the area has, and ends in "+12 more" when there was more. Counts are what each would like to have, without its rule. */
#ifndef GWTOP_UI_DRAW_PART_FACTS_H
#define GWTOP_UI_DRAW_PART_FACTS_H

#include "ui/draw/area.h"
#include "ui/draw/part.h"
#include "view/view_overview.h"

/* Which time the bad ones were counted in: the now window, or an incident's own time. */
enum part_hits { PART_HITS_NOW, PART_HITS_SINCE, PART_HITS_OVER };
/* Rule with the columns' heads in it, then a row per team; the list that ctx selects from when `list` is set. */
void part_hits(struct area a, const struct vhits *hits, enum part_hits when, bool list, const struct draw_ctx *ctx);
/* In a line: "1,808 (51%)", "7 refused (100%)", "12 and 7 refused (30%)". */
const char *part_hit_text(const struct vhit *h, char *out, size_t cap);
int part_hits_want(const struct vhits *hits, int width);
/* The rows below the rule: one line each ("1 title: reason"), or, where the area has room, title and reasons on lines of their own. */
struct part_suspected {
    const struct vsuspect *list;
    size_t count;
    const char *note; /* why nobody is, "" or NULL */
    const struct vpage *pages;
    size_t page_count;
    const char *like; /* what it was like before, in the last row; "" or NULL */
    size_t selected;  /* of the list, whose title has the selection and whose moment ctx->out has then, from 1 on; 0 = none */
};
/* What providers' own pages say stands below, where there is room beside the titles. */
void part_suspects(struct area a, const struct part_suspected *s, const struct draw_ctx *ctx);
/* Rows of the roomy form: with two for each sentence, or with whole ones. */
int part_suspects_want(const struct part_suspected *s, int width, bool whole);
/* "03:06:40  E text", in time order; texts are wrapped where there is room for all of them. */
int part_timeline_want(const struct timeline_entry *t, size_t count, int width, bool whole);
void part_timeline(struct area a, const struct timeline_entry *t, size_t count, const struct draw_ctx *ctx);
/* An objective in one row each, those that burn first; where not all have room, the last row says at its end how many more there are. In
 * `columns` columns, down the first one and then the next. */
void part_slos(struct area a, const struct vslo *slos, size_t count, int columns, const struct draw_ctx *ctx);
/* How many of them fire, or spend faster than their objective allows. */
int part_slos_burning(const struct vslo *slos, size_t count);
/* Rule, heads, and a row per deployment. note: what of them the filter does not reach. */
void part_deployments(struct area a, const struct vdeployment *d, size_t count, const char *note, const struct draw_ctx *ctx);
/* Rows of that table, the rule and the heads included; 0 where there is nothing to say. */
int part_deployments_want(size_t count, const char *note);
/* Rule, then a row per source: name, age, HTTP status, polls per second. */
void part_source_states(struct area a, const struct source_status *s, size_t count, const struct draw_ctx *ctx);
enum role part_source_role(enum source_state s);
/* What differs in words: "slow ttft", "36.6%", "0.05%" ("none": it was not there before), "98%" of the change ("-": it is no part of
 * it). */
struct part_differ {
    char measure[NUMFMT_MAX], now[NUMFMT_MAX], then[NUMFMT_MAX], share[NUMFMT_MAX];
};
struct part_differ part_differ_of(const struct vdiffer *d);
/* A row each: what, its change, its share. */
void part_diffs(struct area a, const struct vdiffer *d, size_t count, const struct draw_ctx *ctx);

#endif
