/* SPDX-License-Identifier: MIT */
/* Objectives through recorder and store: what fires, what opens, what a crash, a gap and late data do to it. */
#include "base/timefmt.h"
#include "unit/record/analyse_world.h"

enum { TEXT = 1 << 16 };
static const int64_t minute = 60000;

static struct world *gpt_x(int64_t step_ms)
{
    struct world *w = world_new(step_ms);
    world_slo(w, "gpt-x availability", 0.999, "gpt-x");
    world_open(w);
    return w;
}

START_TEST(an_outage_is_one_incident)
{
    struct world *w = gpt_x(15000);
    struct incident in;
    struct event ev;
    char title[64], text[256], timeline[4096];
    world_run(w, 4 * 120, 630, 0);
    int64_t onset = w->t_ms;
    world_run(w, 4 * 12, 390, 240);
    ck_assert_uint_eq(world_incidents(w, &in, title, sizeof title), 1);
    ck_assert_str_eq(in.title, "gpt-x errors");
    ck_assert_int_eq(in.severity, SEV_PAGE);
    ck_assert_int_eq(in.state, INCIDENT_OPEN);
    ck_assert_int_eq(in.onset_ms, onset);
    ck_assert_int_eq(in.onset_error_ms, 15000);
    ck_assert_int_eq(in.opened_ms,
                     onset + 135000); /* a sixth of five minutes: 50 s / 0.381 = 131 s; page-1h's 2 % of the budget take 136 s */
    ck_assert_uint_eq(world_events(w, EVENT_PAGE, &ev, text, sizeof text), 1);
    ck_assert_int_eq(ev.at_ms, in.opened_ms);
    ck_assert_msg(strstr(text, "gpt-x errors: page: budget burn 202x over 5m") != NULL, "%s", text);
    ck_assert_uint_eq(world_events(w, EVENT_ERRORS, &ev, text, sizeof text), 1);
    ck_assert_int_eq(ev.at_ms, onset);
    ck_assert_str_eq(text, "gpt-x errors begin, +-15s");

    int64_t over = w->t_ms;
    world_run(w, 4 * 60, 630, 0);
    ck_assert_uint_eq(world_incidents(w, &in, title, sizeof title), 1);
    ck_assert_int_eq(in.state, INCIDENT_RESOLVED);
    ck_assert_int_gt(in.resolved_ms, over);
    ck_assert_int_le(in.resolved_ms, over + 33 * minute);
    ck_assert_int_ge(in.known_ms, in.resolved_ms + 10 * minute);
    world_timeline(w, in.id, timeline, sizeof timeline);
    ck_assert_msg(strncmp(timeline, "E +7200 gpt-x errors begin, +-15s\nP +7335 page: budget burn", 59) == 0, "%s", timeline);
    /* the page's rules may end half an hour later, the errors did not */
    ck_assert_int_eq(in.ended_ms, over);
    ck_assert_msg(strstr(timeline, "\no +7920 gpt-x errors end, +-15s, known 5m15s later\n") != NULL, "%s", timeline);
    /* it is resolved as of the last rule's end, which shows ten minutes later */
    char resolved[256], clock[TIMEFMT_MAX];
    instant_format_clock(in.resolved_ms, clock);
    snprintf(resolved, sizeof resolved, "\nR +%lld resolved: nothing has fired for 10 min, since %s; it lasted 12m\n",
             (long long)(in.resolved_ms + 10 * minute - WORLD_T0) / 1000, clock);
    ck_assert_msg(strstr(timeline, resolved) != NULL, "%s in\n%s", resolved, timeline);
    world_free(w);
}
END_TEST

/* A restart that falling counters told is a change like others: of an incident that it came before, and of one that it came in. */
START_TEST(a_restart_that_counters_told_is_in_the_timeline)
{
    struct world *w = gpt_x(15000);
    struct errctx ctx = {.text = ""};
    struct incident in;
    char title[64], timeline[4096];
    world_run(w, 4 * 120, 630, 0);
    const int64_t before = w->t_ms;
    OK(analyser_began_anew(w->an, "litellm", w->source[0], before - 15000, before, before + 6 * 15000, &ctx));
    world_run(w, 4 * 12, 390, 240);
    const int64_t within = w->t_ms;
    OK(analyser_began_anew(w->an, "litellm", w->source[0], within - 15000, within, within, &ctx));
    world_run(w, 1, 390, 240);
    ck_assert_uint_eq(world_incidents(w, &in, title, sizeof title), 1);
    world_timeline(w, in.id, timeline, sizeof timeline);
    for (int i = 0; i < 2; i++) {
        char want[96];
        snprintf(want, sizeof want, "r +%lld the process behind litellm restarted between ",
                 (long long)((i == 0 ? before : within) - WORLD_T0) / 1000);
        ck_assert_msg(strstr(timeline, want) != NULL, "%s in\n%s", want, timeline);
    }
    world_free(w);
}
END_TEST

/* What a source tells of changes goes into the timeline, wherever it is not long before the onset; and what it told before, too. */
START_TEST(a_change_that_a_source_tells_is_in_the_timeline)
{
    static const struct {
        const char *key, *text;
        int64_t before_onset_ms;
        bool told_late, wanted;
    } changes[] = {{"c:1", "gateway 1.14.2", 60000, false, true},
                   {"c:2", "limits raised", 120000, true, true},
                   {"c:3", "last week's", 3600000, true, false}};
    struct world *w = gpt_x(15000);
    struct errctx ctx = {.text = ""};
    struct incident in;
    char title[64], timeline[4096];
    world_run(w, 4 * 120, 630, 0);
    const int64_t onset = w->t_ms;
    for (int late = 0; late < 2; late++) {
        for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
            const struct event ev = {.at_ms = onset - changes[i].before_onset_ms,
                                     .known_ms = w->t_ms,
                                     .kind = EVENT_DEPLOY,
                                     .scope = "model=gpt-x",
                                     .text = changes[i].text,
                                     .source = "rollouts"};
            if (changes[i].told_late == (late != 0))
                OK(analyser_change(w->an, changes[i].key, &ev, &ctx));
        }
        world_run(w, 4 * 12, 390, 240);
    }
    ck_assert_uint_eq(world_incidents(w, &in, title, sizeof title), 1);
    world_timeline(w, in.id, timeline, sizeof timeline);
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
        char want[96];
        snprintf(want, sizeof want, "d +%lld %s\n", (long long)(onset - changes[i].before_onset_ms - WORLD_T0) / 1000, changes[i].text);
        ck_assert_msg((strstr(timeline, want) != NULL) == changes[i].wanted, "%s in\n%s", want, timeline);
    }
    world_free(w);
}
END_TEST

