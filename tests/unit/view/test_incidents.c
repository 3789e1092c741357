/* SPDX-License-Identifier: MIT */
/* Which alerts an incident shows, what became one with it, which components it points at, and what it was like before. */
#include <string.h>

#include "fixture.h"
#include "view/vcomponents.h"
#include "view/vsuspects.h"

/* ---- membership ---- */

static int64_t put(struct fixture *f, int64_t id, int64_t parent, const char *title, const char *scope, int64_t onset_ms, int64_t known_ms)
{
    const struct incident in = {.id = id,
                                .title = title,
                                .scope = scope,
                                .severity = SEV_PAGE,
                                .state = parent != 0 ? INCIDENT_RESOLVED : INCIDENT_OPEN,
                                .onset_ms = onset_ms,
                                .opened_ms = onset_ms,
                                .resolved_ms = parent != 0 ? known_ms : 0,
                                .known_ms = known_ms,
                                .parent = parent,
                                .owner = ""};
    int64_t ret = 0;
    ck_assert_int_eq(store_put_incident(f->st, &in, &ret, NULL), ERR_OK);
    return ret;
}

static void put_alert(struct fixture *f, const char *rule, const char *scope, int64_t since_ms, int64_t incident)
{
    const struct alert al = {.rule = rule,
                             .scope = scope,
                             .severity = SEV_PAGE,
                             .state = ALERT_FIRING,
                             .since_ms = since_ms,
                             .known_ms = since_ms,
                             .incident = incident,
                             .text = ""};
    ck_assert_int_eq(store_put_alert(f->st, &al, NULL), ERR_OK);
}

static void requests(struct fixture *f)
{
    fixture_open(f);
    for (int i = 1; i <= FIXTURE_POLLS; i++) {
        fixture_increment(f, fixture_series(f, SIG_REQUESTS, 0, "gpt-x", "search", "", "ok", ""), 100);
        fixture_append(f, fixture_start_ms + i * fixture_step_ms);
    }
}

/* The value of an impact line; the test fails without one. */
static const char *line_of(const struct view_incidents *v, const char *key)
{
    for (size_t i = 0; i < v->impact_count; i++)
        if (strncmp(v->impact[i], key, strlen(key)) == 0)
            return v->impact[i] + 16;
    ck_abort_msg("no line '%s'", key);
    return NULL;
}

