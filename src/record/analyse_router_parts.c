/* SPDX-License-Identifier: MIT */
/* Deployments of a model have places. A cluster that rolls its pods has new ones every day, and a place that was never given away would
 * make it blind: so one without a request lately gives up its own. What is still counted of it goes to the place of those that nobody tells
 * apart, so that the sums stay what they are. */
#include <string.h>

#include "record/analyse_router.h"

enum { COUNT_MOST = 1 << 20 }; /* requests of one series in one interval: a window of them can be added */

static const struct router_count *minute_at(const struct router *m, uint32_t i)
{
    return &m->minute[(m->minute_at + ROUTER_MINUTES - m->minute_count + i) % ROUTER_MINUTES];
}

void router_add(struct router_base *to, const struct router_count *c, uint32_t steps)
{
    for (size_t i = 0; i < ROUTER_PARTS; i++) {
        to->n[i] += c->n[i];
        to->bad[i] += c->bad[i];
    }
    to->steps += steps;
}

uint32_t router_counts(const struct router *m, int64_t from_ms, const struct router_count *ret[ROUTER_MINUTES])
{
    const bool by_minute = m->minute_count > 0 && minute_at(m, 0)->from_ms <= from_ms;
    const uint32_t count = by_minute ? m->minute_count : m->steps;
    for (uint32_t i = 0; i < count; i++)
        ret[i] = by_minute ? minute_at(m, i) : &m->step[i];
    return count;
}

/* ---- places ---- */

/* Requests of the last hour and more. */
static uint64_t lately_of(const struct router *m, size_t part)
{
    uint64_t n = (uint64_t)m->now.n[part] + m->got.n[part];
    for (uint32_t i = 0; i < m->steps; i++)
        n += m->step[i].n[part];
    for (uint32_t i = 0; i < m->minute_count; i++)
        n += minute_at(m, i)->n[part];
    return n;
}

/* Of those without a request lately, the one with the fewest before; ROUTER_PARTS: there is none. */
static uint32_t find_gone(const struct router *m)
{
    uint32_t gone = ROUTER_PARTS;
    for (uint32_t i = 0; i < m->count; i++)
        if (m->id[i] != 0 && lately_of(m, i) == 0 && (gone == ROUTER_PARTS || m->base.n[i] < m->base.n[gone]))
            gone = i;
    return gone;
}

static uint32_t find_id(const struct router *m, uint32_t id)
{
    uint32_t i = 0;
    while (i < m->count && m->id[i] != id)
        i++;
    return i;
}

static void move_base(struct router_base *b, uint32_t from, uint32_t to)
{
    b->n[to] += b->n[from];
    b->bad[to] += b->bad[from];
    b->n[from] = b->bad[from] = 0;
}

/* Its place, made when new; the one of those that are not told apart where each other one is in use. */
static uint32_t part_of(struct router *m, uint32_t id)
{
    uint32_t part = find_id(m, id);
    if (part < m->count)
        return part;
    if (m->count < ROUTER_PARTS) {
        m->id[m->count] = id;
        return m->count++;
    }
    uint32_t rest = find_id(m, 0);
    if (rest == ROUTER_PARTS) {
        rest = find_gone(m) < ROUTER_PARTS ? find_gone(m) : ROUTER_PARTS - 1;
        m->id[rest] = 0;
    }
    part = find_gone(m);
    if (part == ROUTER_PARTS)
        return rest;
    move_base(&m->base, part, rest);
    move_base(&m->was, part, rest);
    m->id[part] = id;
    return part;
}

void router_count_into(struct router *m, uint32_t id, uint64_t n, bool failed)
{
    const uint32_t some = n < COUNT_MOST ? (uint32_t)n : COUNT_MOST, part = some > 0 ? part_of(m, id) : 0;
    m->got.n[part] += some;
    m->got.bad[part] += failed ? some : 0;
}
