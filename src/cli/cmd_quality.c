/* SPDX-License-Identifier: MIT */
/* gwtop quality: scores, shares of answers and canaries: what each is now, what it is held against, and what drifts since when. */
#include "cli/commands.h"

#include <math.h>

#include "base/timefmt.h"
#include "ui/draw/numfmt.h"

static const char *kind_text(enum quality_kind k)
{
    static const char *const names[] = {[QUALITY_SCORE] = "score",   [QUALITY_SHARE] = "share",   [QUALITY_CANARY] = "canary",
                                        [QUALITY_LENGTH] = "length", [QUALITY_FINISH] = "finish", [QUALITY_OTHER] = "other"};
    return names[k];
}

static const char *state_text(enum quality_state s)
{
    static const char *const names[] = {
        [QUALITY_DRIFT] = "drift", [QUALITY_BACK] = "back?",    [QUALITY_SILENT] = "silent", [QUALITY_WATCHING] = "watching",
        [QUALITY_MIX] = "mix",     [QUALITY_BETTER] = "better", [QUALITY_QUIET] = "quiet",   [QUALITY_UNSPLIT] = "n/s",
        [QUALITY_STALE] = "stale", [QUALITY_READY] = "ready",   [QUALITY_THIN] = "thin",     [QUALITY_ENDED] = "ended"};
    return names[s];
}

/* "1 Dec 01:18:55Z +-29m, route /v1/extract alone: ..." of a drift, "of all: 1 Dec ..." where the filter names less; what another row
 * lacks; "-". */
static const char *onset_text(const struct vquality_row *r, char out[CLI_CELL_MAX])
{
    char at[TIMEFMT_MAX], day[TIMEFMT_MAX], error[TIMEFMT_MAX];
    const char *of_all = r->of_all ? "of all: " : "",
               *more = r->state == QUALITY_BACK || r->state == QUALITY_SILENT ? r->missing : r->where_text,
               *where = more[0] != '\0' ? ", " : "";
    if (r->onset.at_ms == 0)
        return r->missing[0] != '\0' ? r->missing : "-";
    instant_format_clock(r->onset.at_ms, at);
    instant_format_day(r->onset.at_ms, day);
    instant_format_between(&r->onset, error);
    if (!str_format(out, CLI_CELL_MAX, "%s%s %s%s%s%s", of_all, day + 4, at, error, where, more))
        (void)str_format(out, CLI_CELL_MAX, "%s%s %s%s", of_all, day + 4, at, error);
    return out;
}

static const char *unit_text(const struct vquality_row *r)
{
    return r->unit == QUALITY_PERCENT ? "%" : "";
}

static bool is_counted(const struct vquality_row *r, const struct vnum *n)
{
    return r->kind != QUALITY_OTHER && n->unsplit == 0 && (n == &r->now || !isnan(n->v));
}

static const char *evidence_text(double v, char out[NUMFMT_MAX])
{
    if (isnan(v))
        return NUMFMT_NONE;
    (void)str_format(out, NUMFMT_MAX, "%.2f", v);
    return out;
}

/* How many there are behind a number; "-" where that is not known, as of what the filter does not split or whose text has the figures. */
static const char *n_text(const struct vquality_row *r, const struct vnum *n, char out[NUMFMT_MAX])
{
    return is_counted(r, n) ? numfmt_n(n->n, out) : NUMFMT_NONE;
}

static bool has_judges(const struct view_quality *v)
{
    for (size_t i = 0; i < v->row_count; i++)
        if (v->rows[i].judge[0] != '\0')
            return true;
    return false;
}

/* What is to be said of a row beside its numbers: "json_valid gpt-x: -4.35pp in 1h, 95 % -7.14 to -2.46 (Newcombe); 01:12:55Z gpt-x answers
 * as ..."; is_told: what was found of it stands above. */
static void print_account(const struct vquality_row *r, bool is_told, const struct cli_io *io)
{
    char points[NUMFMT_MAX], lo[NUMFMT_MAX], hi[NUMFMT_MAX];
    const char *const texts[] = {!is_told ? r->found : "", r->explain, r->why, r->canary, r->blind, r->test};
    bool any = false, has_text = false;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        has_text = has_text || texts[i][0] != '\0';
    const bool has_hour = !isnan(r->effect.points), has_since = !isnan(r->since.points);
    if (!has_text && !has_hour && !has_since)
        return;
    cli_print(io, "%s:", r->label);
    if (has_hour) {
        cli_print(io, " %spp in 1h", numfmt_sig3(r->effect.points, points));
        if (!isnan(r->effect.lo))
            cli_print(io, ", 95 %% %s to %s (%s)", numfmt_sig3(r->effect.lo, lo), numfmt_sig3(r->effect.hi, hi), r->effect.method);
    }
    if (has_since)
        cli_print(io, "%s %spp since its onset (n %s)", has_hour ? ";" : "", numfmt_sig3(r->since.points, points),
                  numfmt_n(r->since.n, lo));
    if (!isnan(r->since.lo))
        cli_print(io, ", 95 %% %s to %s", numfmt_sig3(r->since.lo, lo), numfmt_sig3(r->since.hi, hi));
    cli_print(io, "%s", (has_hour || has_since) && has_text ? ";" : "");
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        if (texts[i][0] == '\0')
            continue;
        cli_print(io, "%s %s", any ? ";" : "", texts[i]);
        any = true;
    }
    cli_print(io, "\n");
}

