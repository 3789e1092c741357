/* SPDX-License-Identifier: MIT */
#include "record/page_doc.h"

#include <string.h>

#include "base/json.h"
#include "base/safe_text.h"
#include "base/timefmt.h"

enum { VALUE_MAX_BYTES = 2048, NUMBER_BYTES = 24, FACTS = 14 };

struct fact {
    const char *name; /* of the variable, behind GWTOP_ */
    const char *key;  /* in the document */
    const char *value;
};

struct texts {
    char incident[NUMBER_BYTES], since[TIMEFMT_MAX], at[TIMEFMT_MAX];
    struct fact fact[FACTS];
};

static void fill(const struct config *cfg, const char *store, const struct page_told *p, struct texts *t)
{
    const struct duty d = config_duty_of_rule(cfg, p->rule);
    (void)str_format(t->incident, sizeof t->incident, "%lld", (long long)p->incident);
    instant_format_iso(p->since_ms, t->since);
    instant_format_iso(p->at_ms, t->at);
    const struct fact facts[FACTS] = {
        {"EVENT", "event", page_on_name(p->on)},
        {"INCIDENT", NULL, t->incident},
        {"TITLE", "title", p->title},
        {"SCOPE", "scope", p->scope},
        {"SEVERITY", "severity", severity_name(p->severity)},
        {"SINCE", "since", t->since},
        {"AT", "at", t->at},
        {"TEXT", "text", p->text},
        {"RULE", "rule", p->rule},
        {"GATEWAY", "gateway", cfg->gateway},
        {"STORE", "store", store},
        {"URL", "url", d.runbook},
        {"OWNER", "owner", d.owner},
        {"CONTACT", "contact", d.contact},
    };
    memcpy(t->fact, facts, sizeof facts);
}

enum err page_doc_json(const struct config *cfg, const char *store, const struct page_told *p, struct buf *out)
{
    struct json w;
    struct texts t;
    fill(cfg, store, p, &t);
    json_begin(&w, out, false);
    json_object(&w, NULL);
    json_i64(&w, "version", 1);
    json_i64(&w, "number", p->seq); /* the same each time that it is told: it may be told twice */
    if (p->incident != 0)
        json_i64(&w, "incident", p->incident);
    else
        json_null(&w, "incident");
    for (size_t i = 0; i < FACTS; i++)
        if (t.fact[i].key != NULL)
            json_string(&w, t.fact[i].key, t.fact[i].value);
    json_end(&w);
    return w.err;
}

static const char *variable(const struct fact *f, struct arena *a)
{
    char value[VALUE_MAX_BYTES];
    (void)safe_text(value, sizeof value, str_of(f->value != NULL ? f->value : ""));
    if (value[0] == '-')
        value[0] = '_';
    return arena_printf(a, "GWTOP_%s=%s", f->name, value);
}

static bool names(const struct config_secret *s, const char *variable, size_t n)
{
    return s->env != NULL && strlen(s->env) == n && memcmp(s->env, variable, n) == 0;
}

static bool any_names(const struct config_header *h, uint32_t count, const char *variable, size_t n)
{
    for (uint32_t i = 0; i < count; i++)
        if (names(&h[i].secret, variable, n))
            return true;
    return false;
}

static bool post_names(const struct config_post *p, const char *variable, size_t n)
{
    return names(&p->url_secret, variable, n) || any_names(p->header, p->header_count, variable, n);
}

/* Whether a variable ("NAME=value") is one that a secret is read from: it leaves the environment when that is first read, which may be
 * later. */
static bool is_secret(const struct config *cfg, const char *variable)
{
    const size_t n = strcspn(variable, "=");
    bool is = post_names(&cfg->heartbeat.post, variable, n);
    for (uint32_t i = 0; i < cfg->source_count && !is; i++) {
        const struct config_source *s = &cfg->sources[i];
        is = names(&s->bearer, variable, n) || names(&s->password, variable, n) || any_names(s->header, s->header_count, variable, n);
    }
    for (uint32_t i = 0; i < cfg->canary_count && !is; i++)
        is = names(&cfg->canaries[i].key, variable, n);
    for (uint32_t i = 0; i < cfg->pager_count && !is; i++)
        is = post_names(&cfg->pagers[i].post, variable, n);
    return is;
}

const char *const *page_doc_env(const struct config *cfg, const char *store, const struct page_told *p, char *const *base, struct arena *a)
{
    struct texts t;
    size_t count = 0, n = 0;
    while (base[count] != NULL)
        count++;
    const char **env = arena_array(a, count + FACTS + 1, sizeof *env);
    if (env == NULL)
        return NULL;
    for (size_t i = 0; i < count; i++)
        if (strncmp(base[i], "GWTOP_", 6) != 0 && !is_secret(cfg, base[i]))
            env[n++] = base[i];
    fill(cfg, store, p, &t);
    for (size_t i = 0; i < FACTS; i++) {
        env[n] = variable(&t.fact[i], a);
        if (env[n++] == NULL)
            return NULL;
    }
    return env;
}
