/* SPDX-License-Identifier: MIT */
/* Views made by hand for tests and pictures: one invented incident (a provider brown-out with a dearer fallback) in several states of
 * knowledge. Deterministic: equal arguments give equal views. */
#ifndef GWTOP_TESTS_FAKE_VIEWS_H
#define GWTOP_TESTS_FAKE_VIEWS_H

#include "base/arena.h"
#include "ui/draw/pane.h"
#include "view/view_cost.h"
#include "view/view_events.h"
#include "view/view_incidents.h"
#include "view/view_latency.h"
#include "view/view_overview.h"
#include "view/view_quality.h"
#include "view/view_sources.h"
#include "view/view_traffic.h"

enum fake_kind {
    FAKE_INCIDENT, /* live, PAGE, one source stale */
    FAKE_CALM,     /* live, OK, nothing happened */
    FAKE_EMPTY,    /* started a moment ago: nothing recorded */
    FAKE_STALE,    /* every source silent for nine minutes: UNKNOWN, was PAGE */
    FAKE_PAST,     /* the incident with the cursor in its middle */
    FAKE_OVERFLOW, /* more rows, longer names and wider numbers than any screen holds */
    FAKE_KINDS
};
const char *fake_kind_name(enum fake_kind k);

struct fake {
    struct arena arena;
    enum fake_kind kind;
    uint32_t columns;
    int64_t now_ms, cursor_ms;
    struct view_frame frame;
    struct view_overview overview;
    struct view_traffic traffic;
    struct view_latency latency, latency_cell; /* the same with a cell that is read out */
    struct view_cost cost;
    struct view_quality quality;
    struct view_incidents incidents, incident; /* the list; one in detail */
    struct view_events events;
    struct view_sources sources;
};

void fake_init(struct fake *f, enum fake_kind kind, uint32_t columns); /* aborts when out of memory */
void fake_fini(struct fake *f);
const void *fake_view(const struct fake *f, enum pane_id pane, bool detail);

/* For the builders. */
int64_t fake_clock(int hour, int minute, int second);                                                           /* of 24 Nov 2026 */
double *fake_curve(struct fake *f, double before, double during, int64_t from_ms, double noise, unsigned seed); /* one value per column */
struct vstrip fake_strip(struct fake *f, double before, double during, int64_t from_ms, double noise, unsigned seed);
struct vnum fake_num(double v, uint64_t n);
struct vnum fake_about(double v, uint64_t n);
struct vnum fake_unknown(void);
void fake_build_overview(struct fake *f);
void fake_build_panes(struct fake *f);
void fake_build_quality(struct fake *f);
void fake_build_events(struct fake *f);
void fake_build_sources(struct fake *f);
void fake_build_incidents(struct fake *f);
void fake_build_story(struct fake *f); /* of f->incident */

#endif
