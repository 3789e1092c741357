/* SPDX-License-Identifier: MIT */
#include "analysis/csvseries.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/safe_text.h"
#include "base/timefmt.h"

enum { COLUMNS_MAX = 64 };
static const double NUMBER_LEAST = 1e8; /* seconds since 1970: 1973; a smaller number is no clock's */

static const char *const kind_names[CSVSERIES_KINDS] = {"binary", "score", "metric"};

const char *csvseries_kind_name(enum csvseries_kind k)
{
    return kind_names[k];
}

bool csvseries_kind_by_name(struct str name, enum csvseries_kind *ret)
{
    for (int k = 0; k < CSVSERIES_KINDS; k++) {
        if (str_eq_z(name, kind_names[k])) {
            *ret = (enum csvseries_kind)k;
            return true;
        }
    }
    return false;
}

void csvseries_init(struct csvseries *s)
{
    memset(s, 0, sizeof *s);
    s->value_column = s->time_column = s->n_column = -1;
}

void csvseries_fini(struct csvseries *s)
{
    free(s->rows);
    s->rows = NULL;
    s->count = s->cap = 0;
}

static void leave_out(struct csvseries *s, uint32_t line, const char *what, struct str text)
{
    char quoted[41];
    if (s->left_out < CSVSERIES_NAMED_MAX) {
        struct csvseries_left_out *l = &s->named[s->left_out];
        l->line = line;
        safe_text(quoted, sizeof quoted, text);
        (void)str_format(l->reason, sizeof l->reason, text.n > 0 ? "'%s' %s" : "%s%s", text.n > 0 ? quoted : "", what);
    }
    s->left_out++;
}

/* ---- a line's columns ---- */

static struct str trim(struct str s)
{
    while (s.n > 0 && (s.p[0] == ' ' || s.p[0] == '\t')) {
        s.p++;
        s.n--;
    }
    while (s.n > 0 && (s.p[s.n - 1] == ' ' || s.p[s.n - 1] == '\t' || s.p[s.n - 1] == '\r'))
        s.n--;
    if (s.n >= 2 && s.p[0] == '"' && s.p[s.n - 1] == '"')
        s = (struct str){s.p + 1, s.n - 2};
    return s;
}

static size_t split(struct str line, char separator, struct str out[COLUMNS_MAX])
{
    size_t n = 0, from = 0;
    bool quoted = false;
    for (size_t i = 0; i <= line.n; i++) {
        quoted = i < line.n && line.p[i] == '"' ? !quoted : quoted;
        if (i < line.n && (quoted || line.p[i] != separator))
            continue;
        if (n < COLUMNS_MAX)
            out[n++] = trim((struct str){line.p + from, i - from});
        from = i + 1;
    }
    return n;
}

static bool is_word(struct str s, const char *z)
{
    return s.n == strlen(z) && strncasecmp(s.p, z, s.n) == 0;
}

static bool read_value(struct str s, double *ret)
{
    if (is_word(s, "true") || is_word(s, "false")) {
        *ret = is_word(s, "true") ? 1 : 0;
        return true;
    }
    return str_to_f64(s, ret);
}

/* ---- the header, or what the columns are without one ---- */

static int column_named(const struct str *cells, size_t n, const char *const *names)
{
    for (; *names != NULL; names++)
        for (size_t i = 0; i < n; i++)
            if (is_word(cells[i], *names))
                return (int)i;
    return -1;
}

/* Returns whether the line is a header. */
static bool find_columns(struct csvseries *s, struct str line)
{
    static const char *const values[] = {"value", "score", "bad", "y", "v", "x", NULL};
    static const char *const times[] = {"timestamp", "time", "datetime", "date", "ts", "at", NULL};
    static const char *const counts[] = {"n", "total", NULL};
    struct str cells[COLUMNS_MAX];
    double v;
    s->separator = memchr(line.p, '\t', line.n) != NULL ? '\t' : memchr(line.p, ',', line.n) != NULL ? ',' : ';';
    size_t n = split(line, s->separator, cells);
    s->value_column = column_named(cells, n, values);
    s->time_column = column_named(cells, n, times);
    s->n_column = column_named(cells, n, counts);
    bool named = s->value_column >= 0 || s->time_column >= 0;
    s->named_score = s->value_column >= 0 && is_word(cells[s->value_column], "score");
    if (s->value_column < 0)
        s->value_column = n < 2 ? 0 : s->time_column == 1 ? 0 : 1;
    if (s->time_column < 0 && n >= 2)
        s->time_column = s->value_column == 0 || s->n_column == 0 ? -1 : 0;
    return named || !read_value(cells[s->value_column], &v);
}

/* ---- times ---- */

