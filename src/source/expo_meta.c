/* SPDX-License-Identifier: MIT */
#include "source/expo_meta.h"

#include <string.h>

#include "base/safe_text.h"
#include "source/expo_scan.h"

static const struct {
    const char *word;
    enum expo_keyword keyword;
} keywords[] = {{"HELP", EXPO_HELP}, {"TYPE", EXPO_TYPE}, {"UNIT", EXPO_UNIT}};

static const struct type_word {
    const char *word;
    enum expo_type type;
    bool in_openmetrics;
} types[] = {
    {"counter", EXPO_COUNTER, true},
    {"gauge", EXPO_GAUGE, true},
    {"histogram", EXPO_HISTOGRAM, true},
    {"summary", EXPO_SUMMARY, true},
    {"untyped", EXPO_UNTYPED, false},
    {"unknown", EXPO_UNTYPED, true},
    {"info", EXPO_INFO, true},
    {"stateset", EXPO_STATESET, true},
    {"gaugehistogram", EXPO_GAUGE_HISTOGRAM, true},
    {"gauge_histogram", EXPO_GAUGE_HISTOGRAM, false}, /* as expfmt spells it */
};

/* expfmt takes the words in any case; OpenMetrics does not. */
static bool is_word(struct str s, const char *lower, bool any_case)
{
    if (s.n != strlen(lower)) {
        return false;
    }
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        if (any_case && c >= 'A' && c <= 'Z') {
            c = (char)(c | 0x20);
        }
        if (c != lower[i]) {
            return false;
        }
    }
    return true;
}

static bool find_type(struct expo_line *l, bool openmetrics, struct expo_meta *m)
{
    struct str word = m->rest;
    while (!openmetrics && word.n > 0 && expo_is_blank(word.p[word.n - 1])) {
        word.n--;
    }
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        if (is_word(word, types[i].word, !openmetrics) && (types[i].in_openmetrics || !openmetrics)) {
            m->type = types[i].type;
            return true;
        }
    }
    l->error = word.n == 0 ? "TYPE line without a type" : "metric type is not known";
    return false;
}

/* Blanks between two parts: OpenMetrics has exactly one ' '. */
static const char *next_part(struct expo_line *l, const char *p)
{
    const char *q = expo_skip_blanks(p, l->end);
    if (q - p != 1 || *p != ' ') {
        l->odd |= EXPO_ODD_SPACE;
    }
    return q;
}

static bool read_family(struct expo_line *l, const char *p, struct expo_meta *m)
{
    const char *end = p;
    if (*p == '"') {
        l->p = p;
        if (!expo_line_quoted_name(l, &m->family)) {
            return false;
        }
        end = l->p;
    } else {
        end = expo_scan_name(p, l->end, l->readable);
        m->family = (struct str){p, (size_t)(end - p)};
    }
    if (m->family.n == 0 || (*p != '"' && expo_is_digit(*p)) || (end < l->end && !expo_is_blank(*end))) {
        l->error = "metric name in a comment is not valid";
        return false;
    }
    l->p = end;
    return true;
}

/* Behind the family: in 0.0.4 blanks don't count, in OpenMetrics all but the first belong to the text. */
static void read_rest(struct expo_line *l, bool openmetrics, struct expo_meta *m)
{
    const char *p = l->p;
    m->has_rest = p < l->end;
    if (openmetrics && m->has_rest) {
        if (*p != ' ') {
            l->odd |= EXPO_ODD_SPACE;
        }
        p++;
    } else {
        p = expo_skip_blanks(p, l->end);
    }
    m->rest = (struct str){p, (size_t)(l->end - p)};
}

bool expo_meta_read(struct expo_line *l, bool openmetrics, struct expo_meta *ret)
{
    struct expo_meta m = {.keyword = EXPO_COMMENT};
    struct str line = {l->p, (size_t)(l->end - l->p)};
    const char *first = next_part(l, l->p + 1);
    const char *p = first;
    while (p < l->end && !expo_is_blank(*p)) {
        p++;
    }
    struct str word = {first, (size_t)(p - first)};
    for (size_t i = 0; i < sizeof keywords / sizeof keywords[0]; i++) {
        if (str_eq_z(word, keywords[i].word)) {
            m.keyword = keywords[i].keyword;
        }
    }
    while (!openmetrics && line.n > 0 && expo_is_blank(line.p[line.n - 1])) {
        line.n--;
    }
    if (str_eq_z(line, "# EOF")) {
        m.keyword = EXPO_EOF;
    }
    bool is_meta = m.keyword != EXPO_COMMENT && m.keyword != EXPO_EOF;
    if (is_meta && p < l->end) {
        p = next_part(l, p);
    }
    if (is_meta && p < l->end) {
        if (!read_family(l, p, &m)) {
            if (openmetrics || m.keyword != EXPO_UNIT) {
                return false;
            }
            *ret = (struct expo_meta){.keyword = EXPO_COMMENT}; /* 0.0.4 knows no UNIT: somebody's remark */
            return true;
        }
        read_rest(l, openmetrics, &m);
        if (!utf8_is_valid(m.rest)) {
            l->error = "text of a comment is not UTF-8";
            return false;
        }
        if (m.keyword == EXPO_TYPE && !find_type(l, openmetrics, &m)) {
            return false;
        }
    }
    *ret = m;
    return true;
}
