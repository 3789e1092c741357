/* SPDX-License-Identifier: MIT */
/* `canaries`: what the recorder asks by itself. Whatever could make a check pass that should not, or spend what was not meant, is a finding
 * here. */
#include <stdlib.h>
#include <string.h>

#include "base/ere.h"
#include "base/json.h"
#include "base/jsonschema.h"
#include "config/config_read.h"
#include "config/locate.h"

enum { SCHEMA_BYTES_MAX = 16 * 1024, SCHEMA_ARENA_MAX = 4 << 20 };

static void *array_of(struct reader *r, size_t count, size_t size)
{
    void *p = arena_array(r->arena, count + 1, size);
    r->nomem = r->nomem || p == NULL;
    return p;
}

/* ---- JSON out of YAML ---- */

/* What JSON reads as something else than a text, where it stands without quotes. 007 and .5 are texts. */
static bool is_json_word(const struct yaml_node *n)
{
    struct arena a;
    const struct jsontree *t;
    if (n->quoted || n->text.n == 0)
        return false;
    arena_init(&a, 4096);
    const bool is = jsontree_parse(n->text, &a, &t, NULL) == ERR_OK && t->kind != JSONTREE_STRING && t->kind != JSONTREE_ARRAY &&
                    t->kind != JSONTREE_OBJECT;
    arena_fini(&a);
    return is;
}

static void write_json(struct reader *r, struct json *w, const char *key, const struct yaml_node *n)
{
    if (n->kind == YAML_SCALAR && is_json_word(n)) {
        const char *text = arena_strdup(r->arena, n->text);
        r->nomem = r->nomem || text == NULL;
        json_raw(w, key, text != NULL ? text : "null");
    } else if (n->kind == YAML_SCALAR) {
        json_str(w, key, n->text);
    } else {
        if (n->kind == YAML_MAPPING)
            json_object(w, key);
        else
            json_array(w, key);
        for (size_t i = 0; i < n->count; i++) {
            const char *name = n->kind == YAML_MAPPING ? arena_strdup(r->arena, n->keys[i]->text) : NULL;
            r->nomem = r->nomem || (n->kind == YAML_MAPPING && name == NULL);
            write_json(r, w, name, n->items[i]);
        }
        json_end(w);
    }
}

/* The schema as JSON text; NULL with a finding. */
static const char *read_schema(struct reader *r, const struct yaml_node *n)
{
    struct buf text;
    struct json w;
    struct arena a;
    const struct jsontree *schema;
    struct errctx why = {""};
    const char *kept = NULL;

    buf_init(&text, SCHEMA_BYTES_MAX);
    arena_init(&a, SCHEMA_ARENA_MAX);
    json_begin(&w, &text, false);
    write_json(r, &w, NULL, n);
    enum err e = w.err == ERR_LIMIT ? errctx_set(&why, ERR_LIMIT, "it is longer than %d bytes", SCHEMA_BYTES_MAX) : w.err;
    if (e == ERR_OK)
        e = jsontree_parse(buf_str(&text), &a, &schema, &why);
    if (e == ERR_OK)
        e = jsonschema_check(schema, &why);
    if (e == ERR_OK)
        kept = arena_strdup(r->arena, buf_str(&text));
    else
        reader_error(r, n, "schema", "%s", errctx_text(&why, e));
    r->nomem = r->nomem || (e == ERR_OK && kept == NULL);
    arena_fini(&a);
    buf_fini(&text);
    return kept;
}

/* ---- a prompt ---- */

static void read_messages(struct reader *r, const struct yaml_node *n, struct canary_item *it)
{
    if (!reader_is_list(r, n, "messages", CANARY_MESSAGES_MAX))
        return;
    struct canary_message *list = array_of(r, n->count, sizeof *list);
    if (list == NULL)
        return;
    for (size_t i = 0; i < n->count; i++)
        reader_section(r, SECTION_MESSAGE, n->items[i], &list[i], false);
    if (n->count == 0)
        reader_error(r, n, "messages", "is empty: expected at least one message");
    it->messages = list;
    it->message_count = (uint32_t)n->count;
}

static void read_prompt(struct reader *r, const struct yaml_node *item, const struct config_prompt *p, struct canary_item *it)
{
    const struct yaml_node *messages = yaml_get(item, "messages");
    if ((p->prompt == NULL) == (messages == NULL)) {
        reader_error(r, item, NULL, "a prompt has prompt or messages, one of them");
        return;
    }
    if (messages != NULL) {
        read_messages(r, messages, it);
        return;
    }
    struct canary_message *one = array_of(r, 1, sizeof *one);
    if (one == NULL)
        return;
    *one = (struct canary_message){"user", p->prompt};
    it->messages = one;
    it->message_count = 1;
}

