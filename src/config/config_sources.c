/* SPDX-License-Identifier: MIT */
#include <string.h>
#include <strings.h>

#include "config/config_read.h"

enum { LISTING_INTERVAL_MS = 60 * 1000 }; /* of whatever answers with pages of a listing */

void config_check_secret(struct reader *r, const struct yaml_node *at, const char *option, const struct config_secret *s, const char *value)
{
    int given = (s->file != NULL) + (s->env != NULL) + (s->command != NULL) + (value != NULL);
    if (given != 1)
        reader_error(r, at, option, "%s: one of %sfile, env, command", given == 0 ? "names no origin" : "names more than one origin",
                     strcmp(option, "headers") == 0 ? "value, " : "");
}

static bool is_secret_name(const char *name)
{
    static const char *const words[] = {"auth", "key", "token", "secret", "cookie", "password"};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        for (const char *p = name; *p != 0; p++)
            if (strncasecmp(p, words[i], strlen(words[i])) == 0)
                return true;
    return false;
}

static const char *header_fault(const char *name)
{
    static const char *const own[] = {"host",   "content-length",  "transfer-encoding", "connection",
                                      "accept", "accept-encoding", "user-agent"};
    for (const char *p = name; *p != 0; p++)
        if (strchr("!#$%&'*+-.^_`|~", *p) == NULL && !(*p >= '0' && *p <= '9') && !((*p | 32) >= 'a' && (*p | 32) <= 'z'))
            return "holds a character that no header name has";
    for (size_t i = 0; i < sizeof own / sizeof own[0]; i++)
        if (strcasecmp(name, own[i]) == 0)
            return "is set by gwtop itself";
    return NULL;
}

void config_read_headers(struct reader *r, const struct yaml_node *n, struct config_header *list, uint32_t *count)
{
    if (!reader_is_list(r, n, "headers", CONFIG_HEADERS_MAX))
        return;
    for (size_t i = 0; i < n->count; i++) {
        const struct yaml_node *item = n->items[i];
        struct config_header h = {0};
        reader_section(r, SECTION_HEADER, item, &h, false);
        if (h.name == NULL)
            continue;
        const char *fault = header_fault(h.name);
        if (fault != NULL)
            reader_error(r, yaml_get(item, "name"), "headers", "'%s' %s", h.name, fault);
        else if (h.value != NULL && is_secret_name(h.name))
            reader_error(r, yaml_get(item, "value"), "headers",
                         "%s looks like a secret, which does not belong into this file; use file, env or command", h.name);
        else
            config_check_secret(r, item, "headers", &h.secret, h.value);
        list[(*count)++] = h;
    }
}

static bool sends_secret(const struct config_source *s)
{
    bool secret = s->bearer.file != NULL || s->bearer.env != NULL || s->bearer.command != NULL || s->user != NULL;
    for (uint32_t i = 0; i < s->header_count; i++)
        secret = secret || s->header[i].value == NULL;
    return secret;
}

/* The options that are addresses, by kind. */
static const char *const addresses[SOURCE_KINDS] = {[SOURCE_METRICS] = "metrics",
                                                    [SOURCE_PROMETHEUS] = "prometheus",
                                                    [SOURCE_LANGFUSE] = "langfuse",
                                                    [SOURCE_PHOENIX] = "phoenix",
                                                    [SOURCE_CHANGES] = "changes",
                                                    [SOURCE_GRAFANA] = "grafana",
                                                    [SOURCE_GITHUB] = "github",
                                                    [SOURCE_ARGOCD] = "argocd",
                                                    [SOURCE_STATUS_PAGE] = "status_page",
                                                    [SOURCE_ALERTMANAGER] = "alertmanager",
                                                    [SOURCE_PROMETHEUS_RULES] = "prometheus_rules",
                                                    [SOURCE_PAGERDUTY] = "pagerduty",
                                                    [SOURCE_ONCALL] = "grafana_oncall"};

/* Which of the address options a source has; NULL with a finding when it is none or several. */
static const struct yaml_node *source_address(struct reader *r, const struct yaml_node *item, enum source_kind *ret)
{
    const struct yaml_node *found = NULL;
    for (size_t i = 0; i < SOURCE_KINDS; i++) {
        const struct yaml_node *n = addresses[i] != NULL ? yaml_get(item, addresses[i]) : NULL;
        if (n != NULL && found != NULL) {
            reader_error(r, item, NULL, "%s and %s are two sources: write two items", addresses[*ret], addresses[i]);
            return NULL;
        }
        if (n != NULL) {
            found = n;
            *ret = (enum source_kind)i;
        }
    }
    if (found == NULL)
        reader_error(r, item, NULL,
                     "metrics is missing, or another address to read: prometheus, langfuse, phoenix, changes, grafana, github, argocd, "
                     "status_page, alertmanager, prometheus_rules, pagerduty, grafana_oncall");
    return found;
}