static void print_text(const void *view, const struct cli_store *s)
{
    const struct view_quality *v = view;
    struct cli_table t;
    char text[NUMFMT_MAX], cell[CLI_CELL_MAX];
    const struct cli_io *io = &s->io;
    const bool judges = has_judges(v);
    static const char *const head[] = {"model", "now", "n", "baseline", "of", "delta", "state", "evidence", "onset, or what is missing"};

    cli_print_header(s);
    if (v->row_count == 0) {
        cli_print(io, "%s\n", v->empty_text);
        return;
    }
    cli_table_init(&t, io, 10 + judges, judges ? 0x2f8 : 0x17c);
    cli_table_cell(&t, "signal");
    if (judges)
        cli_table_cell(&t, "judge");
    for (size_t i = 0; i < sizeof head / sizeof *head; i++)
        cli_table_cell(&t, "%s", head[i]);
    for (size_t i = 0; i < v->row_count - v->never_bad; i++) {
        const struct vquality_row *r = &v->rows[i];
        cli_table_cell(&t, "%s", r->name);
        if (judges)
            cli_table_cell(&t, "%s", r->judge);
        cli_table_cell(&t, "%s", r->scope);
        cli_table_cell(&t, "%s%s", numfmt_vnum(&r->now, text), isnan(r->now.v) ? "" : unit_text(r));
        cli_table_cell(&t, "%s", n_text(r, &r->now, text));
        cli_table_cell(&t, "%s%s", numfmt_vnum(&r->base, text), isnan(r->base.v) ? "" : unit_text(r));
        cli_table_cell(&t, "%s", n_text(r, &r->base, text));
        cli_table_cell(&t, "%s", numfmt_quality_delta(r, text));
        cli_table_cell(&t, "%s", state_text(r->state));
        cli_table_cell(&t, "%s", evidence_text(r->evidence, text));
        cli_table_cell(&t, "%s", onset_text(r, cell));
    }
    cli_table_print(&t);
    if (v->never_bad > 0)
        cli_print(io, "%s\n", v->never_text);
    if (v->left > 0)
        cli_print(io, "%s\n", v->left_text);
    if (v->sources_text[0] != '\0')
        cli_print(io, "%s\n", v->sources_text);
    cli_print(io, "\n%s\n", v->sentence);
    for (size_t i = 0; i < v->row_count && v->rows[i].state <= QUALITY_MIX; i++)
        print_account(&v->rows[i], i == 0, io);
    for (size_t i = 0; i < v->row_count; i++)
        if (v->rows[i].kind == QUALITY_CANARY && v->rows[i].state > QUALITY_MIX)
            print_account(&v->rows[i], false, io);
    cli_print_unsplit(s);
}

/* A share of 1, of percent. */
static double ratio(double percent)
{
    return percent / 100;
}

/* What a row's number is in a file: a share, or tokens. */
static double plain(const struct vquality_row *r, const struct vnum *n)
{
    return r->unit == QUALITY_PERCENT ? ratio(n->v) : n->v;
}

static const char *unit_word(const struct vquality_row *r)
{
    return r->unit == QUALITY_PERCENT ? "ratio" : "tokens";
}

static void json_num(struct json *w, const struct vquality_row *r, const char *key, const char *n_key, const char *exactness_key,
                     const struct vnum *n)
{
    json_f64(w, key, plain(r, n));
    json_string(w, exactness_key, isnan(n->v) ? NULL : cli_exactness(n->exact));
    if (is_counted(r, n))
        json_i64(w, n_key, (int64_t)n->n);
    else
        json_null(w, n_key);
}

