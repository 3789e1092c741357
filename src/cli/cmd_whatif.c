/* SPDX-License-Identifier: MIT */
/* gwtop whatif: a share of one model's requests to another, or more of its prompts from the cache: $/h and latency, from what was
 * observed. */
#include "cli/commands.h"

#include <math.h>

#include "base/timefmt.h"
#include "ui/draw/numfmt.h"

struct asked {
    struct cli_where where;
    const char *from, *to, *share, *model, *cache_share;
};

static enum err read_ask(const struct asked *a, struct view_whatif_ask *ret, struct errctx *ctx)
{
    const bool moves = a->from != NULL || a->to != NULL || a->share != NULL, caches = a->model != NULL || a->cache_share != NULL;
    if (moves == caches)
        return errctx_set(ctx, ERR_USAGE, "whatif: either --from MODEL --to MODEL --share 30%%, or --model MODEL --cache-share 50%%");
    if (caches && (a->model == NULL || a->cache_share == NULL))
        return errctx_set(ctx, ERR_USAGE, "whatif: %s is missing", a->model == NULL ? "--model" : "--cache-share");
    if (moves && (a->from == NULL || a->to == NULL || a->share == NULL))
        return errctx_set(ctx, ERR_USAGE, "whatif: %s is missing", a->from == NULL ? "--from" : a->to == NULL ? "--to" : "--share");
    return view_whatif_ask_make(moves ? a->from : a->model, a->to, moves ? a->share : a->cache_share, ret, ctx);
}

static void print_text(const struct view_whatif *v, const struct view_whatif_ask *ask, const struct cli_store *s)
{
    char a[NUMFMT_MAX], b[NUMFMT_MAX], c[NUMFMT_MAX], window[TIMEFMT_MAX];
    struct cli_table t;

    duration_format(v->window_ms, window);
    cli_print_header(s);
    cli_print(&s->io, "%s\n", v->sentence);
    if (v->basis[0] != '\0')
        cli_print(&s->io, "by %s, from n %s%s%s requests in %s\n", v->basis, numfmt_count((double)v->n_from, a),
                  ask->to != NULL ? " and " : "", ask->to != NULL ? numfmt_count((double)v->n_to, b) : "", window);
    if (ask->to != NULL) {
        cli_print(&s->io, "%s requests/h move; ", numfmt_count(v->moved_per_h, a));
        if (isinf(v->load_after))
            cli_print(&s->io, "%s has none of its own\n", ask->to);
        else
            cli_print(&s->io, "%s gets %s its requests\n", ask->to, numfmt_times(v->load_after, b));
    }
    cli_print(&s->io, "%s%s%s%s\n", v->assumes[0] != '\0' ? "assumes that " : "", v->assumes, v->assumes[0] != '\0' ? "\n" : "", v->note);
    if (v->latency_count == 0)
        return;
    cli_print(&s->io, "\n");
    cli_table_init(&t, &s->io, 6, 0x3e);
    cli_table_cell(&t, "latency of it");
    cli_table_cell(&t, "now");
    cli_table_cell(&t, "n");
    cli_table_cell(&t, "after");
    cli_table_cell(&t, "95%% interval, s");
    cli_table_cell(&t, "as good as n");
    for (size_t i = 0; i < v->latency_count; i++) {
        const struct vwhatif_latency *l = &v->latency[i];
        cli_table_cell(&t, "%s p%.0f", l->signal, 100 * l->q);
        cli_table_cell(&t, "%s", numfmt_quantile(&l->now, false, a));
        cli_table_cell(&t, "%s", numfmt_n(l->now.n, b));
        cli_table_cell(&t, "%s", l->after.n > 0 ? numfmt_quantile(&l->after, false, a) : NUMFMT_UNKNOWN);
        cli_table_cell(&t, "%s", numfmt_quantile_ci(&l->after, c));
        cli_table_cell(&t, "%s", l->after.n > 0 ? numfmt_n(l->after.n, b) : NUMFMT_NONE);
    }
    cli_table_print(&t);
    cli_print_unsplit(s);
}

static void json_seconds(struct json *w, const char *key, const struct quantile *q, double seconds)
{
    json_f64(w, key, q->n > 0 ? seconds : (double)NAN);
}

