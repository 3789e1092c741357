/* SPDX-License-Identifier: MIT */
#include "ui/draw/part_facts.h"

#include <math.h>

#include "base/str.h"
#include "ui/draw/numfmt.h"
#include "ui/draw/plan.h"

enum col { NAME, REQ, FAIL, COOL, RUN, WAIT, KV, TTFT, PROVIDER, COST, OLD, COLS }; /* OLD: only while a row is */
static const struct part_col cols[COLS] = {
    [NAME] = {"deployment", 20, true, 0, 0}, [REQ] = {"try/s", 6, false, 0, 1},          [FAIL] = {"fail %", 6, false, 0, 2},
    [COOL] = {"cooled 1h", 9, false, 3, 0},  [RUN] = {"running", 7, false, 5, 3},        [WAIT] = {"waiting", 7, false, 4, 4},
    [KV] = {"KV %", 5, false, 5, 5},         [TTFT] = {"ttft p95", 8, false, 1, 6},      [PROVIDER] = {"prov p95", 8, false, 6, 7},
    [COST] = {"$/h", 7, false, 2, 8},        [OLD] = {"", PART_STALE_COLS, false, 0, 0},
};

/* Gauges of engines: a deployment behind somebody else's API does not report them. */
static const char *gauge_text(const struct vnum *v, bool percent, char out[NUMFMT_MAX])
{
    if (isnan(v->v)) {
        (void)str_copy(out, NUMFMT_MAX, str_of(v->unsplit != 0 ? NUMFMT_UNSPLIT : v->stale ? NUMFMT_UNKNOWN : NUMFMT_NOT_REPORTED));
        return out;
    }
    return percent ? numfmt_vnum(v, out) : numfmt_count(v->v, out);
}

/* How often in the last hour: "52x". */
static void put_cooldown(struct area row, const struct part_table *t, const struct vdeployment *d)
{
    char text[NUMFMT_MAX], count[NUMFMT_MAX];
    if (!(d->cooldowns.v > 0)) {
        part_table_put(row, t, COOL, part_num_role(&d->cooldowns, ROLE_DIM), 0, numfmt_vnum(&d->cooldowns, text));
        return;
    }
    (void)str_format(text, sizeof text, "%s%sx", exact_mark(d->cooldowns.exact), numfmt_count(d->cooldowns.v, count));
    part_table_put(row, t, COOL, part_num_role(&d->cooldowns, ROLE_TICKET), 0, text);
}

static int64_t age_of(const struct vdeployment *d)
{
    const struct vnum *const shown[] = {&d->req_per_s, &d->fail_ratio, &d->cooldowns,    &d->running,   &d->waiting,
                                        &d->kv,        &d->ttft_p95,   &d->provider_p95, &d->cost_per_h};
    return part_age(shown, sizeof shown / sizeof *shown);
}

static bool any_old(const struct vdeployment *d, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (age_of(&d[i]) != PART_FRESH) {
            return true;
        }
    }
    return false;
}

static const char *name_at(const struct part_names *names, size_t i, char *out, size_t cap)
{
    const struct vdeployment *d = names->list;
    (void)out;
    (void)cap;
    return d[i].name;
}

static void put_row(struct area row, const struct part_table *t, const struct vdeployment *d, const struct part_names *names)
{
    char text[NUMFMT_MAX];
    enum role role = part_num_role(&d->fail_ratio, part_severity_role(d->severity, ROLE_TEXT));
    uint8_t attr = d->severity != SEV_NONE ? CELL_BOLD : 0;
    struct vnum fail = d->fail_ratio;
    fail.v *= 100;
    part_table_put_name(row, t, NAME, ROLE_TEXT, attr, d->name, names);
    part_table_put(row, t, REQ, part_num_role(&d->req_per_s, ROLE_TEXT), 0, numfmt_vnum(&d->req_per_s, text));
    part_table_put(row, t, FAIL, role, attr, numfmt_vnum(&fail, text));
    put_cooldown(row, t, d);
    part_table_put(row, t, RUN, part_num_role(&d->running, isnan(d->running.v) ? ROLE_DIM : ROLE_TEXT), 0,
                   gauge_text(&d->running, false, text));
    part_table_put(row, t, WAIT, part_num_role(&d->waiting, isnan(d->waiting.v) ? ROLE_DIM : ROLE_TEXT), 0,
                   gauge_text(&d->waiting, false, text));
    part_table_put(row, t, KV, part_num_role(&d->kv, isnan(d->kv.v) ? ROLE_DIM : ROLE_TEXT), 0, gauge_text(&d->kv, true, text));
    part_table_put(row, t, TTFT, part_num_role(&d->ttft_p95, isnan(d->ttft_p95.v) ? ROLE_DIM : ROLE_TEXT), 0,
                   numfmt_latency(&d->ttft_p95, text));
    part_table_put(row, t, PROVIDER, part_num_role(&d->provider_p95, ROLE_DIM), 0, numfmt_latency(&d->provider_p95, text));
    part_table_put(row, t, COST, part_num_role(&d->cost_per_h, ROLE_TEXT), 0, numfmt_vnum(&d->cost_per_h, text));
    part_table_put_age(row, t, OLD, age_of(d));
}

int part_deployments_want(size_t count, const char *note)
{
    return count > 0 ? 2 + plan_count(count) : note && *note ? 2 : 0;
}

void part_deployments(struct area a, const struct vdeployment *d, size_t count, const char *note, const struct draw_ctx *ctx)
{
    struct part_table t = part_table_fit(cols, any_old(d, count) ? COLS : OLD, a.r.w, NAME, 36);
    bool noted = note && *note;
    part_rule(area_row(a, 0), ROLE_TITLE, "Deployments", noted && count > 0 ? note : NULL, ctx);
    if (count == 0) {
        char none[64];
        (void)str_format(none, sizeof none, "none was seen in the last %s", part_measured(ctx));
        part_empty(area_sub(a, 0, 1, a.r.w, a.r.h - 1), noted ? note : none);
        return;
    }
    struct draw_ctx plain = *ctx;
    plain.sort = 0; /* this table keeps the view's order */
    part_table_head(area_row(a, 1), &t, &plain);
    struct area rows = area_sub(a, 0, 2, a.r.w, a.r.h - 2);
    const struct part_names names = {.list = d, .count = count, .ctx = ctx, .at = name_at};
    for (int y = 0; y < rows.r.h && (size_t)y < count; y++) {
        if (part_cut(rows, y, (size_t)y, count)) {
            break;
        }
        put_row(area_row(rows, y), &t, &d[y], &names);
    }
    part_fade(rows, ctx);
}