/* An alert is of the incident that it says, whatever its scope; before two became one they were two. */
START_TEST(a_child_is_told_under_its_parent_from_then_on)
{
    struct fixture f;
    struct view_incidents v;
    requests(&f);
    const int64_t now = f.params.cursor_ms, merged = now - 5 * fixture_step_ms;
    const int64_t parent = put(&f, 0, 0, "a errors", "model=a", now - 20 * fixture_step_ms, now - 20 * fixture_step_ms);
    const int64_t child = put(&f, 0, 0, "b errors", "model=b", now - 10 * fixture_step_ms, now - 10 * fixture_step_ms);
    const int64_t newest = put(&f, 0, 0, "c errors", "model=c", now - 8 * fixture_step_ms, now - 8 * fixture_step_ms);
    put_alert(&f, "slo:a:page-1h", "model=a", now - 19 * fixture_step_ms, parent);
    put_alert(&f, "slo:all:page-1h", "", now - 18 * fixture_step_ms, parent);
    put_alert(&f, "slo:b:page-1h", "model=b", now - 9 * fixture_step_ms, child);
    put(&f, child, parent, "b errors", "model=b", now - 10 * fixture_step_ms, merged);
    ck_assert_int_eq(store_act_drop(f.path, "ack", child, "", merged - fixture_step_ms, NULL), ERR_OK);
    ck_assert_int_eq(store_act_drop(f.path, "next", child, "reroute", now - fixture_step_ms, NULL), ERR_OK);

    ck_assert_int_eq(view_load_incidents(&f.loader, &f.params, parent, &v, NULL), ERR_OK);
    ck_assert_uint_eq(v.count, 2);
    ck_assert_uint_eq(v.child_count, 1);
    ck_assert(v.list[0].in.id == newest && v.list[1].in.id == parent && v.list[2].in.id == child && v.list[2].in.parent == parent);
    ck_assert(v.list[0].children == 0 && v.list[1].children == 1);
    ck_assert_ptr_null(view_incident_children(&v, &v.list[0]));
    ck_assert_ptr_eq(view_incident_children(&v, v.detail), &v.list[2]);
    ck_assert_str_eq(line_of(&v, "with it"), "#2 b errors, page, since 15:50:00Z");
    ck_assert_uint_eq(v.alert_count, 3);
    ck_assert_str_eq(v.alerts[1].rule, "slo:all:page-1h");
    ck_assert_str_eq(v.alerts[2].rule, "slo:b:page-1h");
    /* what is said of it by then is said of the one that it is told under */
    ck_assert_str_eq(v.list[1].next_step, "reroute");
    ck_assert_int_eq(v.list[1].in.state, INCIDENT_OPEN);
    ck_assert_str_eq(v.list[2].next_step, "");
    ck_assert_int_eq(view_load_incidents(&f.loader, &f.params, child, &v, NULL), ERR_OK); /* by its number it is shown all the same */
    ck_assert_int_eq(v.detail->in.id, child);
    ck_assert_int_eq(view_load_incidents_row(&f.loader, &f.params, 9, &v, NULL), ERR_OK); /* the last row is no child */
    ck_assert_int_eq(v.selected, parent);

    f.params.cursor_ms = merged - 1;
    f.params.live = false;
    ck_assert_int_eq(view_load_incidents(&f.loader, &f.params, parent, &v, NULL), ERR_OK);
    ck_assert(v.count == 3 && v.child_count == 0 && v.list[0].in.id == newest && v.list[1].in.id == parent && v.list[2].in.id == child &&
              v.list[2].in.parent == 0); /* by then the child had been acknowledged */
    ck_assert_uint_eq(v.alert_count, 2);
    ck_assert_int_eq(view_load_incidents(&f.loader, &f.params, child, &v, NULL), ERR_OK);
    ck_assert_uint_eq(v.alert_count, 1);
    fixture_close(&f);
}
END_TEST

/* ---- order ---- */

static int64_t put_severe(struct fixture *f, enum severity severity, const char *scope, int64_t opened_ms, int64_t resolved_ms)
{
    const struct incident in = {.title = "x",
                                .scope = scope,
                                .severity = severity,
                                .worst = severity,
                                .state = resolved_ms != 0 ? INCIDENT_RESOLVED : INCIDENT_OPEN,
                                .onset_ms = opened_ms,
                                .opened_ms = opened_ms,
                                .resolved_ms = resolved_ms,
                                .known_ms = opened_ms,
                                .owner = ""};
    int64_t id = 0;
    ck_assert_int_eq(store_put_incident(f->st, &in, &id, NULL), ERR_OK);
    return id;
}

