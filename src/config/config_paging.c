/* SPDX-License-Identifier: MIT */
/* `on_page`, `notify` and `heartbeat`: who is told, and by what. Whatever could make a page go nowhere is a finding here. */
#include <string.h>

#include "config/config_read.h"

enum { EVERY_MS = 60 * 1000, TIMEOUT_MS = 10 * 1000 };

/* page, ticket, resolved: one word or a list. */
static unsigned read_on(struct reader *r, const struct yaml_node *n)
{
    unsigned on = 0;
    const size_t count = n->kind == YAML_SEQUENCE ? n->count : 1;
    for (size_t i = 0; i < count; i++) {
        const struct yaml_node *word = n->kind == YAML_SEQUENCE ? n->items[i] : n;
        bool found = false;
        for (int k = PAGE_PAGE; k <= PAGE_RESOLVED && word->kind == YAML_SCALAR; k++) {
            const bool is = str_eq_z(word->text, page_on_name((enum page_on)k));
            on |= is ? 1U << k : 0;
            found = found || is;
        }
        if (!found) {
            reader_error(r, word, "on", "expected page, ticket, resolved, or a list of them");
            return 1U << PAGE_PAGE;
        }
    }
    if (on == 0 || on == 1U << PAGE_RESOLVED)
        reader_error(r, n, "on", "%s",
                     on == 0 ? "is empty: expected page, ticket or both"
                             : "resolved is told of what was told before: expected page or ticket, too");
    return on;
}

bool config_post_is_given(const struct config_post *p)
{
    return p->url != NULL || p->url_secret.file != NULL || p->url_secret.env != NULL || p->url_secret.command != NULL;
}

/* What a secret address is, is known only once it is read: page_post.c checks it as this file's are. */
static void check_post(struct reader *r, const struct yaml_node *item, struct config_post *p)
{
    const struct config_secret *s = &p->url_secret;
    const struct yaml_node *headers = yaml_get(item, "headers");
    bool secret = false;
    if ((yaml_get(item, "url") != NULL) + (s->file != NULL) + (s->env != NULL) + (s->command != NULL) > 1)
        reader_error(r, item, NULL, "names more than one address: one of url, url_file, url_env, url_command");
    if (headers != NULL)
        config_read_headers(r, headers, p->header, &p->header_count);
    for (uint32_t i = 0; i < p->header_count; i++)
        secret = secret || p->header[i].value == NULL;
    if (p->url != NULL && secret && url_is_plaintext_remote(p->url) && !p->allow_plaintext_token)
        reader_error(r, yaml_get(item, "url"), "url",
                     "this would send a secret over http to another host; use https, or allow_plaintext_token: true");
}

static void read_command(struct reader *r, const struct yaml_node *item, struct config_pager *p)
{
    const struct yaml_node *command = yaml_get(item, "command");
    if ((command == NULL) == (yaml_get(item, "shell") == NULL)) {
        reader_error(r, item, NULL, "a command has command or shell, one of them");
    } else if (command != NULL) {
        p->argv = config_read_argv(r, command, "command");
    } else if (p->shell != NULL) {
        const char **argv = arena_array(r->arena, 4, sizeof *argv);
        r->nomem = r->nomem || argv == NULL;
        if (argv == NULL)
            return;
        argv[0] = "/bin/sh";
        argv[1] = "-c";
        argv[2] = p->shell;
        p->argv = argv;
    }
}

static void read_pagers(struct reader *r, const struct yaml_node *n, enum section s, const struct layers *l, struct config *c)
{
    const char *key = s == SECTION_ON_PAGE ? "on_page" : "notify";
    if (n == NULL || !reader_is_list(r, n, key, CONFIG_PAGERS_MAX))
        return;
    for (size_t i = 0; i < n->count; i++) {
        const struct yaml_node *item = n->items[i], *on = yaml_get(item, "on");
        struct config_pager *p = &c->pagers[c->pager_count];
        config_read_layers(r, s, key, l, item, p);
        if (item->kind != YAML_MAPPING)
            continue;
        p->on = on != NULL ? read_on(r, on) : 1U << PAGE_PAGE;
        if (s == SECTION_ON_PAGE)
            read_command(r, item, p);
        else
            check_post(r, item, &p->post);
        if (s == SECTION_NOTIFY && yaml_get(item, "url") == NULL && !config_post_is_given(&p->post))
            reader_error(r, item, NULL, "names no address: one of url, url_file, url_env, url_command");
        if (p->name != NULL && strlen(p->name) >= PAGE_NAME_MAX)
            reader_error(r, yaml_get(item, "name"), "name", "expected at most %d bytes", PAGE_NAME_MAX - 1);
        for (uint32_t k = 0; k < c->pager_count && p->name != NULL; k++)
            if (c->pagers[k].name != NULL && strcmp(c->pagers[k].name, p->name) == 0)
                reader_error(r, yaml_get(item, "name"), "name", "'%s' is the name of an earlier item of on_page or notify, too", p->name);
        c->pager_count++;
    }
}

static void read_heartbeat(struct reader *r, const struct yaml_node *n, struct config_heartbeat *h)
{
    struct config_heartbeat read = {.every_ms = EVERY_MS, .timeout_ms = TIMEOUT_MS};
    reader_section(r, SECTION_HEARTBEAT, n, &read, false);
    if (n->kind != YAML_MAPPING)
        return;
    if (yaml_get(n, "file") == NULL && yaml_get(n, "url") == NULL && !config_post_is_given(&read.post))
        reader_error(r, n, "heartbeat", "names neither a file nor a url (url, url_file, url_env or url_command)");
    check_post(r, n, &read.post);
    *h = read;
}

void config_read_paging(struct reader *r, const struct yaml_node *root, const struct layers *l, struct config *c)
{
    c->pagers = arena_array(r->arena, 2 * CONFIG_PAGERS_MAX + 1, sizeof *c->pagers);
    if (c->pagers == NULL) {
        r->nomem = true;
        return;
    }
    read_pagers(r, yaml_get(root, "on_page"), SECTION_ON_PAGE, l, c);
    read_pagers(r, yaml_get(root, "notify"), SECTION_NOTIFY, l, c);
    if (yaml_get(root, "heartbeat") != NULL)
        read_heartbeat(r, yaml_get(root, "heartbeat"), &c->heartbeat);
}

static bool is_of(const char *rule, const char *kind, const char *name)
{
    const size_t k = strlen(kind), n = strlen(name);
    return strncmp(rule, kind, k) == 0 && strncmp(rule + k, name, n) == 0 && (rule[k + n] == ':' || rule[k + n] == '\0');
}

struct duty config_duty_of_rule(const struct config *c, const char *rule)
{
    for (uint32_t i = 0; i < c->slo_count; i++)
        if (is_of(rule, "slo:", c->slos[i].name))
            return c->slos[i].duty;
    for (uint32_t i = 0; i < c->budget_count; i++)
        if (is_of(rule, "budget:", c->budgets[i].name))
            return c->budgets[i].duty;
    for (uint32_t i = 0; i < c->rule_count; i++)
        if (is_of(rule, "rule:", c->rules[i].name))
            return c->rules[i].duty;
    return (struct duty){.runbook = NULL};
}
