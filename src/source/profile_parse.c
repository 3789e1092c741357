/* SPDX-License-Identifier: MIT */
/* How this works: each item of `metrics` becomes one row per name. Rows of one item, or of items with the same `quantity`, are spellings
 * of one thing and get a common group with rising ranks. Then all rows are sorted by name, keeping the file's order within a name. */
#include <stdlib.h>
#include <string.h>

#include "config/reader.h"
#include "config/yaml.h"
#include "source/profile_index.h"

enum { RULES_MAX = 200, QUANTITIES_MAX = PROFILE_METRICS_MAX, TREE_BYTES_MAX = 64 << 20 };

struct parse {
    struct reader *r;
    struct arena *a;
    struct profile_metric *rows;
    size_t count;
    const char *quantity[QUANTITIES_MAX]; /* names of the groups; NULL: the group of a single item */
    uint8_t next_rank[QUANTITIES_MAX];
    size_t group_count;
};

static const char profile_keys[] = "title|tier|recognise|absent|ignore|versions|expires|danger|metrics|shared";
static const char metric_keys[] =
    "name|names|quantity|signal|part|factor|combine|type|labels|set|where|unless|class|rewrite|max_valid|note";

/* ---- small readers ---- */

static bool check_keys(struct parse *p, const struct yaml_node *n, const char *what, const char *keys)
{
    if (n->kind != YAML_MAPPING) {
        reader_error(p->r, n, NULL, "%s: expected keys and values", what);
        return false;
    }
    for (size_t i = 0; i < n->count; i++) {
        struct str key = n->keys[i]->text;
        const char *at = keys;
        for (size_t len = strcspn(at, "|"); *at != 0 && !str_eq(key, (struct str){at, len}); len = strcspn(at, "|"))
            at += len + (at[len] == '|');
        if (*at != 0)
            continue;
        const char *near = nearest_name(p->a, key, keys);
        char shown[64];
        (void)str_copy(shown, sizeof shown, key);
        reader_error(p->r, n->keys[i], NULL,
                     near != NULL ? "unknown key '%s' in %s, did you mean '%s'?" : "unknown key '%s' in %s; it may hold %s", shown, what,
                     near != NULL ? near : keys);
    }
    return true;
}

/* Text of a scalar, "" when it is empty on purpose; NULL with a finding for anything else. */
static const char *text_of(struct parse *p, const struct yaml_node *n, const char *key)
{
    if (n->kind != YAML_SCALAR || (n->text.n == 0 && !n->quoted)) {
        reader_error(p->r, n, key, "expected text");
        return NULL;
    }
    const char *copy = arena_strdup(p->a, n->text);
    p->r->nomem = p->r->nomem || copy == NULL;
    return copy;
}

/* One text or a list of them. */
static size_t texts_of(struct parse *p, const struct yaml_node *n, const char *key, const char *const **ret)
{
    bool list = n->kind == YAML_SEQUENCE;
    size_t want = list ? n->count : 1, count = 0;
    const char **texts = arena_array(p->a, want + 1, sizeof *texts);
    p->r->nomem = p->r->nomem || texts == NULL;
    for (size_t i = 0; i < want && texts != NULL; i++) {
        const char *text = text_of(p, list ? n->items[i] : n, key);
        if (text != NULL)
            texts[count++] = text;
    }
    *ret = texts;
    return texts != NULL ? count : 0;
}

static bool dim_of(struct parse *p, const struct yaml_node *n, const char *key, enum dim *ret)
{
    if (n->kind == YAML_SCALAR && dim_by_name(n->text, ret) && *ret != DIM_GATEWAY)
        return true;
    const char *near = nearest_name(p->a, n->text, "provider|model|deployment|region|team|key|route|stage|class|name");
    reader_error(p->r, n, key, "'%.*s' is not a dimension%s%s%s", (int)(n->text.n > 40 ? 40 : n->text.n), n->text.p,
                 near ? ", did you mean '" : "", near ? near : "",
                 near ? "'?" : " (provider, model, deployment, region, team, key, route, stage, class, name)");
    return false;
}

