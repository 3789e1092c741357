/* SPDX-License-Identifier: MIT */
/* What a system that tells of changes would be understood to tell, and what a status page says. Without I/O: a sink that notes instead of
 * keeping. */
#ifndef GWTOP_NETCLI_PROBE_CHANGES_H
#define GWTOP_NETCLI_PROBE_CHANGES_H

#include "config/config.h"
#include "source/source.h"

enum { PROBE_CHANGES_SHOWN = 20, PROBE_CHANGES_ANSWERS = 12, PROBE_CHANGES_TEXT = 400 };

struct probe_change {
    int64_t at_ms;
    enum event_kind kind;
    char scope[256], text[PROBE_CHANGES_TEXT];
};

struct probe_changes {
    const struct config_source *source;
    struct probe_change list[PROBE_CHANGES_SHOWN]; /* the first of them, in the order in which they were told */
    size_t count, total, warning_count;
    char warning[256];  /* the first, safe */
    const char *remark; /* the adapter's, NULL = nothing */
    bool is_page;       /* a status page said something that is understood */
    size_t posted;
    char said[PROBE_CHANGES_TEXT]; /* its worst */
    struct source_sink sink;
};

void probe_changes_init(struct probe_changes *p, const struct config_source *source);

#endif
