/* SPDX-License-Identifier: MIT */
/* How this works: every step takes the next position and returns the one behind what it read, or NULL with l->error set. The usual
 * label, name="value" with nothing odd about it, costs two vector scans; whatever else stands between the braces goes to odd_label. */
#include "source/expo_line.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "base/safe_text.h"
#include "source/expo_scan.h"
#include "source/fastnum.h"

enum { EXEMPLAR_RUNES_MAX = 128 }; /* OpenMetrics 1.0, "Exemplars": names and values together */

/* Which label names were seen: a bit says "maybe", and only then the names are compared. */
struct seen {
    uint64_t bits[4];
};

static const char *fail(struct expo_line *l, const char *sentence)
{
    l->error = sentence;
    return NULL;
}

/* Adds the odd white space between from and to. At most one ' ' is regular where wanted is 1, none where it is 0. */
static void note_space(struct expo_line *l, const char *from, const char *to, ptrdiff_t wanted)
{
    if (to - from != wanted || (wanted == 1 && *from != ' ')) {
        l->odd |= EXPO_ODD_SPACE;
    }
}

static const char *skip_odd_blanks(struct expo_line *l, const char *p)
{
    const char *q = expo_skip_blanks(p, l->end);
    note_space(l, p, q, 0);
    return q;
}

/* From behind the opening quote to behind the closing one. */
static const char *read_value(struct expo_line *l, const char *p, struct expo_label *label)
{
    const char *first = p;
    bool escaped = false, high = false;
    for (;;) {
        p = expo_scan_value(p, l->end, l->readable);
        if (p == l->end) {
            return fail(l, "label value has no closing quote");
        }
        if (*p == '"') {
            break;
        }
        if (*p == '\\') {
            if (l->end - p < 2) {
                return fail(l, "label value has no closing quote");
            }
            escaped = true;
            if (p[1] != '\\' && p[1] != '"' && p[1] != 'n') {
                l->odd |= EXPO_ODD_ESCAPE;
            }
            p += (unsigned char)p[1] < 0x80 ? 2 : 1;
            continue;
        }
        high = true;
        while (p < l->end && (unsigned char)*p >= 0x80) {
            p++;
        }
    }
    label->value = (struct str){first, (size_t)(p - first)};
    label->escaped = escaped;
    if (high && !utf8_is_valid(label->value)) {
        return fail(l, "label value is not UTF-8");
    }
    return p + 1;
}

/* From the opening quote to behind the closing one. A name is stricter than a value: never empty, no unknown escapes. */
static const char *read_quoted_name(struct expo_line *l, const char *p, struct str *ret)
{
    struct expo_label text;
    unsigned odd_before = l->odd;
    l->odd = 0;
    p = read_value(l, p + 1, &text);
    bool odd_escape = (l->odd & EXPO_ODD_ESCAPE) != 0;
    l->odd = odd_before;
    if (!p) {
        return fail(l, "quoted name has no closing quote, or is not UTF-8");
    }
    if (odd_escape) {
        return fail(l, "quoted name has an escape other than \\\\, \\\" and \\n");
    }
    if (text.value.n == 0) {
        return fail(l, "quoted name is empty");
    }
    *ret = text.value;
    return p;
}

bool expo_line_quoted_name(struct expo_line *l, struct str *ret)
{
    const char *p = read_quoted_name(l, l->p, ret);
    if (p) {
        l->p = p;
    }
    return p != NULL;
}

static bool is_repeated(struct seen *seen, const struct expo_labels *ls, struct str name)
{
    unsigned h = ((unsigned char)name.p[0] + 31u * (unsigned char)name.p[name.n - 1] + 7u * (unsigned)name.n) & 255u;
    uint64_t bit = UINT64_C(1) << (h & 63);
    uint64_t *word = &seen->bits[h >> 6];
    if (!(*word & bit)) {
        *word |= bit;
        return false;
    }
    for (size_t i = 0; i < ls->count; i++) {
        if (ls->at[i].name.n == name.n && memcmp(ls->at[i].name.p, name.p, name.n) == 0) {
            return true;
        }
    }
    return false;
}

/* p is at the opening quote of the value that belongs to name. */
static inline const char *add_label(struct expo_line *l, const char *p, struct str name, struct expo_labels *ls, struct seen *seen)
{
    if (ls->count == EXPO_LABELS_MAX) {
        return fail(l, "too many labels");
    }
    if (name.n == 8 && memcmp(name.p, "__name__", 8) == 0) {
        return fail(l, "label name __name__ is reserved");
    }
    if (is_repeated(seen, ls, name)) {
        return fail(l, "the same label name twice");
    }
    struct expo_label *label = &ls->at[ls->count];
    label->name = name;
    p = read_value(l, p + 1, label);
    ls->count += p != NULL;
    return p;
}

