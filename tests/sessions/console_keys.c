/* SPDX-License-Identifier: MIT */
/* The console driven by keys: each does what it is said to do, however fast they come. */
#include "base/timefmt.h"
#include "sessions/console_world.h"
#include "ui/draw/numfmt.h"

static int64_t cursor_of(const struct world *w)
{
    return w->c->cursor_ms;
}

START_TEST(opens_on_the_overview_and_shows_every_pane)
{
    static const char *const title[] = {"1 Overview", "by model",     "ttft",        "Tokens",
                                        "detectable", "gpt-x errors", "deployed v2", "recorder and store"};
    struct world w;
    world_open(&w);
    ck_assert_uint_eq(w.c->term->shown, 2); /* before the store was opened, and after */
    assert_shows(&w, "PAGE");
    for (int p = 0; p < PANE_COUNT; p++) {
        char key[2] = {(char)('1' + p), '\0'};
        world_type(&w, key);
        ck_assert_int_eq(w.c->pane, p);
        ck_assert_msg(w.c->load_error[0] == '\0', "%s", w.c->load_error);
    }
    for (int p = 0; p < PANE_COUNT; p++) {
        world_type(&w, "\t");
        ck_assert_int_eq(w.c->pane, p);
        if (p == PANE_TRAFFIC || p == PANE_INCIDENTS || p == PANE_EVENTS || p == PANE_SOURCES)
            assert_shows(&w, title[p]);
    }
    world_press(&w, KEY_BACKTAB_);
    ck_assert_int_eq(w.c->pane, PANE_EVENTS);
    world_press(&w, KEY_RIGHT_);
    ck_assert_int_eq(w.c->pane, PANE_SOURCES);
    world_type(&w, "l");
    ck_assert_int_eq(w.c->pane, PANE_OVERVIEW);
    world_type(&w, "h");
    ck_assert_int_eq(w.c->pane, PANE_SOURCES);
    world_close(&w);
}
END_TEST

START_TEST(keys_that_come_together_mean_what_would_have_been_seen)
{
    struct world one, all;
    world_open(&one);
    for (const char *k = "2jj"; *k != '\0'; k++)
        world_type(&one, (char[]){*k, '\0'});
    char third[64];
    ck_assert(one.c->out.name != NULL && str_copy(third, sizeof third, str_of(one.c->out.name)));
    world_close(&one);

    world_open(&all);
    char wanted[96];
    world_type(&all, "2jj\r");
    ck_assert(str_format(wanted, sizeof wanted, "model=%s", third));
    ck_assert_str_eq(all.c->filter, wanted);
    assert_shows(&all, wanted);
    world_close(&all);
}
END_TEST

START_TEST(enter_filters_and_escape_leaves_one_thing_after_another)
{
    struct world w;
    world_open(&w);
    world_type(&w, "2\r");
    ck_assert_str_eq(w.c->filter, "model=gpt-x");
    world_type(&w, ",z/gpt\r");
    ck_assert(w.c->zoom && w.c->search[0] != '\0' && cursor_of(&w) != 0);
    world_type(&w, "\033");
    ck_assert(!w.c->zoom && w.c->search[0] != '\0');
    world_type(&w, "\033");
    ck_assert(w.c->search[0] == '\0' && w.c->filter[0] != '\0');
    world_type(&w, "\033");
    ck_assert(w.c->filter[0] == '\0' && cursor_of(&w) != 0);
    world_type(&w, "\033");
    ck_assert_int_eq(cursor_of(&w), 0);
    world_close(&w);
}
END_TEST

START_TEST(enter_goes_deeper_and_escape_comes_back)
{
    struct world w;
    world_open(&w);
    world_type(&w, "3\r");
    ck_assert_str_eq(w.c->filter, "model=gpt-x");
    ck_assert_int_eq(w.c->ps[PANE_LATENCY].group, DIM_PROVIDER);
    world_type(&w, ":group team\r\r");
    ck_assert_str_eq(w.c->filter, "model=gpt-x team=search"); /* what was said stays said */
    ck_assert_int_eq(w.c->ps[PANE_LATENCY].group, DIM_PROVIDER);
    world_type(&w, ":group model\r\r");
    ck_assert_str_eq(w.c->filter, "team=search model=gpt-x");
    world_type(&w, "\033");
    ck_assert_str_eq(w.c->filter, "team=search");
    ck_assert_int_eq(w.c->ps[PANE_LATENCY].group, DIM_MODEL);
    world_type(&w, "\033");
    ck_assert_str_eq(w.c->filter, "");
    ck_assert_int_eq(w.c->ps[PANE_LATENCY].group, DIM_TEAM);
    world_close(&w);
}
END_TEST

