/* SPDX-License-Identifier: MIT */
#include "ui/draw/pane.h"

#include <assert.h>
#include <string.h>

#include "ui/draw/pane_draw.h"

/* In the order of view_params.sort, as the loaders number them. */
static const char *const traffic_sorts[] = {"fail", "fallback", "requests", NULL};
static const char *const latency_sorts[] = {"p50", "n", "p95", "p99", "mean", "ratio", "rate", NULL};
static const char *const cost_sorts[] = {"per-hour", "per-request", "cost", NULL};

static const struct pane table[PANE_COUNT] = {
    [PANE_OVERVIEW] = {"overview", "Overview", "struct view_overview", pane_overview_draw, NULL,
                       "the whole gateway over one time axis, who is hit, suspects, budget and money"},
    [PANE_TRAFFIC] = {"traffic", "Traffic", "struct view_traffic", pane_traffic_draw, traffic_sorts,
                      "requests, failures by class, attempts, retries, fallbacks, saturation"},
    [PANE_LATENCY] = {"latency", "Latency", "struct view_latency", pane_latency_draw, latency_sorts,
                      "heatmap, quantiles with their intervals, stages, objectives"},
    [PANE_COST] = {"cost", "Cost", "struct view_cost", pane_cost_draw, cost_sorts,
                   "what is spent, by whom, why it changed, and until when the budget lasts"},
    [PANE_QUALITY] = {"quality", "Quality", "struct view_quality", pane_quality_draw, NULL,
                      "scores and judge-free signals against their baselines"},
    [PANE_INCIDENTS] = {"incidents", "Incidents", "struct view_incidents", pane_incidents_draw, NULL,
                        "incidents, and one of them with timeline, suspects and impact"},
    [PANE_EVENTS] = {"events", "Events", "struct view_events", pane_events_draw, NULL, "everything that changed, newest first"},
    [PANE_SOURCES] = {"sources", "Sources", "struct view_sources", pane_sources_draw, NULL,
                      "state of each source, gaps, the recorder and its store"},
};

const struct pane *pane_get(enum pane_id id)
{
    assert((int)id >= 0 && id < PANE_COUNT);
    return &table[id];
}

bool pane_by_name(struct str name, enum pane_id *ret)
{
    int found = -1;
    for (int p = 0; p < PANE_COUNT; p++) {
        bool digit = name.n == 1 && name.p[0] == '1' + p;
        bool begins = name.n > 0 && name.n <= strlen(table[p].name) && memcmp(name.p, table[p].name, name.n) == 0;
        if (digit || str_eq_z(name, table[p].name)) {
            *ret = (enum pane_id)p;
            return true;
        }
        if (begins && found >= 0) {
            return false; /* ambiguous; no name of the table begins another */
        }
        found = begins ? p : found;
    }
    if (found < 0) {
        return false;
    }
    *ret = (enum pane_id)found;
    return true;
}

struct draw_out draw_out_none(void)
{
    return (struct draw_out){.rows = 0};
}

static int lines_of(const struct draw_out *out, int visible)
{
    int n = visible < DRAW_LINES_MAX ? out->lines[visible] : 0;
    return n > 0 ? n : 1;
}

int draw_out_row_at(const struct draw_out *out, int line)
{
    int visible = 0;
    while (line >= lines_of(out, visible)) {
        line -= lines_of(out, visible++);
    }
    return out->scroll + visible;
}

int draw_out_line_of(const struct draw_out *out, int row)
{
    int line = row < out->scroll ? row - out->scroll : 0;
    for (int visible = 0; visible < row - out->scroll; visible++) {
        line += lines_of(out, visible);
    }
    return line;
}