/* gpt-x loses 5 a minute from half an hour before the cursor on, gpt-y none. */
START_TEST(what_asks_most_for_somebody_stands_first)
{
    struct fixture f;
    struct view_incidents v;
    fixture_open(&f);
    for (int i = 1; i <= FIXTURE_POLLS; i++) {
        fixture_increment(&f, fixture_series(&f, SIG_REQUESTS, 0, "gpt-x", "search", "", "ok", ""), 100);
        fixture_increment(&f, fixture_series(&f, SIG_REQUESTS, 0, "gpt-y", "search", "", "ok", ""), 100);
        if (i > FIXTURE_POLLS - 30)
            fixture_increment(&f, fixture_series(&f, SIG_REQUESTS, 0, "gpt-x", "search", "", "5xx", ""), 5);
        fixture_append(&f, fixture_start_ms + i * fixture_step_ms);
    }
    const int64_t now = f.params.cursor_ms, step = fixture_step_ms;
    const int64_t over = put_severe(&f, SEV_PAGE, "model=gpt-x", now - 19 * step, now - 2 * step);
    const int64_t worst = put_severe(&f, SEV_PAGE, "model=gpt-x", now - 20 * step, 0);
    const int64_t taken = put_severe(&f, SEV_PAGE, "model=gpt-x", now - 25 * step, 0);
    const int64_t harmless = put_severe(&f, SEV_PAGE, "model=gpt-y", now - 10 * step, 0);
    const int64_t newer = put_severe(&f, SEV_PAGE, "model=gpt-y", now - 9 * step, 0);
    const int64_t ticket = put_severe(&f, SEV_TICKET, "model=gpt-x", now - 8 * step, 0);
    const int64_t closed = put_severe(&f, SEV_TICKET, "model=gpt-x", now - 3 * step, now - step);
    const int64_t order[] = {worst, newer, harmless, taken, ticket, closed, over};
    ck_assert_int_eq(store_act_drop(f.path, "ack", taken, "", now - step, NULL), ERR_OK);

    ck_assert_int_eq(view_load_incidents_row(&f.loader, &f.params, 0, &v, NULL), ERR_OK);
    ck_assert_uint_eq(v.count, sizeof order / sizeof *order);
    for (size_t i = 0; i < v.count; i++)
        ck_assert_msg(v.list[i].in.id == order[i], "row %zu: #%lld", i, (long long)v.list[i].in.id);
    ck_assert_int_eq(v.selected, worst); /* what is shown when nobody chose */
    fixture_close(&f);
}
END_TEST

/* ---- components ---- */

static const struct hist_bounds *bounds_of(struct fixture *f)
{
    static const double bounds[] = {0.2, 1, 4, 20};
    const struct hist_bounds *b;
    ck_assert_int_eq(store_bounds(f->st, bounds, 4, &b, NULL), ERR_OK);
    return b;
}

struct place {
    enum signal signal;
    const char *model, *provider, *deployment, *stage, *class;
};

static uint32_t series_at(struct fixture *f, struct place p)
{
    struct series s = {.source = f->source, .signal = (uint16_t)p.signal};
    const char *const value[DIM_COUNT] = {[DIM_GATEWAY] = "test",          [DIM_MODEL] = p.model, [DIM_PROVIDER] = p.provider,
                                          [DIM_DEPLOYMENT] = p.deployment, [DIM_STAGE] = p.stage, [DIM_CLASS] = p.class};
    uint32_t id = 0;
    s.bounds = signal_info(p.signal)->kind == KIND_HISTOGRAM ? bounds_of(f)->id : 0;
    for (int d = 0; d < DIM_COUNT; d++)
        s.dim[d] = value[d] != NULL ? fixture_string(f, value[d]) : 0;
    ck_assert_int_eq(store_series(f->st, &s, &id, NULL), ERR_OK);
    return id;
}

/* counts: of the poll, until it is appended. */
static void observe(struct fixture *f, struct place p, struct store_hist_count *count, uint64_t n, double mean_s)
{
    static const double upper[] = {0.2, 1, 4, 20};
    uint32_t bucket = 0;
    while (mean_s > upper[bucket])
        bucket++;
    *count = (struct store_hist_count){bucket, n};
    struct store_item *it = &f->items[f->count++];
    *it = (struct store_item){.series = series_at(f, p)};
    it->v.hist.counts = count;
    it->v.hist.count = 1;
    it->v.hist.n = n;
    it->v.hist.sum_fixed = (int64_t)(mean_s * 1e9) * (int64_t)n;
}

/* What a call takes at each of them, in seconds. */
struct times {
    double guardrail, eu1, eu2;
};