START_TEST(a_cell_of_the_heatmap_is_read_out)
{
    struct world w;
    world_open(&w);
    world_type(&w, "1c");
    ck_assert_int_eq(w.c->pane, PANE_LATENCY);
    assert_shows(&w, "15:59:00 to 16:00:00Z, 2-5 s"); /* the newest column's p95 */
    assert_shows(&w, "40 of 180 in this column (22%); buckets (1,5] s");
    assert_shows(&w, "gpt-x 40 (100%), 30.8% of all requests to gpt-x fail");
    world_type(&w, "jjj");
    assert_shows(&w, "15:59:00 to 16:00:00Z, 0.5-1 s");
    assert_shows(&w, "140 of 180");
    world_type(&w, "hhhhhhhhhhhh"); /* however fast they come: twelve columns, before it became slow */
    assert_shows(&w, "15:47:00 to 15:48:00Z, 0.5-1 s");
    assert_shows(&w, "180 of 180");
    world_type(&w, "k");
    assert_shows(&w, "no request in it");
    world_type(&w, "jll");
    assert_shows(&w, "15:49:00 to 15:50:00Z");
    int64_t at = w.c->view.latency.cell.t1_ms;
    clock_manual_advance(&w.f.manual, fixture_step_ms);
    world_poll(&w, true, w.end_ms + fixture_step_ms); /* a new column: the cell stays with its time */
    clock_manual_advance(&w.f.manual, 20000);
    ck_assert(console_turn(w.c));
    ck_assert_int_eq(w.c->frame.axis.t0_ms + (int64_t)w.c->frame.axis.columns * w.c->frame.axis.step_ms, w.end_ms + fixture_step_ms);
    ck_assert_int_eq(w.c->view.latency.cell.t1_ms, at);
    world_type(&w, "Gkk\r"); /* where gpt-x stands first */
    ck_assert_str_eq(w.c->filter, "model=gpt-x");
    ck_assert(console_cell_is_on(w.c));
    world_type(&w, "\033");
    ck_assert(!console_cell_is_on(w.c) && w.c->filter[0] != '\0');
    assert_hides(&w, "in this column");
    world_type(&w, "cq");
    ck_assert(!console_cell_is_on(w.c));
    world_type(&w, "/model=nobody\rc");
    assert_hides(&w, "in this column"); /* nothing to point at */
    world_close(&w);
}
END_TEST

START_TEST(what_differs_is_a_list_that_filters)
{
    struct world w;
    world_open(&w);
    world_type(&w, "w");
    assert_shows(&w, "what differs, 15:51 to 16:00Z from the hour before 15:51:00Z");
    assert_shows(&w, "of change");
    ck_assert_uint_gt(w.c->differs.row_count, 0);
    world_type(&w, "\r");
    ck_assert_int_eq(w.c->popup, POPUP_NONE);
    ck_assert_str_eq(w.c->filter, w.c->differs.rows[0].what);
    assert_shows(&w, w.c->filter);
    world_type(&w, "\033w\033");
    ck_assert_int_eq(w.c->popup, POPUP_NONE);
    ck_assert_str_eq(w.c->filter, "");
    world_close(&w);
}
END_TEST

/* What is handed over is a list that stands over the pane; Enter goes to what a row is about, and a key takes an incident over. */
START_TEST(a_shift_is_a_list_that_goes_there)
{
    struct world w;
    struct store_act *acts;
    size_t n;
    world_open(&w);
    world_type(&w, ":shift\r");
    assert_shows(&w, "shift of 12h: 1 incident is open, 1 without a next step");
    assert_shows(&w, "Open incidents");
    assert_shows(&w, "WRITTEN");
    ck_assert_int_eq(w.c->shift_incident[w.c->popup_selected], w.incident);
    world_type(&w, "a"); /* taken over, here by an act that waits */
    ck_assert_int_eq(w.c->popup, POPUP_SHIFT);
    ck_assert_int_eq(store_acts(w.f.st, INT64_MAX, &w.f.arena, &acts, &n, NULL), ERR_OK);
    ck_assert_uint_eq(n, 1);
    ck_assert_str_eq(acts[0].verb, "assign");
    ck_assert_str_eq(acts[0].text, acts[0].author);
    assert_hides(&w, "nobody;");
    world_type(&w, "j\r"); /* the newest change that bakes */
    ck_assert_int_eq(w.c->popup, POPUP_NONE);
    ck_assert_int_eq(w.c->cursor_ms, w.end_ms - event_before_ms[1]);
    world_type(&w, "0:shift 1h\r");
    assert_shows(&w, "shift of 1h: ");
    world_type(&w, "\r");
    ck_assert_int_eq(w.c->pane, PANE_INCIDENTS);
    ck_assert_int_eq(w.c->ps[PANE_INCIDENTS].opened, w.incident);
    ck_assert_int_eq(w.c->cursor_ms, w.end_ms - 8 * 60000); /* when it opened */
    world_type(&w, ":shift tomorrow\r");
    assert_shows(&w, "shift: expected a duration like 12h, at most 31d, got 'tomorrow'");
    world_close(&w);
}
END_TEST

