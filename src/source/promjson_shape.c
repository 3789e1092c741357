/* SPDX-License-Identifier: MIT */
#include "source/promjson_shape.h"

#include <math.h>
#include <string.h>

#include "base/safe_text.h"
#include "source/fastnum.h"

enum role {
    SKIP, /* unknown members, to any depth */
    ROOT,
    STATUS,
    ERROR_TYPE,
    ERROR_TEXT,
    WARNINGS,
    WARNING,
    PARTIAL,
    DATA,
    RESULT_TYPE,
    RESULT,
    SCALAR,
    SERIES,
    METRIC,
    LABEL,
    POINTS,
    POINT,
    TIME,
    VALUE,
    HISTOGRAM_POINTS,
    HISTOGRAM_POINT,
    HISTOGRAM,
    COUNT,
    SUM,
    BUCKETS,
    BUCKET,
    RULE,
    LOW,
    HIGH,
    POPULATION,
    ROLES,
};

enum { ANY = 63 };

/* What a role may be, and the sentence when it is something else. */
static const struct {
    unsigned kinds;
    const char *refusal;
} roles[ROLES] = {
    [SKIP] = {ANY, NULL},
    [ROOT] = {PROMJSON_OBJECT, "the answer is not a JSON object"},
    [STATUS] = {PROMJSON_STRING, "status is not a string"},
    [ERROR_TYPE] = {PROMJSON_STRING | PROMJSON_NULL, "errorType is not a string"},
    [ERROR_TEXT] = {PROMJSON_STRING | PROMJSON_NULL, "error is not a string"},
    [WARNINGS] = {ANY, NULL},
    [WARNING] = {ANY, NULL},
    [PARTIAL] = {ANY, NULL},
    [DATA] = {PROMJSON_OBJECT | PROMJSON_NULL, "data is not the object of a query answer"},
    [RESULT_TYPE] = {PROMJSON_STRING, "resultType is not a string"},
    [RESULT] = {PROMJSON_ARRAY | PROMJSON_NULL, "result is not an array"},
    [SCALAR] = {PROMJSON_STRING, "the value of a point is not a string"},
    [SERIES] = {PROMJSON_OBJECT, "an element of result is not an object"},
    [METRIC] = {PROMJSON_OBJECT, "metric is not an object"},
    [LABEL] = {PROMJSON_STRING, "a label is not a string"},
    [POINTS] = {PROMJSON_ARRAY | PROMJSON_NULL, "values is not an array"},
    [POINT] = {PROMJSON_ARRAY, "a point is not an array of time and value"},
    [TIME] = {PROMJSON_NUMBER, "the time of a point is not a number"},
    [VALUE] = {PROMJSON_STRING, "the value of a point is not a string"},
    [HISTOGRAM_POINTS] = {PROMJSON_ARRAY | PROMJSON_NULL, "histograms is not an array"},
    [HISTOGRAM_POINT] = {PROMJSON_ARRAY, "a histogram is not an array of time and object"},
    [HISTOGRAM] = {PROMJSON_OBJECT, "a histogram is not an object"},
    [COUNT] = {PROMJSON_STRING, "the count of a histogram is not a string"},
    [SUM] = {PROMJSON_STRING, "the sum of a histogram is not a string"},
    [BUCKETS] = {PROMJSON_ARRAY | PROMJSON_NULL, "the buckets of a histogram are not an array"},
    [BUCKET] = {PROMJSON_ARRAY, "a bucket is not an array"},
    [RULE] = {PROMJSON_NUMBER, "the boundary rule of a bucket is not a number"},
    [LOW] = {PROMJSON_STRING, "the lower bound of a bucket is not a string"},
    [HIGH] = {PROMJSON_STRING, "the upper bound of a bucket is not a string"},
    [POPULATION] = {PROMJSON_STRING, "the count of a bucket is not a string"},
};

static const struct {
    enum role parent;
    const char *key;
    enum role child;
} members[] = {
    {ROOT, "status", STATUS},
    {ROOT, "data", DATA},
    {ROOT, "errorType", ERROR_TYPE},
    {ROOT, "error", ERROR_TEXT},
    {ROOT, "warnings", WARNINGS},
    {ROOT, "infos", WARNINGS},
    {ROOT, "isPartial", PARTIAL}, /* VictoriaMetrics, cluster */
    {DATA, "resultType", RESULT_TYPE},
    {DATA, "result", RESULT},
    {DATA, "warnings", WARNINGS}, /* Thanos */
    {SERIES, "metric", METRIC},
    {SERIES, "value", POINT},
    {SERIES, "values", POINTS},
    {SERIES, "histogram", HISTOGRAM_POINT},
    {SERIES, "histograms", HISTOGRAM_POINTS},
    {HISTOGRAM, "count", COUNT},
    {HISTOGRAM, "sum", SUM},
    {HISTOGRAM, "buckets", BUCKETS},
};