/* Where the drift is; null where that is not known. */
static void json_where(struct json *w, const struct vquality_row *r, const struct cli_io *io)
{
    const struct drift_found *f = &r->where;
    if (f->where == DRIFT_WHERE_UNKNOWN) {
        json_null(w, "where");
        return;
    }
    json_object(w, "where");
    json_string(w, "word", drift_where_name(f->where));
    json_string(w, "dim", dim_name(f->dim));
    json_array(w, "names");
    for (uint32_t i = 0; i < f->name_count; i++)
        cli_json_text(io, w, NULL, f->names[i]);
    json_end(w);
    json_f64(w, "was", f->was);
    json_f64(w, "is", f->is);
    json_i64(w, "n", (int64_t)f->n);
    json_f64(w, "part", f->where == DRIFT_WHERE_ALL ? 1 : f->part);
    json_i64(w, "parts", f->parts);
    json_i64(w, "all", f->all);
    json_end(w);
}

static void json_effect(struct json *w, const char *key, const struct vquality_effect *e)
{
    json_object(w, key);
    json_f64(w, "difference", ratio(e->points));
    json_f64(w, "ci95_lo", ratio(e->lo));
    json_f64(w, "ci95_hi", ratio(e->hi));
    json_i64(w, "n", (int64_t)e->n);
    json_string(w, "method", isnan(e->lo) ? NULL : e->method);
    json_end(w);
}

/* The first, or the last, moment at which it may have begun; 0 = not known. */
static int64_t onset_end(const struct vquality_row *r, bool is_last)
{
    int64_t from_ms = 0, to_ms = 0;
    (void)instant_between_ends(&r->onset, &from_ms, &to_ms);
    return is_last ? to_ms : from_ms;
}

static void json_row(struct json *w, const struct vquality_row *r, const struct cli_io *io)
{
    json_object(w, NULL);
    json_string(w, "name", r->name);
    json_string(w, "kind", kind_text(r->kind));
    json_string(w, "model", r->scope);
    json_string(w, "judge", r->judge[0] != '\0' ? r->judge : NULL);
    json_num(w, r, "value", "n", "value_exactness", &r->now);
    json_bool(w, "stale", r->now.stale);
    json_string(w, "unit", unit_word(r));
    json_num(w, r, "baseline", "baseline_n", "baseline_exactness", &r->base);
    cli_json_instant(w, "baseline_from", r->base_from_ms);
    cli_json_instant(w, "baseline_to", r->base_to_ms);
    json_string(w, "state", state_text(r->state));
    json_f64(w, "evidence", r->evidence);
    cli_json_instant(w, "onset", r->onset.at_ms);
    cli_json_error(w, "onset_error_s", r->onset.error_ms);
    cli_json_instant(w, "onset_from", onset_end(r, false));
    cli_json_instant(w, "onset_to", onset_end(r, true));
    json_bool(w, "of_all", r->of_all);
    json_where(w, r, io);
    json_effect(w, "last_hour", &r->effect);
    json_effect(w, "since_onset", &r->since);
    json_f64(w, "arl", r->arl);
    json_f64(w, "false_alarms_30d", r->alarms);
    json_i64(w, "streams", r->streams);
    json_f64(w, "lacks", r->lacks);
    json_f64(w, "lacks_for_s", r->lacks_ms > 0 ? (double)r->lacks_ms / 1000 : (double)NAN);
    json_f64(w, "detectable", ratio(r->detectable));
    json_f64(w, "detectable_p90", ratio(r->detectable_most));
    json_string(w, "missing", r->missing[0] != '\0' ? r->missing : NULL);
    json_string(w, "why", r->why[0] != '\0' ? r->why : NULL);
    json_string(w, "cannot_see", r->blind[0] != '\0' ? r->blind : NULL);
    json_string(w, "changed", r->explain[0] != '\0' ? r->explain : NULL);
    cli_json_text(io, w, "found", r->finding != NULL ? r->finding->text : NULL);
    json_string(w, "canary", r->canary[0] != '\0' ? r->canary : NULL);
    json_end(w);
}

/* Of one of whose scores some are not judged. */
static void json_source(struct json *w, const struct vquality_source *s, const struct cli_io *io)
{
    json_object(w, NULL);
    cli_json_text(io, w, "name", s->name);
    json_string(w, "judged_up_to", s->until[0] != '\0' ? s->until : NULL);
    json_i64(w, "left_out", s->left_out);
    cli_json_text(io, w, "left_out_why", s->left_out > 0 ? s->left_why : NULL);
    json_end(w);
}

