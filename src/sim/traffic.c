/* SPDX-License-Identifier: MIT */
/* How this works: a calendar wheel with one list per second holds what is still to happen: a waiting request gets its engine slot, a
 * request ends, a client tries again. Each tick empties its list, then lets new requests arrive. Everything in a list is handled in
 * the order in which it was put there reversed, which is as good as any and always the same. */
#include "sim/traffic.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    WHEEL = 2048, /* seconds; a power of two, longer than anything takes */
    LONGEST_S = WHEEL - 2,
    IN_FLIGHT_MAX = 4000, /* the gateway admits no more */
    RATES_EVERY_S = 5,    /* the rhythm of the day is looked at so often, effects every second */
    CLIENT_TRIES = 2      /* repeats after a provider's failure, as the SDKs do by default */
};

static const double client_retries = .70; /* share of failed calls that are repeated */

enum event_kind { EVENT_START, EVENT_END, EVENT_AGAIN };

struct event {
    struct request q;
    uint32_t next; /* in its list, or in the list of unused ones; 0 ends it */
    uint8_t kind;
    int8_t engine; /* -1 = none */
};

struct traffic {
    struct road road;
    struct rng rng;
    struct script script;
    struct traffic_observer observer;
    int64_t now_s, in_flight, refused;
    double mood[TEAM_COUNT];      /* logarithm of a slow wobble per team */
    double cumulative[KEY_COUNT]; /* requests/s of keys 0..k */
    struct event *event;
    uint32_t event_count, event_cap, unused;
    uint32_t wheel[WHEEL];
};

struct traffic *traffic_new(uint64_t seed, const struct script *s, int64_t start_s, struct traffic_observer o)
{
    struct traffic *t = calloc(1, sizeof *t);
    if (t == NULL)
        return NULL;
    road_init(&t->road, seed ^ UINT64_C(0x726f6164));
    rng_seed(&t->rng, seed);
    t->script = *s;
    t->observer = o;
    t->now_s = start_s;
    t->event_count = 1; /* 0 ends lists */
    return t;
}

void traffic_free(struct traffic *t)
{
    if (t != NULL)
        free(t->event);
    free(t);
}

static enum err take_event(struct traffic *t, uint32_t *ret)
{
    if (t->unused == 0 && t->event_count >= t->event_cap) {
        uint32_t cap = t->event_cap == 0 ? 256 : t->event_cap * 2; /* bounded: IN_FLIGHT_MAX and the clients that try again */
        struct event *more = realloc(t->event, cap * sizeof *more);
        if (more == NULL)
            return ERR_NOMEM;
        t->event = more;
        t->event_cap = cap;
    }
    uint32_t e = t->unused;
    if (e != 0)
        t->unused = t->event[e].next;
    else
        e = t->event_count++;
    *ret = e;
    return ERR_OK;
}

/* Puts an event into the second of at_ms, not before `earliest_s`. */
static void schedule(struct traffic *t, uint32_t e, enum event_kind kind, int64_t at_ms, int64_t earliest_s)
{
    int64_t at_s = at_ms / 1000;
    at_s = at_s < earliest_s ? earliest_s : at_s;
    at_s = at_s > t->now_s + LONGEST_S ? t->now_s + LONGEST_S : at_s;
    t->event[e].kind = (uint8_t)kind;
    t->event[e].next = t->wheel[at_s % WHEEL];
    t->wheel[at_s % WHEEL] = e;
}

static int64_t held_tokens(const struct request *q)
{
    return q->input + q->output / 2; /* the answer grows while it is held */
}

static void enter_engine(struct traffic *t, const struct event *e)
{
    struct engine_state *s = &t->road.engine[e->engine];
    s->running++;
    s->tokens_held += held_tokens(&e->q);
}

/* Sends one request on its road and plans what follows. */
static enum err begin(struct traffic *t, const struct request *q)
{
    uint32_t e;
    if (t->in_flight >= IN_FLIGHT_MAX) {
        t->refused++;
        return ERR_OK;
    }
    enum err err = take_event(t, &e);
    if (err != ERR_OK)
        return err;
    struct event *ev = &t->event[e];
    ev->q = *q;
    ev->engine = -1;
    road_travel(&t->road, &ev->q);
    t->in_flight++;
    if (ev->q.prefill_us > 0 && ev->q.deployment != DEPLOYMENT_NONE)
        ev->engine = (int8_t)company_deployment((enum deployment_id)ev->q.deployment)->engine;
    int64_t start_ms = (ev->q.arrival_ms * 1000 + ev->q.total_us - ev->q.prefill_us - ev->q.decode_us) / 1000;
    if (ev->engine >= 0 && start_ms / 1000 > t->now_s) {
        t->road.engine[ev->engine].waiting += ev->q.wait_us > 0;
        schedule(t, e, EVENT_START, start_ms, t->now_s + 1);
        return ERR_OK;
    }
    if (ev->engine >= 0)
        enter_engine(t, ev);
    schedule(t, e, EVENT_END, ev->q.end_ms, t->now_s + 1);
    return ERR_OK;
}

