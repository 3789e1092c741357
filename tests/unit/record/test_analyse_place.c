/* SPDX-License-Identifier: MIT */
/* Where an alert is said to be in a large outage: what waits to be stored is tens of thousands of items, and each of many alerts looks at
 * them. */
#include "record/analyse_int.h"
#include "unit/record/analyse_world.h"

enum { STEP = 15000, MODELS = 50, TEAMS = 40, CLASSES = 4, ITEMS = 2 * MODELS * TEAMS * CLASSES, GROUPS = 20001 };
static const char *const classes[CLASSES] = {"ok", "5xx", "429", "timeout"};

/* A poll that waits: requests and attempts of each model, team and outcome. */
struct outage {
    struct world *w;
    struct store_item *items;
    struct store_batch batch;
};

static void outage_init(struct outage *o)
{
    struct errctx ctx = {.text = ""};
    char model[16], team[16];
    o->w = world_new(STEP);
    world_open(o->w);
    o->items = calloc(ITEMS, sizeof *o->items);
    ck_assert_ptr_nonnull(o->items);
    for (int i = 0; i < ITEMS; i++) {
        snprintf(model, sizeof model, "m%d", i / 2 / CLASSES % MODELS);
        snprintf(team, sizeof team, "t%d", i / 2 / CLASSES / MODELS);
        const struct labels l = {.model = model, .team = team, .class = classes[i / 2 % CLASSES]};
        o->items[i].series = world_series(o->w, 0, i % 2 ? SIG_ATTEMPTS : SIG_REQUESTS, l, NULL);
        o->items[i].v.increment = 10;
    }
    OK(store_commit(o->w->st, &ctx));
    o->w->t_ms += STEP;
    o->batch =
        (struct store_batch){.source = o->w->source[0], .t0_ms = o->w->t_ms - STEP, .t1_ms = o->w->t_ms, .items = o->items, .count = ITEMS};
    analyser_unstored(o->w->an, &o->batch, 1);
}

static void outage_fini(struct outage *o)
{
    analyser_unstored(o->w->an, NULL, 0);
    world_free(o->w);
    free(o->items);
}

static struct grouping_alert place(struct outage *o, const char *scope)
{
    struct errctx ctx = {.text = ""};
    struct grouping_alert al;
    const struct incident_track t = {.scope = scope, .title = ""};
    const struct rule_change c = {.rule = "slo:x:page-1h", .shows = SHOWS_FAILURES, .since_ms = o->w->t_ms, .onset_ms = o->w->t_ms - STEP};
    OK(analyse_place(o->w->an, &t, &c, o->w->t_ms, &al, &ctx));
    return al;
}

/* What is read to place an alert is not kept: of all that a step's alerts read there would be no room. */
START_TEST(placing_takes_no_memory_of_the_step)
{
    struct outage o;
    outage_init(&o);
    (void)place(&o, "model=m3");
    const size_t before = o.w->an->scratch.used;
    for (int i = 4; i < 8; i++) {
        char scope[16];
        snprintf(scope, sizeof scope, "model=m%d", i);
        (void)place(&o, scope);
    }
    const size_t each = (o.w->an->scratch.used - before) / 4;
    ck_assert_msg(each < 16384, "%zu bytes an alert, with %d items that wait", each, ITEMS);
    outage_fini(&o);
}
END_TEST

/* What waits is counted in the groups that are asked for, with what is stored of them. */
START_TEST(what_waits_is_added_to_what_is_stored)
{
    struct errctx ctx = {.text = ""};
    struct outage o;
    outage_init(&o);
    for (int stored = 0; stored < 2; stored++) {
        struct store_query q = {
            .signal = SIG_REQUESTS, .group_by = DIM_BIT(DIM_CLASS), .t0_ms = o.w->t_ms - 300000, .step_ms = 300000, .columns = 1};
        struct store_result r;
        struct arena a;
        arena_init(&a, 8 << 20);
        OK(analyse_table(o.w->an, &q, &a, &r, &ctx));
        ck_assert_uint_eq(r.count, CLASSES);
        for (size_t i = 0; i < r.count; i++) {
            ck_assert_int_eq(r.groups[i].cells[0].sum, (stored + 1) * 10 * MODELS * TEAMS);
            ck_assert_uint_eq(r.groups[i].cells[0].n, (unsigned)(stored + 1) * MODELS * TEAMS);
        }
        arena_fini(&a);
        OK(store_append(o.w->st, &o.batch, 1, &ctx)); /* and the next poll waits, as this one did */
        o.w->t_ms += STEP;
        o.batch.t0_ms += STEP;
        o.batch.t1_ms += STEP;
    }
    outage_fini(&o);
}
END_TEST

