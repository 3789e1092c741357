/* SPDX-License-Identifier: MIT */
/* What the moves of single counters say of a page: what record/sawtooth.h judges, and what is remembered of a counter for that. */
#include "record/normalise_int.h"

#include "base/timefmt.h"

enum { PACED_LEAST = SAWTOOTH_WINDOW / 2 };      /* rises before one can be steeper than ever */
static const double JUMP = 8, JUMP_LEAST = 1000; /* times as steep as ever; raw units */

bool normalise_is_blank(const struct normaliser *n, const struct feed *f, const struct slot *s, double v)
{
    const struct profile_metric *m = &n->p->metrics[f->row];
    return m->max_valid > 0 && f->role != FEED_GAUGE && (v * m->factor > m->max_valid || s->last * m->factor > m->max_valid);
}

bool normalise_is_back(const struct slot *s, double v)
{
    return s->peak > 0 && v >= s->peak && s->last <= (s->peak + s->low) / 2;
}

/* A rise by less than a quarter is none to wonder at; a steeper one is a jump when it is far steeper than ever, and "ever" is more than a
 * few: counters of single events rise by chance, and those of a page that was just begun have not shown how they rise. Steep ones of
 * counters that began just now or were away, or by little, say nothing: a burst of failures on an idle page must not wait. */
static void tally_rise(struct normaliser *n, const struct slot *s, double v)
{
    const double by = v - s->last;
    const bool steep = by > s->last / 4;
    if (n->last_ms == 0 || s->last <= 0 || s->last_seen != n->finished || (steep && by <= JUMP_LEAST))
        return;
    const double most = (double)s->pace * (double)(n->t_ms - n->last_ms);
    n->judged.rose++;
    n->judged.jumped += steep && s->paced >= PACED_LEAST && by > JUMP * most;
    n->judged.steep += by * JUMP > most;
}

void normalise_tally(struct normaliser *n, const struct slot *s, double v)
{
    struct sawtooth_poll *p = &n->judged;
    const bool of_old = s->last_seen < n->born && s->last_seen != n->finished; /* it was away while the process became another */
    if (s->last > 0)
        p->counters++;
    if (v == s->last || of_old)
        return;
    for (uint32_t i = s->feed; i != SLOT_NONE; i = n->feeds[i].next) {
        if (normalise_is_blank(n, &n->feeds[i], s, v))
            return;
    }
    const bool plain = n->names[s->name].sample == SAMPLE_VALUE, fell = v < s->last, half = fell && v * 2 >= s->last,
               back = normalise_is_back(s, v);
    p->fell += fell;
    p->fell_half += half;
    p->climbed += back;
    if (!fell && !back)
        tally_rise(n, s, v);
    p->plain += plain;
    p->plain_fell += plain && fell;
    p->plain_half += plain && half;
    p->plain_climbed += plain && back;
    p->again += plain && fell && s->swung;
}

void normalise_learn(const struct normaliser *n, struct slot *s)
{
    const double middle = (s->peak + s->low) / 2;
    if (s->cur < s->last) {
        s->peak = s->last;
        s->low = s->cur;
        s->swung = false;
    } else if (s->peak > 0 && s->cur > middle) {
        s->swung = n->sawtooth.back && normalise_is_back(s, s->cur);
        s->peak = 0;
    }
    if (n->last_ms == 0 || n->done < 2 || s->cur <= s->last)
        return; /* the first interval of all may be a short one, in which a single event looks steep */
    const double pace = (s->cur - s->last) / (double)(n->t_ms - n->last_ms);
    s->pace = pace > (double)s->pace ? (float)pace : s->pace;
    if (s->paced < SAWTOOTH_WINDOW)
        s->paced++;
}

void normalise_note_fall(struct normaliser *n, const struct feed *f)
{
    if ((n->sawtooth.own & 1) != 0 && n->fell_count++ == 0)
        (void)normalise_which(n, f->row, store_series_at(n->st, n->outs.list[f->out].series - 1), n->fell_first);
}

/* "gw_requests_total{model="z"} and 2 more fell after 08:01:15Z: they began anew, or another worker answered: watching requests; what
 * ..." */
static const char *own_text(struct normaliser *n, const char *clock)
{
    enum { LISTED = 4, LIST_MAX = 128, MORE_MAX = 32 };
    const uint64_t signals = held_signals(&n->held);
    const bool many = n->fell_count > 1;
    char list[LIST_MAX] = "", more[MORE_MAX] = "";
    int told = 0;
    for (int k = 0; k < SIG_COUNT; k++) {
        const size_t used = str_of(list).n;
        if ((signals >> k & 1) == 0)
            continue;
        if (told < LISTED)
            (void)str_format(list + used, sizeof list - used, "%s%s", told > 0 ? ", " : "", signal_info((enum signal)k)->name);
        else if (told == LISTED)
            (void)str_format(list + used, sizeof list - used, " and others");
        told++;
    }
    if (many)
        (void)str_format(more, sizeof more, " and %u more", n->fell_count - 1);
    (void)str_format(
        n->watch, sizeof n->watch,
        "%s%s fell after %s: %s began anew, or another worker answered: watching %s; what the poll after that counted of %s is "
        "shown once the next %d polls tell",
        n->fell_first, more, clock, many ? "they" : "it", list, told > 1 ? "them" : "it", SAWTOOTH_HOLD);
    return n->watch;
}

const char *normalise_watch_text(struct normaliser *n)
{
    const struct sawtooth *s = &n->sawtooth;
    char clock[TIMEFMT_MAX] = "";
    if (!s->watch)
        return "";
    if (s->held == 0)
        return "its counters fell: a restart, or several workers behind one port: watching";
    instant_format_clock(normalise_waits_since(n), clock);
    if (!s->whole)
        return own_text(n, clock);
    const char *what = s->dips != 0    ? "its counters fell"
                       : s->falls != 0 ? "some of its counters fell"
                                       : "its counters rose as never before";
    const char *why = s->dips != 0    ? "a restart, several workers behind one port, or another process' page"
                      : s->falls != 0 ? "they began anew, or another worker answered"
                                      : "more load, or another worker";
    (void)str_format(n->watch, sizeof n->watch, "%s after %s: %s: watching; what %s is shown once the next %d polls tell", what, clock, why,
                     s->dips != 0 ? "it counts since then" : "the poll after that counted", SAWTOOTH_HOLD);
    return n->watch;
}