static int print_json(const struct view_whatif *v, const struct view_whatif_ask *ask, const struct cli_store *s)
{
    struct buf out;
    struct json w;

    cli_json_report(&w, &out, s);
    json_i64(&w, "window_ms", v->window_ms);
    json_string(&w, ask->to != NULL ? "from" : "model", ask->from);
    if (ask->to != NULL)
        json_string(&w, "to", ask->to);
    json_f64(&w, ask->to != NULL ? "share" : "cache_share", ask->share);
    if (ask->to == NULL)
        json_f64(&w, "cache_share_now", v->share_now);
    json_string(&w, "sentence", v->sentence);
    json_f64(&w, "usd_per_h_now", v->now_per_h);
    json_f64(&w, "usd_per_h_then", v->then_per_h);
    json_f64(&w, "usd_per_h_change", v->delta_per_h);
    json_f64(&w, "usd_per_h_change_lo", v->lo);
    json_f64(&w, "usd_per_h_change_hi", v->hi);
    json_string(&w, "basis", v->basis);
    json_f64(&w, "requests_per_h_moved", ask->to != NULL ? v->moved_per_h : (double)NAN);
    json_f64(&w, "load_after", ask->to != NULL && isfinite(v->load_after) ? v->load_after : (double)NAN);
    json_i64(&w, "n_from", (int64_t)v->n_from);
    json_i64(&w, "n_to", (int64_t)v->n_to);
    json_string(&w, "assumes", v->assumes);
    json_string(&w, "note", v->note);
    if (ask->to == NULL) {
        json_f64(&w, "ttft_mean_s_then", v->ttft_then_s);
        json_f64(&w, "ttft_mean_s_then_lo", v->ttft_then_lo);
        json_f64(&w, "ttft_mean_s_then_hi", v->ttft_then_hi);
        json_i64(&w, "ttft_steps", (int64_t)v->ttft_steps);
        json_f64(&w, "cache_share_observed_lo", v->cached_lo);
        json_f64(&w, "cache_share_observed_hi", v->cached_hi);
    }
    json_array(&w, "latency");
    for (size_t i = 0; i < v->latency_count; i++) {
        const struct vwhatif_latency *l = &v->latency[i];
        json_object(&w, NULL);
        json_string(&w, "signal", l->signal);
        json_f64(&w, "q", l->q);
        json_seconds(&w, "now_s", &l->now, l->now.value);
        json_i64(&w, "n_now", (int64_t)l->now.n);
        json_seconds(&w, "after_s", &l->after, l->after.value);
        json_seconds(&w, "after_lo_s", &l->after, l->after.ci_lo);
        json_seconds(&w, "after_hi_s", &l->after, l->after.ci_hi);
        json_i64(&w, "n_after", (int64_t)l->after.n);
        json_end(&w);
    }
    json_end(&w);
    json_end(&w);
    return cli_print_json(&s->io, "whatif", &w, &out);
}

int cmd_whatif(int argc, char **argv, const struct cli_io *io)
{
    struct asked a = {.from = NULL};
    const struct cli_option options[] = {
        {"--config", CLI_TEXT, &a.where.config},
        {"--store", CLI_TEXT, &a.where.store},
        {"--at", CLI_TEXT, &a.where.at},
        {"--since", CLI_TEXT, &a.where.since},
        {"--from", CLI_TEXT, &a.from},
        {"--to", CLI_TEXT, &a.to},
        {"--share", CLI_TEXT, &a.share},
        {"--model", CLI_TEXT, &a.model},
        {"--cache-share", CLI_TEXT, &a.cache_share},
        {"--json", CLI_FLAG, &a.where.json},
        {"--filter", CLI_TEXT_OR_EMPTY, &a.where.filter},
        {NULL, CLI_FLAG, NULL},
    };
    struct cli_store s;
    struct view_whatif v;
    struct view_whatif_ask ask;
    struct errctx ctx = {.text = ""};

    int status = cli_options("whatif", argc, argv, options, NULL, io);
    if (status != CLI_GO_ON)
        return status;
    enum err e = read_ask(&a, &ask, &ctx);
    if (e != ERR_OK)
        return cli_fail(io, e, &ctx);
    e = cli_open(&a.where, DIM_MODEL, 3600000, &s, io, &ctx);
    if (e == ERR_OK)
        e = view_load_whatif(&s.loader, &s.params, &ask, &v, &ctx);
    status = EXIT_OK;
    if (e != ERR_OK)
        status = cli_fail(io, e, &ctx);
    else if (a.where.json)
        status = print_json(&v, &ask, &s);
    else
        print_text(&v, &ask, &s);
    cli_close(&s);
    return status;
}