static void poll_times(struct fixture *f, struct times t, int64_t t1_ms)
{
    struct store_hist_count counts[4];
    const double upstream = (t.eu1 + t.eu2) / 2;
    observe(f, (struct place){.signal = SIG_E2E, .model = "gpt-x"}, &counts[0], 100, t.guardrail + upstream);
    observe(f, (struct place){.signal = SIG_STAGE_LATENCY, .stage = "guardrail"}, &counts[1], 100, t.guardrail);
    observe(f, (struct place){.signal = SIG_PROVIDER_LATENCY, .model = "gpt-x", .deployment = "eu1", .provider = "openai"}, &counts[2], 50,
            t.eu1);
    observe(f, (struct place){.signal = SIG_PROVIDER_LATENCY, .model = "gpt-x", .deployment = "eu2", .provider = "openai"}, &counts[3], 50,
            t.eu2);
    fixture_increment(f, series_at(f, (struct place){.signal = SIG_REQUESTS, .model = "gpt-x", .class = "ok"}), 100);
    fixture_append(f, t1_ms);
}

/* Two hours as usual but for the last ten minutes. */
static struct view_differs_ask record_times(struct fixture *f, struct times usual, struct times now)
{
    fixture_open(f);
    for (int i = 1; i <= FIXTURE_POLLS; i++) {
        const double wobble = 1 + 0.02 * (i % 3 - 1);
        struct times t = i > FIXTURE_POLLS - 10 ? now : usual;
        t.guardrail *= wobble;
        t.eu1 *= wobble;
        t.eu2 *= wobble;
        poll_times(f, t, fixture_start_ms + i * fixture_step_ms);
    }
    ck_assert_int_eq(store_refresh(f->st, NULL), ERR_OK);
    const int64_t now_ms = f->params.cursor_ms, onset = now_ms - 10 * fixture_step_ms;
    return (struct view_differs_ask){
        .t0_ms = onset, .t1_ms = now_ms, .onset_ms = onset, .onset_error_ms = 1000, .scope = "", .of_slowness = true, .slow = SIG_E2E};
}

/* It paged, was over, and was opened again by what asks for a ticket: it is listed by the worst, with what it is now beside it. */
START_TEST(the_worst_it_reached_is_told_with_what_it_is_now)
{
    struct fixture f;
    struct view_incidents v;
    requests(&f);
    const int64_t now = f.params.cursor_ms, step = fixture_step_ms;
    struct incident in = {.title = "a errors",
                          .scope = "model=a",
                          .severity = SEV_PAGE,
                          .state = INCIDENT_OPEN,
                          .onset_ms = now - 20 * step,
                          .opened_ms = now - 20 * step,
                          .known_ms = now - 20 * step,
                          .owner = ""};
    struct alert al = {.rule = "slo:a:page-1h",
                       .scope = "model=a",
                       .severity = SEV_PAGE,
                       .state = ALERT_FIRING,
                       .since_ms = now - 20 * step,
                       .known_ms = now - 20 * step,
                       .text = ""};
    ck_assert_int_eq(store_put_incident(f.st, &in, &in.id, NULL), ERR_OK);
    al.incident = in.id;
    ck_assert_int_eq(store_put_alert(f.st, &al, NULL), ERR_OK);
    in.severity = SEV_TICKET;
    in.known_ms = al.since_ms = al.known_ms = now - 5 * step;
    ck_assert_int_eq(store_put_incident(f.st, &in, NULL, NULL), ERR_OK);
    al.state = ALERT_INACTIVE;
    ck_assert_int_eq(store_put_alert(f.st, &al, NULL), ERR_OK);
    al.rule = "slo:a:ticket-1d";
    al.severity = SEV_TICKET;
    al.state = ALERT_FIRING;
    ck_assert_int_eq(store_put_alert(f.st, &al, NULL), ERR_OK);
    ck_assert_int_eq(view_load_incidents(&f.loader, &f.params, in.id, &v, NULL), ERR_OK);
    ck_assert_int_eq(v.detail->in.severity, SEV_PAGE);
    ck_assert_int_eq(v.detail->present, SEV_TICKET);
    ck_assert(v.detail->eased);
    ck_assert_str_eq(v.detail->severity_text, "page, now ticket");

    f.params.cursor_ms = now - 6 * step; /* then it paged, and nobody knew of more */
    f.params.live = false;
    ck_assert_int_eq(view_load_incidents(&f.loader, &f.params, in.id, &v, NULL), ERR_OK);
    ck_assert_str_eq(v.detail->severity_text, "page");
    ck_assert(!v.detail->eased);
    fixture_close(&f);
}
END_TEST

