/* SPDX-License-Identifier: MIT */
#include "ui/console/plain_state.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>

#include "base/safe_text.h"
#include "base/timefmt.h"
#include "ui/draw/frame.h"
#include "ui/draw/mask.h"

static const int64_t day_ms = 86400000;

static void put(struct plain *p, const char *text)
{
    char masked[PLAIN_LINE_MAX], safe[PLAIN_LINE_MAX];
    safe_text(safe, sizeof safe, str_of(mask_text(p->cfg.mask_names, text, masked, sizeof masked)));
    if (fprintf(p->out, "%s\n", safe) < 0 || fflush(p->out) != 0)
        p->write_errno = errno;
}

/* The clock in front of a line names no day: a line of its own does when there is another. */
static void put_day(struct plain *p, const char *clock)
{
    char day[TIMEFMT_MAX], line[PLAIN_LINE_MAX];
    instant_format_iso(instant_floor(p->now_ms, day_ms), day);
    (void)str_format(line, sizeof line, "%s it is %.10s, UTC", clock, day);
    put(p, line);
}

void plain_say(struct plain *p, const char *fmt, ...)
{
    char text[PLAIN_LINE_MAX], line[PLAIN_LINE_MAX + TIMEFMT_MAX], clock[TIMEFMT_MAX];
    int64_t today_ms = instant_floor(p->now_ms, day_ms);
    va_list ap;

    va_start(ap, fmt);
    (void)vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    p->line_mono_ms = clock_mono_ms(&p->clock);
    if (p->in_moment) {
        p->said_day_ms = today_ms;
        put(p, text);
        return;
    }
    instant_format_clock(p->now_ms, clock);
    if (today_ms != p->said_day_ms)
        put_day(p, clock);
    p->said_day_ms = today_ms;
    (void)str_format(line, sizeof line, "%.9s %s", clock, text);
    put(p, line);
}

const char *plain_number(const char *text, char out[PLAIN_NUMBER_MAX])
{
    static const struct {
        const char *sign, *word;
        bool whole;
    } signs[] = {
        {NUMFMT_UNKNOWN, "unknown", true},
        {NUMFMT_NONE, "none", true},
        {NUMFMT_NOT_REPORTED, "not reported", true},
        {"thin", "too few to tell", true},
        {"avg", "only an average is measured", true},
        {">=", "at least ", false},
        {"<=", "at most ", false},
        {"~", "about ", false},
        {">", "above ", false},
        {"<", "below ", false},
    };
    for (size_t i = 0; i < sizeof signs / sizeof *signs; i++) {
        size_t n = strlen(signs[i].sign);
        if (strncmp(text, signs[i].sign, n) != 0 || (signs[i].whole && text[n] != '\0'))
            continue;
        (void)str_format(out, PLAIN_NUMBER_MAX, "%s%s", signs[i].word, text + n);
        return out;
    }
    (void)str_copy(out, PLAIN_NUMBER_MAX, str_of(text));
    return out;
}

const char *plain_verdict(const struct view_verdict *v, const char *how, char out[PLAIN_TEXT_MAX])
{
    char text[PLAIN_TEXT_MAX];
    bool since = v->state == VERDICT_UNKNOWN && v->since_ms > 0; /* its text goes on "since 03:09Z, was PAGE" */
    frame_verdict_text(v, text, sizeof text);
    (void)str_format(out, PLAIN_TEXT_MAX, "%s%s%s%s", frame_verdict_word(v->state), how, since ? " " : ": ", text);
    return out;
}

const char *plain_source(const struct source_status *s, int64_t cursor_ms, char out[PLAIN_TEXT_MAX])
{
    char age[NUMFMT_MAX], data[PLAIN_NUMBER_MAX] = "no data yet";
    if (s->last_ok_ms > 0)
        (void)str_format(data, sizeof data, "newest data %s old", numfmt_age(cursor_ms - s->last_ok_ms, age));
    (void)str_format(out, PLAIN_TEXT_MAX, "%s %s, %s%s%s", s->name, source_state_name(s->state), data, s->reason[0] != '\0' ? ": " : "",
                     s->reason);
    return out;
}

bool plain_is_fresh(const struct view_frame *f)
{
    return view_answering(f) > 0;
}

const char *plain_freshness(const struct view_frame *f, char out[PLAIN_TEXT_MAX])
{
    char age[NUMFMT_MAX];
    uint32_t answer = view_answering(f);
    if (f->sources_all == 0)
        (void)str_copy(out, PLAIN_TEXT_MAX, str_of("no source yet"));
    else if (f->data_age_ms < 0)
        (void)str_format(out, PLAIN_TEXT_MAX, "no data yet, %u of %u sources answer", answer, f->sources_all);
    else if (f->sources_sawtooth > 0)
        (void)str_format(out, PLAIN_TEXT_MAX, "newest data %s old, %u of %u sources answer, of %u the counts are not known",
                         numfmt_age(f->data_age_ms, age), answer, f->sources_all, f->sources_sawtooth);
    else if (f->sources_partial > 0)
        (void)str_format(out, PLAIN_TEXT_MAX, "newest data %s old, %u of %u sources answer, %u of them in part",
                         numfmt_age(f->data_age_ms, age), answer, f->sources_all, f->sources_partial);
    else if (f->sources_watching > 0)
        (void)str_format(out, PLAIN_TEXT_MAX, "newest data %s old, %u of %u sources answer, of %u %s counts are not sure",
                         numfmt_age(f->data_age_ms, age), answer, f->sources_all, f->sources_watching,
                         f->sources_watching_part == f->sources_watching ? "some" : "the");
    else
        (void)str_format(out, PLAIN_TEXT_MAX, "newest data %s old, %u of %u sources answer", numfmt_age(f->data_age_ms, age), answer,
                         f->sources_all);
    return out;
}