static bool fail(struct promjson_shape *s, enum err e, const char *what)
{
    s->err = e;
    s->what = what;
    return false;
}

void promjson_shape_reset(struct promjson_shape *s)
{
    s->err = ERR_OK;
    s->what = NULL;
    s->depth = 0;
    s->has_status = s->is_error = s->has_result = s->is_string_result = s->is_scalar_result = false;
    s->in_series = s->skip_points = false;
    s->label_count = s->bucket_count = s->text_length = 0;
    s->error_type[0] = s->error[0] = '\0';
}

/* The role of the element at index, when it is of this kind. */
static enum role role_of_element(const struct promjson_shape *s, const struct promjson_level *l, enum promjson_kind kind)
{
    static const uint8_t bucket[] = {RULE, LOW, HIGH, POPULATION};
    switch ((enum role)l->role) {
    case WARNINGS: return WARNING;
    case RESULT: /* a scalar or a string answers with one point in place of the series */
        if (s->is_scalar_result) {
            return SCALAR;
        }
        return l->index == 0 && kind == PROMJSON_NUMBER ? TIME : SERIES;
    case POINTS: return POINT;
    case HISTOGRAM_POINTS: return HISTOGRAM_POINT;
    case POINT: return l->index == 0 ? TIME : VALUE;
    case HISTOGRAM_POINT: return l->index == 0 ? TIME : HISTOGRAM;
    case BUCKETS: return BUCKET;
    case BUCKET: return bucket[l->index < 4 ? l->index : 3];
    default: return SKIP;
    }
}

static enum role role_of_value(const struct promjson_shape *s, enum promjson_kind kind)
{
    if (s->depth == 0) {
        return ROOT;
    }
    const struct promjson_level *l = &s->level[s->depth - 1];
    if (!l->is_array) {
        return (enum role)l->child;
    }
    return role_of_element(s, l, kind);
}

static struct promjson_sink token_sink(struct promjson_shape *s, bool may_cut)
{
    return (struct promjson_sink){s->token, sizeof s->token, may_cut};
}

static struct promjson_sink text_sink(struct promjson_shape *s)
{
    return (struct promjson_sink){s->text + s->text_length, sizeof s->text - s->text_length, false};
}

struct promjson_sink promjson_shape_key_sink(struct promjson_shape *s)
{
    switch ((enum role)s->level[s->depth - 1].role) {
    case METRIC: return text_sink(s);
    case SKIP: return (struct promjson_sink){0};
    default: return token_sink(s, true); /* a key that long is not one of ours */
    }
}

struct promjson_sink promjson_shape_value_sink(struct promjson_shape *s)
{
    switch (role_of_value(s, PROMJSON_STRING)) {
    case LABEL: return text_sink(s);
    case SKIP: return (struct promjson_sink){0};
    case WARNING:
    case ERROR_TEXT:
    case ERROR_TYPE: return token_sink(s, true);
    case SCALAR: return token_sink(s, s->is_string_result);
    default: return token_sink(s, false);
    }
}

bool promjson_shape_key(struct promjson_shape *s, struct str key)
{
    struct promjson_level *l = &s->level[s->depth - 1];
    l->child = SKIP;
    if (l->role == METRIC) {
        if (s->label_count == PROMJSON_LABELS_MAX) {
            return fail(s, ERR_LIMIT, "a series has too many labels");
        }
        s->labels[s->label_count].name = key;
        s->text_length += key.n;
        l->child = LABEL;
        return true;
    }
    for (size_t i = 0; l->role != SKIP && i < sizeof members / sizeof members[0]; i++) {
        if (members[i].parent == l->role && str_eq_z(key, members[i].key)) {
            l->child = (uint8_t)members[i].child;
        }
    }
    return true;
}

/* Points need the labels of their series first. Every server writes them so; the other way round would have to be held in memory. */
static bool begin_points(struct promjson_shape *s, enum role *role)
{
    if (!s->in_series) {
        return fail(s, ERR_PARSE, "points come before the labels of their series");
    }
    if (s->skip_points) {
        *role = SKIP;
    }
    return true;
}

