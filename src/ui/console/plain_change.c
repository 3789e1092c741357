/* SPDX-License-Identifier: MIT */
/* What differs from what has been said, in the order of a person's questions: what is broken, is it real, who deals with it, what changed.
 *
 * A state is said when it changes. A number that fluctuates is not a state: the verdict is said again only when it has become twice or half
 * as bad, or by a fifth of all requests, and not twice within two minutes. An event that the timeline of an incident repeats is said
 * once. */
#include "ui/console/plain_state.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/timefmt.h"
#include "ui/draw/frame.h"

enum { NAMES_SAID = 3, FACTS_SAID = 8 };
static const double moved_factor = 2, moved_least = 1, moved_much = 20; /* percent of requests */
static const int64_t moved_rest_ms = 120000, just_now_ms = 60000;

/* ---- the verdict ---- */

/* -1 better, 1 worse, 0 about as bad as was said. */
static int moved(double said, double now)
{
    double by = fabs(now - said), less = said < now ? said : now, more = said < now ? now : said;
    if (!(by >= moved_much) && !(by >= moved_least && more >= moved_factor * less))
        return 0; /* also where one of them is not known */
    return now > said ? 1 : -1;
}

static const char *verdict_change(const struct plain *p, const struct view_verdict *v, char out[PLAIN_TEXT_MAX])
{
    const struct plain_said *said = &p->said;
    bool rested = clock_mono_ms(&p->clock) - said->verdict_mono_ms >= moved_rest_ms;
    int by = v->state != VERDICT_UNKNOWN && rested ? moved(said->bad_percent, v->bad_percent) : 0;
    if (v->state == VERDICT_UNKNOWN && v->state != said->state)
        out[0] = '\0'; /* its text says itself what it was */
    else if (v->state != said->state)
        (void)str_format(out, PLAIN_TEXT_MAX, ", was %s", frame_verdict_word(said->state));
    else if (strcmp(v->scope, said->scope) != 0)
        (void)str_copy(out, PLAIN_TEXT_MAX, str_of(", now about"));
    else if (by != 0)
        (void)str_copy(out, PLAIN_TEXT_MAX, str_of(by > 0 ? ", worse" : ", less bad"));
    else
        return NULL;
    return out;
}

static void take_verdict(struct plain *p, const struct view_verdict *v)
{
    p->said.state = v->state;
    (void)str_copy(p->said.scope, sizeof p->said.scope, str_of(v->scope));
    p->said.bad_percent = v->bad_percent;
    p->said.verdict_mono_ms = clock_mono_ms(&p->clock);
}

static void say_verdict(struct plain *p, const struct view_verdict *v)
{
    char how[PLAIN_TEXT_MAX], text[PLAIN_TEXT_MAX];
    if (verdict_change(p, v, how) == NULL)
        return;
    plain_say(p, "%s", plain_verdict(v, how, text));
    take_verdict(p, v);
}

void plain_say_heartbeat(struct plain *p, const struct view_frame *f)
{
    char verdict[PLAIN_TEXT_MAX], fresh[PLAIN_TEXT_MAX];
    plain_say(p, "still %s; %s", plain_verdict(&f->verdict, "", verdict), plain_freshness(f, fresh));
    take_verdict(p, &f->verdict);
}

/* ---- sources ---- */

static struct plain_source *said_source(struct plain_said *said, uint32_t id)
{
    for (size_t i = 0; i < said->source_count; i++)
        if (said->source[i].id == id)
            return &said->source[i];
    return NULL;
}

static enum source_state said_state(struct plain_said *said, uint32_t id)
{
    const struct plain_source *s = said_source(said, id);
    return s != NULL ? s->state : SOURCE_NEVER; /* a source that came later */
}

static void say_one_source(struct plain *p, const struct source_status *s, int64_t cursor_ms)
{
    char text[PLAIN_TEXT_MAX], lasted[NUMFMT_MAX];
    const struct plain_source *said = said_source(&p->said, s->id);
    if (s->state != SOURCE_OK)
        plain_say(p, "source %s", plain_source(s, cursor_ms, text));
    else if (said == NULL || said->state == SOURCE_NEVER)
        plain_say(p, "source %s answers", s->name);
    else
        plain_say(p, "source %s answers again, was %s for %s", s->name, source_state_name(said->state),
                  numfmt_duration(cursor_ms - said->since_ms, lasted));
}

