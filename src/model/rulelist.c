/* SPDX-License-Identifier: MIT */
#include "model/rulelist.h"

#include <string.h>

#include "base/json.h"
#include "base/jsontree.h"

const char *rule_kind_name(enum rule_kind k)
{
    static const char *const names[RULE_KIND_COUNT] = {"slo", "budget", "own", "builtin", "outside"};
    return (unsigned)k < RULE_KIND_COUNT ? names[k] : "unknown";
}

const char *rule_info_name(const struct rule_info *r)
{
    const char *colon = strchr(r->rule, ':');
    return colon != NULL ? colon + 1 : r->rule;
}

const struct rule_info *rule_info_of(const struct rule_info *list, size_t count, const char *rule)
{
    const struct rule_info *best = NULL;
    for (size_t i = 0; i < count; i++) { /* a name may hold a colon: the longest that fits is it */
        const size_t n = strlen(list[i].rule);
        if (strncmp(list[i].rule, rule, n) == 0 && (rule[n] == ':' || rule[n] == '\0') && (best == NULL || n > strlen(best->rule)))
            best = &list[i];
    }
    return best;
}

enum err rule_list_write(const struct rule_info *list, size_t count, struct buf *out)
{
    struct json w;
    json_begin(&w, out, false);
    json_array(&w, NULL);
    for (size_t i = 0; i < count; i++) {
        json_object(&w, NULL);
        json_string(&w, "rule", list[i].rule);
        json_string(&w, "kind", rule_kind_name(list[i].kind));
        json_string(&w, "what", list[i].what);
        json_string(&w, "scope", list[i].scope);
        json_string(&w, "severity", list[i].severity);
        json_string(&w, "runbook", list[i].duty.runbook);
        json_string(&w, "owner", list[i].duty.owner);
        json_string(&w, "contact", list[i].duty.contact);
        json_end(&w);
    }
    json_end(&w);
    return w.err;
}

/* NULL where there is none. */
static enum err text_of(const struct jsontree *n, const char *key, struct arena *a, const char **ret)
{
    const struct jsontree *v = jsontree_get(n, key);
    *ret = v != NULL && v->kind == JSONTREE_STRING ? arena_strdup(a, v->text) : NULL;
    return *ret != NULL || v == NULL || v->kind != JSONTREE_STRING ? ERR_OK : ERR_NOMEM;
}

static enum err read_one(const struct jsontree *n, struct arena *a, struct rule_info *r)
{
    const char *kind = NULL;
    const struct {
        const char *key;
        const char **to;
    } texts[] = {{"rule", &r->rule},         {"kind", &kind},
                 {"what", &r->what},         {"scope", &r->scope},
                 {"severity", &r->severity}, {"runbook", &r->duty.runbook},
                 {"owner", &r->duty.owner},  {"contact", &r->duty.contact}};
    enum err e = ERR_OK;
    for (size_t i = 0; e == ERR_OK && i < sizeof texts / sizeof *texts; i++)
        e = text_of(n, texts[i].key, a, texts[i].to);
    r->kind = RULE_OUTSIDE;
    for (int k = 0; k < RULE_KIND_COUNT && kind != NULL; k++)
        r->kind = strcmp(kind, rule_kind_name((enum rule_kind)k)) == 0 ? (enum rule_kind)k : r->kind;
    r->what = r->what != NULL ? r->what : "";
    r->scope = r->scope != NULL ? r->scope : "";
    r->severity = r->severity != NULL ? r->severity : "";
    return e;
}

enum err rule_list_read(struct str text, struct arena *a, struct rule_info **ret, size_t *ret_count, struct errctx *ctx)
{
    const struct jsontree *root;
    size_t count = 0;
    enum err e = jsontree_parse(text, a, &root, ctx);
    struct rule_info *list = e == ERR_OK ? arena_array(a, RULES_MAX, sizeof *list) : NULL;
    if (e == ERR_OK && list == NULL)
        e = errctx_set(ctx, ERR_NOMEM, "out of memory for the rules");
    for (const struct jsontree *n = e == ERR_OK && root->kind == JSONTREE_ARRAY ? root->child : NULL;
         e == ERR_OK && n != NULL && count < RULES_MAX; n = n->next) {
        struct rule_info r = {.rule = NULL};
        e = read_one(n, a, &r);
        if (e == ERR_OK && r.rule != NULL)
            list[count++] = r;
    }
    if (e == ERR_OK) {
        *ret = list;
        *ret_count = count;
    }
    return e;
}
