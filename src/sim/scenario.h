/* SPDX-License-Identifier: MIT */
/* Scripted incidents: what goes wrong, when, and the truth about it. One row of a table per scenario (scenario_table.c).
 *
 * An incident is a scenario with an onset. Several may overlap: every scenario edits one neutral struct effects, rates by
 * multiplying, so that the order does not matter. */
#ifndef GWTOP_SIM_SCENARIO_H
#define GWTOP_SIM_SCENARIO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/rng.h"
#include "sim/company.h"
#include "sim/request.h"

/* How the world differs from an ordinary day. */
struct effects {
    struct {
        double failing;    /* added share of attempts that fail with 5xx */
        double limited;    /* added share of attempts that are refused with 429 */
        double stubborn;   /* a failed attempt's retry fails at least as often as this */
        double ttft, tpot; /* multipliers */
    } deployment[DEPLOYMENT_COUNT];
    struct {
        double rate, prompt; /* multipliers */
        bool spent;          /* its budget is used up: the gateway refuses it */
    } key[KEY_COUNT];
    struct {
        double json_valid, output; /* multipliers */
        double cached;             /* multiplier of the share of a prompt that is read from a cache */
        double extracts;           /* multiplier of the share of its requests that are extraction */
        double booked;             /* multiplier of what the gateway books; what the provider asks is as before */
        double stray;              /* share of its requests that are sent to stray_to, which is another model's */
        enum deployment_id stray_to;
        double insists;   /* clients repeat at least this share of failed calls, */
        unsigned tries;   /* so many times more than they do on an ordinary day */
        unsigned version; /* index into model->version */
    } model[MODEL_COUNT];
    double guardrail[GUARDRAIL_COUNT], retrieval; /* multipliers of the time that they take */
    bool frozen;                                  /* the gateway's page tells again and again what it told last */
};

void effects_reset(struct effects *fx); /* an ordinary day */

/* One thing that an observer should be able to measure while the incident lasts. */
struct scenario_expectation {
    const char *signal, *scope, *unit;
    double before, during, tolerance; /* tolerance: absolute, of `during`, on averages over the incident's full strength */
};

enum { SCENARIO_EXPECTATIONS = 6, SCENARIO_ALIASES = 3, INCIDENTS_MAX = 8 };

/* What an observer should come to: an incident with its page or ticket; a finding, which pages nobody; that a source can't be trusted; or
 * that nothing is wrong although figures moved. */
enum scenario_expects { EXPECTS_INCIDENT, EXPECTS_FINDING, EXPECTS_SOURCE_TROUBLE, EXPECTS_NOTHING };

struct scenario {
    const char *name;
    int64_t duration_ms; /* 0 = does not end by itself */
    int64_t ramp_ms;     /* from nothing to full strength, and back */
    /* component: what it comes from, as "dimension=value"; also: names under which the same is seen; scope: what a verdict should be of */
    const char *component, *also[SCENARIO_ALIASES], *scope, *what;
    const char *kind; /* "errors", "latency", "cost", "quality", "traffic" or "telemetry" */
    enum scenario_expects expects;
    int restarts;                                              /* index of the engine that starts anew at both ends, -1 = none */
    const char *deploy;                                        /* what a deploy pipeline tells of the onset, NULL = nothing */
    struct scenario_expectation expect[SCENARIO_EXPECTATIONS]; /* signal NULL ends the list */
    /* Edits fx. strength in (0, 1]: the ramp; elapsed_ms since the onset. */
    void (*apply)(struct effects *fx, double strength, int64_t elapsed_ms);
};

struct incident {
    const struct scenario *scenario;
    int64_t onset_ms, end_ms; /* end_ms INT64_MAX = does not end by itself */
};

/* Appends what there is: a line each, or {"scenarios": [{"name", "kind", "expects", "lasts_ms"}]}; what is wrong in one, it does not tell.
 * Errors: ERR_NOMEM. */
enum err scenario_list(bool as_json, struct buf *out) GW_MUST_USE;
size_t scenario_count(void);
const struct scenario *scenario_at(size_t i); /* i < scenario_count(), in the order in which they are listed */
/* One of those that show within minutes, by dice. */
const struct scenario *scenario_random(struct rng *r);
const struct scenario *scenario_past(void);                 /* not offered by name: every recorded history contains it */
const char *scenario_expects_name(enum scenario_expects e); /* "incident", "finding", "source trouble", "nothing" */

struct script {
    struct incident incident[INCIDENTS_MAX];
    size_t count;
};

/* Adds the scenarios of a list such as "brownout" or "brownout,drift" ("none" adds nothing), all with one onset.
 * Errors: ERR_USAGE naming what exists. */
enum err script_add(struct script *s, const char *names, int64_t onset_ms, struct errctx *ctx) GW_MUST_USE;
/* Adds the incident that every recorded history contains: 14 h before live_ms, a smaller brownout of anthropic for c-s. */
void script_add_past(struct script *s, int64_t live_ms);

/* The first incident of which a deploy pipeline tells; NULL: none. */
const struct incident *script_deploy(const struct script *s);

/* The effects in force at an instant. Returns whether any incident is in force. Cost: O(incidents). */
bool script_effects(const struct script *s, int64_t wall_ms, struct effects *ret);

/* Whether an engine starts anew at an instant. */
bool script_restarts(const struct script *s, unsigned engine, int64_t wall_ms);
/* The key whose budget is used up, and when. False: none is. */
bool script_spends(const struct script *s, unsigned *ret_key, int64_t *ret_at_ms);

/* Appends {"seed":...,"live_ms":...,"incidents":[...]} as one JSON value and a newline. Errors: ERR_NOMEM, ERR_LIMIT. */
enum err script_truth(const struct script *s, uint64_t seed, int64_t live_ms, struct buf *out) GW_MUST_USE;

#endif
