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
        if (strncmp(base[i], "GWTOP_", 6) != 0)
            env[n++] = base[i];
    fill(cfg, store, p, &t);
    for (size_t i = 0; i < FACTS; i++) {
        env[n] = variable(&t.fact[i], a);
        if (env[n++] == NULL)
            return NULL;
    }
    return env;
}