static double number_of(struct parse *p, const struct yaml_node *n, const char *key)
{
    double v = 0;
    if (n->kind != YAML_SCALAR || !str_to_f64(n->text, &v) || !(v > 0 && v < 1e300)) {
        reader_error(p->r, n, key, "expected a number above 0");
        return 1;
    }
    return v;
}

/* A mapping, or a list of mappings that stand for their union; calls fn per key. */
static void each_pair(struct parse *p, const struct yaml_node *n, const char *key,
                      void (*fn)(struct parse *p, const struct yaml_node *k, const struct yaml_node *v, void *ctx), void *ctx)
{
    if (n->kind == YAML_SEQUENCE) {
        for (size_t i = 0; i < n->count; i++) {
            if (n->items[i]->kind != YAML_MAPPING)
                reader_error(p->r, n->items[i], key, "expected keys and values");
            else
                each_pair(p, n->items[i], key, fn, ctx);
        }
        return;
    }
    if (n->kind != YAML_MAPPING) {
        reader_error(p->r, n, key, "expected keys and values");
        return;
    }
    for (size_t i = 0; i < n->count; i++)
        fn(p, n->keys[i], n->items[i], ctx);
}

/* ---- the rules of one item ---- */

struct rules {
    struct profile_label labels[RULES_MAX];
    struct profile_const consts[RULES_MAX];
    struct profile_condition conditions[RULES_MAX];
    struct profile_rewrite rewrites[RULES_MAX];
    size_t label_count, const_count, condition_count, rewrite_count;
    bool negate; /* conditions being read come from `unless` */
};

static bool has_room(struct parse *p, const struct yaml_node *at, size_t count, size_t more)
{
    if (count + more <= RULES_MAX)
        return true;
    reader_error(p->r, at, NULL, "more than %d rules", RULES_MAX);
    return false;
}

static void on_label(struct parse *p, const struct yaml_node *k, const struct yaml_node *v, void *ctx)
{
    struct rules *u = ctx;
    enum dim dim;
    const char *const *texts;
    if (!dim_of(p, k, "labels", &dim))
        return;
    size_t n = texts_of(p, v, "labels", &texts);
    if (!has_room(p, v, u->label_count, n))
        return;
    for (size_t i = 0; i < n; i++)
        u->labels[u->label_count++] = (struct profile_label){texts[i], dim};
}

static void on_const(struct parse *p, const struct yaml_node *k, const struct yaml_node *v, void *ctx)
{
    struct rules *u = ctx;
    enum dim dim;
    const char *text = text_of(p, v, "set");
    if (text != NULL && dim_of(p, k, "set", &dim) && has_room(p, v, u->const_count, 1))
        u->consts[u->const_count++] = (struct profile_const){dim, text};
}

static void on_condition(struct parse *p, const struct yaml_node *k, const struct yaml_node *v, void *ctx)
{
    struct rules *u = ctx;
    struct profile_condition c = {.label = text_of(p, k, "where"), .negate = u->negate};
    c.count = texts_of(p, v, u->negate ? "unless" : "where", &c.values);
    if (c.label != NULL && has_room(p, v, u->condition_count, 1))
        u->conditions[u->condition_count++] = c;
}

struct rewrite_target {
    struct rules *rules;
    const char *label;
    enum dim dim;
};

static void on_rewrite_text(struct parse *p, const struct yaml_node *k, const struct yaml_node *v, void *ctx)
{
    struct rewrite_target *t = ctx;
    const char *from = text_of(p, k, "rewrite"), *to = text_of(p, v, "rewrite");
    if (from != NULL && to != NULL && has_room(p, v, t->rules->rewrite_count, 1))
        t->rules->rewrites[t->rules->rewrite_count++] = (struct profile_rewrite){t->label, t->dim, from, to};
}

static void on_rewrite_dim(struct parse *p, const struct yaml_node *k, const struct yaml_node *v, void *ctx)
{
    struct rewrite_target *t = ctx;
    if (dim_of(p, k, "rewrite", &t->dim))
        each_pair(p, v, "rewrite", on_rewrite_text, t);
}

