/* SPDX-License-Identifier: MIT */
/* How this works: two passes of the parser over the page. The first collects the names of families and lets the profiles vote; the second
 * folds every sample under the winner and counts it for its family. */
#include "netcli/probe.h"

#include <math.h>
#include <string.h>

#include "base/intern.h"
#include "base/safe_text.h"
#include "record/buckets.h"

enum {
    FAMILIES_MAX = 20000,
    NAME_MAX_BYTES = 200,
    LABEL_BYTES_MAX = 8192,
};

/* Reasons are told apart by address. */
static const char why_ignored[] = "the profile leaves them out", why_created[] = "creation times",
                  why_conditions[] = "no series meets the profile's conditions", why_empty[] = "no series yet";

struct family {
    struct probe_family shown;
};

struct probe {
    struct arena *a;
    struct intern *names; /* of families, as exposed */
    struct family *list;  /* by id */
    uint32_t cap;
    const struct profile *profile;
    struct probe_report *r;
    char type_family[NAME_MAX_BYTES];
    size_t type_len;
    size_t created, odd_counters, stamped;
    bool process_start, own; /* own: of a Prometheus server about itself */
    struct buckets identity; /* tells histograms apart; holds none */
    struct {                 /* the bucket before this one on the page */
        struct buckets_id of;
        double le, value;
    } last;
    const char *not_rising; /* the first one that holds less than the one below it, in words */
    enum err err;
};

void probe_note(struct probe_report *r, const char *text)
{
    if (r->note_count < PROBE_NOTES_MAX)
        r->notes[r->note_count++] = text;
}

static struct str without(struct str name, const char *suffix)
{
    return str_has_suffix(name, suffix) ? (struct str){name.p, name.n - strlen(suffix)} : name;
}

/* The family of a sample: the last # TYPE when it is one of its, else the name without a histogram's suffix. */
static struct str family_of(const struct probe *p, struct str name)
{
    if (p->type_len > 0 && name.n >= p->type_len && memcmp(name.p, p->type_family, p->type_len) == 0 &&
        (name.n == p->type_len || name.p[p->type_len] == '_'))
        return (struct str){p->type_family, p->type_len};
    struct str base = without(name, "_bucket");
    return base.n != name.n ? base : name;
}

static struct family *get(struct probe *p, struct str name)
{
    uint32_t id;
    if (intern_add(p->names, name, &id) != ERR_OK || id >= p->cap)
        return NULL;
    struct family *f = &p->list[id];
    if (f->shown.name == NULL) {
        char safe[NAME_MAX_BYTES];
        size_t n = safe_text(safe, sizeof safe, name);
        f->shown.name = arena_strdup(p->a, (struct str){safe, n});
        f->shown.fate = PROBE_UNKNOWN;
        if (f->shown.name == NULL)
            p->err = ERR_NOMEM;
    }
    return f;
}

static void on_type(void *ctx, struct str family, enum expo_type type)
{
    struct probe *p = ctx;
    (void)type;
    p->type_len = family.n < sizeof p->type_family ? family.n : 0;
    memcpy(p->type_family, family.p, p->type_len);
    if (p->profile == NULL)
        (void)get(p, family);
}

static bool on_name(void *ctx, const struct expo_sample *s)
{
    struct probe *p = ctx;
    struct family *f = get(p, family_of(p, s->name));
    if (f != NULL)
        f->shown.series++;
    p->own |= str_eq_z(s->name, "prometheus_build_info") || str_eq_z(s->name, "vm_app_version");
    return p->err == ERR_OK;
}

static void add_signal(struct probe_family *f, enum signal s)
{
    for (uint32_t i = 0; i < f->signal_count; i++) {
        if (f->signals[i] == s)
            return;
    }
    if (f->signal_count < PROBE_SIGNALS_MAX)
        f->signals[f->signal_count++] = s;
}

/* How many rows of the profile a sample feeds. */
static unsigned feeds(struct probe *p, const struct expo_sample *s, const struct profile_metric *m, struct probe_family *f)
{
    struct profile_pair pairs[EXPO_LABELS_MAX];
    char text[LABEL_BYTES_MAX];
    size_t used = 0;
    unsigned rows = 0;
    for (size_t i = 0; i < s->label_count; i++) {
        struct str v = s->labels[i].value;
        if (s->labels[i].escaped) {
            v.n = v.n < sizeof text - used ? v.n : sizeof text - used;
            v = (struct str){text + used, expo_unescape(v, text + used)};
            used += v.n;
        }
        pairs[i] = (struct profile_pair){s->labels[i].name, v};
    }
    for (; m != NULL; m = profile_next(p->profile, m)) {
        struct str dims[DIM_COUNT];
        if (!profile_fold(p->profile, m, pairs, s->label_count, dims))
            continue;
        add_signal(f, m->signal);
        rows++;
    }
    return rows;
}