/* A minute after it an end shows; trouble that is back before it is sure takes it back without a word. */
START_TEST(errors_seem_to_end)
{
    struct world *w = gpt_x(15000);
    struct incident in;
    char title[64], timeline[4096];
    world_run(w, 4 * 120, 630, 0);
    world_run(w, 4 * 12, 390, 240);
    int64_t over = w->t_ms;
    world_run(w, 4, 630, 0);
    ck_assert_uint_eq(world_incidents(w, &in, title, sizeof title), 1);
    ck_assert_int_eq(in.ended_ms, 0);
    world_run(w, 1, 630, 0);
    ck_assert_uint_eq(world_incidents(w, &in, title, sizeof title), 1);
    ck_assert_int_eq(in.ended_ms, over);
    ck_assert_int_eq(in.ended_error_ms, 15000);
    ck_assert_int_eq(in.known_ms, w->t_ms);
    ck_assert_int_eq(in.state, INCIDENT_OPEN);
    world_kill(w); /* a restart takes it for no more than it is */
    world_open(w);
    world_run(w, 4, 390, 240);
    ck_assert_uint_eq(world_incidents(w, &in, title, sizeof title), 1);
    ck_assert_int_eq(in.ended_ms, 0);
    int64_t end = w->t_ms;
    world_run(w, 4 * 6, 630, 0);
    ck_assert_uint_eq(world_incidents(w, &in, title, sizeof title), 1);
    ck_assert_int_eq(in.ended_ms, end);
    world_timeline(w, in.id, timeline, sizeof timeline);
    ck_assert_msg(strstr(timeline, "begin again") == NULL, "%s", timeline);
    char want[64];
    snprintf(want, sizeof want, "o +%lld gpt-x errors end, +-15s", (long long)(end - WORLD_T0) / 1000);
    ck_assert_msg(strstr(timeline, want) != NULL, "%s in\n%s", want, timeline);
    const char *first = strstr(timeline, "errors end, ");
    ck_assert_msg(strstr(first + 1, "errors end, ") == NULL, "%s", timeline);
    world_free(w);
}
END_TEST

/* The past is kept by the minute: measured anew later, an end is less exact, and stays as it was known. */
START_TEST(an_end_stays_as_exact_as_it_was_known)
{
    struct world *w = gpt_x(1000);
    struct incident in;
    char title[64], timeline[4096], want[64];
    world_run(w, 20 * 60 + 14, 42, 0);
    world_run(w, 4 * 60, 26, 16);
    const int64_t over = w->t_ms;
    world_run(w, 2 * 60, 42, 0);
    ck_assert_uint_eq(world_incidents(w, &in, title, sizeof title), 1);
    ck_assert_int_ne(in.ended_ms, 0);
    const int64_t ended_ms = in.ended_ms, error_ms = in.ended_error_ms;
    ck_assert_int_le(error_ms, 1000);
    ck_assert(ended_ms - error_ms <= over && over <= ended_ms + error_ms);
    for (int i = 0; i < 90 && in.state != INCIDENT_RESOLVED; i++) {
        world_run(w, 60, 42, 0);
        ck_assert_uint_eq(world_incidents(w, &in, title, sizeof title), 1);
        ck_assert_msg(in.ended_ms == ended_ms && in.ended_error_ms == error_ms, "minute %d: moved by %lld ms, +-%lld ms", i,
                      (long long)(in.ended_ms - ended_ms), (long long)in.ended_error_ms);
    }
    ck_assert_int_eq(in.state, INCIDENT_RESOLVED);
    world_timeline(w, in.id, timeline, sizeof timeline);
    snprintf(want, sizeof want, "o +%lld gpt-x errors end, +-%s", (long long)(ended_ms - WORLD_T0) / 1000,
             error_ms == 500 ? "500ms" : "1s");
    ck_assert_msg(strstr(timeline, want) != NULL, "%s in\n%s", want, timeline);
    world_free(w);
}
END_TEST

/* An end is sure five minutes after it; trouble that is back before the incident is resolved takes it back. */
START_TEST(errors_end_and_begin_again)
{
    struct world *w = gpt_x(15000);
    struct incident in;
    char title[64], timeline[4096];
    world_run(w, 4 * 120, 630, 0);
    world_run(w, 4 * 12, 390, 240);
    int64_t over = w->t_ms;
    world_run(w, 4 * 5, 630, 0);
    ck_assert_uint_eq(world_incidents(w, &in, title, sizeof title), 1);
    world_timeline(w, in.id, timeline, sizeof timeline);
    ck_assert_msg(strstr(timeline, "errors end") == NULL, "%s", timeline);
    world_run(w, 1, 630, 0);
    ck_assert_uint_eq(world_incidents(w, &in, title, sizeof title), 1);
    ck_assert_int_eq(in.ended_ms, over);
    ck_assert_int_eq(in.known_ms, w->t_ms);
    ck_assert_int_eq(in.state, INCIDENT_OPEN);
    world_kill(w); /* which it knows after a restart */
    world_open(w);
    world_run(w, 4 * 3, 630, 0);
    int64_t again = w->t_ms;
    world_run(w, 4, 390, 240);
    ck_assert_uint_eq(world_incidents(w, &in, title, sizeof title), 1);
    ck_assert_int_eq(in.ended_ms, 0);
    int64_t end = w->t_ms;
    world_run(w, 4 * 60, 630, 0);
    ck_assert_uint_eq(world_incidents(w, &in, title, sizeof title), 1);
    ck_assert_int_eq(in.state, INCIDENT_RESOLVED);
    ck_assert_int_eq(in.ended_ms, end);
    world_timeline(w, in.id, timeline, sizeof timeline);
    char want[64];
    snprintf(want, sizeof want, "! +%lld gpt-x errors begin again, +-15s\n", (long long)(again - WORLD_T0) / 1000);
    ck_assert_msg(strstr(timeline, want) != NULL, "%s in\n%s", want, timeline);
    world_free(w);
}
END_TEST

/* What a replica tells late of five minutes ago and more, with no traffic since, has no onset in the last five minutes. */
START_TEST(errors_without_an_onset_do_not_begin_again)
{
    struct world *w = gpt_x(15000);
    struct incident in;
    char title[64], timeline[4096];
    world_run(w, 4 * 120, 630, 0);
    world_run(w, 4 * 12, 390, 240);
    int64_t over = w->t_ms;
    world_run(w, 4 * 5 + 1, 630, 0);
    int64_t late = w->t_ms + 15000;
    world_run(w, 4 * 8, 0, 0);
    for (int i = 0; i < 6; i++) {
        world_requests(w, 1, "gpt-x", "ok", 390);
        world_requests(w, 1, "gpt-x", "5xx", 240);
        world_analyse_at(w, 1, late + i * 15000, late + (i + 1) * 15000, false, LIVES);
    }
    world_run(w, 1, 0, 0);
    ck_assert_uint_eq(world_incidents(w, &in, title, sizeof title), 1);
    world_timeline(w, in.id, timeline, sizeof timeline);
    ck_assert_msg(strstr(timeline, "begin again") == NULL, "%s", timeline);
    ck_assert_int_eq(in.ended_ms, over);
    world_free(w);
}
END_TEST