const char *const *config_read_argv(struct reader *r, const struct yaml_node *n, const char *key)
{
    const struct option word = {.key = key, .type = OPTION_TEXT};
    if (n->kind != YAML_SEQUENCE || n->count == 0) {
        reader_error(r, n, key, "expected %s", option_type_expected(OPTION_WORDS));
        return NULL;
    }
    if (!reader_is_list(r, n, key, CANARY_ARGS_MAX))
        return NULL;
    const char **argv = array_of(r, n->count, sizeof *argv);
    for (size_t i = 0; argv != NULL && i < n->count; i++)
        if (!reader_value(r, &word, n->items[i], &argv[i]))
            return NULL;
    if (argv != NULL && argv[0][0] != '/' && strchr(argv[0], '/') != NULL)
        reader_error(r, n->items[0], key, "expected a name, which is looked up in PATH, or a path that begins with /");
    return argv;
}

static void check_pattern(struct reader *r, const struct yaml_node *n, const char *pattern)
{
    struct ere *e = NULL;
    struct errctx why = {""};
    if (ere_new(pattern, &e, &why) != ERR_OK)
        reader_error(r, n, "matches", "%s", why.text);
    ere_free(e);
}

/* Which of the checks it has; a finding when it has none, or several. */
static void read_check(struct reader *r, const struct yaml_node *item, const struct config_prompt *p, struct canary_item *it)
{
    const struct yaml_node *schema = yaml_get(item, "schema"), *command = yaml_get(item, "command"), *matches = yaml_get(item, "matches");
    const struct {
        bool given;
        const char *want;
    } checks[] = {[CANARY_EXACT] = {p->exact != NULL, p->exact},
                  [CANARY_MATCHES] = {p->matches != NULL, p->matches},
                  [CANARY_JSON] = {p->json, NULL},
                  [CANARY_SCHEMA] = {schema != NULL, NULL},
                  [CANARY_COMMAND] = {command != NULL, NULL},
                  [CANARY_TOKEN] = {p->token != NULL, p->token}};
    int given = 0;
    for (size_t i = 0; i < sizeof checks / sizeof *checks; i++) {
        given += checks[i].given;
        if (checks[i].given) {
            it->check = (enum canary_check)i;
            it->want = checks[i].want;
        }
    }
    if (given != 1) {
        reader_error(r, item, NULL, "a prompt has one check of exact, matches, json: true, schema, command and token; this one has %s",
                     given == 0 ? "none" : "several");
        return;
    }
    if (schema != NULL)
        it->want = read_schema(r, schema);
    if (command != NULL)
        it->argv = config_read_argv(r, command, "command");
    if (p->matches != NULL)
        check_pattern(r, matches, p->matches);
}

static void check_prompt(struct reader *r, const struct yaml_node *item, const struct config_prompt *p, const struct canary *c,
                         struct canary_item *it)
{
    const struct yaml_node *id = yaml_get(item, "id"), *max = yaml_get(item, "max_tokens");
    if (p->id != NULL && (strlen(p->id) > CANARY_ID_MAX || strchr(p->id, '#') != NULL))
        reader_error(r, id, "id", "expected at most %d bytes, none of them #", CANARY_ID_MAX);
    for (uint32_t i = 0; i < c->item_count && p->id != NULL; i++)
        if (c->items[i].id != NULL && strcmp(c->items[i].id, p->id) == 0)
            reader_error(r, id, "id", "'%s' is the id of an earlier prompt too", p->id);
    if (it->check == CANARY_TOKEN && p->token != NULL) {
        if (max != NULL && p->max_tokens != 1)
            reader_error(r, max, "max_tokens", "is 1 with token: one token is asked for");
        it->max_tokens = 1;
    } else if (max == NULL) {
        reader_error(r, item, NULL, "max_tokens is missing: the most tokens an answer may have, which is what it is priced at");
    }
    if (canary_input_tokens(it) > CANARY_PROMPT_BYTES_MAX)
        reader_error(r, item, NULL, "a prompt has at most %d bytes", CANARY_PROMPT_BYTES_MAX);
}

