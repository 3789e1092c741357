/* SPDX-License-Identifier: MIT */
/* gwtop latency: quantiles of one latency by model, provider, team, ..., each with its bucket, its confidence interval and n. */
#include "cli/commands.h"

#include <math.h>
#include <string.h>

#include "base/timefmt.h"
#include "ui/draw/mask.h"
#include "ui/draw/numfmt.h"

_Static_assert(4 + 2 * VIEW_QUANTILES_MAX <= CLI_COLUMNS_MAX, "a table has two columns for each quantile");

struct asked {
    struct cli_where where;
    const char *quantiles, *signal;
    bool csv;
    double q[VIEW_QUANTILES_MAX];
    size_t q_count;
};

/* "50,95,99.9" in percent. */
static enum err read_quantiles(struct asked *a, struct errctx *ctx)
{
    struct str rest = str_of(a->quantiles);

    for (a->q_count = 0; rest.n > 0; a->q_count++) {
        const char *comma = memchr(rest.p, ',', rest.n);
        struct str one = {rest.p, comma != NULL ? (size_t)(comma - rest.p) : rest.n};
        double percent;
        if (a->q_count == VIEW_QUANTILES_MAX)
            return errctx_set(ctx, ERR_USAGE, "--q: at most %d quantiles", VIEW_QUANTILES_MAX);
        if (!str_to_f64(one, &percent) || !(percent > 0 && percent < 100))
            return errctx_set(ctx, ERR_USAGE, "--q: expected percents between 0 and 100, like 50,95,99, got '%.*s'", (int)one.n, one.p);
        a->q[a->q_count] = percent / 100;
        rest.p += one.n + (comma != NULL);
        rest.n -= one.n + (comma != NULL);
    }
    return a->q_count > 0 ? ERR_OK : errctx_set(ctx, ERR_USAGE, "--q: expected percents like 50,95,99");
}

static enum err read_signal(const struct asked *a, enum signal *ret, struct errctx *ctx)
{
    char names[200] = "";
    size_t n = 0;

    if (signal_by_name(str_of(a->signal), ret) && signal_info(*ret)->kind == KIND_HISTOGRAM && signal_info(*ret)->unit == UNIT_SECONDS)
        return ERR_OK;
    for (int s = 0; s < SIG_COUNT; s++) {
        const struct signal_info *info = signal_info((enum signal)s);
        size_t len = strlen(info->name);
        if (info->kind != KIND_HISTOGRAM || info->unit != UNIT_SECONDS || n + len + 3 > sizeof names)
            continue;
        n += (size_t)snprintf(names + n, sizeof names - n, "%s%s", n > 0 ? ", " : "", info->name);
    }
    return errctx_set(ctx, ERR_USAGE, "--signal: expected one of %s, got '%s'", names, a->signal);
}

static const char *row_name(const struct vlatency_row *r, const struct cli_store *s, char out[CLI_CELL_MAX])
{
    return mask_name(s->io.mask && !r->is_total, r->of != NULL ? DIM_PROVIDER : s->params.group, r->name, out, CLI_CELL_MAX);
}

static const char *row_kind(const struct vlatency_row *r)
{
    return r->is_total ? "total" : r->of != NULL ? "part" : "row";
}

static const char *signal_note(const struct view_latency *v)
{
    for (size_t i = 0; i < v->signal_count; i++)
        if (v->signals[i].signal == v->signal)
            return v->signals[i].note;
    return "";
}

/* The same window yesterday and last week, and where the time goes. */
static void print_more(const struct view_latency *v, const struct cli_io *io)
{
    char p95[NUMFMT_MAX], ratio[NUMFMT_MAX], n[NUMFMT_MAX], mean[NUMFMT_MAX], part[NUMFMT_MAX], ci[NUMFMT_MAX];
    cli_print(io, "\n");
    for (size_t i = 0; i < VLATENCY_PASTS; i++) {
        const struct vlatency_past *p = &v->past[i];
        int days = (int)(p->back_ms / 86400000);
        if (p->n == 0)
            cli_print(io, "%dd ago: - %s\n", days, p->why);
        else
            cli_print(io, "%dd ago%s%s: p95 %s %s, n %s; now %s of that\n", days, p->recorded_ms < v->window_ms ? ", recorded " : "",
                      p->recorded_ms < v->window_ms ? numfmt_duration(p->recorded_ms, part) : "",
                      numfmt_quantile(&p->quantile[1], false, p95), numfmt_quantile_ci(&p->quantile[1], ci), numfmt_n(p->n, n),
                      change_text(p->change, ratio));
    }
    if (v->stage_count > 0)
        cli_print(io, "where the time goes: %s end to end%s; %s\n", numfmt_mean(v->stage_total_s, v->stages_about, mean),
                  v->stages_stale ? ", stale" : "", v->stage_text);
    if (signal_note(v)[0] != '\0')
        cli_print(io, "%s: %s\n", signal_info(v->signal)->name, signal_note(v));
}

