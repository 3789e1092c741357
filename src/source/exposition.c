/* SPDX-License-Identifier: MIT */
/* How this works: feeds are cut into lines, where only a line that spans two feeds is copied, into memory that was set aside at the
 * start. Each line is read on its own (expo_line.c, expo_meta.c) and then held against what came before (expo_check.c). Everything that
 * is decided per body is decided per line too, so results can't depend on where the feeds were cut. */
#include "source/exposition.h"

#include <stdlib.h>
#include <string.h>

#include "source/expo_check.h"
#include "source/expo_line.h"
#include "source/expo_meta.h"
#include "source/expo_scan.h"

enum {
    WARNING_TEXT_MAX = 120, /* bytes of the line shown with a warning */
    VECTOR = 16,            /* bytes that the scans may look at behind a line (expo_scan.h) */
};

struct expo {
    struct expo_handler h;
    size_t max_bytes;
    enum err failed; /* sticks until expo_reset */
    bool skipping;   /* inside a line that was too long */
    bool warned_cr, warned_after_eof;
    char first_byte; /* the first that is not white space, 0 before it */
    struct str line; /* the one being read, for warnings */
    struct expo_stats stats;
    struct expo_labels labels, exemplar;
    struct expo_check check;
    size_t carry_length;
    char carry[EXPO_LINE_MAX + 1 + VECTOR]; /* a line cut by the end of a feed */
};

static void reset_body(struct expo *p)
{
    p->failed = ERR_OK;
    p->skipping = p->warned_cr = p->warned_after_eof = false;
    p->first_byte = 0;
    p->line = (struct str){NULL, 0};
    p->stats = (struct expo_stats){0};
    p->carry_length = 0;
    expo_check_reset(&p->check);
}

struct expo *expo_new(const struct expo_handler *h, size_t max_bytes)
{
    struct expo *p = malloc(sizeof *p); /* not calloc: most of it is only ever touched by long lines and many families */
    if (!p) {
        return NULL;
    }
    p->h = *h;
    p->max_bytes = max_bytes;
    p->check.openmetrics = false;
    p->check.known.count = EXPO_FAMILIES_MAX; /* makes the reset clear it */
    reset_body(p);
    return p;
}

void expo_free(struct expo *p)
{
    free(p);
}

void expo_reset(struct expo *p)
{
    reset_body(p);
}

void expo_set_openmetrics(struct expo *p, bool on)
{
    p->check.openmetrics = on;
}

static void warn(struct expo *p, const char *what)
{
    p->stats.warnings++;
    if (p->h.on_warning) {
        struct expo_warning w = {.line = p->stats.lines, .what = what, .text = p->line};
        w.text.n = w.text.n < WARNING_TEXT_MAX ? w.text.n : WARNING_TEXT_MAX;
        p->h.on_warning(p->h.ctx, &w);
    }
}

static void warn_if(struct expo *p, const char *what)
{
    if (what) {
        warn(p, what);
    }
}

static void warn_odd(struct expo *p, unsigned odd)
{
    bool openmetrics = p->check.openmetrics;
    if (openmetrics && (odd & EXPO_ODD_SPACE)) {
        warn(p, "white space that OpenMetrics does not allow");
    }
    if ((odd & EXPO_ODD_EXTRA_COMMA) || (openmetrics && (odd & EXPO_ODD_LAST_COMMA))) {
        warn(p, "a comma too many among the labels");
    }
    if (!openmetrics && (odd & EXPO_ODD_ESCAPE)) {
        warn(p, "label value has an escape other than \\\\, \\\" and \\n");
    }
}

/* Series of a line whose labels were split before: true when the caller knows these very bytes. */
static bool is_known(struct expo *p, struct str series)
{
    return series.n > 0 && p->h.on_known && p->h.on_known(p->h.ctx, series);
}

/* Fills the series part of s. *ret_split: its labels are there. */
static bool read_series(struct expo *p, struct expo_line *l, struct expo_sample *s, bool *ret_split)
{
    struct str guess = p->h.on_known ? expo_line_guess(l) : (struct str){l->p, 0};
    if (is_known(p, guess)) {
        s->series = guess;
        s->name = expo_line_name(guess, l->readable);
        l->p += guess.n;
        *ret_split = false;
        return true;
    }
    if (!expo_line_series(l, &p->labels, s)) {
        return false;
    }
    *ret_split = true;
    if (s->series.n != guess.n && is_known(p, s->series)) { /* an exemplar misled the guess */
        s->label_count = 0;
        s->name = expo_line_name(s->series, l->readable);
        *ret_split = false;
    }
    return true;
}