/* Tells the observer; the client may try again later. */
static void end(struct traffic *t, uint32_t e)
{
    struct event *ev = &t->event[e];
    t->in_flight--;
    if (ev->engine >= 0) {
        t->road.engine[ev->engine].running--;
        t->road.engine[ev->engine].tokens_held -= held_tokens(&ev->q);
    }
    t->observer.ended(t->observer.ctx, &ev->q);
    const unsigned more = t->road.fx.model[ev->q.model].tries;
    const double insists = t->road.fx.model[ev->q.model].insists;
    if (fate_is_providers((enum fate)ev->q.fate) && ev->q.tries < CLIENT_TRIES + more &&
        rng_unit(&t->rng) < (insists > client_retries ? insists : client_retries)) {
        int64_t pause_ms = (int64_t)((500 << (more > 0 ? 0 : ev->q.tries)) * (1 + rng_unit(&t->rng))); /* a storm does not back off */
        ev->q = (struct request){.arrival_ms = ev->q.end_ms + pause_ms,
                                 .key = ev->q.key,
                                 .model = ev->q.model,
                                 .task = ev->q.task,
                                 .tries = (uint8_t)(ev->q.tries + 1)};
        schedule(t, e, EVENT_AGAIN, ev->q.arrival_ms, t->now_s + 1);
        return;
    }
    ev->next = t->unused;
    t->unused = e;
}

static enum err handle(struct traffic *t, uint32_t e)
{
    struct event *ev = &t->event[e];
    if (ev->kind == EVENT_END) {
        end(t, e);
        return ERR_OK;
    }
    if (ev->kind == EVENT_START) {
        t->road.engine[ev->engine].waiting -= ev->q.wait_us > 0;
        enter_engine(t, ev);
        schedule(t, e, EVENT_END, ev->q.end_ms, t->now_s + 1);
        return ERR_OK;
    }
    struct request q = ev->q;
    ev->next = t->unused;
    t->unused = e;
    return begin(t, &q);
}

/* Rates of all keys for the coming seconds. */
static void refresh_rates(struct traffic *t)
{
    double rhythm[TEAM_COUNT], sum = 0;
    for (unsigned i = 0; i < TEAM_COUNT; i++) {
        if (t->now_s % 60 == 0)
            t->mood[i] = .96 * t->mood[i] + .022 * rng_normal(&t->rng); /* deviation 0.08, forgotten within half an hour */
        rhythm[i] = company_rhythm((enum team_id)i, t->now_s) * exp(t->mood[i]);
    }
    for (unsigned k = 0; k < KEY_COUNT; k++) {
        sum += company_key(k)->rate * rhythm[company_key(k)->team] * t->road.fx.key[k].rate;
        t->cumulative[k] = sum;
    }
}

static unsigned pick_key(struct traffic *t)
{
    double u = rng_unit(&t->rng) * t->cumulative[KEY_COUNT - 1];
    unsigned lo = 0, hi = KEY_COUNT - 1; /* the first key whose cumulative rate is above u */
    while (lo < hi) {
        unsigned mid = (lo + hi) / 2;
        if (t->cumulative[mid] > u)
            hi = mid;
        else
            lo = mid + 1;
    }
    return lo;
}

static enum err arrive(struct traffic *t)
{
    struct request q = {.arrival_ms = t->now_s * 1000 + (int64_t)rng_below(&t->rng, 1000)};
    q.key = (uint8_t)pick_key(t);
    const struct key *key = company_key(q.key);
    q.model = (uint8_t)key->model[rng_unit(&t->rng) < key->first ? 0 : 1];
    return begin(t, &q);
}

enum err traffic_tick(struct traffic *t)
{
    enum err err = ERR_OK;
    bool eventful = script_effects(&t->script, t->now_s * 1000, &t->road.fx);
    if (eventful || t->now_s % RATES_EVERY_S == 0 || t->cumulative[KEY_COUNT - 1] == 0)
        refresh_rates(t);
    uint32_t e = t->wheel[t->now_s % WHEEL];
    t->wheel[t->now_s % WHEEL] = 0;
    while (e != 0 && err == ERR_OK) {
        uint32_t next = t->event[e].next;
        err = handle(t, e);
        e = next;
    }
    uint64_t arrivals = rng_poisson(&t->rng, t->cumulative[KEY_COUNT - 1]);
    for (uint64_t i = 0; i < arrivals && err == ERR_OK; i++)
        err = arrive(t);
    t->now_s++;
    return err;
}

int64_t traffic_now_s(const struct traffic *t)
{
    return t->now_s;
}

int64_t traffic_in_flight(const struct traffic *t)
{
    return t->in_flight;
}

int64_t traffic_refused(const struct traffic *t)
{
    return t->refused;
}

const struct road *traffic_road(const struct traffic *t)
{
    return &t->road;
}
