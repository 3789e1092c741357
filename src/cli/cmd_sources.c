/* SPDX-License-Identifier: MIT */
/* gwtop sources: what is watched, how fresh it is, what was kept and dropped. */
#include "cli/commands.h"

#include "base/timefmt.h"
#include "model/money.h"
#include "ui/draw/numfmt.h"

/* null: none */
static void instant(struct json *w, const char *key, int64_t ms)
{
    if (ms > 0)
        json_i64(w, key, ms);
    else
        json_null(w, key);
}

/* What an answer lacks; null when nothing. */
static void json_lacks(struct json *w, const struct source_lack *lack)
{
    if (lack->since_ms == 0) {
        json_null(w, "lacks");
        return;
    }
    json_object(w, "lacks");
    json_i64(w, "since_ms", lack->since_ms);
    json_object(w, "signals");
    for (int k = 0; k < SIG_COUNT; k++) {
        if ((lack->part >> k & 1) != 0)
            json_string(w, signal_info((enum signal)k)->name,
                        (lack->all >> k & 1) != 0      ? "all"
                        : (lack->family >> k & 1) != 0 ? "metric"
                                                       : "part");
    }
    json_end(w);
    json_end(w);
}

/* Whose counts alone are not sure; null: of none, or of all. */
static void json_watched(struct json *w, uint64_t signals)
{
    if (signals == 0) {
        json_null(w, "watching_signals");
        return;
    }
    json_array(w, "watching_signals");
    for (int k = 0; k < SIG_COUNT; k++) {
        if ((signals >> k & 1) != 0)
            json_string(w, NULL, signal_info((enum signal)k)->name);
    }
    json_end(w);
}

static void json_source(struct json *w, const struct vsource *r)
{
    const struct source_status *s = &r->st;
    json_object(w, NULL);
    json_string(w, "name", s->name);
    json_string(w, "kind", s->kind);
    json_string(w, "url", s->url);
    json_string(w, "gateway", s->gateway);
    json_string(w, "profile", s->profile);
    json_string(w, "state", source_state_name(s->state));
    json_string(w, "reason", s->reason);
    instant(w, "newest_ms", s->last_ok_ms);
    instant(w, "last_try_ms", s->last_try_ms);
    json_i64(w, "interval_ms", s->interval_ms);
    if (s->http_status != 0)
        json_i64(w, "http_status", s->http_status);
    else
        json_null(w, "http_status");
    json_i64(w, "bytes", s->bytes);
    json_i64(w, "duration_ms", s->duration_ms);
    instant(w, "slow_ms", s->slow_ms);
    json_i64(w, "series_seen", s->series_seen);
    json_i64(w, "series_kept", s->series_kept);
    json_i64(w, "series_dropped", s->series_dropped);
    json_i64(w, "families_unknown", s->families_unknown);
    json_i64(w, "warnings", s->warnings);
    json_string(w, "warning", s->warning);
    instant(w, "sawtooth_since_ms", s->sawtooth_since_ms);
    instant(w, "watching_since_ms", s->watching_since_ms);
    json_watched(w, s->watching_signals);
    json_lacks(w, &s->lack);
    instant(w, "cert_expiry_ms", s->cert_expiry_ms);
    json_i64(w, "gaps_24h", r->gaps_24h);
    json_i64(w, "gap_ms_24h", r->gap_ms_24h);
    json_end(w);
}

static void json_gap(struct json *w, const struct vgap *g)
{
    json_object(w, NULL);
    json_string(w, "source", g->source);
    json_i64(w, "from_ms", g->t0_ms);
    json_i64(w, "to_ms", g->t1_ms);
    json_string(w, "reason", g->reason);
    json_end(w);
}

static void json_canary(struct json *w, const struct canary_state *s, int64_t cursor_ms)
{
    char text[MONEY_MAX];
    json_object(w, NULL);
    json_string(w, "name", s->name);
    json_string(w, "model", s->model);
    json_string(w, "url", s->url);
    json_i64(w, "interval_ms", s->interval_ms);
    instant(w, "last_ms", s->last_ms);
    instant(w, "ended_ms", s->ended_ms);
    instant(w, "next_ms", s->next_ms);
    json_bool(w, "running", s->running);
    json_i64(w, "passed", s->passed);
    json_i64(w, "bad", s->bad);
    json_object(w, "without_verdict");
    for (int f = 0; f < CANARY_FAILURES; f++)
        json_i64(w, canary_failure_name((enum canary_failure)f), s->failed[f]);
    json_end(w);
    money_format_exact(canary_spent(s, cursor_ms), text);
    json_raw(w, "spent_today_usd", text);
    money_format_exact(s->cap_nusd, text);
    json_raw(w, "cap_usd", text);
    money_format_exact(s->run_nusd, text);
    json_raw(w, "run_usd_most", s->run_nusd >= 0 ? text : "null");
    money_format_exact(s->day_nusd, text);
    json_raw(w, "day_usd_most", s->day_nusd >= 0 ? text : "null");
    json_string(w, "reason", s->why);
    json_end(w);
}

