/* SPDX-License-Identifier: MIT */
#include "model/outside.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/safe_text.h"

enum { SCOPE_VALUE_MAX = 128, OTHERS_MAX = 600 };

static const char rule_prefix[] = "outside:";

const char *outside_state_name(enum outside_state s)
{
    static const char *const names[] = {"over", "pending", "firing", "silenced", "inhibited", "unknown"};
    return (unsigned)s < sizeof names / sizeof *names ? names[s] : "unknown";
}

bool outside_is_rule(const char *rule)
{
    return strncmp(rule, rule_prefix, sizeof rule_prefix - 1) == 0;
}

bool outside_is_rule_of(const char *rule, const char *source)
{
    const size_t n = strlen(source), at = sizeof rule_prefix - 1;
    return outside_is_rule(rule) && strncmp(rule + at, source, n) == 0 && rule[at + n] == ':';
}

bool outside_is_kind(const char *kind)
{
    static const char *const kinds[] = {"alertmanager", "prometheus-rules", "pagerduty", "grafana-oncall"};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (strcmp(kind, kinds[i]) == 0)
            return true;
    return false;
}

/* Labels that are dimensions, by the names that gateways, engines and their exporters give them; the first of a dimension that an alert has
 * counts. */
static const struct {
    const char *label;
    enum dim dim;
} known_labels[] = {
    {"gateway", DIM_GATEWAY},
    {"provider", DIM_PROVIDER},
    {"llm_provider", DIM_PROVIDER},
    {"api_provider", DIM_PROVIDER},
    {"gen_ai_provider_name", DIM_PROVIDER},
    {"gen_ai_system", DIM_PROVIDER},
    {"model", DIM_MODEL},
    {"model_name", DIM_MODEL},
    {"model_group", DIM_MODEL},
    {"requested_model", DIM_MODEL},
    {"gen_ai_request_model", DIM_MODEL},
    {"deployment", DIM_DEPLOYMENT},
    {"model_id", DIM_DEPLOYMENT},
    {"region", DIM_REGION},
    {"team_alias", DIM_TEAM}, /* "team" is mostly who looks after it, not whose requests it is about */
    {"key", DIM_KEY},
    {"api_key_alias", DIM_KEY},
    {"key_alias", DIM_KEY},
    {"route", DIM_ROUTE},
    {"http_route", DIM_ROUTE},
    {"stage", DIM_STAGE},
    {"instance", DIM_NAME}, /* a host is no gateway, and where the others say what it is about, it is only whose page said so */
};
enum { KNOWN_LABELS = sizeof known_labels / sizeof *known_labels };

/* Whether a value can stand in a scope, and be found again in a filter, as it is. */
static bool is_plain(struct str value)
{
    char safe[SCOPE_VALUE_MAX + 2];
    if (value.n == 0 || value.n > SCOPE_VALUE_MAX)
        return false;
    for (size_t i = 0; i < value.n; i++)
        if (strchr(", \t=", value.p[i]) != NULL) /* NUL included */
            return false;
    return safe_text(safe, sizeof safe, value) == value.n && memcmp(safe, value.p, value.n) == 0;
}

static const struct outside_label *label_of(const struct outside_told *told, size_t count, enum dim d)
{
    for (size_t k = 0; k < KNOWN_LABELS; k++) {
        if (known_labels[k].dim != d)
            continue;
        for (size_t i = 0; i < count; i++)
            if (str_eq_z(told->labels[i].name, known_labels[k].label) && is_plain(told->labels[i].value))
                return &told->labels[i];
    }
    return NULL;
}

static char *safe_copy(struct arena *a, struct str raw, size_t max)
{
    const size_t cap = raw.n < max / 4 ? 4 * raw.n + 2 : max + 1; /* what is safe is four times as long at the most */
    char *out = arena_alloc(a, cap);
    if (out != NULL)
        (void)safe_text(out, cap, raw);
    return out;
}

/* Scope and other labels. Errors: ERR_NOMEM. */
static enum err sort_labels(const struct outside_told *told, struct arena *a, struct outside *ret)
{
    const struct outside_label *parts[DIM_COUNT];
    const size_t count = told->label_count < OUTSIDE_LABELS_MAX ? told->label_count : OUTSIDE_LABELS_MAX;
    const char *scope = "", *others = "";
    size_t used = 0;
    for (int d = 0; d < DIM_COUNT; d++) {
        const bool fits = used < SCOPE_PARTS_MAX && (d != DIM_NAME || used == 0);
        parts[d] = fits ? label_of(told, count, (enum dim)d) : NULL;
        if (parts[d] == NULL)
            continue;
        scope =
            arena_printf(a, "%s%s%s=%.*s", scope, used > 0 ? "," : "", dim_name((enum dim)d), (int)parts[d]->value.n, parts[d]->value.p);
        if (scope == NULL)
            return ERR_NOMEM;
        used++;
    }
    for (size_t i = 0; i < count; i++) {
        const struct outside_label *l = &told->labels[i];
        bool is_part = str_eq_z(l->name, "alertname") || str_eq_z(l->name, "severity");
        for (int d = 0; d < DIM_COUNT; d++)
            is_part = is_part || parts[d] == l;
        if (is_part || strlen(others) > OTHERS_MAX)
            continue;
        const char *name = safe_copy(a, l->name, 64), *value = safe_copy(a, l->value, SCOPE_VALUE_MAX);
        others = name != NULL && value != NULL ? arena_printf(a, "%s%s%s=%s", others, others[0] != '\0' ? ", " : "", name, value) : NULL;
        if (others == NULL)
            return ERR_NOMEM;
    }
    ret->scope = scope;
    ret->labels = others;
    return ERR_OK;
}

