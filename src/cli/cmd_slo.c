/* SPDX-License-Identifier: MIT */
/* gwtop slo: the objectives, how fast their budgets burn, what is left and until when. */
#include "cli/commands.h"

#include <math.h>

#include "base/timefmt.h"
#include "ui/draw/mask.h"
#include "ui/draw/numfmt.h"

/* "0.5x young" where the window was not watched for its length. */
static void burn_cell(struct cli_table *t, const struct vnum *burn, bool young)
{
    char text[VIEW_BURN_MAX];
    cli_table_cell(t, "%s%s", view_burn_text(burn, text), young && !isnan(burn->v) ? " young" : "");
}

/* What rests on stale data does not hold. */
static const char *state_text(const struct vslo *s)
{
    return s->severity == SEV_PAGE ? "PAGE" : s->severity == SEV_TICKET ? "TICKET" : s->burn_5m.stale ? "stale" : "ok";
}

/* "<=Sat 19 Dec 10:00Z": at the latest; "-": not within the period; "?": not known, "? (Wed 16 Dec 12:00Z or later)". */
static const char *gone_text(const struct vslo *s, char out[CLI_CELL_MAX])
{
    char day[TIMEFMT_MAX], clock[TIMEFMT_MAX];
    const int64_t at_ms = s->end == VSLO_ENDS ? s->gone_ms : s->gone_early_ms;
    instant_format_day(at_ms, day);
    instant_format_clock(at_ms, clock);
    if (s->end == VSLO_ENDS)
        (void)str_format(out, CLI_CELL_MAX, "%s%s %.5sZ", exact_mark(s->gone_exact), day, clock);
    else if (s->end == VSLO_END_UNKNOWN && at_ms != 0)
        (void)str_format(out, CLI_CELL_MAX, "? (%s %.5sZ or later)", day, clock);
    else
        return s->end == VSLO_LASTS ? "-" : s->end == VSLO_SPENT ? "gone" : "?";
    return out;
}

/* NULL beside no time: not within the period, or gone already; "?": not known. */
static const char *gone_exactness(const struct vslo *s)
{
    return s->end == VSLO_ENDS ? cli_exactness(s->gone_exact) : s->end == VSLO_END_UNKNOWN ? "?" : NULL;
}

/* "12 of 800", "12-40 of 800" where the threshold lies inside a bucket, ">=12 of >=800" where sources lack some. */
static const char *bad_text(const struct vslo *s, char out[CLI_CELL_MAX])
{
    char possibly[NUMFMT_MAX] = "";
    if (s->bad_hi > s->bad)
        (void)str_format(possibly, sizeof possibly, "-%llu", (unsigned long long)s->bad_hi);
    const char *mark = exact_mark(s->counted);
    (void)str_format(out, CLI_CELL_MAX, "%s%llu%s of %s%llu", mark, (unsigned long long)s->bad, possibly, mark,
                     (unsigned long long)s->total);
    return out;
}