/* What is said of a part of a page is said of the page, and never puts it off. */
START_TEST(a_part_of_a_page_is_not_put_off)
{
    struct world w;
    struct store_act *acts;
    size_t n;
    char line[160];
    world_open(&w);
    struct incident part = {.title = "b slow", .scope = "model=b", .severity = SEV_TICKET, .state = INCIDENT_RESOLVED, .owner = ""};
    part.onset_ms = part.opened_ms = w.end_ms - 5 * 60000;
    part.resolved_ms = part.known_ms = w.end_ms - 4 * 60000;
    part.parent = w.incident;
    ck_assert_int_eq(store_put_incident(w.f.st, &part, &part.id, NULL), ERR_OK);
    ck_assert_int_eq(store_commit(w.f.st, NULL), ERR_OK);
    world_type(&w, "6");
    console_open_incident(w.c, part.id);
    world_type(&w, ":snooze 1h x\r");
    ck_assert(str_format(line, sizeof line, "snooze: #%lld is told under #%lld, and this", (long long)part.id, (long long)w.incident));
    assert_shows(&w, line);
    world_type(&w, ":assign bea\r");
    ck_assert(str_format(line, sizeof line, "#%lld is told under #%lld, which is assigned; ", (long long)part.id, (long long)w.incident));
    assert_shows(&w, line);
    ck_assert_int_eq(store_acts(w.f.st, INT64_MAX, &w.f.arena, &acts, &n, NULL), ERR_OK);
    ck_assert_uint_eq(n, 1);
    ck_assert_str_eq(acts[0].text, "bea");
    ck_assert_int_eq(acts[0].incident, w.incident);
    world_close(&w);
}
END_TEST

/* A baseline of which nothing is recorded says why, and the next one is a key away. */
START_TEST(what_differs_has_a_choice_of_baselines)
{
    struct world w;
    world_open(&w);
    world_type(&w, "w");
    assert_shows(&w, "b baseline: incident");
    world_type(&w, "b");
    assert_shows(&w, "b baseline: before");
    assert_shows(&w, "from the time before 15:51Z");
    ck_assert_uint_gt(w.c->differs.row_count, 0);
    world_type(&w, "b");
    assert_shows(&w, "from the same time yesterday");
    assert_shows(&w, "nothing is recorded of the same time yesterday: the recording begins");
    world_type(&w, "jkG\r"); /* no row to go to, nor to filter by */
    ck_assert_int_eq(w.c->popup, POPUP_NONE);
    ck_assert_str_eq(w.c->filter, "");
    world_type(&w, ":differs last-week\r");
    assert_shows(&w, "nothing is recorded of the same time last week");
    world_type(&w, "b");
    assert_shows(&w, "from the hour before 15:51:00Z");
    world_type(&w, "\033:differs tomorrow\r");
    assert_shows(&w, "differs: expected before, yesterday, last-week or incident, got 'tomorrow'");
    world_close(&w);
}
END_TEST

/* While a cell is read out, what differs is asked of its column. */
START_TEST(what_differs_is_of_the_heatmaps_column)
{
    struct world w;
    char title[128], from[TIMEFMT_MAX], to[TIMEFMT_MAX];
    world_open(&w);
    world_type(&w, "3chhw");
    const struct vcell *cell = &w.c->view.latency.cell;
    ck_assert(cell->on);
    ck_assert_int_eq(w.c->differs.ask.t0_ms, cell->t0_ms);
    ck_assert_int_eq(w.c->differs.ask.t1_ms, cell->t1_ms);
    instant_format_clock(cell->t0_ms, from);
    instant_format_clock(cell->t1_ms, to);
    ck_assert(str_format(title, sizeof title, "what differs, %.5s to %.5sZ from", from, to));
    assert_shows(&w, title);
    world_type(&w, "bb");
    ck_assert_int_eq(w.c->differs.ask.t1_ms, cell->t1_ms); /* another baseline is of the same window */
    world_type(&w, "\033\033w");
    ck_assert(!console_cell_is_on(w.c));
    ck_assert_int_eq(w.c->differs.ask.t1_ms, w.end_ms); /* and without the cell it is the time cursor's */
    world_close(&w);
}
END_TEST