static void on_rewrite(struct parse *p, const struct yaml_node *k, const struct yaml_node *v, void *ctx)
{
    struct rewrite_target t = {.rules = ctx, .label = text_of(p, k, "rewrite")};
    if (t.label != NULL)
        each_pair(p, v, "rewrite", on_rewrite_dim, &t);
}

/* Copies rules out of the work space, into memory that all rows of the item share. */
static void keep_rules(struct parse *p, const struct rules *u, struct profile_metric *m)
{
    struct profile_label *labels = arena_array(p->a, u->label_count + 1, sizeof *labels);
    struct profile_const *consts = arena_array(p->a, u->const_count + 1, sizeof *consts);
    struct profile_condition *conditions = arena_array(p->a, u->condition_count + 1, sizeof *conditions);
    struct profile_rewrite *rewrites = arena_array(p->a, u->rewrite_count + 1, sizeof *rewrites);
    if (labels == NULL || consts == NULL || conditions == NULL || rewrites == NULL) {
        p->r->nomem = true;
        return;
    }
    memcpy(labels, u->labels, u->label_count * sizeof *labels);
    memcpy(consts, u->consts, u->const_count * sizeof *consts);
    memcpy(conditions, u->conditions, u->condition_count * sizeof *conditions);
    memcpy(rewrites, u->rewrites, u->rewrite_count * sizeof *rewrites);
    m->labels = labels;
    m->label_count = u->label_count;
    m->consts = consts;
    m->const_count = u->const_count;
    m->conditions = conditions;
    m->condition_count = u->condition_count;
    m->rewrites = rewrites;
    m->rewrite_count = u->rewrite_count;
}

static void read_rules(struct parse *p, const struct yaml_node *n, struct rules *u, struct profile_metric *m)
{
    const struct yaml_node *labels = yaml_get(n, "labels"), *set = yaml_get(n, "set"), *where = yaml_get(n, "where");
    const struct yaml_node *unless = yaml_get(n, "unless"), *rewrite = yaml_get(n, "rewrite");
    memset(u, 0, sizeof *u);
    if (labels != NULL)
        each_pair(p, labels, "labels", on_label, u);
    if (set != NULL)
        each_pair(p, set, "set", on_const, u);
    if (where != NULL)
        each_pair(p, where, "where", on_condition, u);
    u->negate = true;
    if (unless != NULL)
        each_pair(p, unless, "unless", on_condition, u);
    if (rewrite != NULL)
        each_pair(p, rewrite, "rewrite", on_rewrite, u);
    keep_rules(p, u, m);
}

/* ---- one item of metrics ---- */

static void read_signal(struct parse *p, const struct yaml_node *item, struct profile_metric *m)
{
    const struct yaml_node *n = yaml_get(item, "signal"), *part = yaml_get(item, "part");
    if (n == NULL) {
        reader_error(p->r, item, NULL, "signal is missing: the quantity that this metric is");
        return;
    }
    if (n->kind != YAML_SCALAR || !signal_by_name(n->text, &m->signal)) {
        const char *names = "";
        for (int i = 0; i < SIG_COUNT && names != NULL; i++)
            names = arena_printf(p->a, "%s%s%s", names, i ? "|" : "", signal_info((enum signal)i)->name);
        const char *near = names != NULL ? nearest_name(p->a, n->text, names) : NULL;
        reader_error(p->r, n, "signal", "'%.*s' is not a signal%s%s%s", (int)(n->text.n > 40 ? 40 : n->text.n), n->text.p,
                     near ? ", did you mean '" : "", near ? near : "", near ? "'?" : "; gwtop-profiles(5) lists them");
        return;
    }
    const bool score = signal_info(m->signal)->kind == KIND_SCORE, latency = signal_info(m->signal)->kind == KIND_HISTOGRAM;
    if (part == NULL && score)
        reader_error(p->r, n, "signal", "a score is fed in parts: add part: n, sum or bad");
    if (part == NULL)
        return;
    if ((!score && !latency) || part->kind != YAML_SCALAR)
        reader_error(p->r, part, "part", "only a score or a latency has parts");
    else if (str_eq_z(part->text, "n"))
        m->part = PART_N;
    else if (str_eq_z(part->text, "sum"))
        m->part = PART_SUM;
    else if (str_eq_z(part->text, "bad") && score)
        m->part = PART_BAD;
    else
        reader_error(p->r, part, "part", score ? "expected n, sum or bad" : "expected n or sum");
}