/* All that came into one state between two looks: one by name with its reason, several by name, many by number. */
static void say_sources_in(struct plain *p, const struct plain_look *k, enum source_state state)
{
    const struct source_status *only = NULL;
    char names[PLAIN_TEXT_MAX] = "";
    size_t count = 0;
    for (size_t i = 0; i < k->overview.source_count; i++) {
        const struct source_status *s = &k->overview.sources[i];
        size_t n = strlen(names);
        if (s->state != state || said_state(&p->said, s->id) == state)
            continue;
        only = s;
        if (count++ < NAMES_SAID)
            (void)str_format(names + n, sizeof names - n, "%s%s", n > 0 ? ", " : "", s->name);
    }
    if (count == 1)
        say_one_source(p, only, k->frame.cursor_ms);
    else if (count > NAMES_SAID)
        plain_say(p, "%zu sources %s: %s and %zu more", count, state == SOURCE_OK ? "answer" : source_state_name(state), names,
                  count - NAMES_SAID);
    else if (count > 0)
        plain_say(p, "%zu sources %s: %s", count, state == SOURCE_OK ? "answer" : source_state_name(state), names);
}

static void say_sources(struct plain *p, const struct plain_look *k)
{
    static const enum source_state order[] = {SOURCE_DOWN,     SOURCE_STALE,   SOURCE_SAWTOOTH, SOURCE_PARTIAL,
                                              SOURCE_WATCHING, SOURCE_STOPPED, SOURCE_OK}; /* NEVER is where each begins */
    char text[PLAIN_TEXT_MAX];
    bool fresh = plain_is_fresh(&k->frame);
    for (size_t i = 0; i < sizeof order / sizeof *order; i++)
        say_sources_in(p, k, order[i]);
    if (fresh != p->said.fresh)
        plain_say(p, "%s: %s", fresh ? "data is live again" : "data is old", plain_freshness(&k->frame, text));
}

static enum err take_sources(struct plain *p, const struct plain_look *k)
{
    size_t count = k->overview.source_count;
    struct plain_source *list = calloc(count + 1, sizeof *list);
    if (list == NULL)
        return ERR_NOMEM;
    for (size_t i = 0; i < count; i++) {
        const struct source_status *s = &k->overview.sources[i];
        const struct plain_source *before = said_source(&p->said, s->id);
        bool same = before != NULL && before->state != SOURCE_OK;
        list[i] = (struct plain_source){.id = s->id, .state = s->state, .since_ms = same ? before->since_ms : k->frame.cursor_ms};
    }
    free(p->said.source);
    p->said.source = list;
    p->said.source_count = count;
    p->said.fresh = plain_is_fresh(&k->frame);
    return ERR_OK;
}

/* ---- the recorder ---- */

static void say_recorder(struct plain *p, const struct view_frame *f)
{
    if (f->recorder_running != p->said.recorder_running && f->ended_ms == 0) {
        if (f->recorder_running)
            plain_say(p, "the recorder runs, pid %lld", (long long)f->recorder_pid);
        else
            plain_say(p, "the recorder has ended: nothing is recorded until it runs again");
    } else if (f->recorder_silent != p->said.recorder_silent) {
        char missing[FRAME_TEXT_MAX];
        plain_say(p, "%s", f->recorder_silent ? frame_recorder_text(f, missing) : "the recorder writes again");
    }
    if (f->kept != p->said.kept)
        plain_say(p, f->kept ? "what is recorded is kept again"
                             : "NOT KEPT: the store cannot be written, so what is recorded now will be lost");
}

/* ---- incidents ---- */

static struct plain_incident *said_incident(struct plain_said *said, int64_t id)
{
    for (size_t i = 0; i < said->incident_count; i++)
        if (said->incident[i].id == id)
            return &said->incident[i];
    return NULL;
}