/* The parts behind a sample; every fault here leaves the sample standing. */
static void check_rest(struct expo *p, struct expo_line *l, const struct expo_sample *s, bool split, double seconds)
{
    if (l->p < l->end) {
        if (!expo_line_exemplar(l, &p->exemplar)) {
            warn(p, l->error);
        } else {
            warn_if(p, expo_check_exemplar(&p->check));
        }
    }
    if (l->odd) {
        warn_odd(p, l->odd);
    }
    if (p->check.openmetrics) {
        warn_if(p, expo_check_order(&p->check, s, split, seconds));
    }
}

static enum err take_sample(struct expo *p, struct expo_line *l)
{
    struct expo_sample s = {.line = p->stats.lines, .labels = p->labels.at};
    bool split = true;
    double seconds = 0;
    if (!read_series(p, l, &s, &split) || !expo_line_value(l, p->check.openmetrics, &s, &seconds)) {
        warn(p, l->error);
        return ERR_OK;
    }
    warn_if(p, expo_check_sample(&p->check, &s, split));
    check_rest(p, l, &s, split, seconds);
    p->stats.samples++;
    return p->h.on_sample && !p->h.on_sample(p->h.ctx, &s) ? ERR_LIMIT : ERR_OK;
}

static void take_metadata(struct expo *p, const struct expo_meta *m)
{
    bool openmetrics = p->check.openmetrics;
    if (m->family.n == 0 || (openmetrics && !m->has_rest)) {
        if (openmetrics) {
            warn(p, "HELP, TYPE or UNIT line that ends too early");
        }
        return;
    }
    if (openmetrics) {
        warn_if(p, expo_check_histogram_end(&p->check));
    } else if (m->keyword == EXPO_HELP && m->rest.n == 0) {
        return; /* says nothing, so it may come twice */
    }
    switch (m->keyword) {
    case EXPO_HELP:
        warn_if(p, expo_check_help(&p->check, m->family));
        if (p->h.on_help) {
            p->h.on_help(p->h.ctx, m->family, m->rest);
        }
        break;
    case EXPO_TYPE:
        warn_if(p, expo_check_type(&p->check, m->family, m->type));
        if (p->h.on_type) {
            p->h.on_type(p->h.ctx, m->family, m->type);
        }
        break;
    case EXPO_UNIT:
        warn_if(p, expo_check_unit(&p->check, m->family, m->rest));
        if (p->h.on_unit) {
            p->h.on_unit(p->h.ctx, m->family, m->rest);
        }
        break;
    case EXPO_COMMENT:
    case EXPO_EOF: break;
    }
}

static void take_comment(struct expo *p, struct expo_line *l)
{
    struct expo_meta m;
    if (!expo_meta_read(l, p->check.openmetrics, &m)) {
        warn(p, l->error);
        return;
    }
    if (m.keyword == EXPO_EOF) {
        p->stats.saw_eof = true;
        return;
    }
    if (m.keyword == EXPO_COMMENT) {
        if (p->check.openmetrics) {
            warn(p, "comment that is neither HELP, TYPE, UNIT nor EOF");
        }
        return;
    }
    if (l->odd) {
        warn_odd(p, l->odd);
    }
    take_metadata(p, &m);
}

/* What only the first lines of a body show: a byte order mark, and bytes that are no exposition at all. */
static void look_at_start(struct expo *p, struct str *line)
{
    if (p->stats.lines == 1 && line->n >= 3 && memcmp(line->p, "\xEF\xBB\xBF", 3) == 0) {
        warn(p, "byte order mark at the start");
        line->p += 3;
        line->n -= 3;
    }
    for (size_t i = 0; i < line->n && i < EXPO_LINE_MAX && p->first_byte == 0; i++) {
        p->first_byte = expo_is_blank(line->p[i]) || line->p[i] == '\r' ? '\0' : line->p[i];
    }
}