/* The bucket that holds it, and where the 95 % confidence interval is wider, that, too. */
static void put_interval(struct cli_table *t, const struct quantile *q)
{
    char bucket[NUMFMT_MAX], wide[NUMFMT_MAX];
    struct quantile ci = *q;

    ci.lo = q->ci_lo;
    ci.hi = q->ci_hi;
    ci.below_first = q->ci_lo <= 0;
    ci.above_last = isinf(q->ci_hi);
    numfmt_quantile_interval(q, bucket);
    numfmt_quantile_interval(&ci, wide);
    cli_table_cell(t, "%s%s%s", bucket, strcmp(bucket, wide) != 0 ? " ci " : "", strcmp(bucket, wide) != 0 ? wide : "");
}

/* "1.50 s"; of how many, where that is not all: "~1.50 s of 300". */
static void put_mean(struct cli_table *t, const struct vlatency_row *r)
{
    char mean[NUMFMT_MAX], of[NUMFMT_MAX];
    bool part = r->mean_n > 0 && r->mean_n < r->n;
    numfmt_mean(r->mean, r->about || part, mean);
    cli_table_cell(t, "%s%s%s", mean, part ? " of " : "", part ? numfmt_n(r->mean_n, of) : "");
}

/* Some quantile that was asked for is not to be had, for only a sum and a number are counted. */
static bool is_average_only(const struct vlatency_row *r, const struct asked *a)
{
    bool any = false;
    for (size_t k = 0; k < a->q_count; k++)
        any = any || r->further[k].average_only;
    return any;
}

static void print_text(const struct view_latency *v, const struct asked *a, const struct cli_store *s)
{
    const struct cli_io *io = &s->io;
    struct cli_table t;
    char text[NUMFMT_MAX], window[TIMEFMT_MAX], name[CLI_CELL_MAX];
    bool averages = false;

    duration_format(s->params.now_window_ms, window);
    cli_print_header(s);
    if (v->table_count == 0 || v->table[v->table_count - 1].n == 0) {
        const char *unsplit = v->table_count > 0 ? v->table[v->table_count - 1].unsplit : "";
        if (unsplit[0] != '\0')
            cli_print(io, "%s is %s\n", a->signal, unsplit);
        else
            cli_print(io, "no %s was measured in the last %s\n", a->signal, window);
        return;
    }
    cli_print(io, "%s in the last %s%s%s%s%s%s\n\n", a->signal, window, v->table_unsplit[0] != '\0' ? ", " : "", v->table_unsplit,
              v->table[v->table_count - 1].stale ? ", stale" : "", v->sentence[0] != '\0' ? ": " : "", v->sentence);
    if (v->coverage_text[0] != '\0')
        cli_print(io, "%s\n\n", v->coverage_text);
    cli_table_init(&t, io, 4 + 2 * a->q_count, ~1u);
    cli_table_cell(&t, "%s", dim_name(s->params.group));
    cli_table_cell(&t, "req/s");
    for (size_t i = 0; i < a->q_count; i++) {
        cli_table_cell(&t, "p%g", 100 * a->q[i]);
        cli_table_cell(&t, "in");
    }
    cli_table_cell(&t, "mean");
    cli_table_cell(&t, "n");
    for (size_t i = 0; i < v->table_count; i++) {
        const struct vlatency_row *r = &v->table[i];
        cli_table_cell(&t, "%s%s", r->of != NULL ? "  " : "", row_name(r, s, name));
        cli_table_cell(&t, "%s", numfmt_vnum(&r->req_per_s, text));
        for (size_t k = 0; k < a->q_count; k++) {
            cli_table_cell(&t, "%s", numfmt_quantile(&r->further[k], r->about, text));
            put_interval(&t, &r->further[k]);
        }
        put_mean(&t, r);
        cli_table_cell(&t, "%s%s", exact_mark(r->n_exact), numfmt_count((double)r->n, text));
        averages = averages || is_average_only(r, a);
    }
    cli_table_print(&t);
    if (averages)
        cli_print(io, "\navg only: what is counted is a sum and a number, so there is a mean and no percentile\n");
    print_more(v, io);
    cli_print_unsplit(s);
}

/* An open bucket has no upper edge: null. */
static void json_edge(struct json *w, const char *key, double v)
{
    if (isfinite(v))
        json_f64(w, key, v);
    else
        json_null(w, key);
}