/* What the heatmap shows, the numbers beside it are of. */
START_TEST(a_signal_that_is_measured_is_reported)
{
    struct world w;
    world_open(&w);
    world_type(&w, "3:signal stage_latency\r");
    assert_shows(&w, "not reported here"); /* nobody does in this world */
    ck_assert_uint_eq(w.c->view.latency.table_count, 1);
    assert_shows(&w, "stage_latency by stage");
    world_type(&w, ":signal ttft\r");
    assert_shows(&w, "ttft by model");
    world_close(&w);
}
END_TEST

/* The table of latencies by whatever there is: by command and by key, sorted by each column, and into each row. */
START_TEST(the_latency_table_goes_by_every_dimension)
{
    static const enum dim dims[] = {DIM_MODEL, DIM_PROVIDER, DIM_DEPLOYMENT, DIM_REGION, DIM_ROUTE, DIM_TEAM};
    static const char *const sorts[] = {"p50", "n", "p95", "p99", "mean", "ratio", "rate"};
    struct world w;
    char text[64];
    world_open(&w);
    for (size_t d = 0; d < sizeof dims / sizeof *dims; d++) {
        str_format(text, sizeof text, "3:by %s\r", dim_name(dims[d]));
        world_type(&w, text);
        str_format(text, sizeof text, "ttft by %s", dim_name(dims[d]));
        assert_shows(&w, text);
        for (int i = 0; i < 7; i++) { /* d goes round all seven */
            world_type(&w, "d");
            if (w.c->ps[PANE_LATENCY].group == dims[d])
                break;
        }
        ck_assert_int_eq(w.c->ps[PANE_LATENCY].group, dims[d]);
        for (size_t s = 0; s < sizeof sorts / sizeof *sorts; s++) {
            str_format(text, sizeof text, ":sort -%s\r", sorts[s]);
            world_type(&w, text);
            ck_assert_int_eq(w.c->ps[PANE_LATENCY].sort, (int)s + 1);
        }
        world_type(&w, "g");
        const struct vlatency_row *row = &w.c->view.latency.table[0];
        if (row->is_total || row->name[0] == '(')
            continue; /* nobody tells it by that here */
        str_format(text, sizeof text, "%s=%s", dim_name(dims[d]), row->name);
        world_type(&w, "\r");
        ck_assert_str_eq(w.c->filter, text);
        ck_assert_int_ne(w.c->ps[PANE_LATENCY].group, dims[d]);
        world_type(&w, "\033");
        ck_assert_str_eq(w.c->filter, "");
        ck_assert_int_eq(w.c->ps[PANE_LATENCY].group, dims[d]); /* and back to where it came from */
    }
    world_close(&w);
}
END_TEST

/* The box has the very numbers of the report, of the same time and filter. */
START_TEST(what_if_is_asked_in_the_pane)
{
    struct world w;
    struct view_whatif v;
    struct arena a;
    char price[64];
    const struct view_whatif_ask ask = {.from = "gpt-x", .to = "c-s", .share = 0.3};
    world_record(&w);
    world_config(&w, "gateway: test\n");
    for (int m = 0; m < 2; m++) { /* the last poll, with tokens and spend */
        const char *model = m == 0 ? "gpt-x" : "c-s";
        fixture_increment(&w.f, fixture_series(&w.f, SIG_TOKENS_INPUT, 0, model, "search", "k1", "", ""), 100000);
        fixture_increment(&w.f, fixture_series(&w.f, SIG_COST, 0, model, "search", "k1", "", ""),
                          m == 0 ? INT64_C(8000000000) : 1000000000);
        fixture_increment(&w.f, fixture_series(&w.f, SIG_REQUESTS, 0, model, "search", "k1", "ok", ""), 10);
    }
    w.end_ms += fixture_step_ms;
    fixture_append(&w.f, w.end_ms);
    struct errctx ctx = {.text = ""};
    ck_assert_int_eq(world_start(&w, &ctx), ERR_OK);
    world_type(&w, "4:whatif gpt-x c-s 30%\r");
    ck_assert_int_eq(w.c->popup, POPUP_TEXT);
    arena_init(&a, 64 << 20);
    struct view_loader l = {.st = w.c->st, .cfg = &w.c->cfg, .arena = &a, .scratch = &a};
    struct view_params p = console_params(w.c);
    ck_assert_int_eq(view_load_whatif(&l, &p, &ask, &v, NULL), ERR_OK);
    ck_assert_ptr_nonnull(strstr(w.c->popup_text.data, v.sentence));
    ck_assert_double_lt(v.delta_per_h, 0);
    ck_assert_double_eq_tol(v.then_per_h, v.now_per_h + v.delta_per_h, 1e-9);
    numfmt_usd(v.then_per_h, price);
    assert_shows(&w, price);
    assert_shows(&w, "ttft p95");
    assert_shows(&w, "as good as n");
    assert_shows(&w, "assumes");
    world_type(&w, "\033:whatif c-s cache 50%\r");
    assert_shows(&w, "50% of the prompts of c-s cached");
    world_type(&w, "\033:whatif gpt-y c-s 30%\r");
    assert_shows(&w, "did you mean model=gpt-x?");
    world_type(&w, ":whatif gpt-x\r");
    assert_shows(&w, "expected MODEL MODEL 30%, or MODEL cache 50%");
    world_type(&w, ":whatif gpt-x c-s 130%\r");
    assert_shows(&w, "expected a percentage up to 100%");
    arena_fini(&a);
    world_close(&w);
}
END_TEST