/* Shares, times and amounts of one thing seen twice do not add up; counts do. */
static enum profile_combine default_combine(enum signal s)
{
    enum unit u = signal_info(s)->unit;
    return signal_info(s)->kind == KIND_GAUGE && (u == UNIT_RATIO || u == UNIT_SECONDS || u == UNIT_USD || u == UNIT_GRAMS_PER_KWH)
               ? COMBINE_MAX
               : COMBINE_SUM;
}

static void read_options(struct parse *p, const struct yaml_node *item, struct profile_metric *m)
{
    const struct yaml_node *combine = yaml_get(item, "combine"), *type = yaml_get(item, "type"), *class = yaml_get(item, "class");
    const struct yaml_node *factor = yaml_get(item, "factor"), *valid = yaml_get(item, "max_valid"), *note = yaml_get(item, "note");
    m->factor = factor != NULL ? number_of(p, factor, "factor") : 1;
    m->max_valid = valid != NULL ? number_of(p, valid, "max_valid") : 0;
    m->note = note != NULL ? text_of(p, note, "note") : NULL;
    m->combine = default_combine(m->signal);
    if (combine != NULL && str_eq_z(combine->text, "sum"))
        m->combine = COMBINE_SUM;
    else if (combine != NULL && str_eq_z(combine->text, "max"))
        m->combine = COMBINE_MAX;
    else if (combine != NULL && str_eq_z(combine->text, "min"))
        m->combine = COMBINE_MIN;
    else if (combine != NULL)
        reader_error(p->r, combine, "combine", "expected sum, max or min");
    if (combine != NULL && signal_info(m->signal)->kind != KIND_GAUGE)
        reader_error(p->r, combine, "combine", "only gauges are combined; all else is added");
    m->by_type = type == NULL || !str_eq_z(type->text, "any");
    if (type != NULL && m->by_type)
        reader_error(p->r, type, "type", "expected any (whatever # TYPE says), or leave it out");
    if (class == NULL || !check_keys(p, class, "class", "status|exception"))
        return;
    const struct yaml_node *status = yaml_get(class, "status"), *exception = yaml_get(class, "exception");
    m->status_label = status != NULL ? text_of(p, status, "status") : NULL;
    m->exception_label = exception != NULL ? text_of(p, exception, "exception") : NULL;
}

/* The group of an item: a new one, or that of an earlier item with the same `quantity`. */
static size_t group_of(struct parse *p, const struct yaml_node *item)
{
    const struct yaml_node *n = yaml_get(item, "quantity");
    const char *quantity = n != NULL ? text_of(p, n, "quantity") : NULL;
    for (size_t g = 0; g < p->group_count && quantity != NULL; g++)
        if (p->quantity[g] != NULL && strcmp(p->quantity[g], quantity) == 0)
            return g;
    p->quantity[p->group_count] = quantity;
    return p->group_count++;
}

static void add_row(struct parse *p, const struct yaml_node *at, struct profile_metric m)
{
    const struct yaml_node *name = at, *factor = NULL;
    if (at->kind == YAML_MAPPING) {
        if (!check_keys(p, at, "names", "name|factor"))
            return;
        name = yaml_get(at, "name");
        factor = yaml_get(at, "factor");
    }
    if (name == NULL || (m.name = text_of(p, name, "name")) == NULL) {
        reader_error(p->r, at, NULL, "name is missing");
        return;
    }
    if (m.name[0] == 0 || strpbrk(m.name, " *{}\"") != NULL)
        reader_error(p->r, name, "name", "expected the name of one metric, got '%.60s'", m.name);
    if (p->count == PROFILE_METRICS_MAX || p->next_rank[m.group] == UINT8_MAX) {
        reader_error(p->r, at, NULL, "more than %d metrics", PROFILE_METRICS_MAX);
        return;
    }
    if (factor != NULL)
        m.factor = number_of(p, factor, "factor");
    m.line = name->line;
    m.rank = p->next_rank[m.group]++;
    p->rows[p->count++] = m;
}