static bool begin_container(struct promjson_shape *s, enum role *role)
{
    switch (*role) {
    case SERIES: s->in_series = false; return true;
    case METRIC:
        if (s->in_series) {
            return fail(s, ERR_PARSE, "a series has its labels twice");
        }
        s->label_count = s->text_length = 0;
        return true;
    case POINTS:
    case POINT:
    case HISTOGRAM_POINTS:
    case HISTOGRAM_POINT: return begin_points(s, role);
    case HISTOGRAM:
        s->has_count = s->has_sum = false;
        s->bucket_count = 0;
        return true;
    case BUCKETS: s->bucket_count = 0; return true;
    case BUCKET: return s->bucket_count < PROMJSON_BUCKETS_MAX || fail(s, ERR_LIMIT, "a histogram has too many buckets");
    case RESULT:
        if (s->has_result) {
            return fail(s, ERR_PARSE, "the answer has two results");
        }
        s->has_result = true;
        return true;
    default: return true;
    }
}

/* Counts the value in its container and checks that it may be there. */
static bool take_place(struct promjson_shape *s, enum role role, enum promjson_kind kind)
{
    if (!(roles[role].kinds & (unsigned)kind)) {
        return fail(s, ERR_PARSE, roles[role].refusal);
    }
    if (s->depth > 0) {
        struct promjson_level *l = &s->level[s->depth - 1];
        bool is_pair = l->role == POINT || l->role == HISTOGRAM_POINT || (l->role == RESULT && s->is_scalar_result);
        if ((is_pair && l->index == 2) || (l->role == BUCKET && l->index == 4)) {
            return fail(s, ERR_PARSE, "a point or bucket has too many elements");
        }
        l->index++;
    }
    return true;
}

bool promjson_shape_open(struct promjson_shape *s, enum promjson_kind kind)
{
    enum role role = role_of_value(s, kind);
    if (!take_place(s, role, kind) || !begin_container(s, &role)) {
        return false;
    }
    if (s->depth == PROMJSON_DEPTH_MAX) {
        return fail(s, ERR_PARSE, "nested too deep");
    }
    if ((role == WARNINGS && kind != PROMJSON_ARRAY) || role == WARNING || role == PARTIAL) {
        role = SKIP; /* some other program's idea of it */
    }
    s->level[s->depth++] = (struct promjson_level){.role = (uint8_t)role, .is_array = kind == PROMJSON_ARRAY};
    return true;
}

static bool emit_series(struct promjson_shape *s)
{
    s->in_series = true;
    s->skip_points = s->h.on_series && !s->h.on_series(s->h.ctx, s->labels, s->label_count);
    return true;
}

static bool emit_point(struct promjson_shape *s)
{
    if (s->h.on_point && !s->h.on_point(s->h.ctx, &s->point)) {
        return fail(s, ERR_LIMIT, "the reader of the answer wants no more points");
    }
    return true;
}

bool promjson_shape_close(struct promjson_shape *s)
{
    const struct promjson_level *l = &s->level[--s->depth];
    switch ((enum role)l->role) {
    case METRIC: return emit_series(s);
    case POINT:
    case HISTOGRAM_POINT:
        if (l->index != 2) {
            return fail(s, ERR_PARSE, "a point has no value");
        }
        if (l->role == HISTOGRAM_POINT) {
            s->point.is_histogram = true;
            s->point.buckets = s->buckets;
            s->point.bucket_count = s->bucket_count;
        }
        return emit_point(s);
    case RESULT: return !s->is_scalar_result || l->index == 2 || fail(s, ERR_PARSE, "a point has no value");
    case HISTOGRAM: return (s->has_count && s->has_sum) || fail(s, ERR_PARSE, "a histogram has no count or no sum");
    case BUCKET:
        if (l->index != 4) {
            return fail(s, ERR_PARSE, "a bucket has fewer than four elements");
        }
        s->bucket_count++;
        return true;
    default: return true;
    }
}

static bool take_number(struct promjson_shape *s, struct str text, double *ret, const char *refusal)
{
    double v;
    if (fastnum_scan(text.p, text.p + text.n, &v) != text.p + text.n) {
        return fail(s, ERR_PARSE, refusal);
    }
    *ret = v;
    return true;
}