/* Options that mean something for some kinds only. */
static void check_kind(struct reader *r, const struct yaml_node *item, enum source_kind kind)
{
    enum {
        METRICS = 1 << SOURCE_METRICS,
        PROMETHEUS = 1 << SOURCE_PROMETHEUS,
        LANGFUSE = 1 << SOURCE_LANGFUSE,
        PHOENIX = 1 << SOURCE_PHOENIX,
        CHANGES = 1 << SOURCE_CHANGES,
        LISTED = 1 << SOURCE_GRAFANA | 1 << SOURCE_GITHUB | 1 << SOURCE_ARGOCD,
        PAGE = 1 << SOURCE_STATUS_PAGE,
        ALERTMANAGER = 1 << SOURCE_ALERTMANAGER,
        ALERTS = ALERTMANAGER | 1 << SOURCE_PROMETHEUS_RULES | 1 << SOURCE_PAGERDUTY | 1 << SOURCE_ONCALL,
        ASKED = METRICS | PROMETHEUS | LANGFUSE | PHOENIX | LISTED | PAGE | ALERTS /* over the network */
    };
    static const struct {
        const char *key;
        int kinds;
        const char *text;
    } only[] = {{"lag", PROMETHEUS | LANGFUSE | PHOENIX, "means something for a prometheus, langfuse or phoenix source only"},
                {"backfill", ~(METRICS | ALERTS), "means nothing for a metrics source, or for one of alerts"},
                {"match", PROMETHEUS | ALERTMANAGER, "means something for a prometheus or alertmanager source only"},
                {"page_severities", ALERTS, "means something for a source of alerts only"},
                {"quiet_severities", ALERTS, "means something for a source of alerts only"},
                {"silences", ALERTMANAGER, "means something for an alertmanager source only"},
                {"profile", METRICS | PROMETHEUS, "means something for a metrics or prometheus source only"},
                {"revisit", LANGFUSE | PHOENIX, "means something for a langfuse or phoenix source only"},
                {"project", PHOENIX, "means something for a phoenix source only"},
                {"provider", PAGE, "means something for a status_page source only"},
                {"only", LISTED | PAGE, "means something for a grafana, github, argocd or status_page source only"},
                {"labels", LISTED | CHANGES, "means something for a changes, grafana, github or argocd source only"},
                {"bearer", ASKED, "means nothing for a file"},
                {"user", ASKED, "means nothing for a file"},
                {"headers", ASKED, "means nothing for a file"}};
    for (size_t i = 0; i < sizeof only / sizeof only[0]; i++) {
        const struct yaml_node *n = yaml_get(item, only[i].key);
        if (n != NULL && (only[i].kinds >> kind & 1) == 0)
            reader_error(r, n, only[i].key, "%s", only[i].text);
    }
}

static void check_login(struct reader *r, const struct yaml_node *item, const struct config_source *s)
{
    const struct yaml_node *user = yaml_get(item, "user"), *password = yaml_get(item, "password");
    bool given = s->password.file != NULL || s->password.env != NULL || s->password.command != NULL;
    if ((user == NULL) != (password == NULL))
        reader_error(r, user != NULL ? user : password, user != NULL ? "user" : "password", "%s is missing: they go together",
                     user != NULL ? "password" : "user");
    else if (user != NULL && s->user != NULL && strchr(s->user, ':') != NULL)
        reader_error(r, user, "user", "no user name of HTTP Basic authentication holds a colon");
    else if (user != NULL && yaml_get(item, "bearer") != NULL)
        reader_error(r, user, "user", "a source has either a bearer token or a user with a password");
    if (password != NULL && password->kind == YAML_MAPPING && (given || password->count == 0))
        config_check_secret(r, password, "password", &s->password, NULL);
    if (s->kind == SOURCE_LANGFUSE && user == NULL)
        reader_error(r, item, NULL, "user is missing: the public key (pk-lf-...); password is the secret key");
}

static void check_source(struct reader *r, const struct yaml_node *item, const struct yaml_node *address, const struct config_source *s)
{
    const struct yaml_node *bearer = yaml_get(item, "bearer"), *insecure = yaml_get(item, "insecure_tls");
    bool given = s->bearer.file != NULL || s->bearer.env != NULL || s->bearer.command != NULL;
    if (bearer != NULL && bearer->kind == YAML_MAPPING && (given || bearer->count == 0)) /* else its keys were reported one by one */
        config_check_secret(r, bearer, "bearer", &s->bearer, NULL);
    check_kind(r, item, s->kind);
    check_login(r, item, s);
    if (s->url != NULL && sends_secret(s) && url_is_plaintext_remote(s->url) && !s->allow_plaintext_token)
        reader_error(r, address, NULL,
                     "this source would send a secret over http to another host; use https, or allow_plaintext_token: true");
    if (s->kind == SOURCE_STATUS_PAGE && s->provider == NULL)
        reader_error(r, item, NULL, "provider is missing: whose status page it is, as the provider is called in metrics");
    if (insecure != NULL && s->insecure_tls)
        reader_warning(r, insecure, "insecure_tls", "whoever stands between can read and change what '%s' answers",
                       s->name != NULL ? s->name : "it");
}

