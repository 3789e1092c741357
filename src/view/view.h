/* SPDX-License-Identifier: MIT */
/* What panes and reports show, as plain data for one cursor, one window and one filter. Loaders are declared in view/load.h; drawing and
 * printing see only these structs, so the screen, the text and the JSON cannot differ.
 *
 * Invariant: what a view points to lives in the arena it was loaded into or, names of dimensions, in the store it was read from. Unknown is
 * NaN with n = 0, never 0. Text is safe text. */
#ifndef GWTOP_VIEW_VIEW_H
#define GWTOP_VIEW_VIEW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/dims.h"
#include "model/exact.h"
#include "model/facts.h"

enum { VIEW_QUANTILES_MAX = 8 };
/* What is known so much later than it was so was found, not seen: its mark is hollow. */
enum { VIEW_FOUND_LATER_MS = 120000 };

/* What a view is asked for. */
struct view_params {
    int64_t now_ms;    /* the clock; live views have cursor == now */
    int64_t cursor_ms; /* facts as known then, measurements up to then */
    bool live;
    int64_t window_ms;       /* of the shared time axis, e.g. 1 h */
    uint32_t columns;        /* of the shared time axis */
    int64_t now_window_ms;   /* of the "now" column: 5 min */
    int64_t compare_ms;      /* how far back "then" is: 7 d (or less where that is not recorded: view_axis.compare_ms says) */
    enum dim group;          /* what the pane's table is grouped by */
    const char *filter;      /* "team=search model=gpt-x", "" for all; already validated (view_filter_parse) */
    int sort;                /* pane-specific column, negative = descending */
    const double *quantiles; /* further ones for the latency table, (0, 1) each; NULL = none */
    size_t quantile_count;   /* at most VIEW_QUANTILES_MAX */
};

struct vnum {
    double v; /* NaN = not known */
    enum exactness exact;
    uint64_t n;       /* observations behind it */
    bool stale;       /* what it rests on is stale at the cursor, or means nothing (SOURCE_SAWTOOTH) */
    uint32_t unsplit; /* DIM_BIT()s of the filter by which no source tells it apart: not known for that reason; 0 = none */
    int64_t age_ms;   /* of a stale one: how long nothing has been told of it; 0 = not known */
    const char *word; /* what is shown for a NaN of which something was observed: "thin", "avg"; NULL */
};

/* One time axis for a whole screen; column i covers (t0 + i*step, t0 + (i+1)*step], the last one ends at the cursor or after it. */
struct view_axis {
    int64_t t0_ms, step_ms, cursor_ms, now_ms;
    uint32_t columns;
    int64_t compare_ms;  /* the comparison that was possible: as asked for, 1 d, 1 h or 0 (none recorded) */
    const char *against; /* what it is called: "7d ago"; "" = there is none */
};

/* A row over the axis. v[i]: NaN = gap, +inf = beyond the last bucket. */
struct vstrip {
    const double *v;
    const bool *thin;           /* per column: too few observations for the rank that is drawn, or NULL */
    double max;                 /* largest finite value, NaN when all are gaps */
    double threshold;           /* drawn and named; NaN = none */
    const char *threshold_text; /* "page at 1.44% (14.4x)" */
    double floor;               /* bottom of the scale; 0 = from zero, as for everything that is counted */
};

/* A mark on the event row. */
struct vmark {
    int64_t at_ms;
    char letter;
    bool hollow; /* learned of more than VIEW_FOUND_LATER_MS after it happened: found, not seen */
    const char *text;
};

/* A signal row: label, now, the same time before, ratio or difference, n, strip.
 * Numbers of the row and of its strip are in `unit` as shown: "%" means 0..100, "s" seconds, "$/h" USD per hour. The unit is put after
 * the label where the label does not hold it already. */
struct vrow {
    const char *label, *unit;
    struct vnum now, then;
    struct change change; /* now / then; with difference now - then */
    bool difference;
    const char *n_text; /* "12.7k", "2 eng", "97%pr"; NULL: show now.n */
    enum severity severity;
    bool sub; /* indented detail row without strip */
    struct vstrip strip;
};

enum verdict_state { VERDICT_OK, VERDICT_TICKET, VERDICT_PAGE, VERDICT_NO_RULES, VERDICT_UNKNOWN };