START_TEST(a_slow_stage_is_named_and_not_the_gateway_that_waits_for_it)
{
    struct fixture f;
    const struct vsuspect *list;
    const char *note;
    size_t count;
    const struct view_differs_ask ask = record_times(&f, (struct times){0.1, 2, 2}, (struct times){2.4, 2, 2});
    ck_assert_int_eq(vsuspects_load(&f.loader, &f.params, &ask, &list, &count, &note, NULL), ERR_OK);
    ck_assert_uint_eq(count, 1);
    ck_assert_str_eq(list[0].title, "stage guardrail");
    ck_assert(!list[0].weak);
    /* medians of the hour and of the ten minutes; the share is all but the hundredth that everybody keeps */
    ck_assert_msg(strncmp(list[0].reason, "latency 0.1 to 2.4 s, ", 22) == 0 &&
                      strstr(list[0].reason, "; 99 % of gateway test's time beyond the usual is its own") != NULL,
                  "%s", list[0].reason);
    ck_assert_str_eq(note, "");
    fixture_close(&f);
}
END_TEST

START_TEST(deployments_of_one_provider_are_the_provider)
{
    struct fixture f;
    const struct vsuspect *list;
    const char *note;
    size_t count;
    struct view_differs_ask ask = record_times(&f, (struct times){0.1, 2, 2}, (struct times){0.1, 9, 2});
    ck_assert_int_eq(vsuspects_load(&f.loader, &f.params, &ask, &list, &count, &note, NULL), ERR_OK);
    ck_assert_uint_eq(count, 1);
    ck_assert_str_eq(list[0].title, "deployment eu1");
    fixture_close(&f);
    ask = record_times(&f, (struct times){0.1, 2, 2}, (struct times){0.1, 9, 8});
    ck_assert_int_eq(vsuspects_load(&f.loader, &f.params, &ask, &list, &count, &note, NULL), ERR_OK);
    ck_assert_uint_eq(count, 1);
    ck_assert_str_eq(list[0].title, "provider openai");
    ck_assert_msg(strstr(list[0].reason, "deployment eu1: latency 2 to 9 s") != NULL &&
                      strstr(list[0].reason, "deployment eu2: latency 2 to 8 s") != NULL,
                  "%s", list[0].reason);
    fixture_close(&f);
}
END_TEST

START_TEST(nobody_is_named_when_nothing_moved)
{
    struct fixture f;
    const struct vsuspect *list;
    const char *note;
    size_t count;
    const struct view_differs_ask ask = record_times(&f, (struct times){0.1, 2, 2}, (struct times){0.1, 2, 2});
    ck_assert_int_eq(vsuspects_load(&f.loader, &f.params, &ask, &list, &count, &note, NULL), ERR_OK);
    ck_assert_uint_eq(count, 0);
    ck_assert_str_eq(note, "gateway test is within its usual range");
    fixture_close(&f);
}
END_TEST