/* Polls of a minute that do not end with the minute, and a recorder that is started anew within the outage. */
START_TEST(an_onset_is_as_exact_as_is_said)
{
    for (int64_t into_ms = 5000; into_ms < minute; into_ms += 10000) {
        struct world *w = gpt_x(minute);
        struct incident in;
        struct event ev;
        char title[64], text[256];
        w->t_ms += 31000;
        world_run(w, 120, 2400, 0);
        int64_t onset = w->t_ms + into_ms, bad = 120 * (minute - into_ms) / minute; /* it pages after a quarter of an hour */
        world_run(w, 1, 2400 - bad, bad);
        world_kill(w);
        world_open(w);
        world_run(w, 20, 2280, 120);
        ck_assert_uint_eq(world_incidents(w, &in, title, sizeof title), 1);
        ck_assert_uint_eq(world_events(w, EVENT_ERRORS, &ev, text, sizeof text), 1);
        int64_t error = strcmp(text, "gpt-x errors begin, +-30s") == 0  ? minute / 2
                        : strcmp(text, "gpt-x errors begin, +-1m") == 0 ? minute
                                                                        : 0;
        ck_assert_msg(error > 0 && llabs(in.onset_ms - onset) <= error, "%s: %+lld ms", text, (long long)(in.onset_ms - onset));
        world_free(w);
    }
}
END_TEST

/* What an operator says was so at at_ms, taken in. */
static void world_mark(struct world *w, int64_t at_ms, const char *text)
{
    struct errctx ctx = {.text = ""};
    char mark[128];
    size_t acts;
    ck_assert(str_format(mark, sizeof mark, "config|%lld||%s", (long long)at_ms, text));
    OK(store_act_drop(w->db, "mark", 0, mark, w->t_ms, &ctx));
    OK(store_act_ingest(w->st, &acts, &ctx));
    ck_assert_uint_eq(acts, 1);
    OK(analyser_take_acts(w->an, &ctx));
}

START_TEST(trouble_that_is_back_opens_it_again)
{
    struct world *w = gpt_x(minute);
    struct errctx ctx = {.text = ""};
    struct incident in;
    struct event ev;
    char title[64], text[256], timeline[4096];
    const struct source_status ok = {.name = "litellm", .state = SOURCE_OK, .reason = ""},
                               down = {.name = "litellm", .state = SOURCE_DOWN, .reason = "refused"};
    world_run(w, 300, 6000, 0);
    world_run(w, 4, 3000, 3000);
    world_run(w, 12, 6000, 0);
    OK(analyser_source_changed(w->an, &ok, &down, w->t_ms, &ctx)); /* noted in the open incident, and little before it opens again */
    world_mark(w, w->t_ms - minute, "moved to azure");
    world_mark(w, w->t_ms - 60 * minute, "long before all that");
    ck_assert_uint_eq(world_incidents(w, &in, title, sizeof title), 1);
    ck_assert_int_eq(in.state, INCIDENT_OPEN);
    world_run(w, 13, 6000, 0);
    ck_assert_uint_eq(world_incidents(w, &in, title, sizeof title), 1);
    ck_assert_int_eq(in.state, INCIDENT_RESOLVED);
    int64_t id = in.id;
    world_run(w, 4, 3000, 3000); /* twenty minutes after it ended */
    ck_assert_uint_eq(world_incidents(w, &in, title, sizeof title), 1);
    ck_assert_int_eq(in.id, id);
    ck_assert_int_eq(in.state, INCIDENT_OPEN);
    ck_assert_int_eq(in.resolved_ms, 0);
    ck_assert_uint_eq(world_events(w, EVENT_PAGE, &ev, text, sizeof text), 2);
    world_timeline(w, in.id, timeline, sizeof timeline);
    const char *noted = strstr(timeline, "source litellm is down");
    ck_assert_msg(noted != NULL && strstr(noted + 1, "source litellm is down") == NULL, "%s", timeline);
    const char *marked = strstr(timeline, "moved to azure");
    ck_assert_msg(marked != NULL && strstr(marked + 1, "moved to azure") == NULL, "%s", timeline);
    ck_assert_msg(strstr(timeline, "long before") == NULL, "%s", timeline);
    world_run(w, 120, 6000, 0);
    world_run(w, 4, 3000, 3000); /* much later: another one */
    ck_assert_uint_eq(world_incidents(w, &in, title, sizeof title), 2);
    ck_assert_int_ne(in.id, id);
    world_free(w);
}
END_TEST

/* A leak of four times the budget: a ticket opens the incident; when it becomes an outage the same incident pages. */
START_TEST(severity_rises)
{
    struct world *w = gpt_x(5 * minute);
    struct incident in;
    struct event ev;
    char title[64], text[256];
    world_run(w, 12 * 72, 5000, 0);
    world_run(w, 12 * 20, 4980, 20);
    ck_assert_uint_eq(world_incidents(w, &in, title, sizeof title), 1);
    ck_assert_int_eq(in.severity, SEV_TICKET);
    ck_assert_uint_eq(world_events(w, EVENT_PAGE, &ev, text, sizeof text), 0);
    world_run(w, 3, 3000, 2000);
    ck_assert_uint_eq(world_incidents(w, &in, title, sizeof title), 1);
    ck_assert_int_eq(in.severity, SEV_PAGE);
    ck_assert_uint_eq(world_events(w, EVENT_PAGE, &ev, text, sizeof text), 1);
    world_free(w);
}
END_TEST

/* Two objectives of one scope share the incident: while the one that fired has no data, the other's health resolves nothing. */
START_TEST(an_incident_waits_for_the_objective_that_is_silent)
{
    struct world *w = gpt_x(minute);
    struct errctx ctx = {.text = ""};
    static const double upper[] = {1, 2};
    const struct hist_bounds *bounds;
    struct slo *s = world_slo(w, "gpt-x ttft", 0.95, "gpt-x");
    struct incident in;
    char title[64];
    s->kind = SLO_LATENCY;
    s->signal = SIG_TTFT;
    s->threshold = 2;
    world_kill(w);
    world_open(w);
    OK(store_bounds(w->st, upper, 2, &bounds, &ctx));
    uint32_t id = world_series(w, 0, SIG_TTFT, (struct labels){.model = "gpt-x"}, bounds);
    for (int i = 0; i < 700; i++) {
        const struct store_hist_count counts[] = {{0, 100}};
        struct store_item *it = world_item(w, id);
        it->v.hist.counts = counts;
        it->v.hist.count = 1;
        it->v.hist.n = 100;
        if (i < 130) {
            world_requests(w, 0, "gpt-x", "ok", i < 120 ? 600 : 0);
            world_requests(w, 0, "gpt-x", "5xx", i < 120 ? 0 : 600);
        }
        world_poll(w);
        OK(analyser_tick(w->an, w->t_ms, &ctx));
    }
    OK(store_commit(w->st, &ctx));
    ck_assert_uint_eq(world_incidents(w, &in, title, sizeof title), 1);
    ck_assert_int_eq(in.state, INCIDENT_OPEN);
    world_free(w);
}
END_TEST

