/* SPDX-License-Identifier: MIT */
/* `hosting` and `energy`: GPUs of one's own, and what their electricity costs. Of two prices for one instant nobody can say which holds. */
#include <string.h>

#include "base/timefmt.h"
#include "config/config_read.h"

#define HOUR_MS INT64_C(3600000)
enum { HOURS = 24 };

static bool is_full_hour(struct reader *r, const struct yaml_node *item, int64_t from_ms, const char *what)
{
    if (from_ms == INT64_MIN || from_ms % HOUR_MS == 0)
        return true;
    reader_error(r, yaml_get(item, "from"), "from", "%s begins at a full hour", what);
    return false;
}

/* ---- hosting ---- */

static void check_pool(struct reader *r, const struct yaml_node *item, const struct config *c, const struct hosting *h)
{
    (void)is_full_hour(r, item, h->from_ms, "a pool");
    for (uint32_t i = 0; i < c->hosting_count && h->name != NULL; i++) {
        const struct hosting *other = &c->hosting[i];
        if (other->name != NULL && strcmp(other->name, h->name) == 0 && other->from_ms == h->from_ms)
            reader_error(r, yaml_get(item, "name"), "name", "'%s' has an earlier item with the same date: give each its own `from`",
                         h->name);
    }
}

/* Power of GPUs that may be in either pool belongs to none. */
static void check_power(struct reader *r, const struct yaml_node *list, const struct config *c)
{
    for (uint32_t i = 0; i < c->hosting_count; i++)
        for (uint32_t k = 0; k < c->hosting_count && c->hosting[i].power == NULL && c->hosting[i].name != NULL; k++)
            if (c->hosting[k].name != NULL && strcmp(c->hosting[k].name, c->hosting[i].name) != 0) {
                reader_error(r, list->items[i], "power",
                             "is missing: with more than one pool, each names the source that measures its GPUs");
                return;
            }
}

void config_read_hosting(struct reader *r, const struct yaml_node *n, struct config *c)
{
    if (!reader_is_list(r, n, "hosting", CONFIG_HOSTING_MAX))
        return;
    c->hosting = arena_array(r->arena, n->count + 1, sizeof *c->hosting);
    if (c->hosting == NULL) {
        r->nomem = true;
        return;
    }
    for (size_t i = 0; i < n->count; i++) {
        struct hosting *h = &c->hosting[i];
        const struct yaml_node *scope = yaml_get(n->items[i], "scope"), *power = yaml_get(n->items[i], "power");
        h->from_ms = INT64_MIN;
        reader_section(r, SECTION_HOSTING, n->items[i], h, false);
        h->scope_count = scope != NULL ? reader_scope(r, scope, h->scope) : 0;
        if (h->power != NULL)
            (void)config_check_source(r, c, "power", power);
        check_pool(r, n->items[i], c, h);
        c->hosting_count++;
    }
    check_power(r, n, c);
}

/* ---- tariffs ---- */

/* "22-06": two hours of two digits at most. */
static bool read_hours(const char *text, struct tariff *t)
{
    const struct str all = str_of(text);
    const char *dash = memchr(all.p, '-', all.n);
    int64_t from, to;
    if (dash == NULL || !str_to_i64((struct str){all.p, (size_t)(dash - all.p)}, &from) ||
        !str_to_i64((struct str){dash + 1, all.n - (size_t)(dash + 1 - all.p)}, &to))
        return false;
    if (from < 0 || from >= HOURS || to < 0 || to > HOURS || from == to)
        return false;
    t->from_hour = (uint8_t)from;
    t->to_hour = (uint8_t)to;
    return true;
}

static void check_tariff(struct reader *r, const struct yaml_node *item, const struct config *c, const struct config_tariff *t)
{
    char from[TIMEFMT_MAX] = "ever";
    if (!is_full_hour(r, item, t->rate.from_ms, "a tariff"))
        return;
    for (uint32_t i = 0; i < c->tariff_count; i++) {
        if (!tariff_collides(&c->tariffs[i], &t->rate))
            continue;
        if (t->rate.from_ms != INT64_MIN)
            instant_format_iso(t->rate.from_ms, from);
        reader_error(r, item, NULL, "two prices of electricity for the same hours from %s on", from);
        return;
    }
}

static void read_tariffs(struct reader *r, const struct yaml_node *n, struct config *c)
{
    if (!reader_is_list(r, n, "tariff", CONFIG_TARIFFS_MAX))
        return;
    c->tariffs = arena_array(r->arena, n->count + 1, sizeof *c->tariffs);
    if (c->tariffs == NULL) {
        r->nomem = true;
        return;
    }
    for (size_t i = 0; i < n->count; i++) {
        struct config_tariff t = {.rate = {.from_ms = INT64_MIN, .to_hour = HOURS}};
        const size_t errors = r->errors;
        reader_section(r, SECTION_TARIFF, n->items[i], &t, false);
        if (r->errors == errors && t.hours != NULL && !read_hours(t.hours, &t.rate))
            reader_error(r, yaml_get(n->items[i], "hours"), "hours", "expected full hours like 22-06, got '%s'", t.hours);
        if (r->errors == errors)
            check_tariff(r, n->items[i], c, &t);
        if (r->errors == errors)
            c->tariffs[c->tariff_count++] = t.rate;
    }
}

void config_read_energy(struct reader *r, const struct yaml_node *n, struct config *c)
{
    if (yaml_get(n, "tariff") != NULL) /* the rest of the mapping is read with the file's other options */
        read_tariffs(r, yaml_get(n, "tariff"), c);
}