static void print_text(const void *view, const struct cli_store *s)
{
    const struct view_slos *v = view;
    struct cli_table t;
    char period[TIMEFMT_MAX], gone[CLI_CELL_MAX], who[CLI_CELL_MAX];

    cli_print_header(s);
    if (v->slo_count == 0) {
        cli_print(&s->io, "NO RULES: %s\n",
                  v->defined > 0 ? "no objective has to do with the filter" : "nothing can page; `gwtop init --slo` proposes objectives");
        return;
    }
    cli_table_init(&t, &s->io, 12, 0x3f8);
    static const char *const head[] = {
        "objective",           "state",          "target", "5m", "1h", "6h", "1d", "3d", "bad of requests", "budget",
        "gone at the 5m rate", "mostly spent by"};
    for (size_t i = 0; i < sizeof head / sizeof *head; i++)
        cli_table_cell(&t, "%s", head[i]);
    for (size_t i = 0; i < v->slo_count; i++) {
        const struct vslo *o = &v->slos[i];
        duration_format(o->period_ms, period);
        bool filtered = o->reach_text[0] != '\0';
        cli_table_cell(&t, "%s%s%s%s", o->name, filtered ? " (" : "", filtered ? mask_text(s->io.mask, o->reach_text, who, sizeof who) : "",
                       filtered ? ")" : "");
        cli_table_cell(&t, "%s", state_text(o));
        cli_table_cell(&t, "%.6g%%/%s", 100 * o->objective, period);
        burn_cell(&t, &o->burn_5m, o->young_5m);
        burn_cell(&t, &o->burn_1h, o->young_1h);
        burn_cell(&t, &o->burn_6h, o->young_6h);
        burn_cell(&t, &o->burn_1d, o->young_1d);
        burn_cell(&t, &o->burn_3d, o->young_3d);
        cli_table_cell(&t, "%s", bad_text(o, who));
        cli_table_cell(&t, "%s", o->left_text);
        cli_table_cell(&t, "%s", gone_text(o, gone));
        cli_table_cell(&t, "%s", o->spent_by[0] != '\0' ? mask_text(s->io.mask, o->spent_by, who, sizeof who) : "-");
    }
    cli_table_print(&t);
    cli_print_unsplit(s);
}

static const char *kind_text(const struct vslo *s)
{
    return s->kind == SLO_LATENCY ? "latency" : "availability";
}

static const char *signal_text(const struct vslo *s)
{
    return signal_info(s->kind == SLO_LATENCY ? s->signal : SIG_REQUESTS)->name;
}

static void json_burn(struct json *w, const char *window, const struct vnum *burn, bool young)
{
    json_object(w, window);
    json_f64(w, "rate", burn->v);
    json_string(w, "exactness", isnan(burn->v) ? NULL : cli_exactness(burn->exact));
    json_bool(w, "stale", burn->stale);
    json_bool(w, "young", young);
    json_i64(w, "n", (int64_t)burn->n);
    json_end(w);
}

static int print_json(const void *view, const struct cli_store *store)
{
    const struct view_slos *v = view;
    struct buf out;
    struct json w;

    cli_json_report(&w, &out, store);
    json_array(&w, "slos");
    for (size_t i = 0; i < v->slo_count; i++) {
        const struct vslo *s = &v->slos[i];
        json_object(&w, NULL);
        json_string(&w, "name", s->name);
        cli_json_text(&store->io, &w, "scope", s->scope_text);
        json_string(&w, "kind", kind_text(s));
        json_string(&w, "signal", signal_text(s));
        if (s->kind == SLO_LATENCY)
            json_f64(&w, "threshold_s", s->threshold);
        else
            json_null(&w, "threshold_s");
        json_f64(&w, "objective", s->objective);
        json_i64(&w, "period_ms", s->period_ms);
        json_string(&w, "reach", s->reach == VSLO_NARROWED ? "filter" : s->reach == VSLO_UNSPLIT ? "not split" : "whole");
        json_string(&w, "state", state_text(s));
        json_object(&w, "burn");
        json_burn(&w, "5m", &s->burn_5m, s->young_5m);
        json_burn(&w, "1h", &s->burn_1h, s->young_1h);
        json_burn(&w, "6h", &s->burn_6h, s->young_6h);
        json_burn(&w, "1d", &s->burn_1d, s->young_1d);
        json_burn(&w, "3d", &s->burn_3d, s->young_3d);
        json_end(&w);
        json_i64(&w, "total", (int64_t)s->total);
        json_i64(&w, "bad", (int64_t)s->bad);
        json_i64(&w, "bad_possibly", (int64_t)s->bad_hi);
        json_string(&w, "counted_exactness", cli_exactness(s->counted));
        json_f64(&w, "budget_left", s->budget_left.v);
        json_string(&w, "budget_left_exactness", isnan(s->budget_left.v) ? NULL : cli_exactness(s->budget_left.exact));
        json_bool(&w, "stale", s->budget_left.stale);
        cli_json_instant(&w, "gone", s->gone_ms);
        json_string(&w, "gone_exactness", gone_exactness(s));
        cli_json_instant(&w, "gone_earliest", s->gone_early_ms);
        cli_json_text(&store->io, &w, "mostly_spent_by", s->spent_by);
        json_end(&w);
    }
    json_end(&w);
    json_end(&w);
    return cli_print_json(&store->io, "slo", &w, &out);
}