START_TEST(clients_own_faults_do_not_count)
{
    struct world *w = gpt_x(minute);
    char alerts[TEXT];
    for (int i = 0; i < 120; i++) {
        world_requests(w, 0, "gpt-x", "ok", 100);
        world_requests(w, 0, "gpt-x", "client", 900);
        world_requests(w, 0, "gpt-x", "context", 50);
        world_requests(w, 0, "gpt-x", "filter", 50);
        world_requests(w, 0, "c-l", "5xx", 500); /* another model's */
        world_poll(w);
    }
    world_alerts(w, alerts, sizeof alerts);
    ck_assert_str_eq(alerts, "");
    world_kill(w);
    world_open(w); /* nor when they are read from the store */
    world_requests(w, 0, "gpt-x", "client", 900);
    world_requests(w, 0, "gpt-x", "429", 100); /* a provider's limit is the service's */
    world_poll(w);
    world_alerts(w, alerts, sizeof alerts);
    ck_assert_msg(strstr(alerts, "100 of 6,000 requests failed in 1h") != NULL, "%s", alerts);
    world_free(w);
}
END_TEST

/* ---- crashes ---- */

/* Ten hours with a quiet night of single failures and two outages; dies at every `every`-th poll. */
static void live_through(struct world *w, int every, enum fate fate)
{
    unsigned seed = 1;
    for (int i = 0; i < 620; i++) {
        bool outage = (i >= 400 && i < 412) || (i >= 530 && i < 534);
        seed = seed * 1103515245u + 12345u;
        int64_t n = i < 300 ? (int64_t)(seed >> 16) % 3 : 600, bad = outage ? n / 2 : (seed >> 16) % 97 == 0;
        for (bool again = true; again;) {
            bool dies = every > 0 && i % every == every - 1;
            world_requests(w, 0, "gpt-x", "ok", n);
            world_requests(w, 0, "gpt-x", "5xx", bad);
            w->t_ms += w->step_ms;
            world_analyse_at(w, 0, w->t_ms - w->step_ms, w->t_ms, false, dies ? fate : LIVES);
            again = dies && fate == DIES_BEFORE_APPEND; /* nothing was kept: the same interval is asked for again */
            if (again) {
                w->t_ms -= w->step_ms;
                world_requests(w, 0, "gpt-x", "ok", n);
                world_requests(w, 0, "gpt-x", "5xx", bad);
                w->t_ms += w->step_ms;
                world_analyse_at(w, 0, w->t_ms - w->step_ms, w->t_ms, false, LIVES);
                again = false;
            }
        }
    }
}

static void all_facts(struct world *w, char *out, size_t cap)
{
    struct incident in = {.id = 0};
    struct event ev;
    char title[64], text[256];
    world_alerts(w, out, cap);
    size_t at = strlen(out), n = world_incidents(w, &in, title, sizeof title);
    at += (size_t)snprintf(out + at, cap - at, "%zu incidents, %zu pages, %zu onsets\n", n,
                           world_events(w, EVENT_PAGE, &ev, text, sizeof text), world_events(w, EVENT_ERRORS, &ev, text, sizeof text));
    for (int64_t id = 1; id <= (int64_t)n; id++) {
        world_timeline(w, id, out + at, cap - at);
        at += strlen(out + at);
    }
}

START_TEST(a_crash_neither_skips_nor_repeats)
{
    char *want = malloc(TEXT), *got = malloc(TEXT);
    struct world *w = gpt_x(minute);
    live_through(w, 0, LIVES);
    all_facts(w, want, TEXT);
    world_free(w);
    ck_assert_msg(strstr(want, "2 incidents, 2 pages, 2 onsets") != NULL, "%s", want);
    static const struct {
        int every;
        enum fate fate;
    } ways[] = {{1, DIES_AFTER_APPEND}, {1, DIES_BEFORE_APPEND}, {7, DIES_AFTER_APPEND}, {13, DIES_BEFORE_APPEND}};
    for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++) {
        w = gpt_x(minute);
        live_through(w, ways[i].every, ways[i].fate);
        all_facts(w, got, TEXT);
        ck_assert_msg(strcmp(got, want) == 0, "dying every %d polls (%d):\n%s\ninstead of\n%s", ways[i].every, (int)ways[i].fate, got,
                      want);
        world_free(w);
    }
    free(want);
    free(got);
}
END_TEST

/* As in a store from before there was that rule. */
START_TEST(a_rule_that_the_store_does_not_know_begins_inactive)
{
    struct world *w = gpt_x(minute);
    struct incident in;
    struct event ev;
    char title[64], text[256];
    static char alerts[TEXT];
    world_run(w, 120, 6000, 0);
    world_run(w, 10, 5040, 960); /* 16 % */
    world_alerts(w, alerts, sizeof alerts);
    ck_assert_msg(strstr(alerts, "page-1h {model=gpt-x} 1 at") != NULL && strstr(alerts, "page-5m") == NULL, "%s", alerts);
    world_kill(w);
    world_open(w);
    world_run(w, 3, 0, 6000);
    world_alerts(w, alerts, sizeof alerts);
    ck_assert_msg(strstr(alerts, "page-5m {model=gpt-x} 1 at") != NULL, "%s", alerts);
    ck_assert_msg(strstr(alerts, "page-1h {model=gpt-x} 0 at") == NULL, "%s", alerts);
    ck_assert_uint_eq(world_incidents(w, &in, title, sizeof title), 1);
    ck_assert_uint_eq(world_events(w, EVENT_PAGE, &ev, text, sizeof text), 1); /* it had paged */
    world_free(w);
}
END_TEST

START_TEST(the_same_batch_twice_is_once)
{
    struct world *w = gpt_x(minute);
    struct errctx ctx = {.text = ""};
    char before[TEXT], after[TEXT];
    world_run(w, 120, 600, 0);
    world_run(w, 4, 300, 300);
    all_facts(w, before, sizeof before);
    world_requests(w, 0, "gpt-x", "5xx", 100000);
    const struct store_batch b = {
        .source = w->source[0], .t0_ms = w->t_ms - w->step_ms, .t1_ms = w->t_ms, .items = w->items, .count = w->count};
    OK(analyser_step(w->an, &b, 1, w->t_ms, false, &ctx));
    OK(store_commit(w->st, &ctx));
    w->count = 0;
    all_facts(w, after, sizeof after);
    ck_assert_str_eq(before, after);
    world_free(w);
}
END_TEST

/* ---- time ---- */

START_TEST(late_data_does_not_alert_but_is_not_lost)
{
    struct world *w = gpt_x(minute);
    char alerts[TEXT];
    world_run(w, 60, 600, 0);
    int64_t from = w->t_ms;
    w->t_ms += 10 * minute; /* ten polls that will come later */
    world_run(w, 1, 600, 0);
    for (int i = 0; i < 10; i++) {
        world_requests(w, 0, "gpt-x", "ok", 300);
        world_requests(w, 0, "gpt-x", "5xx", 300);
        world_analyse_at(w, 0, from + i * minute, from + (i + 1) * minute, true, LIVES);
    }
    world_alerts(w, alerts, sizeof alerts);
    ck_assert_str_eq(alerts, "");
    world_run(w, 3, 300, 300); /* it still burns; now the window holds what came late, too */
    world_alerts(w, alerts, sizeof alerts);
    ck_assert_msg(strstr(alerts, "page-1h {model=gpt-x} 1 at +4") != NULL, "%s", alerts);
    ck_assert_msg(strstr(alerts, "3,300 of ") != NULL, "%s", alerts);
    world_free(w);
}
END_TEST

