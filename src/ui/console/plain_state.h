/* SPDX-License-Identifier: MIT */
/* Internal to plain*.c: what has been said, and the parts of plain_run for a loop that is driven by hand.
 *
 * How this works: a turn reads the store when the recorder has committed or ages may have turned a source stale; the first reading is said
 * as a whole, each further one is compared with what was said last. What is compared are the views themselves, so a line can't say anything
 * that the screen does not show. */
#ifndef GWTOP_UI_CONSOLE_PLAIN_STATE_H
#define GWTOP_UI_CONSOLE_PLAIN_STATE_H

#include <stdio.h>

#include "base/clock.h"
#include "config/config.h"
#include "ui/console/plain.h"
#include "ui/console/recorder_keep.h"
#include "ui/draw/numfmt.h"
#include "view/load.h"

enum {
    PLAIN_PATH_MAX = 4096,
    PLAIN_LINE_MAX = 2048,
    PLAIN_TEXT_MAX = 1024,
    PLAIN_SCOPE_MAX = 256,
    PLAIN_NUMBER_MAX = NUMFMT_MAX + 16,
    PLAIN_INCIDENTS_MAX = 256, /* more than the view lists */
    PLAIN_OPEN_MAX = 4,        /* open incidents whose timelines are followed */
    PLAIN_SILENCE_MS = 300000, /* the longest time without a line */
    PLAIN_LOOK_MS = 1000,      /* between two looks whether the recorder has committed */
};

/* One reading of the store; it lives in the arena until the next. */
struct plain_look {
    struct view_frame frame;
    struct view_overview overview;
    struct view_events events;
    struct view_incidents incidents;
    struct {
        const struct timeline_entry *list;
        size_t count;
    } timeline[PLAIN_OPEN_MAX];
    size_t timeline_count;
};

struct plain_source {
    uint32_t id;
    enum source_state state;
    int64_t since_ms; /* of a state that is not ok */
};

struct plain_incident {
    int64_t id;
    enum incident_state state;
    enum severity severity;
    int64_t entry_id; /* the highest of its timeline that was read; 0 = that was never followed */
};

/* What the reader of the lines has been told. */
struct plain_said {
    enum verdict_state state;
    char scope[PLAIN_SCOPE_MAX];
    double bad_percent;
    int64_t verdict_mono_ms;
    bool recorder_running, recorder_silent, kept, fresh; /* fresh: some source answers */
    int64_t event_id, incident_id;                       /* the highest */
    int64_t begun_ms;                                    /* the cursor of the moment: what was known then is no news */
    struct plain_incident incident[PLAIN_INCIDENTS_MAX];
    size_t incident_count;
    struct plain_source *source;
    size_t source_count;
};

struct plain {
    const struct console_options *opt;
    struct clock clock;
    FILE *out; /* kept */
    int write_errno;
    struct config cfg;
    char store_path[PLAIN_PATH_MAX];
    struct store *st;
    struct arena arena;
    struct recorder_keep recorder;
    int64_t data_version, looked_mono_ms, rest_ms; /* rest: before the next look */
    int64_t now_ms, line_mono_ms;                  /* the store's clock at the last look; when the last line was said */
    int64_t said_day_ms;                           /* the UTC day that was named last */
    bool tried, begun, ended;                      /* to open the store; the moment was said; the recording was closed */
    bool in_moment, recorder_running, demo;
    char trouble[PLAIN_TEXT_MAX]; /* why the store cannot be read; "" when it can */
    struct plain_said said;
};

/* ---- plain.c ---- */
/* p is zeroed memory; opt, clock and out are kept. plain_close goes with it, whatever it returned. */
enum err plain_open(struct plain *p, const struct console_options *opt, const struct clock *clock, FILE *out,
                    struct errctx *ctx) GW_MUST_USE;
/* Does what is due, without waiting; *ret_end when there will be nothing more. Errors end it: what keeps the moment from being said, and
 * output that cannot be written. A store that cannot be read later is a line, and tried again. */
enum err plain_turn(struct plain *p, bool *ret_end, struct errctx *ctx) GW_MUST_USE;
void plain_close(struct plain *p);

/* ---- plain_say.c ---- */
/* A line: filtered, masked where the configuration says so, with the UTC time in front except in the moment, whose header has it. */
void plain_say(struct plain *p, const char *fmt, ...) GW_PRINTF(2, 3);
/* A number of numfmt.h in words where it has signs: ">=485" is "at least 485", "?" "unknown". */
const char *plain_number(const char *text, char out[PLAIN_NUMBER_MAX]);
/* "PAGE: gpt-x: 38% of requests fail", "UNKNOWN since 03:09Z, was PAGE: ...". how: put after the state's word. */
const char *plain_verdict(const struct view_verdict *v, const char *how, char out[PLAIN_TEXT_MAX]);
/* "otel stale, newest data 9m old: why" */
const char *plain_source(const struct source_status *s, int64_t cursor_ms, char out[PLAIN_TEXT_MAX]);
/* "newest data 4s old, 3 of 4 sources answer" */
bool plain_is_fresh(const struct view_frame *f); /* some source answers */
const char *plain_freshness(const struct view_frame *f, char out[PLAIN_TEXT_MAX]);

/* ---- plain_moment.c ---- */
void plain_say_moment(struct plain *p, const struct plain_look *k);

/* ---- plain_change.c ---- */
/* Takes a reading as what has been said. Errors: ERR_NOMEM. */
enum err plain_take(struct plain *p, const struct plain_look *k, struct errctx *ctx) GW_MUST_USE;
/* Says what differs from what has been said. */
void plain_say_changes(struct plain *p, const struct plain_look *k);
/* The verdict once more, with how fresh it is. */
void plain_say_heartbeat(struct plain *p, const struct view_frame *f);

#endif