/* What is not simply name="value": white space, commas, the closing brace, quoted names. Sets *ret_closed behind the brace. */
static const char *odd_label(struct expo_line *l, const char *p, struct expo_labels *ls, struct seen *seen, bool after_comma,
                             bool *ret_closed)
{
    p = skip_odd_blanks(l, p);
    if (p == l->end) {
        return fail(l, "label set has no closing brace");
    }
    if (*p == '}') {
        l->odd |= after_comma ? EXPO_ODD_LAST_COMMA : 0u;
        *ret_closed = true;
        return p + 1;
    }
    if (*p == ',') {
        l->odd |= EXPO_ODD_EXTRA_COMMA;
        return p;
    }
    struct str name = {p, 0};
    bool quoted = *p == '"';
    if (quoted) {
        p = read_quoted_name(l, p, &name);
        if (!p) {
            return NULL;
        }
    } else {
        p = expo_scan_label(p, l->end, l->readable);
        name.n = (size_t)(p - name.p);
        if (name.n == 0 || expo_is_digit(name.p[0])) {
            return fail(l, "label name is not valid");
        }
    }
    p = skip_odd_blanks(l, p);
    if (p == l->end || *p != '=') {
        if (!quoted) {
            return fail(l, "no '=' after the label name");
        }
        if (ls->name.p) {
            return fail(l, "more than one metric name");
        }
        ls->name = name;
        return p;
    }
    p = skip_odd_blanks(l, p + 1);
    if (p == l->end || *p != '"') {
        return fail(l, "label value is not in double quotes");
    }
    return add_label(l, p, name, ls, seen);
}

/* From behind the opening brace to behind the closing one. */
static const char *read_labels(struct expo_line *l, const char *p, struct expo_labels *ls)
{
    struct seen seen = {{0}};
    bool after_comma = false;
    for (;;) {
        const char *first = p;
        p = expo_scan_label(p, l->end, l->readable);
        if (l->end - p >= 2 && p[0] == '=' && p[1] == '"' && p > first && !expo_is_digit(*first)) {
            p = add_label(l, p + 1, (struct str){first, (size_t)(p - first)}, ls, &seen);
        } else {
            bool closed = false;
            p = odd_label(l, first, ls, &seen, after_comma, &closed);
            if (closed) {
                return p;
            }
        }
        if (!p) {
            return NULL;
        }
        if (p < l->end && expo_is_blank(*p)) {
            p = skip_odd_blanks(l, p);
        }
        if (p < l->end && *p == '}') {
            return p + 1;
        }
        if (p == l->end || *p != ',') {
            return fail(l, p == l->end ? "label set has no closing brace" : "no ',' or '}' after a label");
        }
        after_comma = true;
        p++;
    }
}

bool expo_line_series(struct expo_line *l, struct expo_labels *labels, struct expo_sample *s)
{
    const char *first = l->p;
    const char *name_end = expo_scan_name(first, l->end, l->readable);
    s->name = (struct str){first, (size_t)(name_end - first)};
    labels->count = 0;
    labels->name = (struct str){NULL, 0};
    s->labels = labels->at;
    if (s->name.n == 0 ? *first != '{' : expo_is_digit(*first)) {
        return fail(l, "metric name is not valid");
    }
    const char *p = expo_skip_blanks(name_end, l->end);
    if (p < l->end && *p == '{') {
        note_space(l, name_end, p, 0);
        p = read_labels(l, p + 1, labels);
        if (!p) {
            return false;
        }
        if (labels->name.p) {
            if (s->name.n > 0) {
                return fail(l, "more than one metric name");
            }
            s->name = labels->name;
        }
    } else {
        p = name_end;
        if (p < l->end && !expo_is_blank(*p)) {
            return fail(l, "metric name is not valid");
        }
    }
    if (s->name.n == 0) {
        return fail(l, "no metric name");
    }
    s->label_count = labels->count;
    s->series = (struct str){first, (size_t)(p - first)};
    l->p = p;
    return true;
}

struct str expo_line_guess(const struct expo_line *l)
{
    const char *brace = expo_find_last_brace(l->p, l->end);
    const char *end = brace ? brace + 1 : expo_scan_name(l->p, l->end, l->readable);
    if (!brace && end < l->end && !expo_is_blank(*end)) {
        end = l->p;
    }
    return (struct str){l->p, (size_t)(end - l->p)};
}