/* What became of one; NULL when nothing did. */
static const char *incident_change(const struct plain *p, const struct vincident *v, char out[PLAIN_TEXT_MAX])
{
    const struct incident *in = &v->in;
    const struct plain_said *said = &p->said;
    size_t i = 0;
    while (i < said->incident_count && said->incident[i].id != in->id)
        i++;
    if (i == said->incident_count) {
        if (in->id <= said->incident_id)
            return NULL; /* so old that the list had left it out */
        if (in->state == INCIDENT_RESOLVED)
            (void)str_format(out, PLAIN_TEXT_MAX, ", %s, resolved after %s", severity_name(in->severity), v->duration_text);
        else
            (void)str_format(out, PLAIN_TEXT_MAX, " opened, %s", severity_name(in->severity));
    } else if (in->state == said->incident[i].state && in->severity == said->incident[i].severity) {
        return NULL;
    } else if (in->state == said->incident[i].state) {
        (void)str_format(out, PLAIN_TEXT_MAX, " is now a %s", severity_name(in->severity));
    } else if (in->state == INCIDENT_RESOLVED) {
        (void)str_format(out, PLAIN_TEXT_MAX, " resolved after %s", v->duration_text);
    } else if (said->incident[i].state == INCIDENT_RESOLVED) {
        (void)str_format(out, PLAIN_TEXT_MAX, " opened again, %s", severity_name(in->severity));
    } else {
        (void)str_format(out, PLAIN_TEXT_MAX, " %s%s%s", incident_state_name(in->state), in->owner[0] != '\0' ? " by " : "", in->owner);
    }
    return out;
}

/* The newest FACTS_SAID of a flood, which only a recorder that fills in the past makes. */
static void say_incidents(struct plain *p, const struct view_incidents *v)
{
    char text[PLAIN_TEXT_MAX];
    size_t count = 0, seen = 0;
    for (size_t i = 0; i < v->count; i++)
        count += incident_change(p, &v->list[i], text) != NULL;
    if (count > FACTS_SAID)
        plain_say(p, "%zu earlier incidents; `gwtop incidents` lists them", count - FACTS_SAID);
    for (size_t i = v->count; i-- > 0;)
        if (incident_change(p, &v->list[i], text) != NULL && seen++ + FACTS_SAID >= count)
            plain_say(p, "incident %lld%s: %s", (long long)v->list[i].in.id, text, v->list[i].in.title);
}

static void take_incidents(struct plain *p, const struct view_incidents *v)
{
    struct plain_said *said = &p->said;
    const struct plain_said before = *said;
    said->incident_count = v->count < PLAIN_INCIDENTS_MAX ? v->count : PLAIN_INCIDENTS_MAX;
    for (size_t i = 0; i < said->incident_count; i++) {
        const struct incident *in = &v->list[i].in;
        said->incident[i] = (struct plain_incident){.id = in->id, .state = in->state, .severity = in->severity};
        for (size_t k = 0; k < before.incident_count; k++)
            if (before.incident[k].id == in->id)
                said->incident[i].entry_id = before.incident[k].entry_id;
        said->incident_id = in->id > said->incident_id ? in->id : said->incident_id;
    }
}

/* ---- events and timelines ---- */

/* ", at 03:02:10Z" where that is not just now. */
static const char *at_phrase(int64_t at_ms, int64_t cursor_ms, char out[PLAIN_NUMBER_MAX])
{
    char clock[TIMEFMT_MAX];
    instant_format_clock(at_ms, clock);
    out[0] = '\0';
    if (cursor_ms - at_ms > just_now_ms)
        (void)str_format(out, PLAIN_NUMBER_MAX, ", at %.9s", clock);
    return out;
}

/* What becomes of a source is said from its state, which is known without a recorder, too. */
static bool is_news(const struct plain *p, const struct event *e)
{
    return e->id > p->said.event_id && e->kind != EVENT_SOURCE;
}

