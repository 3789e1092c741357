/* SPDX-License-Identifier: MIT */
/* The option table as text and as mdoc: rows from config_table.c, defaults from defaults.yaml, so that neither is written twice. */
#include <string.h>

#include "base/timefmt.h"
#include "config/config.h"
#include "config/option.h"

extern const unsigned char embed_defaults[];
extern const size_t embed_defaults_size;

enum { HELP_ARENA_MAX = 1 << 20 };

static const char *const type_names[] = {
    [OPTION_TEXT] = "text",          [OPTION_PATH] = "path",
    [OPTION_URL] = "address",        [OPTION_MATCH] = "matchers",
    [OPTION_CHOICE] = NULL,          [OPTION_PERIOD] = NULL,
    [OPTION_SIGNAL] = NULL,          [OPTION_BOOL] = "true|false",
    [OPTION_NUMBER] = "number",      [OPTION_COUNT] = "whole number",
    [OPTION_BYTES] = "size",         [OPTION_DURATION] = "duration",
    [OPTION_SECONDS] = "duration",   [OPTION_PERCENT] = "percentage",
    [OPTION_MONEY] = "amount",       [OPTION_PRICE] = "price",
    [OPTION_DATE] = "date",          [OPTION_PROSE] = "text",
    [OPTION_SCOPE] = "scope",        [OPTION_WORDS] = "list of texts",
    [OPTION_SCHEMA] = "JSON Schema", [OPTION_SIGNAL_OR_ALL] = "signal|all",
    [OPTION_MAP] = "mapping",        [OPTION_LIST] = "list",
};

/* The built-in default as the file writes it, empty when there is none. */
static struct str default_of(const struct yaml_node *root, const struct option *o)
{
    static const struct {
        enum section section;
        const char *key;
    } under[] = {{SECTION_SOURCE, "source"}, {SECTION_SLO, "slo"},         {SECTION_BUDGET, "budget"}, {SECTION_CANARY, "canary"},
                 {SECTION_RULE, "rule"},     {SECTION_ON_PAGE, "on_page"}, {SECTION_NOTIFY, "notify"}};
    const struct yaml_node *at = o->section == SECTION_TOP ? root
                                 : o->section == SECTION_KEEP || o->section == SECTION_ENERGY || o->section == SECTION_BUILTIN
                                     ? yaml_get(root, option_section_path(o->section))
                                     : NULL;
    for (size_t i = 0; i < sizeof under / sizeof under[0]; i++)
        if (o->section == under[i].section)
            at = yaml_get(yaml_get(root, "defaults"), under[i].key);
    const struct yaml_node *n = yaml_get(at, o->key);
    return n != NULL && n->kind == YAML_SCALAR ? n->text : (struct str){"", 0};
}

/* "duration, 1s to 1h, default 15s" */
static enum err put_facts(struct buf *out, const struct yaml_node *defaults, const struct option *o)
{
    char lo[OPTION_AMOUNT_MAX], hi[OPTION_AMOUNT_MAX];
    struct str def = default_of(defaults, o);
    enum err err = buf_append_z(out, o->choices != NULL ? o->choices : type_names[o->type]);
    if (err == ERR_OK && (o->min != 0 || o->max != 0)) {
        option_show_amount(o->type, o->min, lo);
        option_show_amount(o->type, o->max, hi);
        err = buf_printf(out, ", %s to %s", lo, hi);
    }
    if (err == ERR_OK && (o->flags & OPTION_REQUIRED))
        err = buf_append_z(out, ", required");
    if (err == ERR_OK && def.n > 0)
        err = buf_printf(out, ", default %.*s", (int)def.n, def.p);
    return err;
}

static enum err parse_defaults(struct arena *a, const struct yaml_node **ret)
{
    return yaml_parse((struct str){(const char *)embed_defaults, embed_defaults_size}, "defaults.yaml", a, ret, NULL);
}

/* Calls head for each section and row for each option, in the order of the table. */
static enum err each_row(struct buf *out, enum err (*head)(struct buf *out, enum section s),
                         enum err (*row)(struct buf *out, const struct yaml_node *defaults, const struct option *o))
{
    struct arena a;
    const struct yaml_node *defaults;
    size_t count;
    const struct option *rows = option_table(&count);
    arena_init(&a, HELP_ARENA_MAX);
    enum err err = parse_defaults(&a, &defaults);
    for (size_t i = 0; i < count && err == ERR_OK; i++) {
        if (i == 0 || rows[i].section != rows[i - 1].section)
            err = head(out, rows[i].section);
        if (err == ERR_OK)
            err = row(out, defaults, &rows[i]);
    }
    arena_fini(&a);
    return err;
}

static enum err text_head(struct buf *out, enum section s)
{
    const char *path = option_section_path(s);
    return buf_printf(out, "%s%s\n", out->len > 0 ? "\n" : "", *path ? path : "gwtop.yaml");
}

static enum err text_row(struct buf *out, const struct yaml_node *defaults, const struct option *o)
{
    enum err err = buf_printf(out, "  %-22s ", o->key);
    if (err == ERR_OK)
        err = put_facts(out, defaults, o);
    return err == ERR_OK ? buf_printf(out, "\n  %-22s   %s\n", "", o->help) : err;
}

enum err config_help(struct buf *out)
{
    return each_row(out, text_head, text_row);
}

/* Text for mdoc: a backslash would begin an escape, and no line may begin with a dot or a quote. */
static enum err put_man(struct buf *out, const char *text)
{
    enum err err = ERR_OK;
    if (*text == '.' || *text == '\'')
        err = buf_append_z(out, "\\&");
    for (; *text != 0 && err == ERR_OK; text++)
        err = *text == '\\' ? buf_append_z(out, "\\e") : buf_append_char(out, *text);
    return err;
}

static enum err man_head(struct buf *out, enum section s)
{
    const char *path = option_section_path(s);
    enum err err = out->len > 0 ? buf_append_z(out, ".El\n") : ERR_OK;
    if (err == ERR_OK)
        err = buf_printf(out, ".Ss %s\n.Bl -tag -width Ds\n", *path ? path : "The file");
    return err;
}

static enum err man_row(struct buf *out, const struct yaml_node *defaults, const struct option *o)
{
    enum err err = buf_printf(out, ".It Cm %s No : ", o->key);
    if (err == ERR_OK)
        err = put_facts(out, defaults, o);
    if (err == ERR_OK)
        err = buf_append_char(out, '\n');
    if (err == ERR_OK)
        err = put_man(out, o->help);
    return err == ERR_OK ? buf_append_z(out, ".\n") : err;
}

enum err config_help_man(struct buf *out)
{
    enum err err = each_row(out, man_head, man_row);
    return err == ERR_OK ? buf_append_z(out, ".El\n") : err;
}