static void csv_burn(const struct cli_io *io, const struct vnum *burn, bool young)
{
    cli_csv_number(io, burn->v);
    cli_print(io, ",%s", isnan(burn->v) ? "" : cli_exactness(burn->exact));
    cli_csv_bool(io, young);
}

static void print_csv(const void *view, const struct cli_store *store)
{
    const struct view_slos *v = view;
    const struct cli_io *io = &store->io;
    static const char *const windows[] = {"5m", "1h", "6h", "1d", "3d"};
    char masked[CLI_CELL_MAX], gone[TIMEFMT_MAX], early[TIMEFMT_MAX];

    cli_print(io, "name,scope,kind,signal,threshold_s,objective,period_ms,state,stale");
    for (size_t i = 0; i < sizeof windows / sizeof *windows; i++)
        cli_print(io, ",burn_%s,burn_%s_exactness,young_%s", windows[i], windows[i], windows[i]);
    cli_print(
        io,
        ",total,bad,bad_possibly,counted_exactness,budget_left,budget_left_exactness,gone,gone_exactness,gone_earliest,mostly_spent_by\n");
    for (size_t i = 0; i < v->slo_count; i++) {
        const struct vslo *s = &v->slos[i];
        cli_csv_text(io, s->name);
        cli_print(io, ",");
        cli_csv_text(io, mask_text(io->mask, s->scope_text, masked, sizeof masked));
        cli_print(io, ",%s,%s", kind_text(s), signal_text(s));
        cli_csv_number(io, s->kind == SLO_LATENCY ? s->threshold : NAN);
        cli_print(io, ",%.10g,%lld,%s", s->objective, (long long)s->period_ms, state_text(s));
        cli_csv_bool(io, s->budget_left.stale);
        csv_burn(io, &s->burn_5m, s->young_5m);
        csv_burn(io, &s->burn_1h, s->young_1h);
        csv_burn(io, &s->burn_6h, s->young_6h);
        csv_burn(io, &s->burn_1d, s->young_1d);
        csv_burn(io, &s->burn_3d, s->young_3d);
        cli_print(io, ",%llu,%llu,%llu,%s", (unsigned long long)s->total, (unsigned long long)s->bad, (unsigned long long)s->bad_hi,
                  cli_exactness(s->counted));
        cli_csv_number(io, s->budget_left.v);
        gone[0] = early[0] = '\0';
        if (s->gone_ms > 0)
            instant_format_iso(s->gone_ms, gone);
        if (s->gone_early_ms > 0)
            instant_format_iso(s->gone_early_ms, early);
        const char *exactness = gone_exactness(s);
        cli_print(io, ",%s,%s,%s,%s,", isnan(s->budget_left.v) ? "" : cli_exactness(s->budget_left.exact), gone,
                  exactness != NULL ? exactness : "", early);
        cli_csv_text(io, mask_text(io->mask, s->spent_by, masked, sizeof masked));
        cli_print(io, "\n");
    }
}

static enum err load(const struct cli_store *s, void *view, struct errctx *ctx)
{
    return view_load_slos(&s->loader, &s->params, view, ctx);
}

int cmd_slo(int argc, char **argv, const struct cli_io *io)
{
    static const struct cli_forms forms = {"slo", load, print_json, print_csv, print_text};
    struct view_slos v;
    return cli_forms_run(&forms, &v, argc, argv, io);
}