static void say_events(struct plain *p, const struct plain_look *k)
{
    char at[PLAIN_NUMBER_MAX];
    size_t count = 0, seen = 0;
    for (size_t i = 0; i < k->events.count; i++)
        count += is_news(p, &k->events.events[i]);
    if (count > FACTS_SAID)
        plain_say(p, "%zu earlier events; the events pane lists them", count - FACTS_SAID);
    for (size_t i = k->events.count; i-- > 0;) {
        const struct event *e = &k->events.events[i];
        if (is_news(p, e) && seen++ + FACTS_SAID >= count)
            plain_say(p, "event, %s%s: %s", event_kind_name(e->kind), at_phrase(e->at_ms, k->frame.cursor_ms, at), e->text);
    }
}

/* The timeline repeats events, and what becomes of the incident itself, both of which have lines of their own. */
static bool is_repeated(const struct plain_look *k, const struct timeline_entry *t)
{
    if (t->letter == 'R' || t->letter == '!')
        return true;
    for (size_t i = 0; i < k->events.count; i++)
        if (k->events.events[i].at_ms == t->at_ms && event_kind_letter(k->events.events[i].kind) == t->letter)
            return true;
    return false;
}

/* Only so many timelines are followed at once: one that was not is caught up with from where it was left, or from the moment on. */
static bool is_entry(struct plain *p, const struct plain_look *k, const struct timeline_entry *t)
{
    const struct plain_incident *in = said_incident(&p->said, t->incident);
    bool news = in != NULL && in->entry_id != 0 ? t->id > in->entry_id : t->known_ms > p->said.begun_ms;
    return news && !is_repeated(k, t);
}

static void say_timeline(struct plain *p, const struct plain_look *k, const struct timeline_entry *list, size_t n)
{
    char at[PLAIN_NUMBER_MAX];
    size_t count = 0, seen = 0;
    for (size_t i = 0; i < n; i++)
        count += is_entry(p, k, &list[i]);
    if (count > FACTS_SAID)
        plain_say(p, "%zu earlier entries; `gwtop incidents show %lld`", count - FACTS_SAID, (long long)list[0].incident);
    for (size_t i = 0; i < n; i++)
        if (is_entry(p, k, &list[i]) && seen++ + FACTS_SAID >= count)
            plain_say(p, "incident %lld%s: %s", (long long)list[i].incident, at_phrase(list[i].at_ms, k->frame.cursor_ms, at),
                      list[i].text);
}

static void take_facts(struct plain *p, const struct plain_look *k)
{
    for (size_t i = 0; i < k->events.count; i++)
        p->said.event_id = k->events.events[i].id > p->said.event_id ? k->events.events[i].id : p->said.event_id;
    for (size_t i = 0; i < k->timeline_count; i++)
        for (size_t t = 0; t < k->timeline[i].count; t++) {
            const struct timeline_entry *entry = &k->timeline[i].list[t];
            struct plain_incident *in = said_incident(&p->said, entry->incident);
            if (in != NULL && entry->id > in->entry_id)
                in->entry_id = entry->id;
        }
}

/* ---- all of it ---- */

enum err plain_take(struct plain *p, const struct plain_look *k, struct errctx *ctx)
{
    if (!p->begun) {
        take_verdict(p, &k->frame.verdict);
        p->said.begun_ms = k->frame.cursor_ms;
    }
    if (isnan(p->said.bad_percent))
        p->said.bad_percent = k->frame.verdict.bad_percent;
    p->said.recorder_running = k->frame.recorder_running;
    p->said.recorder_silent = k->frame.recorder_silent;
    p->said.kept = k->frame.kept;
    take_incidents(p, &k->incidents);
    take_facts(p, k);
    return take_sources(p, k) == ERR_OK ? ERR_OK : errctx_set(ctx, ERR_NOMEM, "out of memory while comparing sources");
}

void plain_say_changes(struct plain *p, const struct plain_look *k)
{
    say_verdict(p, &k->frame.verdict);
    say_sources(p, k);
    say_recorder(p, &k->frame);
    say_incidents(p, &k->incidents);
    say_events(p, k);
    for (size_t i = 0; i < k->timeline_count; i++)
        say_timeline(p, k, k->timeline[i].list, k->timeline[i].count);
}