static void json_quantile(struct json *w, double q, const struct quantile *at, bool about)
{
    const struct quantile_reading r = quantile_read(at, about);
    json_object(w, NULL);
    json_f64(w, "q", q);
    json_i64(w, "n", (int64_t)at->n);
    json_string(w, "is", quantile_is_name(r.is));
    json_bool(w, "average_only", at->average_only);
    if (at->n > 0) {
        json_edge(w, "value", r.is >= QUANTILE_ABOUT ? r.v : NAN);
        json_edge(w, "bucket_lo", at->lo);
        json_edge(w, "bucket_hi", at->hi);
        json_edge(w, "ci95_lo", at->ci_lo);
        json_edge(w, "ci95_hi", at->ci_hi);
        json_bool(w, "above_last_bucket", at->above_last);
        json_bool(w, "below_first_bucket", at->below_first);
        json_bool(w, "thin", at->thin);
    }
    json_end(w);
}

static void json_past(struct json *w, const struct vlatency_past *p)
{
    static const double qs[] = {0.5, 0.95, 0.99};
    json_object(w, NULL);
    json_i64(w, "back_ms", p->back_ms);
    json_i64(w, "n", (int64_t)p->n);
    json_string(w, "why_none", p->n == 0 ? p->why : NULL);
    json_i64(w, "recorded_ms", p->recorded_ms);
    json_f64(w, "mean_s", p->mean);
    json_i64(w, "mean_n", (int64_t)p->mean_n);
    json_f64(w, "p95_ratio", p->change.v);
    json_string(w, "p95_ratio_exactness", isnan(p->change.v) ? NULL : cli_exactness(p->change.exact));
    json_array(w, "quantiles");
    for (size_t k = 0; k < 3; k++)
        json_quantile(w, qs[k], &p->quantile[k], false);
    json_end(w);
    json_end(w);
}

static void json_stages(struct json *w, const struct view_latency *v, const struct cli_io *io)
{
    static const char *const whose[] = {
        [STAGE_PROVIDERS] = "provider", [STAGE_OURS] = "ours", [STAGE_REST] = "rest", [STAGE_BESIDE] = "beside"};
    json_f64(w, "end_to_end_mean_s", v->stage_count > 0 ? v->stage_total_s : NAN);
    cli_json_text(io, w, "stages_text", v->stage_text);
    json_bool(w, "stages_stale", v->stages_stale);
    json_bool(w, "stages_about", v->stages_about);
    json_array(w, "stages");
    for (size_t i = 0; i < v->stage_count; i++) {
        const struct vstage *s = &v->stages[i];
        json_object(w, NULL);
        json_string(w, "name", s->name);
        json_string(w, "whose", whose[s->whose]);
        json_f64(w, "per_request_s", s->mean_s);
        json_f64(w, "share", s->share);
        json_f64(w, "per_request_then_s", s->whose == STAGE_BESIDE ? NAN : s->then_s);
        json_f64(w, "each_s", s->each_s);
        json_i64(w, "n", (int64_t)s->n);
        cli_json_text(io, w, "measured_by", s->by);
        json_f64(w, "attempts_failed_ratio", s->fail.v);
        json_end(w);
    }
    json_end(w);
}

static int print_json(const struct view_latency *v, const struct asked *a, const struct cli_store *s)
{
    struct buf out;
    struct json w;
    char name[CLI_CELL_MAX];

    cli_json_report(&w, &out, s);
    json_i64(&w, "window_ms", s->params.now_window_ms);
    json_string(&w, "signal", a->signal);
    json_string(&w, "by", dim_name(s->params.group));
    json_string(&w, "not_split_by", v->table_unsplit[0] != '\0' ? dim_name(s->params.group) : NULL);
    cli_json_text(&s->io, &w, "sentence", v->sentence);
    json_string(&w, "coverage", v->coverage_text);
    json_string(&w, "measured_as", signal_note(v));
    json_array(&w, "compare");
    for (size_t i = 0; i < VLATENCY_PASTS; i++)
        json_past(&w, &v->past[i]);
    json_end(&w);
    json_stages(&w, v, &s->io);
    json_array(&w, "rows");
    for (size_t i = 0; i < v->table_count; i++) {
        const struct vlatency_row *r = &v->table[i];
        json_object(&w, NULL);
        json_string(&w, "name", row_name(r, s, name));
        json_string(&w, "kind", row_kind(r));
        json_string(&w, "of", r->of); /* a part: the model whose provider it is */
        json_f64(&w, "requests_per_s", r->req_per_s.v);
        json_string(&w, "requests_per_s_exactness", isnan(r->req_per_s.v) ? NULL : cli_exactness(r->req_per_s.exact));
        json_f64(&w, "mean_s", r->mean);
        json_i64(&w, "mean_n", (int64_t)r->mean_n);
        json_i64(&w, "n", (int64_t)r->n);
        json_string(&w, "n_exactness", cli_exactness(r->n_exact));
        json_bool(&w, "stale", r->stale);
        json_bool(&w, "about", r->about);
        json_array(&w, "quantiles");
        for (size_t k = 0; k < a->q_count; k++)
            json_quantile(&w, a->q[k], &r->further[k], r->about);
        json_end(&w);
        json_end(&w);
    }
    json_end(&w);
    json_end(&w);
    return cli_print_json(&s->io, "latency", &w, &out);
}