/* Equal for the server they name: letter case of scheme and host and a final slash do not count. */
static bool same_url(const char *a, const char *b)
{
    size_t na = strlen(a), nb = strlen(b);
    na -= na > 0 && a[na - 1] == '/';
    nb -= nb > 0 && b[nb - 1] == '/';
    const char *path = strchr(a + (strncmp(a, "https://", 8) == 0 ? 8 : 7), '/');
    size_t host = path != NULL ? (size_t)(path - a) : na;
    host = host < na ? host : na;
    return na == nb && strncasecmp(a, b, host) == 0 && memcmp(a + host, b + host, na - host) == 0;
}

static bool same_text(const char *a, const char *b)
{
    return (a == NULL) == (b == NULL) && (a == NULL || strcmp(a, b) == 0);
}

/* Headers may select a tenant, so that the same API is another source. */
static bool is_same_data(const struct config_source *a, const struct config_source *b)
{
    if (a->kind != b->kind || a->url == NULL || b->url == NULL)
        return false;
    if (a->kind == SOURCE_CHANGES)
        return strcmp(a->url, b->url) == 0;
    if (a->kind == SOURCE_STATUS_PAGE || !same_url(a->url, b->url)) /* one page may tell of several providers */
        return false;
    if (a->kind == SOURCE_METRICS)
        return true;
    /* the key of Langfuse is that of a project */
    return same_text(a->match, b->match) && same_text(a->project, b->project) && same_text(a->user, b->user) && a->header_count == 0 &&
           b->header_count == 0;
}

static void check_against_earlier(struct reader *r, const struct config *c, const struct yaml_node *item, const struct yaml_node *address,
                                  const struct config_source *s)
{
    for (uint32_t i = 0; i < c->source_count; i++) {
        const struct config_source *e = &c->sources[i];
        if (s->name != NULL && e->name != NULL && strcmp(s->name, e->name) == 0)
            reader_error(r, yaml_get(item, "name"), "name", "'%s' is the name of the source on line %u too", s->name, e->line);
        if (is_same_data(s, e))
            reader_error(r, address, NULL, "the source on line %u reads the same address: everything would count twice", e->line);
    }
}

/* A source's headers replace those of the defaults, whose faults were reported when `defaults` itself was read. */
static void read_own_or_default_headers(struct reader *r, const struct yaml_node *item, const struct layers *l, struct config_source *s)
{
    const struct yaml_node *own = yaml_get(item, "headers"), *shared = yaml_get(yaml_get(l->user, "source"), "headers");
    size_t errors = r->errors, count = r->count;
    if (own == NULL && shared == NULL)
        return;
    config_read_headers(r, own != NULL ? own : shared, s->header, &s->header_count);
    if (own == NULL) {
        r->errors = errors;
        r->count = count;
    }
}

void config_read_sources(struct reader *r, const struct yaml_node *n, const struct layers *l, struct config *c)
{
    if (!reader_is_list(r, n, "sources", CONFIG_SOURCES_MAX))
        return;
    c->sources = arena_array(r->arena, n->count + 1, sizeof *c->sources);
    if (c->sources == NULL) {
        r->nomem = true;
        return;
    }
    for (size_t i = 0; i < n->count; i++) {
        const struct yaml_node *item = n->items[i];
        struct config_source s = {.line = item->line, .column = item->column};
        config_read_layers(r, SECTION_SOURCE, "source", l, item, &s);
        if (item->kind != YAML_MAPPING)
            continue;
        read_own_or_default_headers(r, item, l, &s);
        const struct yaml_node *address = source_address(r, item, &s.kind);
        const bool listing = source_kind_scores(s.kind) || (source_kind_changes(s.kind) && s.kind != SOURCE_CHANGES) ||
                             s.kind == SOURCE_PAGERDUTY || s.kind == SOURCE_ONCALL;
        if (address != NULL && listing && yaml_get(item, "interval") == NULL && yaml_get(yaml_get(l->user, "source"), "interval") == NULL)
            s.interval_ms = LISTING_INTERVAL_MS;
        config_read_change_options(r, item, &s);
        if (address != NULL) {
            check_source(r, item, address, &s);
            check_against_earlier(r, c, item, address, &s);
        }
        c->sources[c->source_count++] = s;
    }
}
