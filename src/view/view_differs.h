/* SPDX-License-Identifier: MIT */
/* What differs between a window and a baseline: which values of which dimensions explain the change of failures, slowness, spend,
 * traffic. */
#ifndef GWTOP_VIEW_VIEW_DIFFERS_H
#define GWTOP_VIEW_VIEW_DIFFERS_H

#include "base/str.h"
#include "model/signal.h"
#include "view/view.h"

/* What a window is compared with: as the cursor suggests, the time before it, the same time before, or the hour before what fires began. */
enum differs_base { DIFFERS_USUAL, DIFFERS_BEFORE, DIFFERS_YESTERDAY, DIFFERS_LAST_WEEK, DIFFERS_INCIDENT, DIFFERS_BASES };
const char *view_differs_base_name(enum differs_base b); /* "usual", "before", "yesterday", "last-week", "incident" */
bool view_differs_base_by_name(struct str name, enum differs_base *ret);

/* The windows compared, (t0, t1] with (base0, base1]; the baseline may be longer. */
struct view_differs_ask {
    int64_t t0_ms, t1_ms, base0_ms, base1_ms;
    enum differs_base base; /* never DIFFERS_USUAL, but where the baseline was given as an instant */
    const char *base_text;  /* "the hour before 05:34Z" */
    const char *none;       /* why there is no such baseline ("nothing fires ..."); NULL = there is one */
    int64_t onset_ms;       /* of the trouble that the windows are about, 0 = none */
    int64_t onset_error_ms; /* it is known to within this; 0 = how exactly is not told */
    bool of_spend;          /* it is of spend: what fails has a begin and an end of its own */
    bool of_slowness;       /* it is of what takes too long, */
    enum signal slow;       /* of which signal */
    const char *apart;      /* why nobody of the traffic is suspected: "it is the watching that fails"; NULL where somebody may be */
    const char *scope;      /* what it is about, as a filter: "model=gpt-x"; "" = all, or no trouble */
};

/* Said in place of a share that is NaN. */
#define VIEW_DIFFERS_CANCEL "parts cancel"

/* Got worse: fails more, is slower, costs more; of traffic, that it rose or fell. */
struct vdiffer {
    const char *what;      /* "provider=openai model=gpt-x": a filter as it stands; "": everything, of which no part stands out */
    const char *alike;     /* those that luck alone tells from it, "team=chat and team=batch"; "" */
    const char *measure;   /* "fail %", "slow ttft %", "req/s", "$/h" */
    struct vnum now, then; /* of what, in the measure's unit */
    double share;          /* of the whole change, 0 to 1; NaN: parts cancel, so that it is no part of the whole's */
    double score;          /* nats; a rank, not a probability */
};

/* What to show in place of `what`. */
static inline const char *view_differs_name(const struct vdiffer *d)
{
    return d->what[0] != '\0' ? d->what : "all alike";
}

struct view_differs {
    struct view_differs_ask ask;
    const struct vdiffer *rows;
    size_t row_count;      /* failures first, then slowness, spend, traffic; each ranked */
    bool base_recorded;    /* something was measured in the baseline; else there are no rows, and the sentence says why */
    const char *sentence;  /* the first row in words, or that nothing differs */
    const char *slow_text; /* what "slow" means here: "e2e above 30 s, the baseline's p95"; "" when not known */
};

#endif