static bool is_odd_counter(const struct profile_metric *m, enum profile_sample sample, double v)
{
    enum signal_kind k = profile_metric_kind(m);
    return (k == KIND_INCREMENT || (k == KIND_HISTOGRAM && sample != SAMPLE_SUM)) && !(v >= 0 && v < INFINITY);
}

/* Exporters print a histogram's buckets in a row and rising. */
static void check_rise(struct probe *p, const struct expo_sample *s)
{
    double le = NAN;
    for (size_t i = 0; i < s->label_count; i++)
        if (str_eq_z(s->labels[i].name, "le") && !str_to_f64(s->labels[i].value, &le))
            return;
    struct buckets_id id = buckets_identity(&p->identity, s->name, s->labels, s->label_count, 0);
    bool same = memcmp(&id, &p->last.of, sizeof id) == 0;
    if (same && le > p->last.le && s->value < p->last.value && p->not_rising == NULL) {
        char name[NAME_MAX_BYTES];
        safe_text(name, sizeof name, without(s->name, "_bucket"));
        p->not_rising = isinf(le)
                            ? arena_printf(p->a, "%s: le=\"+Inf\" holds less than the bucket below it: the lower one is believed", name)
                            : arena_printf(p->a, "%s: le=\"%g\" holds less than the bucket below it: the lower one is believed", name, le);
        p->err = p->not_rising == NULL ? ERR_NOMEM : p->err;
    }
    p->last.of = id;
    p->last.le = le;
    p->last.value = s->value;
}

static bool on_sample(void *ctx, const struct expo_sample *s)
{
    struct probe *p = ctx;
    struct str family = family_of(p, s->name);
    struct family *f = get(p, family);
    enum profile_sample sample;
    const struct profile_metric *m = profile_find_sample(p->profile, s->name, &sample);
    p->created += str_has_suffix(s->name, "_created");
    p->stamped += s->has_timestamp;
    p->process_start |= str_eq_z(s->name, "process_start_time_seconds");
    if (f == NULL)
        return p->err == ERR_OK;
    if (m != NULL) {
        unsigned rows = feeds(p, s, m, &f->shown);
        f->shown.metric = m;
        f->shown.used += rows > 0;
        p->r->used += rows > 0;
        p->odd_counters += is_odd_counter(m, sample, s->value);
        if (sample == SAMPLE_BUCKET)
            check_rise(p, s);
    } else if (profile_ignores(p->profile, s->name) || profile_ignores(p->profile, family)) {
        f->shown.why = str_has_suffix(s->name, "_created") ? why_created : why_ignored;
    }
    return true;
}

static void on_warning(void *ctx, const struct expo_warning *w)
{
    struct probe *p = ctx;
    size_t i = p->r->warning_count++;
    if (i >= PROBE_WARNINGS_MAX)
        return;
    char safe[200];
    size_t n = safe_text(safe, sizeof safe, w->text);
    p->r->warnings[i] = (struct probe_warning){w->line, w->what, arena_strdup(p->a, (struct str){safe, n})};
    if (p->r->warnings[i].text == NULL)
        p->r->warnings[i].text = "";
}

static enum err run(struct probe *p, struct str page, bool openmetrics, const struct expo_handler *h, struct expo_stats *ret)
{
    struct expo *parser = expo_new(h, page.n + 1);
    if (parser == NULL)
        return ERR_NOMEM;
    expo_set_openmetrics(parser, openmetrics);
    p->type_len = 0;
    enum err e = expo_feed(parser, page.p, page.n);
    if (e == ERR_OK)
        e = expo_finish(parser);
    *ret = expo_stats(parser);
    expo_free(parser);
    return p->err != ERR_OK ? p->err : e;
}

static enum err recognise(struct probe *p, const struct profiles *ps)
{
    uint32_t count = intern_count(p->names) - 1;
    struct str *names = arena_array(p->a, (size_t)count + 1, sizeof *names);
    if (names == NULL)
        return ERR_NOMEM;
    for (uint32_t i = 0; i < count; i++)
        names[i] = str_of(intern_text(p->names, i + 1));
    p->profile = profiles_recognise(ps, names, count);
    return ERR_OK;
}