static void read_metric(struct parse *p, const struct yaml_node *item, struct rules *work)
{
    struct profile_metric m = {.part = PART_WHOLE};
    const struct yaml_node *name = yaml_get(item, "name"), *names = yaml_get(item, "names");
    if (!check_keys(p, item, "metrics", metric_keys))
        return;
    if ((name == NULL) == (names == NULL) || (names != NULL && (names->kind != YAML_SEQUENCE || names->count == 0))) {
        reader_error(p->r, item, NULL, "expected name, or names with a list of spellings, the preferred one first");
        return;
    }
    if (p->group_count == QUANTITIES_MAX) {
        reader_error(p->r, item, NULL, "more than %d metrics", PROFILE_METRICS_MAX);
        return;
    }
    read_signal(p, item, &m);
    read_options(p, item, &m);
    read_rules(p, item, work, &m);
    m.group = (uint16_t)group_of(p, item);
    if (name != NULL)
        add_row(p, name, m);
    for (size_t i = 0; names != NULL && i < names->count; i++)
        add_row(p, names->items[i], m);
}

/* ---- the file ---- */

static int by_name(const void *a, const void *b)
{
    const struct profile_metric *x = a, *y = b;
    int c = strcmp(x->name, y->name);
    if (c != 0)
        return c;
    return x->group != y->group ? (x->group < y->group ? -1 : 1) : (int)x->rank - (int)y->rank;
}

static void read_lists(struct parse *p, const struct yaml_node *root, struct profile *out)
{
    const struct yaml_node *recognise = yaml_get(root, "recognise"), *ignore = yaml_get(root, "ignore"), *absent = yaml_get(root, "absent");
    if (recognise != NULL)
        out->recognise_count = texts_of(p, recognise, "recognise", &out->recognise);
    else
        reader_error(p->r, root, NULL, "recognise is missing: the families by which such an endpoint is known");
    if (ignore != NULL)
        out->ignore_count = texts_of(p, ignore, "ignore", &out->ignore);
    if (absent != NULL)
        out->absent_count = texts_of(p, absent, "absent", &out->absent);
}

static void read_version(struct parse *p, const struct yaml_node *item, struct profile_version *out)
{
    if (!check_keys(p, item, "versions", "name|kind|labels"))
        return;
    const struct yaml_node *name = yaml_get(item, "name"), *kind = yaml_get(item, "kind"), *labels = yaml_get(item, "labels");
    if (name == NULL || labels == NULL) {
        reader_error(p->r, item, NULL, "%s is missing", name == NULL ? "name" : "labels");
        return;
    }
    out->family = text_of(p, name, "name");
    out->label_count = texts_of(p, labels, "labels", &out->labels);
    out->config = kind != NULL && str_eq_z(kind->text, "config");
    if (kind != NULL && !out->config && !str_eq_z(kind->text, "deploy"))
        reader_error(p->r, kind, "kind", "expected deploy or config");
}

static void read_versions(struct parse *p, const struct yaml_node *root, struct profile *out)
{
    const struct yaml_node *versions = yaml_get(root, "versions");
    if (versions == NULL || !reader_is_list(p->r, versions, "versions", PROFILE_VERSIONS_MAX))
        return;
    struct profile_version *list = arena_array(p->a, versions->count, sizeof *list);
    p->r->nomem = p->r->nomem || list == NULL;
    for (size_t i = 0; list != NULL && i < versions->count; i++)
        read_version(p, versions->items[i], &list[i]);
    out->versions = list;
    out->version_count = list != NULL ? versions->count : 0;
}