START_TEST(time_moves_by_columns_windows_and_words)
{
    struct world w;
    world_open(&w);
    int64_t step = w.c->frame.axis.step_ms;
    world_type(&w, ",");
    ck_assert_int_eq(cursor_of(&w), w.end_ms - step);
    assert_shows(&w, " AT ");
    world_type(&w, "[");
    ck_assert_int_eq(cursor_of(&w), w.end_ms - 2 * step);
    world_type(&w, ".");
    ck_assert_int_eq(cursor_of(&w), w.end_ms - step);
    world_type(&w, "]");
    ck_assert_int_eq(cursor_of(&w), 0);
    assert_hides(&w, " AT ");
    world_type(&w, "{");
    ck_assert_int_eq(cursor_of(&w), w.end_ms - 3600000);
    world_type(&w, "},");
    ck_assert_int_eq(cursor_of(&w), w.end_ms - step);
    world_type(&w, "0");
    ck_assert_int_eq(cursor_of(&w), 0);
    world_type(&w, "t30m ago\r");
    ck_assert_int_eq(cursor_of(&w), w.end_ms - 1800000);
    world_type(&w, ":at 20m ago\r");
    ck_assert_int_eq(cursor_of(&w), w.end_ms - 1200000);
    world_type(&w, "tteatime\r");
    ck_assert_int_eq(cursor_of(&w), w.end_ms - 1200000);
    assert_shows(&w, "teatime");
    world_type(&w, "0");
    assert_hides(&w, "teatime");
    world_close(&w);
}
END_TEST

START_TEST(the_axis_grows_and_shrinks_and_says_its_ends)
{
    struct world w;
    world_open(&w);
    world_type(&w, "-");
    ck_assert_int_eq(w.c->window_ms, 3 * 3600000);
    world_type(&w, "++");
    ck_assert_int_eq(w.c->window_ms, 1800000);
    world_type(&w, "+++++");
    ck_assert_int_eq(w.c->window_ms, 300000);
    assert_shows(&w, "shortest");
    world_type(&w, ":window 90m\r");
    ck_assert_int_eq(w.c->window_ms, 5400000);
    world_type(&w, "-");
    ck_assert_int_eq(w.c->window_ms, 3 * 3600000);
    world_type(&w, ":window 90m\r=");
    ck_assert_int_eq(w.c->window_ms, 3600000);
    world_type(&w, ":window 3\r");
    ck_assert_int_eq(w.c->window_ms, 3600000);
    assert_shows(&w, "expected a duration");
    world_close(&w);
}
END_TEST

START_TEST(events_are_reached_in_both_directions)
{
    struct world w;
    world_open(&w);
    for (int i = EVENTS - 1; i >= 0; i--) {
        world_type(&w, "E");
        ck_assert_int_eq(cursor_of(&w), w.end_ms - event_before_ms[i]);
    }
    assert_shows(&w, "deployed v2");
    world_type(&w, "E");
    assert_shows(&w, "no event before");
    for (int i = 1; i < EVENTS; i++) {
        world_type(&w, "e");
        ck_assert_int_eq(cursor_of(&w), w.end_ms - event_before_ms[i]);
    }
    world_type(&w, "e");
    assert_shows(&w, "no event after");
    world_close(&w);
}
END_TEST

START_TEST(an_event_row_moves_the_cursor)
{
    struct world w;
    world_open(&w);
    world_type(&w, "7j\r");
    ck_assert_int_eq(cursor_of(&w), w.end_ms - event_before_ms[1]);
    world_close(&w);
}
END_TEST