/* Only what says its date itself: "3h ago" has no place in a file. */
static bool read_date(struct str s, int64_t *ret_ms)
{
    for (size_t i = 0; i < 5; i++)
        if (s.n < 8 || (i < 4 ? s.p[i] < '0' || s.p[i] > '9' : s.p[i] != '-'))
            return false;
    return instant_parse(s, 0, ret_ms, NULL) == ERR_OK;
}

/* Seconds since 1970 as people write them: those before 1973 are taken for an index. */
static int64_t epoch_ms(double v)
{
    return (int64_t)(v >= 1e17 ? v / 1e6 : v >= 1e14 ? v / 1e3 : v >= 1e11 ? v : v * 1e3);
}

static void find_clock(struct csvseries *s, struct str cell)
{
    int64_t ms;
    double v;
    if (read_date(cell, &ms))
        s->clock = CSVSERIES_CLOCK_TEXT;
    else if (!str_to_f64(cell, &v) || !isfinite(v))
        s->clock = CSVSERIES_CLOCK_LABEL;
    else
        s->clock = v >= NUMBER_LEAST && v < 1e19 ? CSVSERIES_CLOCK_NUMBER : CSVSERIES_CLOCK_INDEX;
    s->timed = s->clock == CSVSERIES_CLOCK_TEXT || s->clock == CSVSERIES_CLOCK_NUMBER;
}

/* False: it is no time. *ret_order: what times are compared by. */
static bool read_time(struct csvseries *s, struct str cell, int64_t *ret_ms, double *ret_order)
{
    double order;
    *ret_ms = CSVSERIES_NO_TIME;
    *ret_order = 0;
    if (s->clock == CSVSERIES_CLOCK_UNKNOWN)
        find_clock(s, cell);
    if (s->clock == CSVSERIES_CLOCK_LABEL)
        return true;
    if (s->clock == CSVSERIES_CLOCK_TEXT) {
        if (!read_date(cell, ret_ms))
            return false;
        order = (double)*ret_ms;
    } else {
        if (!str_to_f64(cell, &order) || !isfinite(order) || fabs(order) >= 1e19)
            return false;
    }
    if (s->clock == CSVSERIES_CLOCK_NUMBER && order < NUMBER_LEAST)
        return false;
    if (s->clock == CSVSERIES_CLOCK_NUMBER)
        *ret_ms = epoch_ms(order);
    *ret_order = order;
    return true;
}

/* ---- rows ---- */

static enum err push(struct csvseries *s, const struct csvseries_row *r)
{
    if (s->count == s->cap) {
        size_t cap = s->cap > 0 ? 2 * s->cap : 1024;
        struct csvseries_row *rows = realloc(s->rows, cap * sizeof *rows);
        if (rows == NULL)
            return ERR_NOMEM;
        s->rows = rows;
        s->cap = cap;
    }
    s->rows[s->count++] = *r;
    return ERR_OK;
}

static struct str cell_at(const struct str *cells, size_t n, int column)
{
    return column >= 0 && (size_t)column < n ? cells[column] : (struct str){"", 0};
}

/* Whether the row can be used; else it was left out. */
static bool read_row(struct csvseries *s, struct str line, struct csvseries_row *r)
{
    struct str cells[COLUMNS_MAX];
    size_t n = split(line, s->separator, cells);
    struct str value = cell_at(cells, n, s->value_column), time = cell_at(cells, n, s->time_column), of = cell_at(cells, n, s->n_column);
    int64_t count = 1;
    r->order = 0;
    if (value.n == 0)
        leave_out(s, s->lines, "the value is missing", value);
    else if (!read_value(value, &r->value))
        leave_out(s, s->lines, "is no number", value);
    else if (!isfinite(r->value))
        leave_out(s, s->lines, "is not finite", value);
    else if (s->n_column >= 0 && (!str_to_i64(of, &count) || count < 1 || count > INT64_C(1000000000000)))
        leave_out(s, s->lines, "is no count from 1 on", of);
    else if (s->time_column >= 0 && !read_time(s, time, &r->wall_ms, &r->order))
        leave_out(s, s->lines, "is no time", time);
    else {
        r->n = (uint64_t)count;
        return true;
    }
    return false;
}

static enum err too_many(struct errctx *ctx)
{
    return errctx_set(ctx, ERR_LIMIT, "more than %d rows; split the series, or give sums of it with a column n", CSVSERIES_ROWS_MAX);
}

enum err csvseries_add_line(struct csvseries *s, struct str line, struct errctx *ctx)
{
    struct csvseries_row r = {.wall_ms = CSVSERIES_NO_TIME};
    s->lines++;
    if (s->lines == 1 && str_has_prefix(line, "\xef\xbb\xbf"))
        line = (struct str){line.p + 3, line.n - 3};
    if (trim(line).n == 0)
        return ERR_OK;
    if (s->value_column < 0 && find_columns(s, line))
        return ERR_OK;
    if (s->data_rows == CSVSERIES_ROWS_MAX)
        return too_many(ctx);
    r.row = ++s->data_rows;
    r.line = s->lines;
    return !read_row(s, line, &r) || push(s, &r) == ERR_OK ? ERR_OK : errctx_set(ctx, ERR_NOMEM, "out of memory");
}

