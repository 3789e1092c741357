/* SPDX-License-Identifier: MIT */
/* The form of Atlassian Statuspage (summary.json, incidents.json), which incident.io imitates: there lists may be null, and incidents
 * name no components. */
#include "source/posted.h"

static bool is_list(const struct jsontree *root, const char *key)
{
    const struct jsontree *n = jsontree_get(root, key);
    return n != NULL && (n->kind == JSONTREE_ARRAY || n->kind == JSONTREE_NULL);
}

bool posted_is_statuspage(const struct jsontree *root)
{
    return root->kind == JSONTREE_OBJECT && (jsonbody_text(jsontree_get(root, "status"), "indicator").n > 0 || is_list(root, "incidents"));
}

/* Whether what an incident affects is what counts; where it does not tell, it may be. */
static bool names_wanted(const struct posted *p, const struct jsontree *list, bool *told)
{
    bool wanted = false;
    for (const struct jsontree *c = list != NULL ? list->child : NULL; c != NULL; c = c->next) {
        const struct str name = jsonbody_text(c, "name");
        *told |= name.n > 0;
        wanted |= name.n > 0 && changes_wants(p->c.cfg, name, true);
    }
    return wanted;
}

static bool is_wanted(const struct posted *p, const struct jsontree *incident)
{
    const struct jsontree *updates = jsonbody_array(incident, "incident_updates");
    bool told = false, wanted = p->c.cfg->only_count == 0 || changes_wants(p->c.cfg, jsonbody_text(incident, "name"), true);
    wanted |= names_wanted(p, jsonbody_array(incident, "components"), &told);
    for (const struct jsontree *u = updates != NULL ? updates->child : NULL; u != NULL; u = u->next)
        wanted |= names_wanted(p, jsonbody_array(u, "affected_components"), &told);
    return wanted || !told;
}

static bool is_one_of(struct str text, const char *const *names)
{
    for (size_t i = 0; names[i] != NULL; i++)
        if (str_eq_z(text, names[i]))
            return true;
    return false;
}

static bool first_instant(const struct jsontree *o, const char *const *keys, int64_t *ret)
{
    for (size_t i = 0; keys[i] != NULL; i++)
        if (jsonbody_instant(o, keys[i], ret))
            return true;
    return false;
}

static enum err take_incident(struct posted *p, const struct jsontree *o, struct errctx *ctx)
{
    static const char *const over[] = {"resolved", "postmortem", "completed", NULL}, *const posted[] = {"created_at", "started_at", NULL},
                             *const ended[] = {"resolved_at", "updated_at", NULL};
    const struct str status = jsonbody_text(o, "status");
    struct posted_item item = {.id = jsonbody_text(o, "id"),
                               .text = jsonbody_text(o, "name"),
                               .url = jsonbody_text(o, "shortlink"),
                               .is_open = !is_one_of(status, over) && jsonbody_text(o, "resolved_at").n == 0};
    if (item.id.n == 0 || item.text.n == 0) {
        p->c.sink->warning(p->c.sink->ctx, 0, "an incident has no id or no name: left out", item.text);
        return ERR_OK;
    }
    if (!is_wanted(p, o))
        return ERR_OK;
    if (!page_impact_by_name(jsonbody_text(o, "impact"), &item.impact))
        item.impact = PAGE_NONE;
    if (!first_instant(o, posted, &item.since_ms))
        item.since_ms = 0;
    if (!first_instant(o, ended, &item.over_ms))
        item.over_ms = 0;
    return posted_take(p, &item, ctx);
}

/* Planned work counts while it is done. */
static enum err take_maintenances(struct posted *p, const struct jsontree *root, struct errctx *ctx)
{
    static const char *const under_way[] = {"in_progress", "verifying", NULL}, *const since[] = {"scheduled_for", "created_at", NULL};
    const struct jsontree *list = jsonbody_array(root, "scheduled_maintenances");
    enum err e = ERR_OK;
    for (const struct jsontree *o = list != NULL ? list->child : NULL; e == ERR_OK && o != NULL; o = o->next) {
        struct posted_item item = {.id = jsonbody_text(o, "id"),
                                   .text = jsonbody_text(o, "name"),
                                   .url = jsonbody_text(o, "shortlink"),
                                   .is_open = true,
                                   .impact = PAGE_MAINTENANCE};
        if (item.id.n == 0 || item.text.n == 0 || !is_one_of(jsonbody_text(o, "status"), under_way) || !is_wanted(p, o))
            continue;
        if (!first_instant(o, since, &item.since_ms))
            item.since_ms = 0;
        e = posted_take(p, &item, ctx);
    }
    return e;
}