static void print_csv(const struct view_latency *v, const struct asked *a, const struct cli_store *s)
{
    const struct cli_io *io = &s->io;
    char name[CLI_CELL_MAX];

    cli_print(io, "%s,kind,requests_per_s,requests_per_s_exactness,n,n_exactness,mean_s,mean_n,stale,about,average_only",
              dim_name(s->params.group));
    for (size_t k = 0; k < a->q_count; k++)
        cli_print(io, ",p%g_s,p%g_is,p%g_bucket_lo_s,p%g_bucket_hi_s,p%g_ci95_lo_s,p%g_ci95_hi_s", 100 * a->q[k], 100 * a->q[k],
                  100 * a->q[k], 100 * a->q[k], 100 * a->q[k], 100 * a->q[k]);
    cli_print(io, ",of\n");
    for (size_t i = 0; i < v->table_count; i++) {
        const struct vlatency_row *r = &v->table[i];
        cli_csv_text(io, row_name(r, s, name));
        cli_print(io, ",%s", row_kind(r));
        cli_csv_number(io, r->req_per_s.v);
        cli_print(io, ",%s,%llu,%s", isnan(r->req_per_s.v) ? "" : cli_exactness(r->req_per_s.exact), (unsigned long long)r->n,
                  cli_exactness(r->n_exact));
        cli_csv_number(io, r->mean);
        cli_print(io, ",%llu", (unsigned long long)r->mean_n);
        cli_csv_bool(io, r->stale);
        cli_csv_bool(io, r->about);
        cli_csv_bool(io, is_average_only(r, a));
        for (size_t k = 0; k < a->q_count; k++) {
            const struct quantile *q = &r->further[k];
            const struct quantile_reading is = quantile_read(q, r->about);
            cli_csv_number(io, is.is >= QUANTILE_ABOUT ? is.v : NAN);
            cli_print(io, ",%s", quantile_is_name(is.is));
            cli_csv_number(io, q->n > 0 ? q->lo : NAN);
            cli_csv_number(io, q->n > 0 ? q->hi : NAN);
            cli_csv_number(io, q->n > 0 ? q->ci_lo : NAN);
            cli_csv_number(io, q->n > 0 ? q->ci_hi : NAN);
        }
        cli_print(io, ",");
        cli_csv_text(io, r->of != NULL ? r->of : "");
        cli_print(io, "\n");
    }
}

int cmd_latency(int argc, char **argv, const struct cli_io *io)
{
    struct asked a = {.quantiles = "50,95,99", .signal = "ttft"};
    const struct cli_option options[] = {
        {"--config", CLI_TEXT, &a.where.config},
        {"--store", CLI_TEXT, &a.where.store},
        {"--at", CLI_TEXT, &a.where.at},
        {"--since", CLI_TEXT, &a.where.since},
        {"--by", CLI_TEXT, &a.where.by},
        {"--filter", CLI_TEXT_OR_EMPTY, &a.where.filter},
        {"--q", CLI_TEXT, &a.quantiles},
        {"--signal", CLI_TEXT, &a.signal},
        {"--json", CLI_FLAG, &a.where.json},
        {"--csv", CLI_FLAG, &a.csv},
        {NULL, CLI_FLAG, NULL},
    };
    struct cli_store s;
    struct view_latency v;
    enum signal signal;
    struct errctx ctx = {.text = ""};

    int status = cli_options("latency", argc, argv, options, NULL, io);
    if (status == CLI_GO_ON)
        status = cli_options_exclude("latency", "--json", a.where.json, "--csv", a.csv, io);
    if (status != CLI_GO_ON)
        return status;
    enum err e = read_quantiles(&a, &ctx);
    if (e == ERR_OK)
        e = read_signal(&a, &signal, &ctx);
    if (e != ERR_OK)
        return cli_fail(io, e, &ctx);
    e = cli_open(&a.where, DIM_MODEL, 3600000, &s, io, &ctx);
    if (e == ERR_OK) {
        s.params.now_window_ms = s.params.window_ms;
        s.params.quantiles = a.q;
        s.params.quantile_count = a.q_count;
        const struct view_latency_ask ask = {.signal = signal};
        e = view_load_latency(&s.loader, &s.params, &ask, &v, &ctx);
    }
    status = EXIT_OK;
    if (e != ERR_OK)
        status = cli_fail(io, e, &ctx);
    else if (a.where.json)
        status = print_json(&v, &a, &s);
    else if (a.csv)
        print_csv(&v, &a, &s);
    else
        print_text(&v, &a, &s);
    cli_close(&s);
    return status;
}