/* Whether a word is in a list separated by commas, whatever the case of its letters. */
static bool is_in(struct str word, const char *list)
{
    for (const char *p = list; word.n > 0 && *p != '\0';) {
        const size_t n = strcspn(p, ", ");
        if (n == word.n && strncasecmp(p, word.p, n) == 0)
            return true;
        p += n + strspn(p + n, ", ");
    }
    return false;
}

enum err outside_take(const struct outside_told *told, const struct outside_words *words, struct arena *a, struct outside *ret)
{
    char made[OUTSIDE_HASH_MAX];
    struct outside o = {.severity = is_in(told->severity, words->pages)   ? SEV_PAGE
                                    : is_in(told->severity, words->quiet) ? SEV_NONE
                                                                          : SEV_TICKET,
                        .state = told->state,
                        .starts_ms = told->starts_ms,
                        .ends_ms = told->ends_ms,
                        .quiet_until_ms = told->quiet_until_ms,
                        .source = "",
                        .rule = ""};
    struct str fingerprint = told->fingerprint;
    if (fingerprint.n == 0 || fingerprint.n > OUTSIDE_FINGERPRINT_MAX) {
        const struct outside_label whole = {told->name, fingerprint};
        outside_fingerprint(fingerprint.n > 0 ? &whole : told->labels, fingerprint.n > 0 ? 1 : told->label_count, made);
        fingerprint = str_of(made);
    }
    o.fingerprint = safe_copy(a, fingerprint, 4 * OUTSIDE_FINGERPRINT_MAX);
    o.name = safe_copy(a, told->name.n > 0 ? told->name : str_of("(no name)"), OUTSIDE_NAME_MAX);
    o.quiet = safe_copy(a, told->quiet, OUTSIDE_TEXT_MAX);
    o.quiet_by = safe_copy(a, told->quiet_by, OUTSIDE_NAME_MAX);
    o.acked_by = safe_copy(a, told->acked_by, OUTSIDE_NAME_MAX);
    o.summary = safe_copy(a, told->summary, OUTSIDE_TEXT_MAX);
    o.runbook = safe_copy(a, told->runbook, OUTSIDE_URL_MAX);
    o.dashboard = safe_copy(a, told->dashboard, OUTSIDE_URL_MAX);
    if (o.fingerprint == NULL || o.name == NULL || o.quiet == NULL || o.quiet_by == NULL || o.acked_by == NULL || o.summary == NULL ||
        o.runbook == NULL || o.dashboard == NULL || sort_labels(told, a, &o) != ERR_OK)
        return ERR_NOMEM;
    *ret = o;
    return ERR_OK;
}

static int by_name(const void *a, const void *b)
{
    const struct outside_label *x = *(const struct outside_label *const *)a, *y = *(const struct outside_label *const *)b;
    const size_t n = x->name.n < y->name.n ? x->name.n : y->name.n;
    const int c = n > 0 ? memcmp(x->name.p, y->name.p, n) : 0;
    return c != 0 ? c : (x->name.n > y->name.n) - (x->name.n < y->name.n);
}

static uint64_t fnv(uint64_t h, struct str s)
{
    for (size_t i = 0; i < s.n; i++)
        h = (h ^ (unsigned char)s.p[i]) * UINT64_C(1099511628211);
    return (h ^ 0xff) * UINT64_C(1099511628211);
}

void outside_fingerprint(const struct outside_label *labels, size_t count, char out[OUTSIDE_HASH_MAX])
{
    const struct outside_label *order[OUTSIDE_LABELS_MAX];
    uint64_t h = UINT64_C(14695981039346656037);
    if (count > OUTSIDE_LABELS_MAX)
        count = OUTSIDE_LABELS_MAX;
    for (size_t i = 0; i < count; i++)
        order[i] = &labels[i];
    if (count > 1)
        qsort(order, count, sizeof *order, by_name);
    for (size_t i = 0; i < count; i++)
        h = fnv(fnv(h, order[i]->name), order[i]->value);
    (void)str_format(out, OUTSIDE_HASH_MAX, "%016llx", (unsigned long long)h);
}

enum err outside_scope_parts(const char *scope, struct arena *a, struct scope_part ret[SCOPE_PARTS_MAX], uint32_t *ret_count)
{
    uint32_t n = 0;
    for (const char *p = scope; *p != '\0' && n < SCOPE_PARTS_MAX;) {
        const size_t length = strcspn(p, ","), eq = strcspn(p, "=");
        enum dim d;
        if (eq < length && dim_by_name((struct str){p, eq}, &d)) {
            ret[n] = (struct scope_part){.dim = d, .value = arena_strdup(a, (struct str){p + eq + 1, length - eq - 1})};
            if (ret[n++].value == NULL)
                return ERR_NOMEM;
        }
        p += length + (p[length] == ',');
    }
    *ret_count = n;
    return ERR_OK;
}

uint32_t outside_fired(const struct outside *versions, size_t count, int64_t from_ms, int64_t to_ms)
{
    bool lasts = false;
    uint32_t n = 0;
    for (size_t i = 0; i < count && versions[i].known_ms <= to_ms; i++) {
        const enum outside_state s = versions[i].state;
        const bool fires = s == OUTSIDE_FIRING || s == OUTSIDE_SILENCED || s == OUTSIDE_INHIBITED;
        n += fires && !lasts && versions[i].known_ms > from_ms;
        lasts = fires || (s == OUTSIDE_UNKNOWN && lasts);
    }
    return n;
}