static enum page_impact impact_of_component(struct str status)
{
    static const struct {
        const char *status;
        enum page_impact impact;
    } all[] = {{"under_maintenance", PAGE_MAINTENANCE},
               {"degraded_performance", PAGE_MINOR},
               {"partial_outage", PAGE_MAJOR},
               {"full_outage", PAGE_CRITICAL},
               {"major_outage", PAGE_CRITICAL}};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (str_eq_z(status, all[i].status))
            return all[i].impact;
    return PAGE_NONE;
}

/* Of components that count, where no incident says why. */
static enum err take_components(struct posted *p, const struct jsontree *root, struct errctx *ctx)
{
    const struct jsontree *list = jsonbody_array(root, "components");
    enum err e = ERR_OK;
    for (const struct jsontree *o = list != NULL ? list->child : NULL; e == ERR_OK && o != NULL; o = o->next) {
        const struct str name = jsonbody_text(o, "name"), status = jsonbody_text(o, "status");
        const char *id = arena_printf(&p->c.body.tree, "component:%.*s", (int)(name.n < 200 ? name.n : 200), name.p),
                   *text = arena_printf(&p->c.body.tree, "%.*s: %.*s", (int)(name.n < 200 ? name.n : 200), name.p,
                                        (int)(status.n < 40 ? status.n : 40), status.p);
        struct posted_item item = {.is_open = true, .impact = impact_of_component(status)};
        if (id == NULL || text == NULL)
            return errctx_set(ctx, ERR_NOMEM, "out of memory for what %s posted", p->c.cfg->provider);
        item.id = str_of(id);
        item.text = str_of(text);
        if (name.n > 0 && item.impact != PAGE_NONE && changes_wants(p->c.cfg, name, true))
            e = posted_take(p, &item, ctx);
    }
    return e;
}

/* The whole page's own word, where no incident says why. */
static enum err take_indicator(struct posted *p, const struct jsontree *root, struct errctx *ctx)
{
    const struct jsontree *status = jsontree_get(root, "status");
    const struct str word = jsonbody_text(status, "indicator"), text = jsonbody_text(status, "description");
    enum page_impact impact = PAGE_NONE;
    if (word.n > 0 && !page_impact_by_name(word, &impact)) {
        const char *safe = changes_text(&p->c.body.tree, word);
        p->unclear = safe != NULL ? arena_printf(&p->kept, "its indicator says '%s', which is not known", safe) : NULL;
        return p->unclear != NULL ? ERR_OK : errctx_set(ctx, ERR_NOMEM, "out of memory for what %s posted", p->c.cfg->provider);
    }
    if (impact == PAGE_NONE)
        return ERR_OK;
    const struct posted_item item = {.id = str_of("indicator"), .text = text.n > 0 ? text : word, .is_open = true, .impact = impact};
    return posted_take(p, &item, ctx);
}

enum err posted_read_statuspage(struct posted *p, const struct jsontree *root, struct errctx *ctx)
{
    const struct jsontree *incidents = jsontree_get(root, "incidents");
    const bool has_indicator = jsonbody_text(jsontree_get(root, "status"), "indicator").n > 0;
    enum err e = ERR_OK;
    if (incidents != NULL && incidents->kind != JSONTREE_ARRAY && incidents->kind != JSONTREE_NULL)
        return errctx_set(ctx, ERR_PARSE, "its incidents are no list");
    if (!has_indicator && !p->answered && incidents->kind == JSONTREE_NULL)
        return errctx_set(ctx, ERR_PARSE, "it tells neither an indicator nor incidents");
    for (const struct jsontree *o = incidents != NULL ? incidents->child : NULL; e == ERR_OK && o != NULL; o = o->next)
        e = take_incident(p, o, ctx);
    if (e == ERR_OK)
        e = take_maintenances(p, root, ctx);
    if (e == ERR_OK && p->count == 0 && has_indicator)
        e = p->c.cfg->only_count > 0 ? take_components(p, root, ctx) : take_indicator(p, root, ctx);
    return e;
}
