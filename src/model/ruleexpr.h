/* SPDX-License-Identifier: MIT */
/* The language of own rules: `expr` in the configuration. gwtop.yaml(5) has it for users; this is all of it:
 *
 *   rule      = compare { "and" compare }                 all of them must hold; the first is the one that `clear` is about
 *   compare   = sum ( ">" | ">=" | "<" | "<=" ) number
 *   sum       = product { ( "+" | "-" ) product }
 *   product   = unary { ( "*" | "/" ) unary }
 *   unary     = [ "-" ] ( number | "(" sum ")" | term )
 *   term      = selector                                  a gauge: what its series read together, by the signal's merge rule
 *             | "rate" "(" selector [ "," window ] ")"    per second that was observed; of latencies and scores how many there were
 *             | "sum" "(" selector [ "," window ] ")"     the same in all, in the signal's unit
 *             | "ratio" "(" selector "," selector [ "," window ] ")"   sum by sum
 *             | "quantile" "(" selector "," number [ "," window ] ")"  of a latency, in seconds
 *             | "mean" "(" selector [ "," window ] ")"    of a latency or a score
 *             | "bad" "(" selector [ "," window ] ")"     share of scores that are bad
 *   selector  = signal [ "{" dimension "=" text { "," dimension "=" text } "}" ]    text: "a" or "a|b", any of them
 *   number    = decimal [ "%" | "ms" | "s" | "m" | "h" | "d" | "k" | "M" | "G" ]    times are seconds
 *   window    = number of 1m to 1d with a unit of time; 5m where nothing is said
 *
 * A value is unknown (NaN) where nothing was observed, where it would be divided by nothing, and where a part of it is unknown; a
 * comparison with it neither holds nor fails. Pure. */
#ifndef GWTOP_MODEL_RULEEXPR_H
#define GWTOP_MODEL_RULEEXPR_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "model/facts.h"

enum {
    RULEEXPR_BYTES_MAX = 1000,
    RULEEXPR_TERMS_MAX = 8,
    RULEEXPR_PARTS_MAX = 8,
    RULEEXPR_COMPARES_MAX = 4,
    RULEEXPR_NODES_MAX = 64,
};

enum ruleexpr_fn { RULEEXPR_GAUGE, RULEEXPR_RATE, RULEEXPR_SUM, RULEEXPR_RATIO, RULEEXPR_QUANTILE, RULEEXPR_MEAN, RULEEXPR_BAD };

/* Parts of one dimension are alternatives. */
struct ruleexpr_selector {
    enum signal signal;
    uint32_t part_count;
    struct scope_part part[RULEEXPR_PARTS_MAX];
};

struct ruleexpr_term {
    enum ruleexpr_fn fn;
    uint32_t selector_count; /* 2 of a ratio, else 1 */
    struct ruleexpr_selector selector[2];
    double q;          /* RULEEXPR_QUANTILE */
    int64_t window_ms; /* RULEEXPR_GAUGE: 0 */
};

struct ruleexpr_node {
    enum { RULEEXPR_NUMBER, RULEEXPR_TERM, RULEEXPR_NEGATE, RULEEXPR_ADD, RULEEXPR_SUBTRACT, RULEEXPR_TIMES, RULEEXPR_BY } op;
    double number;
    uint32_t a, b; /* nodes, which come before this one; of a term its index */
};

struct ruleexpr_compare {
    uint32_t node;
    bool above, or_equal; /* > or >=; else < or <= */
    double threshold;
};

struct ruleexpr {
    uint32_t term_count, node_count, compare_count;
    struct ruleexpr_term term[RULEEXPR_TERMS_MAX];
    struct ruleexpr_node node[RULEEXPR_NODES_MAX];
    struct ruleexpr_compare compare[RULEEXPR_COMPARES_MAX];
};

/* Texts in a. Errors: ERR_PARSE with what was expected and *ret_at, the byte (from 0) at which; ERR_LIMIT the same; ERR_NOMEM. */
enum err ruleexpr_parse(struct str text, struct arena *a, struct ruleexpr *ret, size_t *ret_at, struct errctx *ctx) GW_MUST_USE;
/* A number alone, as in `clear`. */
bool ruleexpr_number(struct str text, double *ret);

/* value[i] is that of term i. NaN = unknown. */
double ruleexpr_value(const struct ruleexpr *x, uint32_t compare, const double *value);
enum ruleexpr_truth { RULEEXPR_FALSE, RULEEXPR_TRUE, RULEEXPR_UNKNOWN };
/* first_threshold: in place of the first comparison's own. False before unknown: what fails needs the rest no more. */
enum ruleexpr_truth ruleexpr_holds(const struct ruleexpr *x, double first_threshold, const double *value);

#endif