START_TEST(a_silent_source_is_no_data)
{
    struct world *w = gpt_x(15000);
    struct errctx ctx = {.text = ""};
    struct incident in;
    char alerts[TEXT], title[64];
    world_run(w, 240, 630, 0);
    world_run(w, 20, 0, 630);
    OK(analyser_tick(w->an, w->t_ms + 4 * minute, &ctx));
    world_alerts(w, alerts, sizeof alerts);
    ck_assert_ptr_null(strstr(alerts, "} 2 at"));
    OK(analyser_tick(w->an, w->t_ms + 6 * minute, &ctx));
    OK(analyser_tick(w->an, w->t_ms + 7 * minute, &ctx));
    OK(store_commit(w->st, &ctx));
    world_alerts(w, alerts, sizeof alerts);
    ck_assert_msg(strstr(alerts, "page-1h {model=gpt-x} 2 at +4200 ") != NULL, "%s", alerts);
    ck_assert_msg(strstr(alerts, "nothing observed for 5m; it was firing") != NULL, "%s", alerts);
    world_kill(w);
    world_open(w); /* that it was firing survives */
    w->t_ms += 10 * minute;
    world_run(w, 1, 0, 630);
    world_timeline(w, 1, alerts, sizeof alerts);
    ck_assert_msg(strstr(alerts, "! +4515 page-1h fires on: observed again") != NULL, "%s", alerts);
    world_incidents(w, &in, title, sizeof title);
    ck_assert_int_eq(in.state, INCIDENT_OPEN);
    ck_assert_uint_eq(world_incidents(w, &in, title, sizeof title), 1);
    world_alerts(w, alerts, sizeof alerts);
    ck_assert_msg(strstr(alerts, "page-1h {model=gpt-x} 1 at +4515 ") != NULL, "%s", alerts);
    world_free(w);
}
END_TEST

/* Without its failures the traffic looks well, and that is no recovery; the same of another objective's signal is nothing to this one. */
START_TEST(a_source_that_lacks_its_failures_ends_no_alert)
{
    struct world *w = gpt_x(15000);
    struct errctx ctx = {.text = ""};
    struct incident in;
    char alerts[TEXT], title[64];
    world_run(w, 240, 630, 0);
    world_run(w, 20, 390, 240);
    world_lacks(w, 0, UINT64_C(1) << SIG_COST, false);
    world_run(w, 4, 390, 240);
    world_lacks(w, 0, UINT64_C(1) << SIG_REQUESTS, false);
    world_run(w, 120, 630, 0);
    world_alerts(w, alerts, sizeof alerts);
    ck_assert_msg(strstr(alerts, "over:") == NULL, "%s", alerts);
    OK(analyser_tick(w->an, w->t_ms, &ctx));
    OK(store_commit(w->st, &ctx));
    world_alerts(w, alerts, sizeof alerts);
    ck_assert_msg(strstr(alerts, "nothing observed for 5m; it was firing") != NULL, "%s", alerts);
    world_incidents(w, &in, title, sizeof title);
    ck_assert_int_eq(in.state, INCIDENT_OPEN);
    world_lacks(w, 0, 0, true);
    world_run(w, 120, 630, 0);
    world_alerts(w, alerts, sizeof alerts);
    ck_assert_msg(strstr(alerts, "page-1h {model=gpt-x} 0 at ") != NULL, "%s", alerts);
    world_free(w);
}
END_TEST

static const uint64_t requests_bit = UINT64_C(1) << SIG_REQUESTS;

/* One poll of each of two replicas. */
static void run_two(struct world *w, int n, int64_t good0, int64_t bad0, int64_t good1, int64_t bad1)
{
    for (int i = 0; i < n; i++) {
        w->t_ms += w->step_ms;
        for (uint32_t s = 0; s < 2; s++) {
            world_requests(w, s, "gpt-x", "ok", s == 0 ? good0 : good1);
            world_requests(w, s, "gpt-x", "5xx", s == 0 ? bad0 : bad1);
            world_analyse_at(w, s, w->t_ms - w->step_ms, w->t_ms, false, LIVES);
        }
    }
}

/* The replica that fails lacks its failures: what the other says is not all, for as long as that lasts. */
START_TEST(a_replica_that_is_whole_does_not_speak_for_a_torn_one)
{
    struct world *w = gpt_x(15000);
    struct errctx ctx = {.text = ""};
    char alerts[TEXT];
    run_two(w, 240, 630, 0, 630, 0);
    run_two(w, 20, 0, 630, 630, 0);
    world_lacks(w, 0, requests_bit, false);
    run_two(w, 60, 0, 0, 630, 0);
    world_alerts(w, alerts, sizeof alerts);
    ck_assert_msg(strstr(alerts, "page-5m {model=gpt-x} 1 at ") != NULL && strstr(alerts, "over:") == NULL, "%s", alerts);
    OK(analyser_tick(w->an, w->t_ms, &ctx));
    OK(store_commit(w->st, &ctx));
    world_alerts(w, alerts, sizeof alerts);
    ck_assert_msg(strstr(alerts, "nothing observed for 5m; it was firing") != NULL, "%s", alerts);
    world_lacks(w, 0, 0, true); /* a new process: from now on all is known again */
    run_two(w, 8, 0, 630, 630, 0);
    world_alerts(w, alerts, sizeof alerts);
    ck_assert_msg(strstr(alerts, "over:") == NULL, "%s", alerts);
    run_two(w, 300, 630, 0, 630, 0);
    world_alerts(w, alerts, sizeof alerts);
    ck_assert_msg(strstr(alerts, "page-5m {model=gpt-x} 0 at ") != NULL, "%s", alerts);
    world_free(w);
}
END_TEST

/* Another gateway's page, or another model's, is no matter of this objective; a source that fell silent has no say. */
START_TEST(what_a_torn_page_does_not_feed_goes_on)
{
    struct world *w = gpt_x(15000);
    char alerts[TEXT];
    for (int i = 0; i < 240; i++) {
        w->t_ms += w->step_ms;
        world_requests(w, 1, "gpt-y", "ok", 630);
        world_analyse_at(w, 1, w->t_ms - w->step_ms, w->t_ms, false, LIVES);
        world_requests(w, 0, "gpt-x", "ok", 630);
        world_analyse_at(w, 0, w->t_ms - w->step_ms, w->t_ms, false, LIVES);
    }
    world_lacks(w, 1, requests_bit, false);
    world_run(w, 20, 390, 240);
    world_alerts(w, alerts, sizeof alerts);
    ck_assert_msg(strstr(alerts, "page-5m {model=gpt-x} 1 at ") != NULL, "%s", alerts);
    world_free(w);

    struct errctx ctx = {.text = ""};
    w = gpt_x(15000);
    run_two(w, 240, 630, 0, 630, 0);
    world_lacks(w, 0, requests_bit, false);
    run_two(w, 4, 630, 0, 630, 0);
    const struct source_status partial = {.id = w->source[0], .name = "litellm", .state = SOURCE_PARTIAL},
                               down = {.id = w->source[0], .name = "litellm", .state = SOURCE_DOWN};
    OK(analyser_source_changed(w->an, &partial, &down, w->t_ms, &ctx));
    for (int i = 0; i < 40; i++) {
        w->t_ms += w->step_ms;
        world_requests(w, 1, "gpt-x", "5xx", 630);
        world_analyse_at(w, 1, w->t_ms - w->step_ms, w->t_ms, false, LIVES);
    }
    world_alerts(w, alerts, sizeof alerts);
    ck_assert_msg(strstr(alerts, "page-5m {model=gpt-x} 1 at ") != NULL, "%s", alerts);
    world_free(w);
}
END_TEST