static void read_head(struct parse *p, const struct yaml_node *root, struct profile *out)
{
    static const char *const tiers[] = {"gateway", "telemetry", "engine"};
    const struct yaml_node *title = yaml_get(root, "title"), *tier = yaml_get(root, "tier"), *danger = yaml_get(root, "danger");
    const struct yaml_node *expires = yaml_get(root, "expires");
    if (title == NULL)
        reader_error(p->r, root, NULL, "title is missing: what people call it");
    else
        out->title = text_of(p, title, "title");
    out->danger = danger != NULL ? text_of(p, danger, "danger") : NULL;
    out->expires = expires != NULL && str_eq_z(expires->text, "true");
    if (expires != NULL && !out->expires && !str_eq_z(expires->text, "false"))
        reader_error(p->r, expires, NULL, "expires: expected true or false");
    for (int i = 0; tier != NULL && i < 3; i++)
        if (str_eq_z(tier->text, tiers[i])) {
            out->tier = (enum profile_tier)i;
            return;
        }
    reader_error(p->r, tier != NULL ? tier : root, NULL, "tier: expected gateway, telemetry or engine");
}

static void read_metrics(struct parse *p, const struct yaml_node *root, struct profile *out)
{
    const struct yaml_node *metrics = yaml_get(root, "metrics");
    if (metrics == NULL) {
        reader_error(p->r, root, NULL, "metrics is missing: what its families mean");
        return;
    }
    struct rules *work = malloc(sizeof *work);
    p->rows = calloc(PROFILE_METRICS_MAX, sizeof *p->rows);
    p->r->nomem = p->r->nomem || work == NULL || p->rows == NULL;
    if (!p->r->nomem && reader_is_list(p->r, metrics, "metrics", PROFILE_METRICS_MAX))
        for (size_t i = 0; i < metrics->count; i++)
            read_metric(p, metrics->items[i], work);
    free(work);
    struct profile_metric *kept = arena_array(p->a, p->count + 1, sizeof *kept);
    p->r->nomem = p->r->nomem || kept == NULL;
    if (kept != NULL && p->count > 0) {
        memcpy(kept, p->rows, p->count * sizeof *kept);
        qsort(kept, p->count, sizeof *kept, by_name);
    }
    free(p->rows);
    out->metrics = kept;
    out->metric_count = p->count;
    out->group_count = p->group_count;
}

static const char *stem_of(struct arena *a, const char *name)
{
    const char *slash = strrchr(name, '/'), *base = slash != NULL ? slash + 1 : name, *dot = strrchr(base, '.');
    return arena_strdup(a, (struct str){base, dot != NULL ? (size_t)(dot - base) : strlen(base)});
}

enum err profile_parse(struct str text, const char *name, struct arena *a, struct profile *ret, struct errctx *ctx)
{
    const struct yaml_node *root;
    struct profile out = {0};
    struct arena tree; /* several times as large as what is read from it */
    struct parse *p = calloc(1, sizeof *p);
    struct reader *r = calloc(1, sizeof *r);

    arena_init(&tree, TREE_BYTES_MAX);
    enum err err = yaml_parse(text, name, &tree, &root, ctx);
    if (err != ERR_OK)
        goto done;
    out.name = stem_of(a, name);
    if (p == NULL || r == NULL || out.name == NULL) {
        err = errctx_set(ctx, ERR_NOMEM, "%s: out of memory", name);
        goto done;
    }
    *r = (struct reader){.arena = a, .name = name, .dir = "."};
    *p = (struct parse){.r = r, .a = a};
    if (check_keys(p, root, "a profile", profile_keys)) {
        read_head(p, root, &out);
        read_lists(p, root, &out);
        read_versions(p, root, &out);
        read_metrics(p, root, &out);
    }
    reader_sort(r);
    err = reader_result(r, ctx);
    if (err == ERR_OK && profile_index_build(&out, a) != ERR_OK)
        err = errctx_set(ctx, ERR_NOMEM, "%s: out of memory", name);
    if (err == ERR_OK)
        *ret = out;
done:
    arena_fini(&tree);
    free(r);
    free(p);
    return err;
}
