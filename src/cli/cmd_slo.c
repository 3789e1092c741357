/* SPDX-License-Identifier: MIT */
/* gwtop slo: the objectives, how fast their budgets burn, what is left and until when. */
#include "cli/commands.h"

#include <math.h>

#include "base/timefmt.h"
#include "ui/draw/numfmt.h"

/* "380x", ">=49x" where the threshold lies inside a bucket, "0.5x young" where the window was not watched for its length, "n/a" without requests. */
static const char *burn_text(const struct vnum *burn, bool young, char out[NUMFMT_MAX])
{
    if (isnan(burn->v))
        return "n/a";
    (void)str_format(out, NUMFMT_MAX, "%s%.*fx%s", burn->exact == AT_LEAST ? ">=" : "", burn->v >= 9.95 ? 0 : burn->v < 0.095 ? 2 : 1, burn->v, young ? " young" : "");
    return out;
}

static const char *severity_text(enum severity s)
{
    return s == SEV_PAGE ? "PAGE" : s == SEV_TICKET ? "TICKET" : "ok";
}

static const char *left_text(const struct vslo *s, char out[NUMFMT_MAX])
{
    if (isnan(s->budget_left.v))
        return "n/a";
    (void)str_format(out, NUMFMT_MAX, "%s%.1f%%", s->budget_left.exact == ABOUT ? "~" : "", 100 * s->budget_left.v);
    return out;
}

static const char *gone_text(const struct vslo *s, char out[TIMEFMT_MAX])
{
    char day[TIMEFMT_MAX], clock[TIMEFMT_MAX];
    if (s->gone_ms == 0)
        return "-";
    instant_format_day(s->gone_ms, day);
    instant_format_clock(s->gone_ms, clock);
    (void)str_format(out, TIMEFMT_MAX, "%s %.5sZ", day, clock);
    return out;
}

static void print_text(const struct view_slos *v, const struct cli_io *io)
{
    struct cli_table t;
    char text[NUMFMT_MAX], period[TIMEFMT_MAX], gone[TIMEFMT_MAX];

    if (v->slo_count == 0) {
        cli_print(io, "NO RULES: nothing can page; `gwtop init --slo` proposes objectives\n");
        return;
    }
    cli_table_init(&t, 12, 0x3f8);
    static const char *const head[] = {"objective", "state", "target", "5m", "1h", "6h", "1d", "3d", "bad of requests", "budget left", "gone at the 5m rate", "mostly spent by"};
    for (size_t i = 0; i < sizeof head / sizeof *head; i++)
        cli_table_cell(&t, "%s", head[i]);
    for (size_t i = 0; i < v->slo_count; i++) {
        const struct vslo *s = &v->slos[i];
        duration_format(s->period_ms, period);
        cli_table_cell(&t, "%s", s->name);
        cli_table_cell(&t, "%s", severity_text(s->severity));
        cli_table_cell(&t, "%.6g%%/%s", 100 * s->objective, period);
        cli_table_cell(&t, "%s", burn_text(&s->burn_5m, false, text));
        cli_table_cell(&t, "%s", burn_text(&s->burn_1h, s->young_1h, text));
        cli_table_cell(&t, "%s", burn_text(&s->burn_6h, s->young_6h, text));
        cli_table_cell(&t, "%s", burn_text(&s->burn_1d, s->young_1d, text));
        cli_table_cell(&t, "%s", burn_text(&s->burn_3d, s->young_3d, text));
        cli_table_cell(&t, "%llu of %llu", (unsigned long long)s->bad, (unsigned long long)s->total);
        cli_table_cell(&t, "%s", left_text(s, text));
        cli_table_cell(&t, "%s", gone_text(s, gone));
        cli_table_cell(&t, "%s", s->spent_by[0] != '\0' ? s->spent_by : "-");
    }
    cli_table_print(&t, io->out);
}

static void json_burn(struct json *w, const char *window, const struct vnum *burn, bool young)
{
    json_object(w, window);
    json_f64(w, "rate", burn->v);
    json_bool(w, "at_least", burn->exact == AT_LEAST);
    json_bool(w, "young", young);
    json_i64(w, "n", (int64_t)burn->n);
    json_end(w);
}

static int print_json(const struct view_slos *v, const struct view_params *p, const struct cli_io *io)
{
    struct buf out;
    struct json w;
    char at[TIMEFMT_MAX];

    buf_init(&out, CLI_JSON_MAX);
    json_begin(&w, &out, true);
    json_object(&w, NULL);
    instant_format_iso(p->cursor_ms, at);
    json_string(&w, "at", at);
    json_array(&w, "slos");
    for (size_t i = 0; i < v->slo_count; i++) {
        const struct vslo *s = &v->slos[i];
        json_object(&w, NULL);
        json_string(&w, "name", s->name);
        json_string(&w, "scope", s->scope_text);
        json_f64(&w, "objective", s->objective);
        json_i64(&w, "period_ms", s->period_ms);
        json_string(&w, "state", severity_text(s->severity));
        json_object(&w, "burn");
        json_burn(&w, "5m", &s->burn_5m, false);
        json_burn(&w, "1h", &s->burn_1h, s->young_1h);
        json_burn(&w, "6h", &s->burn_6h, s->young_6h);
        json_burn(&w, "1d", &s->burn_1d, s->young_1d);
        json_burn(&w, "3d", &s->burn_3d, s->young_3d);
        json_end(&w);
        json_i64(&w, "total", (int64_t)s->total);
        json_i64(&w, "bad", (int64_t)s->bad);
        json_f64(&w, "budget_left", s->budget_left.v);
        json_bool(&w, "budget_left_about", s->budget_left.exact == ABOUT);
        if (s->gone_ms != 0) {
            instant_format_iso(s->gone_ms, at);
            json_string(&w, "gone", at);
        } else {
            json_null(&w, "gone");
        }
        json_string(&w, "mostly_spent_by", s->spent_by);
        json_end(&w);
    }
    json_end(&w);
    json_end(&w);
    return cli_print_json(io, "slo", &w, &out);
}

int cmd_slo(int argc, char **argv, const struct cli_io *io)
{
    struct cli_where w = {NULL};
    bool json = false;
    const struct cli_option options[] = {
        {"--config", CLI_TEXT, &w.config}, {"--store", CLI_TEXT, &w.store}, {"--at", CLI_TEXT, &w.at}, {"--json", CLI_FLAG, &json}, {NULL, CLI_FLAG, NULL},
    };
    struct cli_store s;
    struct view_params p;
    struct view_slos v;
    struct errctx ctx = {.text = ""};

    if (!cli_options(argc, argv, options, NULL, io))
        return EXIT_USAGE;
    int status = cli_open(&w, DIM_MODEL, 3600000, &s, &p, io);
    if (status != EXIT_OK)
        return status;
    enum err e = view_load_slos(&s.loader, &p, &v, &ctx);
    if (e != ERR_OK)
        status = cli_fail(io, e, &ctx);
    else if (json)
        status = print_json(&v, &p, io);
    else
        print_text(&v, io);
    cli_close(&s);
    return status;
}