static void read_prompts(struct reader *r, const struct yaml_node *n, struct canary *c)
{
    if (!reader_is_list(r, n, "prompts", CANARY_ITEMS_MAX))
        return;
    struct canary_item *items = array_of(r, n->count, sizeof *items);
    c->items = items;
    for (size_t i = 0; items != NULL && i < n->count; i++) {
        struct config_prompt p = {.id = NULL};
        struct canary_item it = {.id = NULL};
        const size_t errors = r->errors;
        reader_section(r, SECTION_PROMPT, n->items[i], &p, false);
        if (n->items[i]->kind != YAML_MAPPING)
            continue;
        it.id = p.id;
        it.max_tokens = p.max_tokens;
        if (r->errors == errors)
            read_prompt(r, n->items[i], &p, &it);
        if (r->errors == errors)
            read_check(r, n->items[i], &p, &it);
        if (r->errors == errors)
            check_prompt(r, n->items[i], &p, c, &it);
        if (r->errors == errors)
            items[c->item_count++] = it;
    }
}

/* A file has positions of its own: its findings are told at the option that names it. */
static void read_prompts_file(struct reader *r, const struct yaml_node *at, const char *path, struct canary *c)
{
    struct reader *inner = calloc(1, sizeof *inner);
    const struct yaml_node *root = NULL;
    struct str text;
    struct locate_trust trust;
    struct errctx why = {""};

    if (inner == NULL) {
        r->nomem = true;
        return;
    }
    inner->arena = r->arena;
    inner->name = path;
    inner->dir = r->dir;
    enum err e = locate_read(path, r->arena, &text, &trust, &why);
    if (e == ERR_OK)
        e = yaml_parse(text, path, r->arena, &root, &why);
    if (e == ERR_OK) {
        read_prompts(inner, root, c);
        e = reader_result(inner, &why);
    }
    if (e != ERR_OK)
        reader_error(r, at, "prompts_file", "%s", why.text);
    free(inner);
}

/* ---- a canary ---- */

static void check_canary(struct reader *r, const struct yaml_node *item, const struct config *c, const struct config_canary *k)
{
    const struct yaml_node *key = yaml_get(item, "key"), *name = yaml_get(item, "name");
    const bool given = k->key.file != NULL || k->key.env != NULL || k->key.command != NULL;
    if (key != NULL && key->kind == YAML_MAPPING && (given || key->count == 0))
        config_check_secret(r, key, "key", &k->key, NULL);
    if (k->c.url != NULL && given && url_is_plaintext_remote(k->c.url) && !k->allow_plaintext_token)
        reader_error(r, yaml_get(item, "url"), NULL,
                     "this canary would send its key over http to another host; use https, or allow_plaintext_token: true");
    for (uint32_t i = 0; i < c->canary_count && k->c.name != NULL; i++)
        if (c->canaries[i].c.name != NULL && strcmp(c->canaries[i].c.name, k->c.name) == 0)
            reader_error(r, name, "name", "'%s' is the name of the canary on line %u too", k->c.name, c->canaries[i].line);
    for (uint32_t i = 0; i < c->source_count && k->c.name != NULL; i++)
        if (c->sources[i].name != NULL && strncmp(c->sources[i].name, "canary:", 7) == 0 && strcmp(c->sources[i].name + 7, k->c.name) == 0)
            reader_error(r, name, "name", "source '%s' has the name that its scores are stored under", c->sources[i].name);
}

static void read_canary(struct reader *r, const struct yaml_node *item, const struct layers *l, struct config *c)
{
    const struct yaml_node *prompts = yaml_get(item, "prompts"), *file = yaml_get(item, "prompts_file");
    struct config_canary k = {.c = {.temperature = -1}, .line = item->line, .column = item->column};
    config_read_layers(r, SECTION_CANARY, "canary", l, item, &k);
    if (item->kind != YAML_MAPPING)
        return;
    k.c.newer_max_name = k.max_name == 1;
    k.c.gateway = k.c.gateway != NULL ? k.c.gateway : c->gateway;
    if ((prompts == NULL) == (file == NULL))
        reader_error(r, item, NULL, "a canary has prompts or prompts_file, one of them");
    else if (prompts != NULL)
        read_prompts(r, prompts, &k.c);
    else if (k.prompts_file != NULL)
        read_prompts_file(r, file, k.prompts_file, &k.c);
    if (r->errors == 0 && k.c.item_count == 0)
        reader_error(r, prompts != NULL ? prompts : file, NULL, "a canary has at least one prompt");
    check_canary(r, item, c, &k);
    c->canaries[c->canary_count++] = k;
}

void config_read_canaries(struct reader *r, const struct yaml_node *n, const struct layers *l, struct config *c)
{
    if (!reader_is_list(r, n, "canaries", CONFIG_CANARIES_MAX))
        return;
    c->canaries = array_of(r, n->count, sizeof *c->canaries);
    for (size_t i = 0; c->canaries != NULL && i < n->count; i++)
        read_canary(r, n->items[i], l, c);
}
