/* SPDX-License-Identifier: MIT */
/* Pane 8: per source its state, age, last answer, what was kept and dropped, gaps; and the recorder and store themselves. */
#ifndef GWTOP_VIEW_VIEW_SOURCES_H
#define GWTOP_VIEW_VIEW_SOURCES_H

#include "model/canary_state.h"
#include "view/view.h"

struct vgap {
    const char *source, *reason;
    int64_t t0_ms, t1_ms;
};
struct vsource {
    struct source_status st;
    int64_t age_ms; /* -1 = never */
    uint32_t gaps_24h;
    int64_t gap_ms_24h;
};
struct vcanary {
    struct canary_state st;
    const char *text; /* how it stands, in a sentence */
};
struct view_sources {
    const struct vsource *rows;
    size_t row_count;
    const struct vgap *gaps;
    size_t gap_count; /* of the last 24 h, newest first */
    const char *const *authority;
    size_t authority_count; /* "prod from a, b (also seen by c): e2e, ttft"; "overlap?" lines */
    const struct vcanary *canaries;
    size_t canary_count;
    int64_t store_bytes, wal_bytes, first_ms;
    uint64_t samples;
    uint32_t series;
    const char *store_path, *recorder_text;
};

#endif