void csvseries_add_long_line(struct csvseries *s)
{
    s->lines++;
    s->data_rows++;
    leave_out(s, s->lines, "the line is too long", (struct str){"", 0});
}

/* ---- kinds ---- */

static bool is_of_kind(const struct csvseries *s, const struct csvseries_row *r, enum csvseries_kind k)
{
    if (k == CSVSERIES_BINARY)
        return s->n_column >= 0 ? r->value >= 0 && r->value <= (double)r->n && r->value == floor(r->value) : r->value == 0 || r->value == 1;
    return k == CSVSERIES_METRIC || (r->value >= 0 && r->value <= 1);
}

/* Whether all are, or with of_ten nine of ten of them: one that is not is a mistake rather than another kind. */
static bool are_of_kind(const struct csvseries *s, enum csvseries_kind k, bool of_ten)
{
    size_t are = 0;
    for (size_t i = 0; i < s->count; i++)
        are += is_of_kind(s, &s->rows[i], k);
    return of_ten ? are >= s->count - s->count / 10 : are == s->count;
}

enum csvseries_kind csvseries_guess(const struct csvseries *s)
{
    if (s->n_column >= 0 || are_of_kind(s, CSVSERIES_BINARY, false))
        return CSVSERIES_BINARY;
    return s->named_score && are_of_kind(s, CSVSERIES_SCORE, true) ? CSVSERIES_SCORE : CSVSERIES_METRIC;
}

/* Of the rows the most whose times do not fall: before[i] is the row of these that comes before i when i is the last of them, and the row
 * that is the last of the longest run is returned. ends[n]: the last row, by the least time, of a run of n + 1. */
static size_t longest_run(const struct csvseries *s, uint32_t *before, uint32_t *ends)
{
    size_t longest = 0;
    for (size_t i = 0; i < s->count; i++) {
        size_t lo = 0, hi = longest;
        while (lo < hi) { /* the first that ends later */
            const size_t mid = lo + (hi - lo) / 2;
            if (s->rows[ends[mid]].order <= s->rows[i].order)
                lo = mid + 1;
            else
                hi = mid;
        }
        before[i] = lo > 0 ? ends[lo - 1] : 0;
        ends[lo] = (uint32_t)i;
        longest += lo == longest;
    }
    return longest;
}

/* The fewest rows are left out so that times do not fall: of one that is far ahead all that come after it are later than it says. */
static enum err order(struct csvseries *s)
{
    uint32_t *before = malloc((s->count + 1) * sizeof *before), *ends = malloc((s->count + 1) * sizeof *ends);
    enum err e = before != NULL && ends != NULL ? ERR_OK : ERR_NOMEM;
    const size_t longest = e == ERR_OK ? longest_run(s, before, ends) : 0;
    if (e == ERR_OK && longest < s->count) {
        size_t kept = 0;
        for (size_t n = longest, at = ends[longest - 1]; n > 0; at = before[at])
            ends[--n] = (uint32_t)at;
        for (size_t i = 0; i < s->count; i++) {
            if (kept < longest && ends[kept] == i)
                s->rows[kept++] = s->rows[i];
            else
                leave_out(s, s->rows[i].line, "its time is out of order", (struct str){"", 0});
        }
        s->count = kept;
    }
    free(before);
    free(ends);
    return e;
}

static int by_line(const void *a, const void *b)
{
    uint32_t x = ((const struct csvseries_left_out *)a)->line, y = ((const struct csvseries_left_out *)b)->line;
    return (x > y) - (x < y);
}

enum err csvseries_restrict(struct csvseries *s, enum csvseries_kind k, struct errctx *ctx)
{
    size_t kept = 0;
    if (order(s) != ERR_OK)
        return errctx_set(ctx, ERR_NOMEM, "out of memory");
    for (size_t i = 0; i < s->count; i++) {
        char text[32];
        if (is_of_kind(s, &s->rows[i], k)) {
            s->rows[kept++] = s->rows[i];
            continue;
        }
        (void)str_format(text, sizeof text, "%.6g", s->rows[i].value);
        leave_out(s, s->rows[i].line,
                  k == CSVSERIES_SCORE ? "is not between 0 and 1"
                  : s->n_column >= 0   ? "is no count out of n"
                                       : "is not 0 or 1",
                  str_of(text));
    }
    s->count = kept;
    qsort(s->named, s->left_out < CSVSERIES_NAMED_MAX ? s->left_out : CSVSERIES_NAMED_MAX, sizeof s->named[0], by_line);
    return ERR_OK;
}
