/* SPDX-License-Identifier: MIT */
#include "source/labels.h"

#include <string.h>

#include "base/safe_text.h"

static const struct {
    const char *word;
    enum event_kind kind;
} kinds[] = {
    {"deploy", EVENT_DEPLOY},
    {"deployment", EVENT_DEPLOY},
    {"release", EVENT_DEPLOY},
    {"rollout", EVENT_DEPLOY},
    {"config", EVENT_CONFIG},
    {"configuration", EVENT_CONFIG},
    {"feature-flag", EVENT_CONFIG},
    {"feature_flag", EVENT_CONFIG},
    {"price", EVENT_PRICE},
    {"model", EVENT_MODEL_VERSION},
    {"model_version", EVENT_MODEL_VERSION},
    {"prompt", EVENT_MODEL_VERSION},
    {"note", EVENT_MARK},
    {"mark", EVENT_MARK},
};

/* What systems call a dimension. */
static const struct {
    const char *name;
    enum dim dim;
} others[] = {{"model_name", DIM_MODEL}, {"model_group", DIM_MODEL}, {"vendor", DIM_PROVIDER}};

void labels_begin(struct labels *l, const struct config_source *cfg, enum event_kind kind)
{
    *l = (struct labels){.cfg = cfg, .kind = kind};
}

bool labels_kind(struct str word, enum event_kind *ret)
{
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (!str_eq_z(word, kinds[i].word))
            continue;
        *ret = kinds[i].kind;
        return true;
    }
    return false;
}

/* A scope is read back by its commas and equals signs: a value that holds one, or is not to be shown as it is, says nothing. */
static void set_value(struct labels *l, enum dim d, struct str value)
{
    char safe[LABELS_VALUE_MAX];
    (void)safe_text(safe, sizeof safe, value);
    if (value.n > 0 && str_eq_z(value, safe) && strpbrk(safe, " ,=|") == NULL)
        memcpy(l->value[d], safe, sizeof safe);
}

static bool take_configured(struct labels *l, struct str label)
{
    for (uint32_t i = 0; i < l->cfg->label_count; i++) {
        const struct config_label *c = &l->cfg->labels[i];
        if (!str_eq_z(label, c->label))
            continue;
        for (uint32_t k = 0; k < c->scope_count; k++)
            set_value(l, c->scope[k].dim, str_of(c->scope[k].value));
        if (c->kind >= 0) {
            l->kind = config_label_kind(c);
            l->kind_said = true;
        }
        return true;
    }
    return false;
}

static bool dim_of(struct str name, enum dim *ret)
{
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        if (!str_eq_z(name, others[i].name))
            continue;
        *ret = others[i].dim;
        return true;
    }
    return dim_by_name(name, ret) && *ret <= DIM_STAGE; /* the rest tells measurements apart, which no change is of */
}

static void take_known(struct labels *l, struct str name, struct str value)
{
    enum dim d;
    if (dim_of(name, &d) && l->value[d][0] == '\0')
        set_value(l, d, value);
}

void labels_take(struct labels *l, struct str label)
{
    size_t at = 0;
    enum event_kind kind;
    if (take_configured(l, label))
        return;
    while (at < label.n && label.p[at] != '=' && label.p[at] != ':')
        at++;
    if (at < label.n)
        take_known(l, (struct str){label.p, at}, (struct str){label.p + at + 1, label.n - at - 1});
    else if (!l->kind_said && labels_kind(label, &kind)) {
        l->kind = kind;
        l->kind_said = true;
    }
}

void labels_take_pair(struct labels *l, const char *name, struct str value)
{
    char label[256];
    if (!str_format(label, sizeof label, "%s=%.*s", name, (int)(value.n < sizeof label ? value.n : sizeof label), value.p) ||
        !take_configured(l, str_of(label)))
        take_known(l, str_of(name), value);
}

const char *labels_scope(const struct labels *l, struct arena *a)
{
    const char *scope = "";
    for (int d = 0; scope != NULL && d < DIM_COUNT; d++)
        if (l->value[d][0] != '\0')
            scope = arena_printf(a, "%s%s%s=%s", scope, scope[0] != '\0' ? "," : "", dim_name((enum dim)d), l->value[d]);
    return scope;
}
