/* SPDX-License-Identifier: MIT */
/* Pane 5: a row per score, share of answers that needs no judge, and canary. What drifts is the recorder's word
 * (record/analyse_stream.h). */
#ifndef GWTOP_VIEW_VIEW_QUALITY_H
#define GWTOP_VIEW_VIEW_QUALITY_H

#include "model/drift.h"
#include "view/view.h"

/* LENGTH, FINISH: an open finding of tokens per answer, or of finish reasons, told by the one that moved most. OTHER: one of a detector
 * whose values are not shown here: its text says what it is. */
enum quality_kind { QUALITY_SCORE, QUALITY_SHARE, QUALITY_CANARY, QUALITY_LENGTH, QUALITY_FINISH, QUALITY_OTHER };
/* What now and base are: percent, or tokens. */
enum quality_unit { QUALITY_PERCENT, QUALITY_TOKENS };

/* Of several that hold, the first. BACK: its finding is open, and by the newest samples likelier to be over than not, which is not proved.
 * SILENT: its finding is open and nothing was told of it in the last 15 minutes: whether it lasts is not known.
 * MIX: its baseline began anew within the last day, as other traffic explains what was seen, and no model. BETTER: as it is better than it
 * was: nothing to be done about. ENDED: a judge that told nothing for a day, and whatever else was found of
 * which nothing was told for as long; after a week of that it is no row any more. UNSPLIT: the
 * filter names what drift is not judged by. READY: the baseline was completed just now, and evidence of it is still to come. THIN: nothing
 * is watched until the baseline is complete. */
enum quality_state {
    QUALITY_DRIFT,
    QUALITY_BACK,
    QUALITY_SILENT,
    QUALITY_WATCHING,
    QUALITY_MIX,
    QUALITY_BETTER,
    QUALITY_QUIET,
    QUALITY_UNSPLIT,
    QUALITY_STALE,
    QUALITY_READY,
    QUALITY_THIN,
    QUALITY_ENDED
};

/* How far the last hour is from the baseline. */
struct vquality_effect {
    double points, lo, hi; /* and the ends of its 95 % interval, in points; NaN: not known */
    uint64_t n;            /* of the hour */
    const char *method;    /* "Newcombe", of scores "Welch" */
};

struct vquality_row {
    enum quality_kind kind;
    const char *name, *judge, *scope; /* "json_valid", "v2" or "", "gpt-x" or "" */
    const char *label;                /* "json_valid gpt-x", with the judge where the same score has several: "json_valid@v2 gpt-x" */
    enum quality_unit unit;
    struct vnum now, base; /* the mean of the last 15 minutes' scores, the share of bad answers, passed prompts, tokens per answer */
    int64_t told_ms;       /* STALE, or now.stale: up to when something was told of it; 0 = before the axis began, or that is not known */
    int64_t base_from_ms, base_to_ms; /* when the baseline was counted, 0 = there is none, or it was at several times, which `why` tells */
    double usual_lo, usual_hi;        /* 90 % of the strip's values without a drift: by its baseline, at the present rate; NaN: not known */
    enum quality_state state;
    const struct alert *finding;  /* the open drift, NULL = none */
    bool of_all;                  /* the drift is of all traffic, and now of what the filter names alone */
    struct instant_between onset; /* of the open drift, of other traffic (MIX), of the better (BETTER); at_ms 0 = none */
    bool is_usual;     /* of an open drift: the last 15 minutes are no worse than the baseline, and better than all since its onset */
    const char *found; /* the open drift in words, without what is beside it: "json_valid of gpt-x fell 98.9 -> 94.0 % when found"; "" */
    struct drift_found where; /* of the open drift */
    const char *where_text;   /* "route /v1/extract alone: 98.7 -> 71.2 % (n 212)"; "" = not known */
    double evidence;          /* for the worse, on the scale of the alarm line: 1 is an alarm; below 0: for the better; NaN */
    struct vquality_effect effect;
    /* The same of all since the onset of an open drift, or of a baseline that began anew within the hour, which is then not known of the
     * hour; of those that are told first. */
    struct vquality_effect since;
    const char
        *test; /* what the alarm promises: "e-detector: on average at most 1 false alarm in 12M samples; 2 in 30 d over 38 streams" */
    double arl, alarms; /* samples per false alarm; all streams' in 30 days; both on average; NaN: not told */
    uint32_t streams;
    int64_t budget_ms;   /* as of when these were told */
    double lacks;        /* how many of `lacks_text` a thin baseline lacks, 0 = none */
    int64_t lacks_ms;    /* how long these take at the present rate, 0 = not known */
    const char *missing; /* what it lacks, why nothing is known, that its alarm is being looked into, what it was: a sentence; "" */
    const char *blind;   /* of scores that drift or are watched, what their detector cannot see: "cannot see the hour of the day ..."; "" */
    const char *past;    /* a drift that is over: "was drift 30 Nov 05:43Z +-3m to 30 Nov 08:43Z +-5m"; "" */
    double detectable;   /* the change for the worse, in points, seen within an hour at the present rate in about half of all cases; NaN */
    double detectable_most; /* the same in 90 % of all cases */
    uint64_t per_hour;      /* that rate */
    const char *why;        /* why its baseline began anew; "" */
    const char *better;     /* of one that began anew as it is better, how much: "90.0 -> 98.4 %"; "" */
    const char *beside;     /* of the open drift: that its traffic changed as well; "" */
    const char *explain;    /* what changed about the onset: "10:54:42Z gpt-x answers as gpt-x-2026-11-20 for the first time"; "" */
    const char *canary;     /* of a canary: how it stands, a sentence; "" */
    struct vstrip strip, evidence_strip; /* the latter of what speaks for the worse, from 0 on, its threshold the alarm line */
};

/* A source of scores that has left some out lately, or still reads those of the past. */
struct vquality_source {
    const char *name;
    const char *until;    /* of scores up to when it was read and judged: "1 Dec 03:00Z"; "" = up to now */
    uint32_t left_out;    /* scores that were refused; a count that begins anew after an hour without one */
    const char *left_why; /* of the newest: "toxicity lies outside its range: left out"; "" */
};

struct view_quality {
    const struct vquality_row *rows; /* worst first */
    size_t row_count;
    size_t never_bad;       /* rows at the end, of shares of answers that are told now and of which none was ever bad: lists fold them */
    const char *never_text; /* "none bad in 24h: answers aborted qwen-72b, llama-8b"; "" */
    uint64_t left;          /* streams that are not watched, as there are more of a kind than the recorder watches */
    const char *left_text;  /* "352 more streams are not watched: at most 2,048 of a kind are"; "" */
    const struct vquality_source *sources;
    size_t source_count;
    int64_t judged_ms;        /* scores wait that end then or later: no stream is judged any further; 0 = none waits */
    const char *sources_text; /* "judged up to 1 Dec 03:00Z: lf still reads scores of the past; gwtop score left out 12 scores ..."; "" */
    const char *empty_text;   /* what would fill the pane and how, when there are no rows */
    const char *sentence;
};

#endif