static int print_json(const void *view, const struct cli_store *s)
{
    const struct view_quality *v = view;
    struct buf out;
    struct json w;

    cli_json_report(&w, &out, s);
    cli_json_text(&s->io, &w, "sentence", v->row_count > 0 ? v->sentence : v->empty_text);
    json_i64(&w, "unwatched", (int64_t)v->left);
    cli_json_instant(&w, "judged_up_to", v->judged_ms);
    json_array(&w, "sources");
    for (size_t i = 0; i < v->source_count; i++)
        json_source(&w, &v->sources[i], &s->io);
    json_end(&w);
    json_array(&w, "rows");
    for (size_t i = 0; i < v->row_count; i++)
        json_row(&w, &v->rows[i], &s->io);
    json_end(&w);
    json_end(&w);
    return cli_print_json(&s->io, "quality", &w, &out);
}

static void csv_instant(const struct cli_io *io, int64_t ms)
{
    char at[TIMEFMT_MAX] = "";
    if (ms > 0)
        instant_format_iso(ms, at);
    cli_print(io, ",%s", at);
}

/* As json_num: with its exactness but where it is not known. */
static void csv_num(const struct cli_io *io, const struct vquality_row *r, const struct vnum *n)
{
    cli_csv_number(io, plain(r, n));
    cli_print(io, ",%s,", isnan(n->v) ? "" : cli_exactness(n->exact));
    if (is_counted(r, n))
        cli_print(io, "%llu", (unsigned long long)n->n);
}

static void csv_text(const struct cli_io *io, const char *text)
{
    cli_print(io, ",");
    cli_csv_text(io, text);
}

static void print_csv(const void *view, const struct cli_store *s)
{
    const struct view_quality *v = view;
    const struct cli_io *io = &s->io;
    cli_print(
        io,
        "name,kind,model,judge,value,value_exactness,n,stale,baseline,baseline_exactness,baseline_n,baseline_from,baseline_to,state,"
        "evidence,"
        "onset,onset_error_s,difference_1h,ci95_lo,ci95_hi,n_1h,method,arl,false_alarms_30d,streams,lacks,lacks_for_s,detectable,missing,"
        "why,changed,found,canary,unit,of_all,where,cannot_see,"
        "difference_since_onset,since_onset_ci95_lo,since_onset_ci95_hi,n_since_onset,"
        "onset_from,onset_to\n");
    for (size_t i = 0; i < v->row_count; i++) {
        const struct vquality_row *r = &v->rows[i];
        cli_csv_text(io, r->name);
        cli_print(io, ",%s", kind_text(r->kind));
        csv_text(io, r->scope);
        csv_text(io, r->judge);
        csv_num(io, r, &r->now);
        cli_csv_bool(io, r->now.stale);
        csv_num(io, r, &r->base);
        csv_instant(io, r->base_from_ms);
        csv_instant(io, r->base_to_ms);
        cli_print(io, ",%s", state_text(r->state));
        cli_csv_number(io, r->evidence);
        csv_instant(io, r->onset.at_ms);
        cli_csv_number(io, r->onset.error_ms > 0 ? (double)r->onset.error_ms / 1000 : (double)NAN);
        cli_csv_number(io, ratio(r->effect.points));
        cli_csv_number(io, ratio(r->effect.lo));
        cli_csv_number(io, ratio(r->effect.hi));
        cli_print(io, ",%llu,%s", (unsigned long long)r->effect.n, isnan(r->effect.lo) ? "" : r->effect.method);
        cli_csv_number(io, r->arl);
        cli_csv_number(io, r->alarms);
        cli_print(io, ",%u", r->streams);
        cli_csv_number(io, r->lacks);
        cli_csv_number(io, r->lacks_ms > 0 ? (double)r->lacks_ms / 1000 : (double)NAN);
        cli_csv_number(io, ratio(r->detectable));
        csv_text(io, r->missing);
        csv_text(io, r->why);
        csv_text(io, r->explain);
        csv_text(io, r->finding != NULL ? r->finding->text : "");
        csv_text(io, r->canary);
        cli_print(io, ",%s", unit_word(r));
        cli_csv_bool(io, r->of_all);
        csv_text(io, r->where_text);
        csv_text(io, r->blind);
        cli_csv_number(io, ratio(r->since.points));
        cli_csv_number(io, ratio(r->since.lo));
        cli_csv_number(io, ratio(r->since.hi));
        cli_print(io, ",%llu", (unsigned long long)r->since.n);
        csv_instant(io, onset_end(r, false));
        csv_instant(io, onset_end(r, true));
        cli_print(io, "\n");
    }
}

static enum err load(const struct cli_store *s, void *view, struct errctx *ctx)
{
    return view_load_quality(&s->loader, &s->params, view, ctx);
}

int cmd_quality(int argc, char **argv, const struct cli_io *io)
{
    static const struct cli_forms forms = {"quality", load, print_json, print_csv, print_text};
    struct view_quality v;
    return cli_forms_run(&forms, &v, argc, argv, io);
}