/* One line without its newline. Bytes up to readable may be looked at. */
static enum err take_line(struct expo *p, struct str line, const char *readable)
{
    p->stats.lines++;
    p->line = line;
    if (p->first_byte == 0) {
        look_at_start(p, &line);
    }
    if (line.n > EXPO_LINE_MAX) {
        warn(p, "line is too long and was skipped");
        return ERR_OK;
    }
    if (line.n > 0 && line.p[line.n - 1] == '\r') {
        line.n--;
        if (!p->warned_cr) {
            p->warned_cr = true;
            warn(p, "lines end in CR LF");
        }
    }
    if (p->check.openmetrics && p->stats.saw_eof && !p->warned_after_eof) {
        p->warned_after_eof = true;
        warn(p, "text after # EOF");
    }
    struct expo_line l = {.p = line.p, .end = line.p + line.n, .readable = readable};
    const char *first = expo_skip_blanks(l.p, l.end);
    if (first == l.end) {
        if (p->check.openmetrics) {
            warn(p, "blank line");
        }
        return ERR_OK;
    }
    if (first != l.p) {
        l.odd |= EXPO_ODD_SPACE;
        l.p = first;
    }
    if (*first == '#') {
        take_comment(p, &l);
        return ERR_OK;
    }
    return take_sample(p, &l);
}

/* Keeps the front of a line whose end is still to come; a line that grows too long is warned about once and dropped to its end. */
static void keep_for_later(struct expo *p, const char *bytes, size_t n)
{
    if (p->skipping) {
        return;
    }
    size_t room = EXPO_LINE_MAX + 1 - p->carry_length;
    size_t taken = n < room ? n : room;
    memcpy(p->carry + p->carry_length, bytes, taken);
    p->carry_length += taken;
    if (p->carry_length > EXPO_LINE_MAX) {
        p->skipping = true;
        (void)take_line(p, (struct str){p->carry, p->carry_length}, p->carry + p->carry_length); /* only warns */
        p->carry_length = 0;
    }
}

static enum err take_carry(struct expo *p)
{
    struct str line = {p->carry, p->carry_length};
    p->carry_length = 0;
    memset(p->carry + line.n, '\n', VECTOR);
    return take_line(p, line, p->carry + line.n + VECTOR);
}

static enum err feed_allowed(struct expo *p, const char *bytes, size_t n)
{
    const char *at = bytes, *end = bytes + n;
    p->stats.bytes += n;
    while (at < end) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        if (!newline) {
            keep_for_later(p, at, (size_t)(end - at));
            break;
        }
        enum err e = ERR_OK;
        if (p->carry_length > 0 || p->skipping) {
            keep_for_later(p, at, (size_t)(newline - at));
            e = p->skipping ? ERR_OK : take_carry(p);
            p->skipping = false;
        } else {
            e = take_line(p, (struct str){at, (size_t)(newline - at)}, end);
        }
        if (e) {
            return e;
        }
        at = newline + 1;
    }
    return ERR_OK;
}

enum err expo_feed(struct expo *p, const void *bytes, size_t n)
{
    if (p->failed) {
        return p->failed;
    }
    size_t allowed = p->max_bytes - p->stats.bytes;
    p->failed = feed_allowed(p, bytes, n < allowed ? n : allowed);
    if (!p->failed && n > allowed) {
        p->failed = ERR_LIMIT;
    }
    return p->failed;
}

enum err expo_finish(struct expo *p)
{
    if (p->failed) {
        return p->failed;
    }
    if (p->carry_length > 0) {
        size_t length = p->carry_length;
        p->failed = take_carry(p);
        p->line = (struct str){p->carry, length};
        const char *end = p->carry + length;
        if (!p->failed && !p->stats.saw_eof && expo_skip_blanks(p->carry, end) < end) {
            warn(p, "the last line has no newline: the body may have been cut");
        }
    }
    p->line = (struct str){NULL, 0};
    if (!p->failed && p->check.openmetrics) {
        warn_if(p, expo_check_histogram_end(&p->check));
        if (!p->stats.saw_eof) {
            warn(p, "no # EOF at the end: the body may have been cut");
        }
    }
    return p->failed;
}

struct expo_stats expo_stats(const struct expo *p)
{
    struct expo_stats stats = p->stats;
    stats.families = p->check.families;
    stats.looks_like_html = p->first_byte == '<';
    stats.looks_like_json = (p->first_byte == '{' || p->first_byte == '[') && stats.samples == 0;
    return stats;
}

size_t expo_unescape(struct str s, char *dst)
{
    size_t n = 0;
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        if (c == '\\' && i + 1 < s.n && (s.p[i + 1] == '\\' || s.p[i + 1] == '"' || s.p[i + 1] == 'n')) {
            c = s.p[++i];
            c = c == 'n' ? '\n' : c;
        }
        dst[n++] = c;
    }
    return n;
}
