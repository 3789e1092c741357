/* SPDX-License-Identifier: MIT */
/* What gwtop would make of one exposition page: which profile, what of it feeds which signal, what does not, and what is odd. Pure.
 *
 * Reads a whole page from memory, without a store: labels are folded as the recorder would, and counted instead of kept. */
#ifndef GWTOP_NETCLI_PROBE_H
#define GWTOP_NETCLI_PROBE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "source/exposition.h"
#include "source/profile.h"

enum { PROBE_WARNINGS_MAX = 20, PROBE_NOTES_MAX = 12, PROBE_SIGNALS_MAX = 6 };

enum probe_fate { PROBE_UNDERSTOOD, PROBE_LEFT_OUT, PROBE_UNKNOWN };

struct probe_family {
    const char *name; /* safe */
    enum probe_fate fate;
    uint32_t series, used; /* on the page; that feed a signal */
    const struct profile_metric *metric;
    enum signal signals[PROBE_SIGNALS_MAX];
    uint32_t signal_count;
    const char *why; /* left out: why. Static */
};

struct probe_warning {
    size_t line;
    const char *what, *text;
};

struct probe_report {
    const struct profile *profile; /* NULL = none recognises it */
    bool openmetrics, is_html, is_json;
    size_t bytes, series, used;
    struct probe_family *families; /* in page order */
    size_t family_count;
    struct probe_warning warnings[PROBE_WARNINGS_MAX];
    size_t warning_count; /* all of them, also those past the array */
    const char *notes[PROBE_NOTES_MAX];
    size_t note_count;
};

/* profile: NULL = recognise. Memory of the report from a. Errors: ERR_NOMEM, ERR_LIMIT. */
enum err probe_page(struct str page, bool openmetrics, const struct profiles *ps, const struct profile *profile, struct arena *a,
                    struct probe_report *ret, struct errctx *ctx) GW_MUST_USE;

/* Adds a note while there is room. */
void probe_note(struct probe_report *r, const char *text);

#endif
