/* SPDX-License-Identifier: MIT */
/* `gwtop handoff` and `:shift`: what who comes must know of the shift that ends. Text, JSON, Markdown and the screen read the same rows. */
#ifndef GWTOP_VIEW_VIEW_HANDOFF_H
#define GWTOP_VIEW_VIEW_HANDOFF_H

#include "view/view_alerts.h"
#include "view/view_cost.h"
#include "view/view_incidents.h"
#include "view/view_rules.h"

enum vhandoff_part {
    VHANDOFF_OPEN,    /* incidents that are not over, with their next step */
    VHANDOFF_OVER,    /* those that ended in the shift, by themselves or by somebody's hand */
    VHANDOFF_PUT_OFF, /* snoozes, and silences of outside systems, with when they end */
    VHANDOFF_NOISY,   /* rules that fired often, without harm, on which nobody acted */
    VHANDOFF_BAKING,  /* changes that are young */
    VHANDOFF_GAPS,    /* what was not recorded, and what is not now */
    VHANDOFF_PLAN,    /* spend against plan */
    VHANDOFF_PARTS
};

/* What stands for an incident's next step where nobody said one. */
#define VHANDOFF_NO_STEP "NONE WRITTEN"

struct vhandoff_row {
    enum vhandoff_part part;
    const char *head, *text; /* "#42 gpt-x errors"; "page, open since 03:06:40Z (7m), nobody's; next: NONE WRITTEN" */
    int64_t at_ms;           /* the moment that it is about; 0 = none */
    int64_t incident;        /* 0 = it is about none */
};
struct vhandoff_over {
    const struct vincident *v;
    bool by_itself; /* nobody said a word on it */
};
/* Of one source. */
struct vhandoff_gap {
    const char *source;
    uint32_t count;  /* gaps of the shift, 0 = none */
    int64_t sum_ms;  /* of the shift's time */
    int64_t from_ms; /* the longest of them, and why */
    int64_t to_ms;
    const char *reason;
    bool lost;                /* what was counted in one of them is not known */
    enum source_state state;  /* at the cursor */
    const char *state_reason; /* "" where that is SOURCE_OK */
    int64_t state_since_ms;   /* its last good answer; 0 = never */
};
struct view_handoff {
    int64_t from_ms, to_ms; /* the shift: what ended, opened, and was not recorded in it */
    int64_t baking_ms;      /* a change younger than that still bakes */
    int64_t noisy_ms;       /* what rules are judged by: so long before the cursor */
    const char *sentence;   /* "2 incidents are open, 1 without a next step; ..." */
    const struct vhandoff_row *rows;
    size_t row_count; /* part by part */
    struct {
        const char *title, *none; /* none: what is said where the part has no row */
        uint32_t more;            /* rows beyond those that are told */
    } parts[VHANDOFF_PARTS];
    /* the same as data */
    const struct vincident *const *open;
    size_t open_count, without_step; /* the gravest first */
    const struct vhandoff_over *over;
    size_t over_count; /* the last that ended first */
    const struct outside *const *silenced;
    size_t silenced_count;       /* the most severe first */
    const char *silences_unread; /* "am (down: ...)": sources whose silences are not known now; "" */
    const struct vrule *noisy;   /* their records are of noisy_ms */
    size_t noisy_count;          /* what fired most first */
    const struct event *baking;
    size_t baking_count; /* the newest first */
    const struct vhandoff_gap *gaps;
    size_t gap_count;
    int64_t recorded_since_ms; /* where that lies in the shift; else 0 */
    const struct vbudget *budgets;
    size_t budget_count;
    struct vnum spent; /* USD, in the shift */
};

#endif