/* A second incident, over an hour ago, and a word in each one's timeline. */
static void two_incidents(struct world *w)
{
    static const char *const story[] = {
        "the newer story", "an older story, told at such a length that it takes more than the one line of a list in half a screen"};
    int64_t before_ms[] = {9 * 60000, 70 * 60000}, id[] = {w->incident, 0};
    struct incident old = {.title = "c-l errors",
                           .scope = "model=c-l",
                           .severity = SEV_TICKET,
                           .state = INCIDENT_RESOLVED,
                           .onset_ms = w->end_ms - before_ms[1],
                           .opened_ms = w->end_ms - before_ms[1],
                           .resolved_ms = w->end_ms - 3600000,
                           .known_ms = w->end_ms - 3600000,
                           .owner = ""};
    ck_assert_int_eq(store_put_incident(w->f.st, &old, &id[1], NULL), ERR_OK);
    for (int i = 0; i < 2; i++) {
        for (int k = 0; k < 2; k++) {
            char key[16];
            struct timeline_entry e = {.incident = id[i],
                                       .at_ms = w->end_ms - before_ms[i] + k * 60000,
                                       .known_ms = w->end_ms - before_ms[i] + k * 60000,
                                       .letter = 'E',
                                       .text = story[i],
                                       .source = "gw"};
            ck_assert(str_format(key, sizeof key, "entry-%d-%d", i, k));
            ck_assert_int_eq(store_put_timeline(w->f.st, key, &e, NULL), ERR_OK);
        }
    }
    ck_assert_int_eq(store_commit(w->f.st, NULL), ERR_OK);
}

START_TEST(the_detail_of_an_incident_goes_with_the_selection)
{
    struct world w;
    struct errctx ctx = {.text = ""};
    world_record(&w);
    two_incidents(&w);
    ck_assert_msg(world_start(&w, &ctx) == ERR_OK, "%s", ctx.text);
    world_type(&w, "6");
    const struct view_incidents *v = &w.c->view.incidents;
    int newer = v->list[0].in.id == w.incident ? 0 : 1;
    world_type(&w, newer == 0 ? "g" : "G");
    assert_shows(&w, "the newer story");
    assert_hides(&w, "an older story");
    world_type(&w, newer == 0 ? "j" : "k");
    assert_shows(&w, "an older story");
    assert_hides(&w, "the newer story");
    int64_t older = v->list[1 - newer].in.id;
    world_type(&w, "\r");
    ck_assert_int_eq(w.c->ps[PANE_INCIDENTS].opened, older);
    assert_shows(&w, "Enter moves the cursor");
    assert_hides(&w, "Enter opens one");
    w.c->term->click_x = w.c->out.list.x; /* the second line of the first entry is not the second entry */
    w.c->term->click_y = w.c->out.list.y + 1;
    world_press(&w, KEY_CLICK_);
    ck_assert_int_eq(w.c->ps[PANE_INCIDENTS].selected, 0);
    w.c->term->click_y = w.c->out.list.y + w.c->out.lines[0];
    world_press(&w, KEY_CLICK_);
    ck_assert_int_eq(w.c->ps[PANE_INCIDENTS].selected, 1);
    world_type(&w, "\033");
    ck_assert_int_eq(w.c->ps[PANE_INCIDENTS].selected, 1 - newer); /* where it was left */
    assert_shows(&w, "an older story");
    fake_size(w.c->term, 80, 24);
    ck_assert(console_turn(w.c));
    clock_manual_advance(&w.f.manual, 1000);
    ck_assert(console_turn(w.c));
    assert_shows(&w, "c-l errors");
    assert_hides(&w, "an older story");
    world_close(&w);
}
END_TEST

START_TEST(marks_are_kept_and_found)
{
    struct world w;
    world_open(&w);
    world_type(&w, ",,mx0");
    int64_t step = w.c->frame.axis.step_ms;
    ck_assert_int_eq(w.c->mark['x' - 'a'], w.end_ms - 2 * step);
    world_type(&w, "'x");
    ck_assert_int_eq(cursor_of(&w), w.end_ms - 2 * step);
    world_type(&w, "'y");
    assert_shows(&w, "mark y is not set");
    world_type(&w, "m7");
    assert_shows(&w, "a to z");
    world_close(&w);
}
END_TEST

START_TEST(frozen_means_that_nothing_moves)
{
    struct world w;
    char header[256];
    world_open(&w);
    world_type(&w, "f");
    clock_manual_advance(&w.f.manual, 41000);
    world_poll(&w, false, w.f.manual.wall_ms);
    ck_assert(!console_load_is_due(w.c));
    ck_assert(console_turn(w.c));
    ck_assert(strstr(fake_row(w.c->term, 0, header, sizeof header), "FROZEN 41s") != NULL);
    ck_assert_int_eq(w.c->frame.cursor_ms, w.end_ms);
    world_type(&w, "f");
    ck_assert_int_eq(w.c->frame.cursor_ms, w.end_ms + 41000);
    assert_hides(&w, "FROZEN");
    world_close(&w);
}
END_TEST