/* What the configuration adds comes from the recorder's note, for consoles have another configuration or none. */
START_TEST(configured_edges_are_read_as_known_at_the_cursor)
{
    struct fixture f;
    struct topology *t;
    static const char note[] = "[{\"from\":\"stage guardrail\",\"to\":\"policy server\"}]";
    (void)record_times(&f, (struct times){0.1, 2, 2}, (struct times){0.1, 2, 2});
    const int64_t now = f.params.cursor_ms;
    ck_assert_int_eq(store_put_note(f.st, "topology", now, str_of(note), NULL), ERR_OK);
    ck_assert_int_eq(vcomponents_topology(&f.loader, now, &t, NULL), ERR_OK);
    ck_assert(topology_calls(t, topology_find_name(t, "stage guardrail"), topology_find_name(t, "policy server")));
    ck_assert(topology_calls(t, topology_find_name(t, "deployment eu1"), topology_find_name(t, "provider openai")));
    topology_free(t);
    ck_assert_int_eq(vcomponents_topology(&f.loader, now - 1, &t, NULL), ERR_OK);
    ck_assert_uint_eq(topology_find_name(t, "policy server"), TOPOLOGY_NONE);
    topology_free(t);
    fixture_close(&f);
}
END_TEST

/* ---- the verdict's suspect ---- */

/* For ten minutes all requests of a team fail, and a rule of their model fires. */
static int64_t fail_team(struct fixture *f)
{
    fixture_open(f);
    const uint32_t search = fixture_series(f, SIG_REQUESTS, 0, "gpt-x", "search", "", "ok", "");
    const uint32_t batch = fixture_series(f, SIG_REQUESTS, 0, "gpt-x", "batch", "", "ok", "");
    const uint32_t failed = fixture_series(f, SIG_REQUESTS, 0, "gpt-x", "batch", "", "5xx", "");
    for (int i = 1; i <= FIXTURE_POLLS; i++) {
        fixture_increment(f, search, 100);
        fixture_increment(f, i > FIXTURE_POLLS - 10 ? failed : batch, 100);
        fixture_append(f, fixture_start_ms + i * fixture_step_ms);
    }
    const int64_t now = f->params.cursor_ms, onset = now - 10 * fixture_step_ms;
    const int64_t id = put(f, 0, 0, "gpt-x errors", "model=gpt-x", onset, onset + fixture_step_ms);
    const struct alert al = {.rule = "slo:a:page-1h",
                             .scope = "model=gpt-x",
                             .severity = SEV_PAGE,
                             .state = ALERT_FIRING,
                             .since_ms = onset + fixture_step_ms,
                             .onset_ms = onset,
                             .onset_error_ms = fixture_step_ms,
                             .known_ms = onset + fixture_step_ms,
                             .incident = id,
                             .text = ""};
    ck_assert_int_eq(store_put_alert(f->st, &al, NULL), ERR_OK);
    ck_assert_int_eq(store_refresh(f->st, NULL), ERR_OK);
    return id;
}

START_TEST(the_verdict_names_whom_the_counts_name_and_they_are_read_once)
{
    struct fixture f;
    struct view_frame frame;
    struct view_overview o;
    struct view_memo memo = {.arena = NULL};
    const int64_t id = fail_team(&f);
    f.loader.memo = &memo;
    ck_assert_int_eq(view_load_frame(&f.loader, &f.params, &frame, NULL), ERR_OK);
    ck_assert_int_eq(frame.verdict.state, VERDICT_PAGE);
    ck_assert_int_eq(frame.verdict.incident, id);
    ck_assert_str_eq(frame.verdict.suspect, "team batch");
    ck_assert_msg(strstr(frame.verdict.sentence, "; suspect team batch") != NULL, "%s", frame.verdict.sentence);
    const struct vsuspect *found = memo.suspects;
    ck_assert_int_eq(view_load_overview(&f.loader, &f.params, &o, NULL), ERR_OK);
    ck_assert_str_eq(o.suspects[0].title, "team batch");
    ck_assert_ptr_eq(o.suspects, found);
    f.params.filter = "team=search"; /* of another part of the traffic it is asked anew */
    ck_assert_int_eq(view_load_overview(&f.loader, &f.params, &o, NULL), ERR_OK);
    ck_assert_ptr_ne(o.suspects, found);
    fixture_close(&f);
}
END_TEST

/* ---- seen before ---- */