/* What the store holds of a torn time is good requests alone: neither a restart in it nor late data make windows of it. */
START_TEST(windows_are_not_rebuilt_from_torn_polls)
{
    enum { ONCE, TWICE, LATE };
    for (int how = ONCE; how <= LATE; how++) {
        struct world *w = gpt_x(15000);
        char alerts[TEXT];
        world_run(w, 240, 630, 0);
        world_run(w, 20, 390, 240);
        const int64_t since = w->t_ms;
        world_lacks(w, 0, requests_bit, false);
        world_run(w, 40, 390, 0);
        if (how != LATE) {
            const struct source_lack lack = {.since_ms = since, .part = requests_bit, .family = requests_bit};
            world_kill(w);
            world_open(w);
            analyser_lacks(w->an, w->source[0], &lack, false); /* as the recorder says before the first poll */
        } else {
            world_requests(w, 0, "gpt-x", "ok", 1);
            world_analyse_at(w, 0, w->t_ms - 3600000, w->t_ms - 3599000, true, LIVES);
        }
        world_run(w, 4, 390, 0);
        world_alerts(w, alerts, sizeof alerts);
        ck_assert_msg(strstr(alerts, "over:") == NULL, "%d: %s", how, alerts);
        world_lacks(w, 0, 0, true); /* its process ended: the failures of that time are lost */
        world_run(w, 4, 390, 240);
        if (how == TWICE) { /* the time that is over is known after another restart as well */
            world_kill(w);
            world_open(w);
        }
        world_run(w, 24, 630, 0);
        world_alerts(w, alerts, sizeof alerts);
        ck_assert_msg(strstr(alerts, "page-1h {model=gpt-x} 0 at +4935 onset +3600 5760/121590: over:") != NULL, "%d: %s", how, alerts);
        ck_assert_msg(strstr(alerts, " over 1h (48m15s observed) and 0.0x over 5m, ends below 14.4x\n") != NULL, "%d: %s", how, alerts);
        /* what decides is told: a window that was observed in part must burn as much faster */
        ck_assert_msg(strstr(alerts, "202x over 5m (4m15s observed), fires at 196x, 19.6 % of the requests; 2,160 of ") != NULL, "%s",
                      alerts);
        ck_assert_msg(strstr(alerts, "33x over 6h (1h05m observed) and 117x over 30m, fires at 32.9x and 6x; ") != NULL, "%s", alerts);
        world_free(w);
    }
}
END_TEST

/* And when its counts have come as late samples they are in the windows. */
START_TEST(what_is_made_good_is_known_again)
{
    struct world *w = gpt_x(15000);
    char alerts[TEXT];
    world_run(w, 240, 630, 0);
    world_lacks(w, 0, requests_bit, false);
    world_run(w, 20, 390, 0);
    for (int i = 0; i < 20; i++) {
        world_requests(w, 0, "gpt-x", "5xx", 240);
        world_analyse_at(w, 0, w->t_ms - (20 - i) * 15000, w->t_ms - (19 - i) * 15000 - (i == 19), false, LIVES);
    }
    world_lacks(w, 0, 0, false);
    world_run(w, 8, 630, 0);
    world_alerts(w, alerts, sizeof alerts);
    ck_assert_msg(strstr(alerts, "page-1h {model=gpt-x} 1 at ") != NULL, "%s", alerts);
    world_free(w);
}
END_TEST

/* A restart in the middle of a minute: the windows end with the newest poll, not with its minute. */
START_TEST(windows_end_with_the_newest_poll)
{
    struct world *w = gpt_x(15000);
    struct errctx ctx = {.text = ""};
    char alerts[TEXT];
    world_run(w, 41, 630, 0);
    world_kill(w);
    world_open(w);
    OK(analyser_tick(w->an, w->t_ms + 5 * minute - 1, &ctx));
    OK(store_commit(w->st, &ctx));
    world_alerts(w, alerts, sizeof alerts);
    ck_assert_str_eq(alerts, "");
    OK(analyser_tick(w->an, w->t_ms + 5 * minute, &ctx));
    OK(store_commit(w->st, &ctx));
    world_alerts(w, alerts, sizeof alerts);
    ck_assert_msg(strstr(alerts, "page-1h {model=gpt-x} 2 at +915 ") != NULL, "%s", alerts);
    world_free(w);
}
END_TEST

START_TEST(backfill_never_pages)
{
    struct world *w = gpt_x(minute);
    struct event ev;
    struct incident in;
    char text[256], title[64];
    w->manual.wall_ms = WORLD_T0 + 600 * minute; /* now; what follows is history */
    for (int i = 0; i < 300; i++) {
        bool outage = i >= 200 && i < 210;
        world_requests(w, 0, "gpt-x", "ok", outage ? 300 : 600);
        world_requests(w, 0, "gpt-x", "5xx", outage ? 300 : 0);
        w->t_ms += minute;
        world_analyse_at(w, 0, w->t_ms - minute, w->t_ms, true, LIVES);
    }
    ck_assert_uint_eq(world_events(w, EVENT_PAGE, &ev, text, sizeof text), 0);
    ck_assert_uint_eq(world_incidents(w, &in, title, sizeof title), 1);
    ck_assert_int_eq(in.known_ms, w->manual.wall_ms);
    ck_assert_int_eq(in.state, INCIDENT_RESOLVED);
    ck_assert_uint_eq(world_events(w, EVENT_ERRORS, &ev, text, sizeof text), 1);
    ck_assert_int_eq(ev.known_ms, w->manual.wall_ms);
    world_run(w, 5, 600, 0);
    ck_assert_uint_eq(world_events(w, EVENT_PAGE, &ev, text, sizeof text), 0);
    world_free(w);
}
END_TEST