static bool take_time(struct promjson_shape *s, struct str text)
{
    double seconds;
    if (!take_number(s, text, &seconds, "the time of a point is beyond any clock")) {
        return false;
    }
    double ms = round(seconds * 1000.0);
    if (!(fabs(ms) < 9e18)) {
        return fail(s, ERR_PARSE, "the time of a point is beyond any clock");
    }
    s->point = (struct promjson_point){.t_ms = (int64_t)ms};
    return true;
}

static bool take_label(struct promjson_shape *s, struct str value)
{
    struct promjson_label *l = &s->labels[s->label_count];
    l->value = value;
    s->text_length += value.n;
    s->label_count++;
    return (utf8_is_valid(l->name) && utf8_is_valid(value)) || fail(s, ERR_PARSE, "a label is not UTF-8");
}

static bool take_status(struct promjson_shape *s, struct str text)
{
    s->has_status = true;
    s->is_error = str_eq_z(text, "error");
    return s->is_error || str_eq_z(text, "success") || fail(s, ERR_PARSE, "status is neither success nor error");
}

/* The one point of a scalar, which has no labels. */
static bool take_scalar_result(struct promjson_shape *s, struct str text)
{
    if (s->is_string_result) {
        return true; /* nothing to plot */
    }
    s->label_count = 0;
    return take_number(s, text, &s->point.value, "the value of a point is not a number") && emit_series(s) &&
           (s->skip_points || emit_point(s));
}

static void warn(const struct promjson_shape *s, struct str text)
{
    if (s->h.on_warning) {
        s->h.on_warning(s->h.ctx, text);
    }
}

static bool take_text(struct promjson_shape *s, enum role role, struct str text)
{
    struct promjson_bucket *b = &s->buckets[s->bucket_count];
    switch (role) {
    case STATUS: return take_status(s, text);
    case ERROR_TYPE: (void)str_copy(s->error_type, sizeof s->error_type, text); return true;
    case ERROR_TEXT: (void)str_copy(s->error, sizeof s->error, text); return true;
    case RESULT_TYPE: s->is_string_result = str_eq_z(text, "string"); return true;
    case WARNING: warn(s, text); return true;
    case LABEL: return take_label(s, text);
    case SCALAR: return take_scalar_result(s, text);
    case VALUE: return take_number(s, text, &s->point.value, "the value of a point is not a number");
    case COUNT: s->has_count = true; return take_number(s, text, &s->point.hist_count, "the count of a histogram is not a number");
    case SUM: s->has_sum = true; return take_number(s, text, &s->point.hist_sum, "the sum of a histogram is not a number");
    case LOW: return take_number(s, text, &b->lo, "the lower bound of a bucket is not a number");
    case HIGH: return take_number(s, text, &b->hi, "the upper bound of a bucket is not a number");
    case POPULATION: return take_number(s, text, &b->count, "the count of a bucket is not a number");
    default: return true;
    }
}

static bool take_rule(struct promjson_shape *s, struct str text)
{
    if (text.n != 1 || text.p[0] < '0' || text.p[0] > '3') {
        return fail(s, ERR_PARSE, "the boundary rule of a bucket is not 0, 1, 2 or 3");
    }
    s->buckets[s->bucket_count].rule = text.p[0] - '0';
    return true;
}

bool promjson_shape_scalar(struct promjson_shape *s, enum promjson_kind kind, struct str text)
{
    enum role role = role_of_value(s, kind);
    if (!take_place(s, role, kind)) {
        return false;
    }
    if (kind == PROMJSON_STRING) {
        return take_text(s, role, text);
    }
    if (role == TIME) {
        s->is_scalar_result |= s->level[s->depth - 1].role == RESULT;
        return take_time(s, text);
    }
    if (role == RULE) {
        return take_rule(s, text);
    }
    if (role == PARTIAL && kind == PROMJSON_BOOL && text.p[0] == 't') {
        warn(s, str_of("the answer is partial (isPartial)"));
    }
    s->has_result |= role == RESULT; /* null stands for none */
    return true;
}

bool promjson_shape_wants_point(const struct promjson_shape *s)
{
    return s->depth > 0 && s->level[s->depth - 1].role == POINTS;
}

bool promjson_shape_point(struct promjson_shape *s, int64_t t_ms, double value)
{
    s->level[s->depth - 1].index++;
    s->point = (struct promjson_point){.t_ms = t_ms, .value = value};
    return emit_point(s);
}