START_TEST(what_fixed_it_the_last_time)
{
    struct fixture f;
    struct view_incidents v;
    requests(&f);
    const int64_t now = f.params.cursor_ms, minute = fixture_step_ms;
    int64_t id[3];
    static const char *const rules[] = {"slo:a availability:page-1h", "slo:b availability:page-1h", "slo:a availability:page-5m"};
    static const char *const scopes[] = {"model=a", "model=b", "model=a"};
    for (int i = 0; i < 3; i++) {
        struct incident in = {.title = i == 1 ? "b errors" : "a errors", .scope = scopes[i], .severity = SEV_PAGE, .owner = ""};
        in.onset_ms = in.opened_ms = in.known_ms = now - (100 - 40 * i) * minute;
        in.state = i < 2 ? INCIDENT_RESOLVED : INCIDENT_OPEN;
        in.resolved_ms = i < 2 ? in.onset_ms + 12 * minute : 0;
        ck_assert_int_eq(store_put_incident(f.st, &in, &id[i], NULL), ERR_OK);
        put_alert(&f, rules[i], scopes[i], in.onset_ms + minute, id[i]);
    }
    ck_assert_int_eq(store_act_drop(f.path, "mitigate", id[0], "rerouted to azure", now - 95 * minute, NULL), ERR_OK);
    ck_assert_int_eq(store_act_drop(f.path, "note", id[0], "nobody knows why", now - 94 * minute, NULL), ERR_OK);
    ck_assert_int_eq(view_load_incidents(&f.loader, &f.params, id[2], &v, NULL), ERR_OK);
    ck_assert_uint_eq(v.similar_count, 1); /* another model with another rule is not alike */
    ck_assert_int_eq(v.similar[0].id, id[0]);
    ck_assert_str_eq(v.similar[0].fix, "rerouted to azure");
    ck_assert_str_eq(v.similar[0].lasted, "12m");
    ck_assert_double_eq_tol(v.similar[0].score, 1, 1e-9);
    ck_assert_msg(strstr(v.seen_before, "rerouted to azure, over in 12m") != NULL, "%s", v.seen_before);
    /* the first is the first */
    ck_assert_int_eq(view_load_incidents(&f.loader, &f.params, id[0], &v, NULL), ERR_OK);
    ck_assert_uint_eq(v.similar_count, 0);
    ck_assert_str_eq(v.seen_before, "");
    fixture_close(&f);
}
END_TEST

/* One that is open, and 203 that were over after it, half a second each. */
START_TEST(an_incident_is_found_however_many_came_after_it)
{
    enum { OVER = 203 };
    struct fixture f;
    struct view_incidents v;
    struct vincident one;
    int64_t id[OVER + 1];
    requests(&f);
    const int64_t begin = f.params.cursor_ms - (OVER + 1) * 1000;
    for (int i = 0; i <= OVER; i++) {
        const int64_t at = begin + i * 1000;
        const struct incident in = {.title = "gpt-x errors",
                                    .scope = "model=gpt-x",
                                    .severity = SEV_PAGE,
                                    .state = i == 0 ? INCIDENT_OPEN : INCIDENT_RESOLVED,
                                    .onset_ms = at,
                                    .opened_ms = at,
                                    .resolved_ms = i == 0 ? 0 : at + 500,
                                    .known_ms = at,
                                    .owner = ""};
        ck_assert_int_eq(store_put_incident(f.st, &in, &id[i], NULL), ERR_OK);
    }
    ck_assert_int_eq(store_act_drop(f.path, "note", id[1], "the first", f.params.cursor_ms, NULL), ERR_OK);
    ck_assert_int_eq(store_commit(f.st, NULL), ERR_OK);
    ck_assert_int_eq(view_load_incidents(&f.loader, &f.params, 0, &v, NULL), ERR_OK);
    ck_assert_uint_eq(v.count, 201); /* the newest, and the open one */
    ck_assert_uint_eq(v.older, 3);
    ck_assert_int_eq(v.list[0].in.id, id[0]);
    ck_assert_int_eq(v.list[1].in.id, id[OVER]);
    ck_assert_int_eq(view_load_incidents(&f.loader, &f.params, id[1], &v, NULL), ERR_OK);
    ck_assert_ptr_nonnull(v.detail);
    ck_assert_int_eq(v.detail->in.id, id[1]);
    ck_assert_str_eq(v.detail->note, "the first");
    ck_assert_int_eq(view_load_incident(&f.loader, &f.params, id[1], &one, NULL), ERR_OK);
    ck_assert_int_eq(one.in.id, id[1]);
    ck_assert_int_eq(view_load_incidents_since(&f.loader, &f.params, begin, &v, NULL), ERR_OK);
    ck_assert_uint_eq(v.count, OVER + 1);
    ck_assert_uint_eq(v.older, 0);
    fixture_close(&f);
}
END_TEST