START_TEST(trouble_that_outlasts_the_backfill_pages_once)
{
    struct world *w = gpt_x(minute);
    struct event ev;
    char text[256];
    for (int i = 0; i < 70; i++) {
        world_requests(w, 0, "gpt-x", "ok", 300);
        world_requests(w, 0, "gpt-x", "5xx", 300);
        w->t_ms += minute;
        world_analyse_at(w, 0, w->t_ms - minute, w->t_ms, true, i == 69 ? DIES_AFTER_APPEND : LIVES);
    }
    ck_assert_uint_eq(world_events(w, EVENT_PAGE, &ev, text, sizeof text), 0);
    world_run(w, 1, 300, 300);
    ck_assert_uint_eq(world_events(w, EVENT_PAGE, &ev, text, sizeof text), 1);
    ck_assert_int_eq(ev.at_ms, w->t_ms);
    world_run(w, 5, 300, 300);
    ck_assert_uint_eq(world_events(w, EVENT_PAGE, &ev, text, sizeof text), 1);
    world_free(w);
}
END_TEST

/* ---- sources, definitions ---- */

START_TEST(one_authority_counts)
{
    struct world *w = gpt_x(minute);
    struct errctx ctx = {.text = ""};
    char alerts[TEXT];
    struct store_authority a[2] = {{.source = w->source[0]}, {.source = w->source[1], .kept = UINT64_C(1) << SIG_REQUESTS}};
    world_run(w, 60, 600, 0);
    OK(store_put_authority(w->st, &a[1], &ctx));
    for (int i = 0; i < 10; i++) { /* the second source is wrong, and has no say */
        world_requests(w, 1, "gpt-x", "5xx", 600);
        world_analyse_at(w, 1, w->t_ms, w->t_ms + minute, false, LIVES);
        world_run(w, 1, 600, 0);
    }
    world_alerts(w, alerts, sizeof alerts);
    ck_assert_str_eq(alerts, "");
    a[0].kept = a[1].kept;
    a[1].kept = 0;
    for (int i = 0; i < 2; i++)
        OK(store_put_authority(w->st, &a[i], &ctx));
    for (int i = 0; i < 3; i++) { /* now it has: index and windows are made anew */
        world_requests(w, 1, "gpt-x", "5xx", 600);
        world_analyse_at(w, 1, w->t_ms, w->t_ms + minute, false, LIVES);
        world_run(w, 1, 600, 0);
    }
    world_alerts(w, alerts, sizeof alerts);
    ck_assert_msg(strstr(alerts, "requests failed in 1h") != NULL, "%s", alerts);
    world_free(w);
}
END_TEST

static bool is_firing(struct world *w, int64_t cursor_ms)
{
    struct errctx ctx = {.text = ""};
    struct arena a;
    struct alert *list;
    size_t count;
    bool firing = false;
    arena_init(&a, 1 << 20);
    OK(store_alerts(w->st, cursor_ms, &a, &list, &count, &ctx));
    for (size_t i = 0; i < count; i++)
        firing = firing || list[i].state == ALERT_FIRING;
    arena_fini(&a);
    return firing;
}

START_TEST(an_objective_that_is_gone_does_not_fire_for_ever)
{
    struct world *w = gpt_x(minute);
    struct errctx ctx = {.text = ""};
    struct incident in;
    struct arena a;
    struct str note;
    char alerts[TEXT], title[64];
    world_run(w, 120, 600, 0);
    world_run(w, 5, 300, 300);
    arena_init(&a, 1 << 20);
    ck_assert_int_eq(store_note(w->st, "slo", INT64_MAX, &a, &note), ERR_OK);
    ck_assert_msg(strstr(note.p, "\"gpt-x availability\"") != NULL, "%s", note.p);
    analyser_close(w->an);
    w->cfg.slo_count = 0;
    OK(analyser_open(w->st, &w->cfg, &w->an, &ctx));
    OK(store_commit(w->st, &ctx));
    world_alerts(w, alerts, sizeof alerts);
    ck_assert_msg(strstr(alerts, "this objective is no longer configured") != NULL, "%s", alerts);
    ck_assert(is_firing(w, w->t_ms - 1)); /* while it was configured, it fired */
    ck_assert(!is_firing(w, w->t_ms + 1));
    ck_assert_uint_eq(world_incidents(w, &in, title, sizeof title), 1);
    ck_assert_int_eq(in.state, INCIDENT_RESOLVED);
    ck_assert_int_eq(store_note(w->st, "slo", INT64_MAX, &a, &note), ERR_OK);
    ck_assert(str_eq_z(note, "[]"));
    arena_fini(&a);
    world_free(w);
}
END_TEST

/* From the data on at which it changed; a recorder without any says that there is none any more. */
START_TEST(prices_of_the_configuration_are_written_down)
{
    struct world *w = gpt_x(minute);
    struct errctx ctx = {.text = ""};
    struct arena a;
    struct str note;
    arena_init(&a, 1 << 20);
    ck_assert_int_eq(store_note(w->st, "pricing", INT64_MAX, &a, &note), ERR_NOTFOUND);
    static const char *const told[] = {"{\"prices\": []}", NULL};
    for (int i = 0; i < 2; i++) {
        world_run(w, 5, 600, 0);
        analyser_close(w->an);
        w->cfg.pricing = told[i];
        OK(analyser_open(w->st, &w->cfg, &w->an, &ctx));
        OK(store_commit(w->st, &ctx));
        OK(store_note(w->st, "pricing", INT64_MAX, &a, &note));
        ck_assert(str_eq_z(note, told[i] != NULL ? told[i] : "{}"));
    }
    arena_fini(&a);
    world_free(w);
}
END_TEST

START_TEST(latency_objective)
{
    struct world *w = world_new(minute);
    struct errctx ctx = {.text = ""};
    struct incident in;
    char alerts[TEXT], title[64];
    static const double upper[] = {0.5, 1, 2, 4};
    const struct hist_bounds *bounds;
    struct slo *s = world_slo(w, "gpt-x ttft", 0.95, "gpt-x");
    s->kind = SLO_LATENCY;
    s->signal = SIG_TTFT;
    s->threshold = 1.5; /* inside a bucket: what lies in (1, 2] may be above */
    world_open(w);
    OK(store_bounds(w->st, upper, 4, &bounds, &ctx));
    uint32_t id = world_series(w, 0, SIG_TTFT, (struct labels){.model = "gpt-x"}, bounds);
    for (int i = 0; i < 180; i++) {
        struct store_hist_count counts[] = {{1, 10}, {2, 60}, {3, i < 120 ? 0u : 930u}};
        struct store_item *it = world_item(w, id);
        it->v.hist.counts = counts;
        it->v.hist.count = 3;
        it->v.hist.n = i < 120 ? 70 : 1000;
        world_poll(w);
        world_alerts(w, alerts, sizeof alerts);
        if (i < 120)
            ck_assert_str_eq(alerts, "");
    }
    ck_assert_msg(strstr(alerts, " had ttft above 1.5 s in 1h") != NULL && strstr(alerts, " to ") != NULL, "%s", alerts);
    ck_assert_uint_eq(world_incidents(w, &in, title, sizeof title), 1);
    ck_assert_str_eq(title, "gpt-x slow ttft");
    world_free(w);
}
END_TEST

/* What a live poll counts above the threshold (the index's cut) is what the store counts after a restart (hist_above): the
 * bad ones of the hour, as the rule that lost its data says them. */