static int print_json(const struct view_sources *v, const struct cli_store *s)
{
    struct buf out;
    struct json w;

    cli_json_report(&w, &out, s);
    json_string(&w, "store", v->store_path);
    json_i64(&w, "store_bytes", v->store_bytes);
    json_i64(&w, "wal_bytes", v->wal_bytes);
    instant(&w, "first_ms", v->first_ms);
    json_i64(&w, "samples", (int64_t)v->samples);
    json_i64(&w, "series", v->series);
    json_string(&w, "recorder", v->recorder_text);
    json_array(&w, "sources");
    for (size_t i = 0; i < v->row_count; i++)
        json_source(&w, &v->rows[i]);
    json_end(&w);
    json_array(&w, "gaps");
    for (size_t i = 0; i < v->gap_count; i++)
        json_gap(&w, &v->gaps[i]);
    json_end(&w);
    json_array(&w, "authority");
    for (size_t i = 0; i < v->authority_count; i++)
        json_string(&w, NULL, v->authority[i]);
    json_end(&w);
    json_array(&w, "canaries");
    for (size_t i = 0; i < v->canary_count; i++)
        json_canary(&w, &v->canaries[i].st, s->params.cursor_ms);
    json_end(&w);
    json_end(&w);
    return cli_print_json(&s->io, "sources", &w, &out);
}

/* The newest ones; the console and --json have all of the last 24 h. */
static void print_gaps(const struct view_sources *v, const struct cli_io *io)
{
    static const size_t most = 5;
    char from[TIMEFMT_MAX], to[TIMEFMT_MAX], length[NUMFMT_MAX];

    for (size_t i = 0; i < v->gap_count && i < most; i++) {
        const struct vgap *g = &v->gaps[i];
        instant_format_clock(g->t0_ms, from);
        instant_format_clock(g->t1_ms, to);
        cli_print(io, "gap of %s, %s to %s (%s): %s\n", g->source, from, to, numfmt_duration(g->t1_ms - g->t0_ms, length), g->reason);
    }
    if (v->gap_count > most)
        cli_print(io, "%zu more gaps in the last 24 h\n", v->gap_count - most);
}

static void print_text(const struct view_sources *v, const struct cli_store *store)
{
    static const char *const heads[] = {"source", "state", "age", "http", "kept", "dropped", "profile", "reason"};
    struct cli_table t;
    const struct cli_io *io = &store->io;
    char age[NUMFMT_MAX], bytes[NUMFMT_MAX], wal[NUMFMT_MAX], samples[NUMFMT_MAX], series[NUMFMT_MAX];

    cli_print_header(store);
    cli_table_init(&t, io, 8, 0x3c);
    for (size_t i = 0; i < 8; i++)
        cli_table_cell(&t, "%s", heads[i]);
    for (size_t i = 0; i < v->row_count; i++) {
        const struct source_status *s = &v->rows[i].st;
        cli_table_cell(&t, "%s", s->name);
        cli_table_cell(&t, "%s", source_state_name(s->state));
        cli_table_cell(&t, "%s", numfmt_age(v->rows[i].age_ms, age));
        cli_table_cell(&t, s->http_status != 0 ? "%d" : NUMFMT_NONE, (int)s->http_status);
        const bool measures = !source_is_of_changes(s);
        cli_table_cell(&t, "%s", measures ? numfmt_count(s->series_kept, series) : NUMFMT_NONE);
        cli_table_cell(&t, "%s", measures ? numfmt_count(s->series_dropped, series) : NUMFMT_NONE);
        cli_table_cell(&t, "%s", s->profile);
        const char *also = s->warnings == 0 ? "" : s->reason[0] != '\0' ? "; " : "";
        if (s->warnings > 1)
            cli_table_cell(&t, "%s%s%u warnings, the first: %s", s->reason, also, (unsigned)s->warnings, s->warning);
        else
            cli_table_cell(&t, "%s%s%s%s", s->reason, also, s->warnings > 0 ? "warning: " : "", s->warning);
    }
    cli_table_print(&t);
    print_gaps(v, io);
    for (size_t i = 0; i < v->authority_count; i++)
        cli_print(io, "authority %s\n", v->authority[i]);
    for (size_t i = 0; i < v->canary_count; i++)
        cli_print(io, "canary %s\n", v->canaries[i].text);
    cli_print(io, "store %s: %s + %s WAL, %s samples of %s series; %s\n", v->store_path, numfmt_bytes((double)v->store_bytes, bytes),
              numfmt_bytes((double)v->wal_bytes, wal), numfmt_n(v->samples, samples), numfmt_count(v->series, series), v->recorder_text);
}

int cmd_sources(int argc, char **argv, const struct cli_io *io)
{
    struct cli_where w = {.config = NULL};
    const struct cli_option options[] = {
        {"--config", CLI_TEXT, &w.config}, {"--store", CLI_TEXT, &w.store}, {"--at", CLI_TEXT, &w.at},
        {"--json", CLI_FLAG, &w.json},     {NULL, CLI_FLAG, NULL},
    };
    struct cli_store s;
    struct view_sources v;
    struct errctx ctx = {.text = ""};

    int status = cli_options("sources", argc, argv, options, NULL, io);
    if (status != CLI_GO_ON)
        return status;
    enum err e = cli_open(&w, DIM_MODEL, 3600000, &s, io, &ctx);
    if (e == ERR_OK)
        e = view_load_sources(&s.loader, &s.params, &v, &ctx);
    status = EXIT_OK;
    if (e != ERR_OK)
        status = cli_fail(io, e, &ctx);
    else if (w.json)
        status = print_json(&v, &s);
    else
        print_text(&v, &s);
    cli_close(&s);
    return status;
}