/* A snapshot is opened when its incident did harm for the last time beyond doubt, and never before it was known. */
START_TEST(a_snapshot_says_where_its_incident_is)
{
    struct fixture f;
    struct vsnapshot of;
    requests(&f);
    const int64_t now = f.params.cursor_ms, minute = fixture_step_ms;
    struct incident in = {.title = "a errors",
                          .scope = "model=a",
                          .state = INCIDENT_RESOLVED,
                          .onset_ms = now - 50 * minute,
                          .opened_ms = now - 48 * minute,
                          .ended_ms = now - 30 * minute,
                          .ended_error_ms = minute,
                          .resolved_ms = now - 20 * minute,
                          .known_ms = now - 20 * minute,
                          .owner = ""};
    int64_t id = 0;
    ck_assert_int_eq(store_put_incident(f.st, &in, &id, NULL), ERR_OK);
    ck_assert_int_eq(store_put_note(f.st, STORE_SNAPSHOT_NOTE, now, str_of("{\"of\": \"#1 a errors\", \"incident\": 1}"), NULL), ERR_OK);
    ck_assert_int_eq(store_commit(f.st, NULL), ERR_OK);
    ck_assert(view_snapshot(f.st, &f.arena, &of));
    ck_assert_int_eq(of.incident, id);
    ck_assert_int_eq(view_snapshot_moment(f.st, &f.arena, &of), now - 31 * minute);
    in.id = id;
    in.ended_ms = now - 50 * minute + 1; /* a short one, told after its end */
    in.known_ms = now;
    ck_assert_int_eq(store_put_incident(f.st, &in, &id, NULL), ERR_OK);
    ck_assert_int_eq(store_commit(f.st, NULL), ERR_OK);
    ck_assert_int_eq(view_snapshot_moment(f.st, &f.arena, &of), in.opened_ms);
    fixture_close(&f);
}
END_TEST

Suite *suite_incidents(void);
Suite *suite_incidents(void)
{
    Suite *s = suite_create("incidents");
    TCase *t = tcase_create("incidents");
    tcase_add_test(t, the_worst_it_reached_is_told_with_what_it_is_now);
    tcase_add_test(t, a_child_is_told_under_its_parent_from_then_on);
    tcase_add_test(t, what_asks_most_for_somebody_stands_first);
    tcase_add_test(t, a_slow_stage_is_named_and_not_the_gateway_that_waits_for_it);
    tcase_add_test(t, deployments_of_one_provider_are_the_provider);
    tcase_add_test(t, nobody_is_named_when_nothing_moved);
    tcase_add_test(t, configured_edges_are_read_as_known_at_the_cursor);
    tcase_add_test(t, the_verdict_names_whom_the_counts_name_and_they_are_read_once);
    tcase_add_test(t, what_fixed_it_the_last_time);
    tcase_add_test(t, an_incident_is_found_however_many_came_after_it);
    tcase_add_test(t, a_snapshot_says_where_its_incident_is);
    suite_add_tcase(s, t);
    return s;
}