/* An alert of all traffic where every model fails alike: looked at as often as a page of an outage is, within the time of a test. */
START_TEST(all_that_fails_alike_is_at_the_gateway)
{
    struct outage o;
    outage_init(&o);
    for (int i = 0; i < 20; i++) {
        const struct grouping_alert al = place(&o, i % 2 ? "" : "model=m3");
        ck_assert_uint_ne(al.component, GROUPING_NO_COMPONENT);
        ck_assert_int_eq(topology_at(o.w->an->topology, al.component)->kind, COMPONENT_GATEWAY);
        ck_assert_uint_eq(al.dim[DIM_MODEL], 0);
    }
    outage_fini(&o);
}
END_TEST

/* What was read for one alert is of the others of its step, and of no other step. */
START_TEST(what_was_read_is_of_its_step)
{
    struct errctx ctx = {.text = ""};
    struct outage o;
    uint32_t m7;
    size_t n = 0;
    outage_init(&o);
    ck_assert_uint_eq(place(&o, "").dim[DIM_MODEL], 0);
    for (int i = 0; i < ITEMS; i++) /* the same end of a poll, and one model alone fails */
        if (i / 2 % CLASSES == 0 || i / 2 / CLASSES % MODELS == 7)
            o.items[n++] = o.items[i];
    o.batch.count = n;
    ck_assert_uint_eq(place(&o, "").dim[DIM_MODEL], 0);
    OK(analyser_tick(o.w->an, o.w->t_ms, &ctx));
    ck_assert(intern_find(store_strings(o.w->st), str_of("m7"), &m7));
    ck_assert_uint_eq(place(&o, "").dim[DIM_MODEL], m7);
    outage_fini(&o);
}
END_TEST

/* Groups beyond what a table may have: the alert is of its scope then, and is not lost. */
START_TEST(too_much_to_tell_by_leaves_the_scope)
{
    struct errctx ctx = {.text = ""};
    struct outage o;
    struct store_item *more;
    char key[16];
    uint32_t m3 = 0;
    outage_init(&o);
    more = calloc(GROUPS + 1, sizeof *more);
    ck_assert_ptr_nonnull(more);
    for (int i = 0; i < GROUPS; i++) { /* each of a team of its own */
        snprintf(key, sizeof key, "x%d", i);
        more[i].series = world_series(o.w, 0, SIG_REQUESTS, (struct labels){.model = "m3", .team = key, .class = "5xx"}, NULL);
        more[i].v.increment = 1;
    }
    more[GROUPS].series = world_series(o.w, 0, SIG_REQUESTS, (struct labels){.model = "m4", .class = "ok"}, NULL);
    more[GROUPS].v.increment = GROUPS;
    OK(store_commit(o.w->st, &ctx));
    o.batch.items = more;
    o.batch.count = GROUPS + 1;
    const struct grouping_alert al = place(&o, "model=m3");
    ck_assert(intern_find(store_strings(o.w->st), str_of("m3"), &m3));
    ck_assert_uint_eq(al.dim[DIM_MODEL], m3);
    outage_fini(&o);
    free(more);
}
END_TEST

Suite *suite_analyse_place(void);
Suite *suite_analyse_place(void)
{
    Suite *s = suite_create("analyse_place");
    TCase *t = tcase_create("outage");
    tcase_add_test(t, placing_takes_no_memory_of_the_step);
    tcase_add_test(t, what_waits_is_added_to_what_is_stored);
    tcase_add_test(t, all_that_fails_alike_is_at_the_gateway);
    tcase_add_test(t, what_was_read_is_of_its_step);
    tcase_add_test(t, too_much_to_tell_by_leaves_the_scope);
    suite_add_tcase(s, t);
    return s;
}