START_TEST(a_word_is_searched_for_in_the_rows)
{
    struct world w;
    world_open(&w);
    world_type(&w, "2/C-\r");
    const char *first = w.c->out.name;
    ck_assert(first != NULL && first[0] == 'c');
    char one[64], two[64];
    ck_assert(str_copy(one, sizeof one, str_of(first)));
    world_type(&w, "n");
    ck_assert(str_copy(two, sizeof two, str_of(w.c->out.name)));
    ck_assert(two[0] == 'c' && strcmp(one, two) != 0);
    world_type(&w, "n");
    ck_assert_str_eq(w.c->out.name, one);
    world_type(&w, "N");
    ck_assert_str_eq(w.c->out.name, two);
    world_type(&w, "/nowhere\r");
    assert_shows(&w, "no row holds 'nowhere'");
    ck_assert_str_eq(w.c->out.name, two);
    world_type(&w, "/\r");
    ck_assert_str_eq(w.c->search, "");
    world_type(&w, "n");
    assert_shows(&w, "nothing to look for");
    world_close(&w);
}
END_TEST

START_TEST(a_wrong_filter_changes_nothing)
{
    struct world w;
    world_open(&w);
    world_type(&w, "/team=search\r");
    ck_assert_str_eq(w.c->filter, "team=search");
    world_type(&w, "/colour=red\r");
    ck_assert_str_eq(w.c->filter, "team=search");
    assert_shows(&w, "expected DIMENSION=VALUE");
    world_type(&w, ":filter\r");
    ck_assert_str_eq(w.c->filter, "");
    world_close(&w);
}
END_TEST

START_TEST(tab_completes_commands_dimensions_and_values)
{
    static const struct {
        const char *typed, *completed;
    } rows[] = {
        {":th\t", "theme "},
        {":theme da\t", "theme dark"},
        {":glyphs br\t", "glyphs braille"},
        {":group te\t", "group team"},
        {":signal tt\t", "signal ttft"},
        {":inc\t", "incidents "},
        {"/te\t", "team="},
        {"/team=sup\t", "team=support "},
        {"/model=gpt-x team=b\t", "model=gpt-x team=batch "},
        {"/team=batch,sea\t", "team=batch,search "},
        {":filter team=sup\t", "filter team=support "},
        {":whatif gpt-x c-l\t", "whatif gpt-x c-l"},
        {":whatif gp\t", "whatif gpt-x"},
        {":whatif gpt-x c-s ca\t", "whatif gpt-x c-s ca"},
        {":zzz\t", "zzz"},
    };
    struct world w;
    world_open(&w);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        world_type(&w, rows[i].typed);
        ck_assert_str_eq(w.c->prompt.text, rows[i].completed);
        world_type(&w, "\033");
    }
    world_type(&w, "/team=s\t");
    assert_shows(&w, "search  support");
    world_close(&w);
}
END_TEST

START_TEST(commands_do_what_they_say)
{
    struct world w;
    world_open(&w);
    world_type(&w, ":cost\r");
    ck_assert_int_eq(w.c->pane, PANE_COST);
    world_type(&w, ":group key\r");
    ck_assert_int_eq(w.c->ps[PANE_COST].group, DIM_KEY);
    world_type(&w, "d");
    ck_assert_int_eq(w.c->ps[PANE_COST].group, DIM_ROUTE);
    world_type(&w, ":sort cost\r");
    ck_assert_int_eq(w.c->ps[PANE_COST].sort, -3); /* largest first */
    world_type(&w, ":sort -cost\r");
    ck_assert_int_eq(w.c->ps[PANE_COST].sort, 3);
    world_type(&w, ":sort nothing\r");
    assert_shows(&w, "cannot be sorted by 'nothing'");
    world_type(&w, ":signal e2e\r");
    ck_assert_int_eq(w.c->latency.signal, SIG_E2E);
    ck_assert_int_eq(w.c->pane, PANE_LATENCY);
    world_type(&w, ":glyphs ascii\r");
    for (const char *p = w.c->term->screen.data; *p != '\0'; p++)
        ck_assert_int_lt((unsigned char)*p, 0x7f);
    world_type(&w, ":theme mono\r");
    ck_assert(!w.c->hue);
    world_type(&w, ":theme dark\r");
    ck_assert(w.c->hue);
    world_type(&w, ":theme plaid\r");
    assert_shows(&w, "there is no theme 'plaid'");
    world_type(&w, ":frobnicate\r");
    assert_shows(&w, "there is no command 'frobnicate'");
    world_type(&w, "1ds");
    assert_shows(&w, "this pane has one order");
    fake_type(w.c->term, ":quit\r");
    ck_assert(!console_turn(w.c));
    world_close(&w);
}
END_TEST