struct view_verdict {
    enum verdict_state state, was; /* was: what it was before it became UNKNOWN */
    int64_t since_ms;              /* of the state; 0 = not known */
    int64_t since_error_ms;        /* it is known to within this; 0 = how exactly is not told */
    const char *sentence;          /* "openai/gpt-x: 38% of requests fail since 03:06:40 (7m42s), 3.1k lost" */
    /* The same where there is little room, by what asks first: "gpt-x: 38% fail since 03:06:40 (7m42s), 3.1k lost; suspect provider
     * openai"; NULL: there is no shorter one. brief_more: what it goes on with, of the view's making. */
    const char *brief, *brief_more;
    const char *reality; /* "litellm 4s; provider 5xx, ours ok" : how it is known to be real */
    const char *scope;   /* "model=gpt-x", "" */
    int64_t incident;    /* 0 = none */
    /* Of PAGE and TICKET with an incident, else "": "#42 UNACKED since 03:07Z", "#42 acked by ann 03:09Z"; "UNACKED", "acked ann"; and whom
     * the failures point at, which the sentence says as well: "provider openai". */
    const char *taken, *taken_short, *suspect;
    const char *pager; /* of such a one what a pager's feed says of it: "PagerDuty UNACKED since 03:09Z", "" */
    uint32_t others;   /* other open incidents */
    /* How bad the sentence says it is: bad ones of the last 5 min, or since its onset, or of the last minute, 0 to 100; NaN: nothing fires,
     * or not known. */
    double bad_percent;
    bool warns;   /* OK, and its sentence begins with what is not well all the same: "but avail burns 14x its budget" */
    bool nothing; /* UNKNOWN as nothing can be told: no series matches the filter, or the cursor lies before the recording */
};

struct vstale {
    const char *name;
    /* of the last counts that are known (SOURCE_SAWTOOTH) or sure (SOURCE_WATCHING), of the last answer that lacked nothing
     * (SOURCE_PARTIAL) */
    int64_t age_ms;
    enum source_state state;
    const char *part; /* SOURCE_WATCHING: "requests +1", what alone is not sure; "" = all that it counts */
};

/* What a source counted from..to was known only later than the cursor: the screen of then did not have it. */
struct vlate {
    const char *source;
    int64_t from_ms, to_ms, known_ms;
};

/* Rows 1 to 3 of every screen, and what the tab row says. */
struct view_frame {
    const char *gateway, *scope_text;       /* "all" or the filter */
    bool demo, live, kept;                  /* kept false: ring store, NOT KEPT */
    const char *snapshot_text;              /* "#42 gpt-x errors, taken 1 Dec 10:50Z by ann"; NULL = it is the store itself */
    int64_t now_ms, cursor_ms, data_age_ms; /* age of the newest good poll of any source; -1 = never */
    int64_t recording_since_ms, ended_ms;   /* ended: the recording was closed then (a finished demo, a snapshot); 0 = no */
    /* The recorder as it is now, wherever the cursor stands. Silent: it has hold of the store and does nothing (it was stopped, or hangs).
     * wrote: of a silent one and where none runs, the last that was written; 0 = nothing. */
    bool recorder_running, recorder_silent;
    int64_t recorder_pid, recorder_wrote_ms; /* pid -1: there is one, but not which can be told */
    /* the cursor lies after the last that was written, and nobody writes: what looks old is no word of the sources' */
    bool recorder_missing;
    /* answer; answer with counters that mean nothing; answer without series that they had; answer with counters that are not sure yet */
    uint32_t sources_ok, sources_sawtooth, sources_partial, sources_watching, sources_all;
    uint32_t sources_watching_part; /* of sources_watching: of which some signals alone are not sure */
    const struct vstale *stale;
    size_t stale_count;
    const struct vlate *late;
    size_t late_count;
    const char *late_text;   /* "made good later: 21:00:00-21:00:40Z was not known until 21:00:45Z"; "" */
    bool requests_uncounted; /* how many requests there are and fail is not known: those who count them are SOURCE_SAWTOOTH */
    double polls_per_s;
    struct view_verdict verdict;
    const struct alert *findings;
    size_t finding_count; /* open at the cursor, newest first: they page nobody */
    struct view_axis axis;
    /* "5m", "2m", "10m": how much of the now window the numbers of "now" are really of; less in a young recording, more with rare polls */
    const char *measured;
    const struct vmark *marks;
    size_t mark_count;
    uint64_t unsplit;         /* bit s: signal s is recorded and not split by some dimension of the filter: it is shown nowhere */
    const char *unsplit_text; /* "not split by team: cooldowns, overhead, eval"; "" */
};

/* How many sources answer, whatever can be told from it. */
static inline uint32_t view_answering(const struct view_frame *f)
{
    return f->sources_ok + f->sources_sawtooth + f->sources_partial + f->sources_watching;
}

#endif