static int64_t above(double threshold, bool classic, enum fate fate)
{
    struct world *w = world_new(minute);
    struct errctx ctx = {.text = ""};
    static const double upper[] = {0.5, 1, 2, 4};
    static char alerts[TEXT];
    const struct hist_bounds *bounds = NULL;
    struct slo *s = world_slo(w, "ttft", 0.5, "gpt-x"); /* cannot burn faster than twice: nothing fires */
    struct store_hist_count counts[9];
    long long bad = -1;
    s->kind = SLO_LATENCY;
    s->signal = SIG_TTFT;
    s->threshold = threshold;
    world_open(w);
    if (classic)
        OK(store_bounds(w->st, upper, 4, &bounds, &ctx));
    struct store_item *it = world_item(w, world_series(w, 0, SIG_TTFT, (struct labels){.model = "gpt-x"}, bounds));
    it->v.hist.count = classic ? 5 : 9;
    it->v.hist.counts = counts;
    for (uint32_t k = 0; k < it->v.hist.count; k++) {
        /* exponential: buckets 28 to 36, of which 32 ends at 2 s */
        counts[k] = (struct store_hist_count){classic ? k : (1u << 30) + 28 + k, UINT64_C(1) << k};
        it->v.hist.n += counts[k].count;
    }
    w->t_ms += minute;
    world_analyse_at(w, 0, w->t_ms - minute, w->t_ms, false, fate);
    OK(analyser_tick(w->an, w->t_ms + 10 * minute, &ctx));
    OK(store_commit(w->st, &ctx));
    world_alerts(w, alerts, sizeof alerts);
    ck_assert_msg(sscanf(alerts, "slo:ttft:page-5m {model=gpt-x} 2 at %*d onset %*d %lld/", &bad) == 1, "%s", alerts);
    world_free(w);
    return bad;
}

START_TEST(live_and_stored_histograms_are_cut_alike)
{
    /* classic: buckets of 1, 2, 4, 8 and 16 up to 0.5, 1, 2, 4 s and beyond; exponential: 1 .. 256, the fifth (16) ends at 2 s */
    static const struct {
        double threshold;
        int64_t classic, exponential;
    } of[] = {{0.1, 30, 511},       {0.5, 30, 511},  {0.7, 28, 511}, {2, 24, 480}, {2.0000001, 16, 448},
              {1.9999999, 24, 480}, {2.05, 16, 384}, {4, 16, 0},     {5, 0, 0}};
    for (size_t i = 0; i < sizeof of / sizeof of[0]; i++) {
        for (int fate = LIVES; fate <= DIES_AFTER_APPEND; fate += DIES_AFTER_APPEND - LIVES) {
            ck_assert_msg(above(of[i].threshold, true, (enum fate)fate) == of[i].classic, "classic, %g s, %d", of[i].threshold, fate);
            int64_t got = above(of[i].threshold, false, (enum fate)fate);
            ck_assert_msg(got == of[i].exponential, "exponential, %g s, %d: %lld", of[i].threshold, fate, (long long)got);
        }
    }
}
END_TEST

START_TEST(sources_that_go_and_come)
{
    struct world *w = gpt_x(minute);
    struct errctx ctx = {.text = ""};
    struct event ev;
    char text[256];
    const struct source_status never = {.name = "litellm", .state = SOURCE_NEVER, .reason = ""},
                               ok = {.name = "litellm", .state = SOURCE_OK, .reason = ""},
                               down = {.name = "litellm", .state = SOURCE_DOWN, .reason = "connection \033[31mrefused"};
    OK(analyser_source_changed(w->an, &never, &ok, w->t_ms, &ctx));
    ck_assert_uint_eq(world_events(w, EVENT_SOURCE, &ev, text, sizeof text), 0);
    OK(analyser_source_changed(w->an, &ok, &down, w->t_ms + 1000, &ctx));
    ck_assert_uint_eq(world_events(w, EVENT_SOURCE, &ev, text, sizeof text), 1);
    ck_assert_str_eq(text, "source litellm is down: connection ^[[31mrefused");
    OK(analyser_source_changed(w->an, &down, &ok, w->t_ms + 2000, &ctx));
    OK(analyser_source_changed(w->an, &down, &ok, w->t_ms + 2000, &ctx));
    ck_assert_uint_eq(world_events(w, EVENT_SOURCE, &ev, text, sizeof text), 2);
    world_free(w);
}
END_TEST

Suite *suite_analyse(void);
Suite *suite_analyse(void)
{
    Suite *s = suite_create("analyse");
    TCase *slo = tcase_create("objectives"), *crash = tcase_create("crashes"), *time = tcase_create("time"),
          *rest = tcase_create("sources");
    tcase_add_test(slo, an_outage_is_one_incident);
    tcase_add_test(slo, a_restart_that_counters_told_is_in_the_timeline);
    tcase_add_test(slo, a_change_that_a_source_tells_is_in_the_timeline);
    tcase_add_test(slo, errors_seem_to_end);
    tcase_add_test(slo, an_end_stays_as_exact_as_it_was_known);
    tcase_add_test(slo, errors_end_and_begin_again);
    tcase_add_test(slo, errors_without_an_onset_do_not_begin_again);
    tcase_add_test(slo, an_onset_is_as_exact_as_is_said);
    tcase_add_test(slo, trouble_that_is_back_opens_it_again);
    tcase_add_test(slo, severity_rises);
    tcase_add_test(slo, an_incident_waits_for_the_objective_that_is_silent);
    tcase_add_test(slo, clients_own_faults_do_not_count);
    tcase_add_test(slo, prices_of_the_configuration_are_written_down);
    tcase_add_test(slo, latency_objective);
    tcase_add_test(slo, live_and_stored_histograms_are_cut_alike);
    suite_add_tcase(s, slo);
    tcase_add_test(crash, a_crash_neither_skips_nor_repeats);
    tcase_add_test(crash, a_rule_that_the_store_does_not_know_begins_inactive);
    tcase_add_test(crash, the_same_batch_twice_is_once);
    suite_add_tcase(s, crash);
    tcase_add_test(time, late_data_does_not_alert_but_is_not_lost);
    tcase_add_test(time, a_silent_source_is_no_data);
    tcase_add_test(time, a_source_that_lacks_its_failures_ends_no_alert);
    tcase_add_test(time, a_replica_that_is_whole_does_not_speak_for_a_torn_one);
    tcase_add_test(time, what_a_torn_page_does_not_feed_goes_on);
    tcase_add_test(time, windows_are_not_rebuilt_from_torn_polls);
    tcase_add_test(time, what_is_made_good_is_known_again);
    tcase_add_test(time, windows_end_with_the_newest_poll);
    tcase_add_test(time, backfill_never_pages);
    tcase_add_test(time, trouble_that_outlasts_the_backfill_pages_once);
    suite_add_tcase(s, time);
    tcase_add_test(rest, one_authority_counts);
    tcase_add_test(rest, an_objective_that_is_gone_does_not_fire_for_ever);
    tcase_add_test(rest, sources_that_go_and_come);
    suite_add_tcase(s, rest);
    return s;
}
