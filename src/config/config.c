/* SPDX-License-Identifier: MIT */
/* How this works: defaults.yaml and then the file are read by the same table (reader.c); this file adds what one row cannot say, the
 * rules between options. Everything wrong is collected, then either the first error or all findings are handed out. */
#include "config/config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/embed.h"
#include "base/json.h"
#include "config/locate.h"
#include "config/reader.h"

enum { CONFIG_ARENA_MAX = 64 << 20, AUTHORITIES_MAX = 500, BINDINGS_MAX = 200 };

extern const unsigned char embed_defaults[];
extern const size_t embed_defaults_size;
extern const struct embed_file embed_themes[];
extern const size_t embed_themes_count;

/* The `defaults` mappings of a section, the built-in one first; NULL where there is none. */
struct layers {
    const struct yaml_node *builtin, *user;
};

static void out_of_memory(struct reader *r)
{
    r->nomem = true;
}

/* Fills an item from the built-in defaults, the file's own, and then itself. */
static void read_layers(struct reader *r, enum section s, const char *key, const struct layers *l, const struct yaml_node *item, void *target)
{
    const struct yaml_node *builtin = yaml_get(l->builtin, key), *user = yaml_get(l->user, key);
    if (builtin != NULL)
        reader_section(r, s, builtin, target, true);
    size_t errors = r->errors, count = r->count;
    if (user != NULL)
        reader_section(r, s, user, target, true);
    r->errors = errors; /* its faults were reported once, when `defaults` itself was read */
    r->count = count;
    reader_section(r, s, item, target, false);
}

/* ---- sources ---- */

static void check_secret(struct reader *r, const struct yaml_node *at, const char *option, const struct config_secret *s, const char *value)
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
    static const char *const own[] = {"host", "content-length", "transfer-encoding", "connection", "accept", "accept-encoding", "user-agent"};
    for (const char *p = name; *p != 0; p++)
        if (strchr("!#$%&'*+-.^_`|~", *p) == NULL && !(*p >= '0' && *p <= '9') && !((*p | 32) >= 'a' && (*p | 32) <= 'z'))
            return "holds a character that no header name has";
    for (size_t i = 0; i < sizeof own / sizeof own[0]; i++)
        if (strcasecmp(name, own[i]) == 0)
            return "is set by gwtop itself";
    return NULL;
}

static void read_headers(struct reader *r, const struct yaml_node *n, struct config_source *s)
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
            reader_error(r, yaml_get(item, "value"), "headers", "%s looks like a secret, which does not belong into this file; use file, env or command", h.name);
        else
            check_secret(r, item, "headers", &h.secret, h.value);
        s->header[s->header_count++] = h;
    }
}

static bool sends_secret(const struct config_source *s)
{
    bool secret = s->bearer.file != NULL || s->bearer.env != NULL || s->bearer.command != NULL;
    for (uint32_t i = 0; i < s->header_count; i++)
        secret = secret || s->header[i].value == NULL;
    return secret;
}

/* Which of the address options a source has; NULL with a finding when it is none or both. */
static const struct yaml_node *source_address(struct reader *r, const struct yaml_node *item, enum source_kind *ret)
{
    const struct yaml_node *metrics = yaml_get(item, "metrics"), *prometheus = yaml_get(item, "prometheus");
    if ((metrics == NULL) == (prometheus == NULL)) {
        reader_error(r, item, NULL, metrics == NULL ? "metrics or prometheus is missing: the address to read"
                                                    : "metrics and prometheus are two sources: write two items");
        return NULL;
    }
    *ret = metrics != NULL ? SOURCE_METRICS : SOURCE_PROMETHEUS;
    return metrics != NULL ? metrics : prometheus;
}

static void check_prometheus_only(struct reader *r, const struct yaml_node *item)
{
    static const char *const keys[] = {"lag", "backfill", "match"};
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        const struct yaml_node *n = yaml_get(item, keys[i]);
        if (n != NULL)
            reader_error(r, n, keys[i], "means something for a prometheus source only");
    }
}