START_TEST(the_mouse_selects_what_it_points_at)
{
    struct world w;
    world_open(&w);
    world_type(&w, "2");
    w.c->term->click_x = w.c->out.list.x;
    w.c->term->click_y = w.c->out.list.y + 1;
    world_press(&w, KEY_CLICK_);
    ck_assert_int_eq(w.c->ps[PANE_TRAFFIC].selected, 1);
    world_press(&w, KEY_WHEEL_UP_);
    ck_assert_int_eq(w.c->ps[PANE_TRAFFIC].selected, 0);
    w.c->term->click_y = 0;
    world_press(&w, KEY_CLICK_);
    ck_assert_int_eq(w.c->ps[PANE_TRAFFIC].selected, 0);
    world_press(&w, KEY_F2_);
    ck_assert(w.c->term->mouse);
    world_close(&w);
}
END_TEST

/* Whatever is typed, in whatever order: it goes on, and the screen stays whole. */
START_TEST(any_keys_at_all)
{
    struct world w;
    uint32_t state = 20261124;
    world_open(&w);
    for (int i = 0; i < 3000; i++) {
        static const uint32_t named[] = {KEY_UP_,  KEY_DOWN_,   KEY_LEFT_,    KEY_RIGHT_,     KEY_PGUP_,  KEY_PGDN_, KEY_HOME_,
                                         KEY_END_, KEY_DELETE_, KEY_BACKTAB_, KEY_BACKSPACE_, KEY_ENTER_, KEY_ESC_,  KEY_TAB_,
                                         KEY_F1_,  KEY_F2_,     0xE9,         0x3042,         0x301};
        state = state * 1664525u + 1013904223u;
        uint32_t pick = state >> 16, key = pick % 4 != 0 ? 0x20 + pick / 4 % 95 : named[pick / 4 % (sizeof named / sizeof *named)];
        if (key == 'q' || key == KEY_F2_)
            continue;
        fake_press(w.c->term, key);
        if (w.c->term->key_count == FAKE_KEYS_MAX - 1)
            w.c->term->key_count = w.c->term->key_at = 0;
        if (i % 7 == 0 && !console_turn(w.c))
            break; /* ":quit" is a word like any other */
        clock_manual_advance(&w.f.manual, 20);
    }
    ck_assert_int_eq(w.c->cv.cols, 120);
    world_close(&w);
}
END_TEST

Suite *suite_console_keys(void);

Suite *suite_console_keys(void)
{
    Suite *s = suite_create("console_keys");
    TCase *tc = tcase_create("keys");
    tcase_add_test(tc, opens_on_the_overview_and_shows_every_pane);
    tcase_add_test(tc, keys_that_come_together_mean_what_would_have_been_seen);
    tcase_add_test(tc, enter_filters_and_escape_leaves_one_thing_after_another);
    tcase_add_test(tc, enter_goes_deeper_and_escape_comes_back);
    tcase_add_test(tc, a_cell_of_the_heatmap_is_read_out);
    tcase_add_test(tc, what_differs_is_a_list_that_filters);
    tcase_add_test(tc, a_shift_is_a_list_that_goes_there);
    tcase_add_test(tc, a_part_of_a_page_is_not_put_off);
    tcase_add_test(tc, what_differs_has_a_choice_of_baselines);
    tcase_add_test(tc, a_signal_that_is_measured_is_reported);
    tcase_add_test(tc, the_latency_table_goes_by_every_dimension);
    tcase_add_test(tc, what_differs_is_of_the_heatmaps_column);
    tcase_add_test(tc, what_if_is_asked_in_the_pane);
    tcase_add_test(tc, time_moves_by_columns_windows_and_words);
    tcase_add_test(tc, the_axis_grows_and_shrinks_and_says_its_ends);
    tcase_add_test(tc, events_are_reached_in_both_directions);
    tcase_add_test(tc, an_event_row_moves_the_cursor);
    tcase_add_test(tc, the_detail_of_an_incident_goes_with_the_selection);
    tcase_add_test(tc, marks_are_kept_and_found);
    tcase_add_test(tc, frozen_means_that_nothing_moves);
    tcase_add_test(tc, a_word_is_searched_for_in_the_rows);
    tcase_add_test(tc, a_wrong_filter_changes_nothing);
    tcase_add_test(tc, tab_completes_commands_dimensions_and_values);
    tcase_add_test(tc, commands_do_what_they_say);
    tcase_add_test(tc, the_mouse_selects_what_it_points_at);
    tcase_add_test(tc, any_keys_at_all);
    suite_add_tcase(s, tc);
    return s;
}