struct str expo_line_name(struct str series, const char *readable)
{
    const char *end = expo_scan_name(series.p, series.p + series.n, readable);
    return (struct str){series.p, (size_t)(end - series.p)};
}

/* A float that ends the line or is followed by white space; NULL without a sentence. */
static const char *read_float(const struct expo_line *l, const char *p, double *ret)
{
    double value;
    p = fastnum_scan(p, l->end, &value);
    if (!p || (p < l->end && !expo_is_blank(*p))) {
        return NULL;
    }
    *ret = value;
    return p;
}

/* Seconds as OpenMetrics writes them; beyond what 64 bits of milliseconds hold, the nearest that they do. */
static int64_t ms_of_seconds(double seconds)
{
    double ms = round(seconds * 1000.0);
    if (ms >= 9223372036854775808.0) {
        return INT64_MAX;
    }
    return ms < -9223372036854775808.0 ? INT64_MIN : (int64_t)ms;
}

static const char *read_timestamp(struct expo_line *l, const char *p, bool openmetrics, struct expo_sample *s, double *ret_seconds)
{
    if (openmetrics) {
        double seconds;
        p = read_float(l, p, &seconds);
        if (!p || !isfinite(seconds)) {
            return fail(l, "timestamp is not a finite number of seconds");
        }
        *ret_seconds = seconds;
        s->timestamp_ms = ms_of_seconds(seconds);
    } else {
        p = fastnum_scan_i64(p, l->end, &s->timestamp_ms);
        if (!p || (p < l->end && !expo_is_blank(*p))) {
            return fail(l, "timestamp is not a whole number of milliseconds");
        }
    }
    s->has_timestamp = true;
    return p;
}

/* White space behind a part; true when another part follows at *p. */
static bool next_part(struct expo_line *l, const char **p)
{
    const char *q = expo_skip_blanks(*p, l->end);
    note_space(l, *p, q, q == l->end ? 0 : 1);
    *p = q;
    return q < l->end;
}

bool expo_line_value(struct expo_line *l, bool openmetrics, struct expo_sample *s, double *ret_seconds)
{
    const char *p = l->p;
    s->has_timestamp = false;
    if (!next_part(l, &p)) {
        return fail(l, "value is missing");
    }
    p = read_float(l, p, &s->value);
    if (!p) {
        return fail(l, "value is not a number that a double can hold");
    }
    if (next_part(l, &p) && *p != '#') {
        p = read_timestamp(l, p, openmetrics, s, ret_seconds);
        if (!p) {
            return false;
        }
        if (next_part(l, &p) && *p != '#') {
            return fail(l, "text after the timestamp");
        }
    }
    l->p = p;
    return true;
}

static size_t count_runes(struct str s)
{
    size_t runes = 0;
    for (size_t i = 0; i < s.n; i++) {
        runes += ((unsigned char)s.p[i] & 0xC0) != 0x80;
        if (s.p[i] == '\\' && i + 1 < s.n && (s.p[i + 1] == '\\' || s.p[i + 1] == '"' || s.p[i + 1] == 'n')) {
            i++;
        }
    }
    return runes;
}

bool expo_line_exemplar(struct expo_line *l, struct expo_labels *scratch)
{
    const char *p = l->p + 1;
    if (!next_part(l, &p) || *p != '{') {
        return fail(l, "exemplar has no label set");
    }
    scratch->count = 0;
    scratch->name = (struct str){NULL, 0};
    p = read_labels(l, p + 1, scratch);
    if (!p || scratch->name.p) {
        return fail(l, "exemplar has a label set that is not valid");
    }
    size_t runes = 0;
    for (size_t i = 0; i < scratch->count; i++) {
        runes += count_runes(scratch->at[i].name) + count_runes(scratch->at[i].value);
    }
    if (runes > EXEMPLAR_RUNES_MAX) {
        return fail(l, "exemplar has more than 128 characters of labels");
    }
    double value, seconds;
    if (p < l->end && !expo_is_blank(*p)) {
        return fail(l, "exemplar has no white space before its value");
    }
    if (!next_part(l, &p) || !(p = read_float(l, p, &value))) {
        return fail(l, "exemplar has no value");
    }
    if (next_part(l, &p)) {
        p = read_float(l, p, &seconds);
        if (!p || !isfinite(seconds)) {
            return fail(l, "exemplar has a timestamp that is not a finite number of seconds");
        }
        if (next_part(l, &p)) {
            return fail(l, "text after the exemplar");
        }
    }
    l->p = p;
    return true;
}