static void check_source(struct reader *r, const struct yaml_node *item, const struct yaml_node *address, const struct config_source *s)
{
    const struct yaml_node *bearer = yaml_get(item, "bearer"), *insecure = yaml_get(item, "insecure_tls");
    bool given = s->bearer.file != NULL || s->bearer.env != NULL || s->bearer.command != NULL;
    if (bearer != NULL && bearer->kind == YAML_MAPPING && (given || bearer->count == 0)) /* else its keys were reported one by one */
        check_secret(r, bearer, "bearer", &s->bearer, NULL);
    if (s->kind == SOURCE_METRICS)
        check_prometheus_only(r, item);
    if (s->url != NULL && sends_secret(s) && url_is_plaintext_remote(s->url) && !s->allow_plaintext_token)
        reader_error(r, address, NULL, "this source would send a secret over http to another host; use https, or allow_plaintext_token: true");
    if (insecure != NULL && s->insecure_tls)
        reader_warning(r, insecure, "insecure_tls", "whoever stands between can read and change what '%s' answers", s->name != NULL ? s->name : "it");
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

/* Headers may select a tenant, so that the same API is another source. */
static bool is_same_data(const struct config_source *a, const struct config_source *b)
{
    if (a->kind != b->kind || a->url == NULL || b->url == NULL || !same_url(a->url, b->url))
        return false;
    bool same_match = (a->match == NULL) == (b->match == NULL) && (a->match == NULL || strcmp(a->match, b->match) == 0);
    return a->kind == SOURCE_METRICS || (same_match && a->header_count == 0 && b->header_count == 0);
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

static void read_sources(struct reader *r, const struct yaml_node *n, const struct layers *l, struct config *c)
{
    if (!reader_is_list(r, n, "sources", CONFIG_SOURCES_MAX))
        return;
    c->sources = arena_array(r->arena, n->count + 1, sizeof *c->sources);
    if (c->sources == NULL) {
        out_of_memory(r);
        return;
    }
    for (size_t i = 0; i < n->count; i++) {
        const struct yaml_node *item = n->items[i];
        struct config_source s = {.line = item->line, .column = item->column};
        read_layers(r, SECTION_SOURCE, "source", l, item, &s);
        if (item->kind != YAML_MAPPING)
            continue;
        if (yaml_get(item, "headers") != NULL)
            read_headers(r, yaml_get(item, "headers"), &s);
        const struct yaml_node *address = source_address(r, item, &s.kind);
        if (address != NULL) {
            check_source(r, item, address, &s);
            check_against_earlier(r, c, item, address, &s);
        }
        c->sources[c->source_count++] = s;
    }
}

/* ---- objectives, budgets ---- */

static void read_slo(struct reader *r, const struct yaml_node *item, struct slo *s)
{
    const struct yaml_node *availability = yaml_get(item, "availability"), *latency = yaml_get(item, "latency"), *scope = yaml_get(item, "scope");
    struct scope_part parts[SCOPE_PARTS_MAX];
    if ((availability == NULL) == (latency == NULL))
        reader_error(r, item, NULL, "an objective has availability or latency, one of them");
    s->kind = latency != NULL ? SLO_LATENCY : SLO_AVAILABILITY;
    if (latency != NULL)
        reader_section(r, SECTION_LATENCY, latency, s, false);
    s->scope_count = scope != NULL ? reader_scope(r, scope, parts) : 0;
    for (uint32_t i = 0; i < s->scope_count; i++) {
        s->scope[i].dim = parts[i].dim;
        s->scope[i].value = parts[i].value;
        if (parts[i].dim == DIM_CLASS)
            reader_error(r, scope, "scope", "class is what an objective counts, not what it is limited to");
    }
}

static void read_slos(struct reader *r, const struct yaml_node *n, const struct layers *l, struct config *c)
{
    if (!reader_is_list(r, n, "slos", CONFIG_SLOS_MAX))
        return;
    c->slos = arena_array(r->arena, n->count + 1, sizeof *c->slos);
    if (c->slos == NULL) {
        out_of_memory(r);
        return;
    }
    for (size_t i = 0; i < n->count; i++) {
        struct slo *s = &c->slos[c->slo_count];
        read_layers(r, SECTION_SLO, "slo", l, n->items[i], s);
        if (n->items[i]->kind != YAML_MAPPING)
            continue;
        read_slo(r, n->items[i], s);
        for (uint32_t k = 0; k < c->slo_count && s->name != NULL; k++)
            if (c->slos[k].name != NULL && strcmp(c->slos[k].name, s->name) == 0)
                reader_error(r, yaml_get(n->items[i], "name"), "name", "'%s' is the name of an earlier objective too", s->name);
        c->slo_count++;
    }
}

static void read_budgets(struct reader *r, const struct yaml_node *n, const struct layers *l, struct config *c)
{
    if (!reader_is_list(r, n, "budgets", CONFIG_BUDGETS_MAX))
        return;
    c->budgets = arena_array(r->arena, n->count + 1, sizeof *c->budgets);
    if (c->budgets == NULL) {
        out_of_memory(r);
        return;
    }
    for (size_t i = 0; i < n->count; i++) {
        struct config_budget *b = &c->budgets[c->budget_count];
        const struct yaml_node *scope = yaml_get(n->items[i], "scope");
        struct scope_part parts[SCOPE_PARTS_MAX];
        read_layers(r, SECTION_BUDGET, "budget", l, n->items[i], b);
        if (n->items[i]->kind != YAML_MAPPING)
            continue;
        b->scope_count = scope != NULL ? reader_scope(r, scope, parts) : 0;
        for (uint32_t k = 0; k < b->scope_count; k++) {
            b->scope[k].dim = parts[k].dim;
            b->scope[k].value = parts[k].value;
        }
        for (uint32_t k = 0; k < c->budget_count && b->name != NULL; k++)
            if (c->budgets[k].name != NULL && strcmp(c->budgets[k].name, b->name) == 0)
                reader_error(r, yaml_get(n->items[i], "name"), "name", "'%s' is the name of an earlier budget too", b->name);
        c->budget_count++;
    }
}

/* ---- authority, bindings, screen ---- */

static void read_authority_signal(struct reader *r, const struct yaml_node *n, struct config_authority *a)
{
    if (n == NULL)
        return; /* reported as missing */
    if (n->kind != YAML_SCALAR) {
        reader_error(r, n, "signal", "expected %s", option_type_expected(OPTION_SIGNAL_OR_ALL));
        return;
    }
    a->all_signals = str_eq_z(n->text, "all");
    if (a->all_signals || signal_by_name(n->text, &a->signal))
        return;
    const char *names = "all";
    for (int i = 0; i < SIG_COUNT && names != NULL; i++)
        names = arena_printf(r->arena, "%s|%s", names, signal_info((enum signal)i)->name);
    const char *near = names != NULL ? nearest_name(r->arena, n->text, names) : NULL;
    reader_error(r, n, "signal", "'%.*s' is not a signal%s%s%s", (int)(n->text.n > 40 ? 40 : n->text.n), n->text.p, near ? ", did you mean '" : "",
                 near ? near : "", near ? "'?" : "; gwtop-profiles(5) lists them");
}

static void check_source_exists(struct reader *r, const struct config *c, const struct yaml_node *n)
{
    const char *names = "";
    for (uint32_t i = 0; i < c->source_count; i++) {
        if (c->sources[i].name == NULL)
            continue;
        if (str_eq_z(n->text, c->sources[i].name))
            return;
        const char *longer = i < 50 ? arena_printf(r->arena, "%s%s%s", names, *names ? "|" : "", c->sources[i].name) : NULL;
        names = longer != NULL ? longer : names;
    }
    const char *near = nearest_name(r->arena, n->text, names);
    reader_error(r, n, "source", "no source is called '%.*s'%s%s%s", (int)(n->text.n > 40 ? 40 : n->text.n), n->text.p,
                 near ? ", did you mean '" : "", near ? near : "", near ? "'?" : "");
}

static void read_authorities(struct reader *r, const struct yaml_node *n, struct config *c)
{
    if (!reader_is_list(r, n, "authority", AUTHORITIES_MAX))
        return;
    c->authorities = arena_array(r->arena, n->count + 1, sizeof *c->authorities);
    if (c->authorities == NULL) {
        out_of_memory(r);
        return;
    }
    for (size_t i = 0; i < n->count; i++) {
        const struct yaml_node *item = n->items[i];
        struct config_authority *a = &c->authorities[c->authority_count];
        reader_section(r, SECTION_AUTHORITY, item, a, false);
        if (item->kind != YAML_MAPPING)
            continue;
        read_authority_signal(r, yaml_get(item, "signal"), a);
        if (a->source != NULL)
            check_source_exists(r, c, yaml_get(item, "source"));
        a->gateway = a->gateway != NULL ? a->gateway : c->gateway;
        c->authority_count++;
    }
}

static void read_bindings(struct reader *r, const struct yaml_node *n, struct config *c)
{
    if (n->kind != YAML_MAPPING || n->count > BINDINGS_MAX) {
        reader_error(r, n, "bindings", "expected at most %d lines of the form action: key", BINDINGS_MAX);
        return;
    }
    c->bindings = arena_array(r->arena, n->count + 1, sizeof *c->bindings);
    if (c->bindings == NULL) {
        out_of_memory(r);
        return;
    }
    for (size_t i = 0; i < n->count; i++) {
        static const struct option key = {.section = SECTION_BINDINGS, .key = "bindings", .type = OPTION_TEXT};
        struct config_binding *b = &c->bindings[c->binding_count];
        if (reader_value(r, &key, n->keys[i], &b->action) && reader_value(r, &key, n->items[i], &b->key))
            c->binding_count++;
    }
}

static void check_theme(struct reader *r, const struct yaml_node *n)
{
    if (n == NULL || n->kind != YAML_SCALAR || n->text.n == 0 || memchr(n->text.p, '/', n->text.n) != NULL)
        return;
    const char *names = "";
    for (size_t i = 0; i < embed_themes_count && names != NULL; i++) {
        if (str_eq_z(n->text, embed_themes[i].name))
            return;
        names = arena_printf(r->arena, "%s%s%s", names, *names ? "|" : "", embed_themes[i].name);
    }
    reader_error(r, n, "theme", "expected one of %s, or the path of a file (with a /), got '%.*s'", names != NULL ? reader_spell(r, names) : "",
                 (int)(n->text.n > 40 ? 40 : n->text.n), n->text.p);
}

/* ---- the whole ---- */

/* Faults of the file's own `defaults` are reported here, once. */
static void check_defaults(struct reader *r, const struct yaml_node *n)
{
    struct config_source source = {0};
    struct slo slo = {0};
    struct config_budget budget = {0};
    const struct yaml_node *s = yaml_get(n, "source"), *o = yaml_get(n, "slo"), *b = yaml_get(n, "budget");
    struct config none = {0};
    reader_section(r, SECTION_DEFAULTS, n, &none, true);
    if (s != NULL)
        reader_section(r, SECTION_SOURCE, s, &source, true);
    if (yaml_get(s, "headers") != NULL)
        read_headers(r, yaml_get(s, "headers"), &source);
    if (o != NULL)
        reader_section(r, SECTION_SLO, o, &slo, true);
    if (b != NULL)
        reader_section(r, SECTION_BUDGET, b, &budget, true);
}

static void set_gateways(struct config *c)
{
    if (c->gateway == NULL)
        c->gateway = c->source_count > 0 && c->sources[0].name != NULL ? c->sources[0].name : "gateway";
    for (uint32_t i = 0; i < c->source_count; i++)
        if (c->sources[i].gateway == NULL)
            c->sources[i].gateway = c->gateway;
}

static void read_root(struct reader *r, const struct yaml_node *builtin, const struct yaml_node *root, struct config *c)
{
    const struct layers layers = {yaml_get(builtin, "defaults"), yaml_get(root, "defaults")};
    reader_section(r, SECTION_TOP, builtin, c, false);
    reader_section(r, SECTION_TOP, root, c, false);
    if (layers.user != NULL)
        check_defaults(r, layers.user);
    if (yaml_get(root, "sources") != NULL)
        read_sources(r, yaml_get(root, "sources"), &layers, c);
    set_gateways(c);
    if (yaml_get(root, "slos") != NULL)
        read_slos(r, yaml_get(root, "slos"), &layers, c);
    if (yaml_get(root, "budgets") != NULL)
        read_budgets(r, yaml_get(root, "budgets"), &layers, c);
    if (yaml_get(root, "authority") != NULL)
        read_authorities(r, yaml_get(root, "authority"), c);
    if (yaml_get(root, "bindings") != NULL)
        read_bindings(r, yaml_get(root, "bindings"), c);
    check_theme(r, yaml_get(root, "theme"));
    if (root->kind == YAML_MAPPING && c->source_count == 0 && r->errors == 0)
        reader_warning(r, root, NULL, "no sources: nothing is watched");
    if (root->kind == YAML_MAPPING && c->slo_count == 0 && c->source_count > 0)
        reader_warning(r, root, NULL, "no slos: nothing can page; gwtop init --slo proposes some");
}

static const char *dir_of(struct arena *a, const char *path)
{
    const char *slash = strrchr(path, '/');
    if (slash == NULL)
        return ".";
    return slash == path ? "" : arena_strdup(a, (struct str){path, (size_t)(slash - path)}); /* "" + "/x" stays absolute */
}

static enum err set_store(struct config *c, const char *name, struct errctx *ctx)
{
    char path[LOCATE_PATH_MAX] = LOCATE_SYSTEM_STORE;
    if (c->store != NULL)
        return ERR_OK;
    enum err err = strncmp(name, "/etc/", 5) == 0 ? ERR_OK : locate_own_store(path, sizeof path, ctx);
    if (err == ERR_OK && (c->store = arena_strdup(&c->arena, str_of(path))) == NULL)
        err = errctx_set(ctx, ERR_NOMEM, "%s: out of memory", name);
    return err;
}

/* Parses into c, whose arena is ready; r collects the findings. Errors other than findings: out of memory, and not YAML at all. */
static enum err parse_into(struct str text, const char *name, struct config *c, struct reader *r, struct errctx *ctx)
{
    const struct yaml_node *builtin, *root;
    r->arena = &c->arena;
    r->name = name;
    r->dir = dir_of(&c->arena, name);
    enum err err = yaml_parse((struct str){(const char *)embed_defaults, embed_defaults_size}, "defaults.yaml", &c->arena, &builtin, ctx);
    if (err == ERR_OK)
        err = yaml_parse(text, name, &c->arena, &root, ctx);
    if (err != ERR_OK)
        return err;
    if (r->dir == NULL)
        return errctx_set(ctx, ERR_NOMEM, "%s: out of memory", name);
    read_root(r, builtin, root, c);
    reader_sort(r);
    return ERR_OK;
}

enum err config_parse(struct str text, const char *name, struct config *ret, struct errctx *ctx)
{
    struct config c = {0};
    struct reader *r = calloc(1, sizeof *r);
    if (r == NULL)
        return errctx_set(ctx, ERR_NOMEM, "%s: out of memory", name);
    arena_init(&c.arena, CONFIG_ARENA_MAX);
    enum err err = parse_into(text, name, &c, r, ctx);
    if (err == ERR_OK)
        err = reader_result(r, ctx);
    if (err == ERR_OK)
        err = set_store(&c, name, ctx);
    free(r);
    if (err != ERR_OK)
        arena_fini(&c.arena);
    else
        *ret = c;
    return err;
}

static bool runs_command(const struct config *c)
{
    for (uint32_t i = 0; i < c->source_count; i++) {
        const struct config_source *s = &c->sources[i];
        bool runs = s->bearer.command != NULL;
        for (uint32_t k = 0; k < s->header_count; k++)
            runs = runs || s->header[k].secret.command != NULL;
        if (runs)
            return true;
    }
    return false;
}

static enum err load_file(const char *path, struct config *ret, struct errctx *ctx)
{
    struct arena file;
    struct str text;
    struct locate_trust trust;
    struct config c;
    arena_init(&file, YAML_BYTES_MAX + 4096);
    enum err err = locate_read(path, &file, &text, &trust, ctx);
    if (err == ERR_OK)
        err = config_parse(text, path, &c, ctx);
    arena_fini(&file);
    if (err != ERR_OK)
        return err;
    c.path = arena_strdup(&c.arena, str_of(path));
    if (c.path == NULL)
        err = errctx_set(ctx, ERR_NOMEM, "%s: out of memory", path);
    else if (trust.others_read && runs_command(&c))
        err = errctx_set(ctx, ERR_CONFIG, "%s: others can read it, and it holds a command that yields a secret; run chmod o-r %s", path, path);
    if (err != ERR_OK)
        config_fini(&c);
    else
        *ret = c;
    return err;
}

static enum err load_defaults(struct config *ret, struct errctx *ctx)
{
    struct config c;
    char path[LOCATE_PATH_MAX];
    enum err err = config_parse((struct str){"", 0}, "gwtop.yaml", &c, ctx);
    if (err != ERR_OK)
        return err;
    err = config_default_store(path, sizeof path, ctx);
    if (err == ERR_OK && (c.store = arena_strdup(&c.arena, str_of(path))) == NULL)
        err = errctx_set(ctx, ERR_NOMEM, "out of memory");
    if (err != ERR_OK)
        config_fini(&c);
    else
        *ret = c;
    return err;
}

enum err config_load(const char *path, struct config *ret, bool *ret_found, struct errctx *ctx)
{
    char found[LOCATE_PATH_MAX];
    bool named = path != NULL, exists = true;
    if (path == NULL)
        exists = locate_config(found, sizeof found, &named);
    if (path == NULL && !exists && named)
        return errctx_set(ctx, ERR_CONFIG, "GWTOP_CONFIG names a path that is too long");
    enum err err = exists ? load_file(path != NULL ? path : found, ret, ctx) : load_defaults(ret, ctx);
    if (err == ERR_OK)
        *ret_found = exists;
    return err;
}

void config_fini(struct config *c)
{
    if (c != NULL)
        arena_fini(&c->arena);
}

/* "name:3:7: text" of the YAML reader as a finding with a position of its own. */
static void report_unreadable(const char *name, const struct errctx *e, void (*fn)(void *ctx, const struct config_finding *f), void *fn_ctx)
{
    struct config_finding f = {.text = e->text};
    size_t n = strlen(name);
    unsigned line, column;
    int used = 0;
    if (strncmp(e->text, name, n) == 0 && sscanf(e->text + n, ":%u:%u: %n", &line, &column, &used) == 2 && used > 0) {
        f.line = line;
        f.column = column;
        f.text = e->text + n + used;
    }
    fn(fn_ctx, &f);
}

size_t config_check(struct str text, const char *name, void (*fn)(void *ctx, const struct config_finding *f), void *fn_ctx)
{
    struct config c = {0};
    struct errctx e = {{0}};
    size_t count = 1;
    struct reader *r = calloc(1, sizeof *r);
    arena_init(&c.arena, CONFIG_ARENA_MAX);
    enum err err = r != NULL ? parse_into(text, name, &c, r, &e) : errctx_set(&e, ERR_NOMEM, "out of memory");
    if (err == ERR_OK && r->nomem)
        err = errctx_set(&e, ERR_NOMEM, "out of memory");
    if (err != ERR_OK) {
        report_unreadable(name, &e, fn, fn_ctx);
    } else {
        count = r->count;
        for (size_t i = 0; i < r->count; i++)
            fn(fn_ctx, &r->list[i]);
    }
    free(r);
    arena_fini(&c.arena);
    return count;
}

enum err config_slos_to_json(const struct slo *slos, uint32_t count, struct buf *out)
{
    struct json w;
    json_begin(&w, out, false);
    json_array(&w, NULL);
    for (uint32_t i = 0; i < count; i++) {
        const struct slo *s = &slos[i];
        json_object(&w, NULL);
        json_string(&w, "name", s->name);
        json_string(&w, "kind", s->kind == SLO_LATENCY ? "latency" : "availability");
        json_f64(&w, "objective", s->objective);
        json_i64(&w, "period_ms", s->period_ms);
        if (s->kind == SLO_LATENCY) {
            json_string(&w, "signal", signal_info(s->signal)->name);
            json_f64(&w, "threshold", s->threshold);
        }
        json_array(&w, "scope");
        for (uint32_t k = 0; k < s->scope_count; k++) {
            json_object(&w, NULL);
            json_string(&w, "dim", dim_name(s->scope[k].dim));
            json_string(&w, "value", s->scope[k].value);
            json_end(&w);
        }
        json_end(&w);
        json_end(&w);
    }
    json_end(&w);
    return w.err;
}