static void note_oddities(struct probe *p)
{
    struct probe_report *r = p->r;
    if (p->created > 0) {
        char *text = arena_printf(p->a,
                                  "%zu _created series are dropped; the exporter can be told not to send them "
                                  "(PROMETHEUS_DISABLE_CREATED_SERIES=true)",
                                  p->created);
        probe_note(r, text == NULL ? "_created series are dropped" : text);
    }
    if (p->odd_counters > 0)
        probe_note(r, "some counters are NaN, infinite or negative: those samples are left out");
    if (p->not_rising != NULL)
        probe_note(r, p->not_rising);
    if (p->stamped > 0)
        probe_note(r, "samples carry timestamps of their own: those older than 5 min are left out");
    if (r->profile == NULL && p->own)
        probe_note(r, "these are a Prometheus server's metrics about itself; probe its address without /metrics for what it scrapes");
    if (r->profile != NULL && !p->process_start)
        probe_note(r, "no process_start_time_seconds: a restart is told by falling counters alone");
    if (r->profile != NULL)
        probe_note(r, "whether several workers answer in turn behind this port cannot be told from one page; the recorder will say so");
    if (r->profile != NULL && r->used == 0)
        probe_note(r, "the families are there but hold no series that counts yet: gateways expose most of them with the first request");
}

/* A family is understood when any of its series feeds something; left out when the profile knows it. */
static void judge(struct probe *p)
{
    uint32_t count = intern_count(p->names) - 1;
    for (uint32_t i = 1; i <= count && i < p->cap; i++) {
        struct probe_family *f = &p->list[i].shown;
        if (f->used > 0)
            f->fate = PROBE_UNDERSTOOD;
        else if (f->metric != NULL) {
            f->fate = PROBE_LEFT_OUT;
            f->why = why_conditions;
        } else if (f->why != NULL || (p->profile != NULL && profile_ignores(p->profile, str_of(intern_text(p->names, i))))) {
            f->fate = PROBE_LEFT_OUT;
            f->why = f->why != NULL ? f->why : why_ignored;
        } else if (f->series == 0) {
            f->fate = PROBE_LEFT_OUT;
            f->why = why_empty;
        }
    }
}

static enum err collect(struct probe *p, struct probe_report *r)
{
    uint32_t count = intern_count(p->names) - 1;
    r->families = arena_array(p->a, (size_t)count + 1, sizeof *r->families);
    if (r->families == NULL)
        return ERR_NOMEM;
    for (uint32_t i = 1; i <= count && i < p->cap; i++) {
        if (p->list[i].shown.name != NULL)
            r->families[r->family_count++] = p->list[i].shown;
    }
    return ERR_OK;
}

enum err probe_page(struct str page, bool openmetrics, const struct profiles *ps, const struct profile *profile, struct arena *a,
                    struct probe_report *ret, struct errctx *ctx)
{
    struct probe_report r = {.openmetrics = openmetrics, .bytes = page.n};
    struct probe p = {.a = a, .names = intern_new(FAMILIES_MAX), .cap = FAMILIES_MAX + 1, .r = &r};
    struct expo_stats st;
    buckets_init(&p.identity);
    p.list = arena_array(a, p.cap, sizeof *p.list);
    enum err e = p.names == NULL || p.list == NULL ? ERR_NOMEM : ERR_OK;
    const struct expo_handler names = {.on_sample = on_name, .on_type = on_type, .on_warning = on_warning, .ctx = &p};
    const struct expo_handler fold = {.on_sample = on_sample, .on_type = on_type, .ctx = &p};
    if (e == ERR_OK)
        e = run(&p, page, openmetrics, &names, &st);
    if (e == ERR_OK) {
        r.series = st.samples;
        r.is_html = st.looks_like_html;
        r.is_json = st.looks_like_json;
        p.profile = profile;
        e = profile != NULL ? ERR_OK : recognise(&p, ps);
    }
    r.profile = p.profile;
    if (e == ERR_OK && p.profile != NULL)
        e = run(&p, page, openmetrics, &fold, &st);
    if (e == ERR_OK) {
        judge(&p);
        note_oddities(&p);
        e = collect(&p, &r);
    }
    intern_free(p.names);
    if (e != ERR_OK)
        return errctx_set(ctx, e, "the page could not be examined: %s", err_name(e));
    *ret = r;
    return ERR_OK;
}
