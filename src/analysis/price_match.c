/* SPDX-License-Identifier: MIT */
/* How this works: a queue of names begins with the reported one; each name that is not in the list puts its variants at the end, every
 * one with one change more, so that the first name found is one with the fewest changes. When none is found, the newest dated row of one
 * of the names is looked for, then a row that is one of them under a provider, then all of it without regard to case. */
#include "analysis/price_match.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

enum { CANDIDATES_MAX = 40, STEP_MAX = 64, WORD_MAX = 32, TELL_MAX = 3 };

struct candidate {
    char name[PRICE_NAME_MAX + 1];
    char step[STEP_MAX]; /* what was changed to come here; "" = nothing */
    struct str provider; /* what was taken off as a provider, of this or a name before */
    int parent;
    bool is_exact; /* so far: nothing was changed that may change the price */
};

struct search {
    const struct price_table *t;
    int64_t at_ms;
    const char *hint; /* the provider as lists write it; "" */
    struct candidate c[CANDIDATES_MAX];
    int count;
    const struct price *gone; /* the first row found that a newer list does not name any more */
};

/* ---- parts of a name ---- */

static bool is_digits(const char *p, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!isdigit((unsigned char)p[i]))
            return false;
    return n > 0;
}

static bool is_in(const char *p, int lo, int hi)
{
    int v = (p[0] - '0') * 10 + (p[1] - '0');
    return v >= lo && v <= hi;
}

/* How many bytes at the end of s are a date with what joins it: -2025-04-14, -20250414, @20250414, -0613 (month and day), -2407 (year and
 * month). 0 = none. */
static size_t date_at_end(struct str s)
{
    const char *end = s.p + s.n;
    if (s.n > 11 && end[-11] == '-' && is_digits(end - 10, 4) && end[-6] == '-' && is_digits(end - 5, 2) && end[-3] == '-' &&
        is_digits(end - 2, 2))
        return 11;
    if (s.n > 9 && (end[-9] == '-' || end[-9] == '@') && is_digits(end - 8, 8) && is_in(end - 8, 20, 20) && is_in(end - 4, 1, 12))
        return 9;
    bool four = s.n > 5 && end[-5] == '-' && is_digits(end - 4, 4);
    return four && ((is_in(end - 4, 1, 12) && is_in(end - 2, 1, 31)) || (is_in(end - 4, 23, 39) && is_in(end - 2, 1, 12))) ? 5 : 0;
}

static size_t latest_at_end(struct str s)
{
    static const char *const words[] = {"-latest", ":latest", "@latest", "@default"};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (str_has_suffix(s, words[i]) && s.n > strlen(words[i]))
            return strlen(words[i]);
    return 0;
}

/* -v1:0, -v2, :0 */
static size_t version_at_end(struct str s)
{
    size_t i = s.n;
    while (i > 0 && isdigit((unsigned char)s.p[i - 1]))
        i--;
    if (i > 0 && i < s.n && s.p[i - 1] == ':') {
        size_t colon = i - 1, k = colon;
        while (k > 0 && isdigit((unsigned char)s.p[k - 1]))
            k--;
        return k > 2 && k < colon && s.p[k - 1] == 'v' && s.p[k - 2] == '-' ? s.n - (k - 2) : s.n - colon;
    }
    return i > 2 && i < s.n && s.p[i - 1] == 'v' && s.p[i - 2] == '-' ? s.n - (i - 2) : 0;
}

static bool is_region(struct str s)
{
    static const char *const words[] = {"us", "eu", "apac", "au", "jp", "ca", "uk", "global", "global-standard", "us-gov"};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (str_eq_z(s, words[i]))
            return true;
    bool dash = false;
    for (size_t i = 0; i < s.n; i++) {
        dash = dash || s.p[i] == '-';
        if (!islower((unsigned char)s.p[i]) && !isdigit((unsigned char)s.p[i]) && s.p[i] != '-')
            return false;
    }
    return dash && s.n >= 6 && s.n <= 20 && islower((unsigned char)s.p[0]) &&
           isdigit((unsigned char)s.p[s.n - 1]); /* us-east-1, europe-west4 */
}

/* Providers in letters and digits alone: "vertex_ai", "vertex-ai" and "Vertex AI" are one. */
static void plain_word(struct str s, char out[WORD_MAX])
{
    size_t n = 0;
    for (size_t i = 0; i < s.n && n + 1 < WORD_MAX; i++)
        if (isalnum((unsigned char)s.p[i]))
            out[n++] = (char)tolower((unsigned char)s.p[i]);
    out[n] = '\0';
}

/* Whether the provider that was taken off is the one whose price the row has: "vertex_ai" for "vertex_ai-language-models". */
static bool provider_fits(struct str said, const char *of_row)
{
    char a[WORD_MAX], b[WORD_MAX];
    plain_word(said, a);
    plain_word(str_of(of_row), b);
    return said.n == 0 || (b[0] != '\0' && (strncmp(a, b, strlen(b)) == 0 || strncmp(b, a, strlen(a)) == 0));
}

/* OpenTelemetry's and others' names of providers as price lists write them. */
static const char *hint_of(const char *provider)
{
    static const struct {
        const char *from, *to;
    } rows[] = {
        {"aws.bedrock", "bedrock"}, {"gcp.vertex_ai", "vertex_ai"},     {"gcp.gemini", "gemini"},        {"azure.ai.openai", "azure"},
        {"az.ai.openai", "azure"},  {"azure.ai.inference", "azure_ai"}, {"az.ai.inference", "azure_ai"}, {"x_ai", "xai"},
        {"mistral_ai", "mistral"}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (strcmp(provider, rows[i].from) == 0)
            return rows[i].to;
    return provider;
}

/* ---- candidates ---- */

static void add(struct search *s, int parent, struct str head, struct str tail, bool is_exact, struct str provider, const char *what,
                struct str cut)
{
    struct candidate *c = &s->c[s->count];
    if (s->count == CANDIDATES_MAX || !str_format(c->name, sizeof c->name, "%.*s%.*s", (int)head.n, head.p, (int)tail.n, tail.p) ||
        c->name[0] == 0)
        return;
    for (int i = 0; i < s->count; i++)
        if (strcmp(s->c[i].name, c->name) == 0)
            return;
    c->step[0] = '\0';
    if (what[0] != '\0')
        (void)str_format(c->step, sizeof c->step, "%s '%.*s'", what, (int)cut.n, cut.p);
    c->parent = parent;
    c->is_exact = is_exact && (parent < 0 || s->c[parent].is_exact);
    c->provider = provider.n > 0 || parent < 0 ? provider : s->c[parent].provider;
    s->count++;
}

static void add_without_end(struct search *s, int i, struct str name, size_t n, const char *what)
{
    static const struct str none = {"", 0};
    if (n > 0 && n < name.n)
        add(s, i, (struct str){name.p, name.n - n}, none, false, none, what, (struct str){name.p + name.n - n, n});
}

/* "azure/eu/gpt-x" -> "azure/gpt-x"; "bedrock/eu.anthropic.x" -> "bedrock/anthropic.x". */
static void add_without_region(struct search *s, int i, struct str name)
{
    static const struct str none = {"", 0};
    for (const char *p = name.p, *end = name.p + name.n; p < end;) {
        const char *slash = memchr(p, '/', (size_t)(end - p)), *dot = memchr(p, '.', (size_t)(end - p));
        const char *cut = slash != NULL && is_region((struct str){p, (size_t)(slash - p)})                ? slash
                          : slash == NULL && dot != NULL && is_region((struct str){p, (size_t)(dot - p)}) ? dot
                                                                                                          : NULL;
        if (cut != NULL)
            add(s, i, (struct str){name.p, (size_t)(p - name.p)}, (struct str){cut + 1, (size_t)(end - cut - 1)}, false, none,
                "without the region", (struct str){p, (size_t)(cut + 1 - p)});
        if (slash == NULL)
            return;
        p = slash + 1;
    }
}

/* "ft:gpt-x:org::id" -> "ft:gpt-x", as lists name the price of fine-tuned models. */
static void add_fine_tuned(struct search *s, int i, struct str name)
{
    static const struct str none = {"", 0};
    const char *colon = str_has_prefix(name, "ft:") ? memchr(name.p + 3, ':', name.n - 3) : NULL;
    if (colon != NULL)
        add(s, i, (struct str){name.p, (size_t)(colon - name.p)}, none, true, none, "without",
            (struct str){colon, (size_t)(name.p + name.n - colon)});
}

static void add_variants(struct search *s, int i)
{
    struct str name = str_of(s->c[i].name);
    const char *slash = memchr(name.p, '/', name.n);
    add_fine_tuned(s, i, name);
    add_without_region(s, i, name);
    if (slash != NULL && slash > name.p)
        add(s, i, (struct str){slash + 1, name.n - (size_t)(slash + 1 - name.p)}, (struct str){"", 0}, true,
            (struct str){name.p, (size_t)(slash - name.p)}, "without the provider", (struct str){name.p, (size_t)(slash + 1 - name.p)});
    add_without_end(s, i, name, version_at_end(name), "without the version");
    add_without_end(s, i, name, latest_at_end(name), "without");
    add_without_end(s, i, name, date_at_end(name), "without the date");
}

/* ---- telling ---- */

static void tell(struct search *s, int i, char *out, size_t cap)
{
    int chain[CANDIDATES_MAX], n = 0;
    size_t at = 0;
    out[0] = '\0';
    for (; i >= 0; i = s->c[i].parent)
        if (s->c[i].step[0] != '\0')
            chain[n++] = i;
    while (n > 0 && at < cap) {
        (void)str_format(out + at, cap - at, "%s%s", at > 0 ? "; " : "", s->c[chain[--n]].step);
        at += strlen(out + at);
    }
}

static bool found(struct search *s, int i, struct str name, bool is_exact, const char *more, struct price_match *ret)
{
    bool before = false;
    char steps[PRICE_MATCH_HOW_MAX];
    const struct price *p = price_table_at(s->t, name, s->at_ms, &before);
    if (p != NULL && p->unpriced != NULL && strcmp(p->unpriced, PRICE_GONE) == 0) { /* another name of the newer list may be meant */
        s->gone = s->gone != NULL ? s->gone : p;
        return false;
    }
    if (p == NULL)
        return false;
    bool fits = provider_fits(s->c[i].provider, p->provider);
    tell(s, i, steps, sizeof steps);
    ret->price = p;
    ret->is_before = before;
    ret->is_exact = is_exact && s->c[i].is_exact && fits;
    (void)str_format(ret->how, sizeof ret->how, "%s%s%s%s%s%s", steps, steps[0] != '\0' && more[0] != '\0' ? "; " : "", more,
                     steps[0] == '\0' && more[0] == '\0' ? "by its name" : "", fits ? "" : "; the price of ",
                     fits                     ? ""
                     : p->provider[0] != '\0' ? p->provider
                                              : "another provider");
    return true;
}

/* ---- the ways to find a row ---- */

static bool find_by_name(struct search *s, struct price_match *ret)
{
    for (int i = 0; i < s->count; i++) {
        if (found(s, i, str_of(s->c[i].name), true, "", ret))
            return true;
        add_variants(s, i);
    }
    return false;
}

/* The digits of the date that row's name has beyond head; false when it has anything else there. */
static bool date_beyond(const char *row, const char *head, char out[16])
{
    size_t n = strlen(head), at = 0;
    if (strncmp(row, head, n) != 0)
        return false;
    struct str rest = str_of(row + n);
    rest.n -= version_at_end(rest);
    struct str padded = {row + n - 1, rest.n + 1}; /* a date wants something before it */
    if (n == 0 || date_at_end(padded) != rest.n || rest.n < 9)
        return false;
    for (size_t i = 0; i < rest.n; i++)
        if (isdigit((unsigned char)rest.p[i]))
            out[at++] = rest.p[i];
    out[at] = '\0';
    return true;
}

static bool find_newest_dated(struct search *s, struct price_match *ret)
{
    for (int i = 0; i < s->count; i++) {
        const char *newest = NULL;
        char best[16] = "", date[16], more[PRICE_MATCH_HOW_MAX];
        for (size_t k = 0; k < s->t->count; k++) {
            if (!date_beyond(s->t->rows[k].model, s->c[i].name, date) || strcmp(date, best) <= 0)
                continue;
            newest = s->t->rows[k].model;
            (void)str_copy(best, sizeof best, str_of(date));
        }
        if (newest != NULL) {
            (void)str_format(more, sizeof more, "the newest dated one, '%s'", newest);
            return found(s, i, str_of(newest), false, more, ret);
        }
    }
    return false;
}

/* Who makes models sells them at their list price: among several sellers their row is meant when nobody is named. */
static bool is_maker(const char *provider)
{
    static const char *const makers[] = {"openai", "anthropic", "google",   "gemini",     "gcpgemini", "mistral", "mistralai", "deepseek",
                                         "xai",    "cohere",    "moonshot", "moonshotai", "zai",       "alibaba", "dashscope", "voyage"};
    char word[WORD_MAX];
    plain_word(str_of(provider), word);
    for (size_t i = 0; i < sizeof makers / sizeof makers[0]; i++)
        if (strcmp(word, makers[i]) == 0)
            return true;
    return false;
}

/* Rows "PROVIDER/name" of a name without a provider. */
struct sellers {
    const struct price *best; /* the hinted, the maker's, or the only one */
    int rank;                 /* of best: 2 hinted, 1 maker, 0 any */
    size_t count;
    bool differ; /* two of the best's rank have different prices */
    char names[PRICE_MATCH_HOW_MAX];
};

static void add_seller(struct search *s, struct sellers *v, const struct price *p)
{
    struct str provider = {p->model, strcspn(p->model, "/")};
    char word[WORD_MAX], hint[WORD_MAX];
    plain_word(provider, word);
    plain_word(str_of(s->hint), hint);
    int rank = hint[0] != '\0' && strcmp(word, hint) == 0 ? 2 : is_maker(p->provider) || is_maker(word) ? 1 : 0;
    size_t at = strlen(v->names);
    if (v->count++ < TELL_MAX)
        (void)str_format(v->names + at, sizeof v->names - at, "%s'%s'", at > 0 ? ", " : "", p->model);
    if (v->best == NULL || rank > v->rank) {
        v->best = p;
        v->rank = rank;
        v->differ = false;
    } else if (rank == v->rank) {
        v->differ = v->differ || !price_is_same(p, v->best);
    }
}

static bool find_seller(struct search *s, struct price_match *ret)
{
    for (int i = 0; i < s->count; i++) {
        struct sellers v = {.best = NULL};
        for (size_t k = 0; k < s->t->count; k++) {
            const struct price *p = &s->t->rows[k];
            const char *slash = strchr(p->model, '/');
            bool is_last = k + 1 == s->t->count || strcmp(s->t->rows[k + 1].model, p->model) != 0;
            if (is_last && slash != NULL && strcmp(slash + 1, s->c[i].name) == 0)
                add_seller(s, &v, p);
        }
        if (v.best == NULL)
            continue;
        if (v.differ) {
            (void)str_format(ret->how, sizeof ret->how, "%zu rows have that name at different prices, such as %s: name the provider too",
                             v.count, v.names);
            return false;
        }
        char more[PRICE_MATCH_HOW_MAX];
        (void)str_format(more, sizeof more, v.count == 1 ? "'%s', the only one of that name" : "'%s', one of several of that name",
                         v.best->model);
        return found(s, i, str_of(v.best->model), true, more, ret);
    }
    return false;
}

static bool find_in_any_case(struct search *s, struct price_match *ret)
{
    for (int i = 0; i < s->count; i++)
        for (size_t k = 0; k < s->t->count; k++)
            if (strcasecmp(s->t->rows[k].model, s->c[i].name) == 0)
                return found(s, i, str_of(s->t->rows[k].model), true, "in other case", ret);
    return false;
}

bool price_match(const struct price_table *t, const char *model, const char *provider, int64_t at_ms, struct price_match *ret)
{
    static const struct str none = {"", 0};
    struct search s = {.t = t, .at_ms = at_ms, .hint = provider != NULL ? hint_of(provider) : "", .count = 0};
    char prefix[PRICE_NAME_MAX];
    *ret = (struct price_match){.how = ""};
    if (s.hint[0] != '\0' && str_format(prefix, sizeof prefix, "%s/", s.hint) && !str_has_prefix(str_of(model), prefix))
        add(&s, -1, str_of(prefix), str_of(model), true, none, "", none);
    add(&s, -1, str_of(model), none, true, str_of(s.hint), "", none);
    if (find_by_name(&s, ret) || find_newest_dated(&s, ret) || find_seller(&s, ret) || find_in_any_case(&s, ret))
        return true;
    ret->price = s.gone;
    return s.gone != NULL;
}

bool price_name_fits(const char *pattern, const char *name)
{
    const char *star = NULL, *again = NULL;
    while (*name != '\0') {
        if (*pattern == '*') {
            star = ++pattern;
            again = name;
        } else if (*pattern == *name) {
            pattern++;
            name++;
        } else if (star != NULL) {
            pattern = star;
            name = ++again;
        } else {
            return false;
        }
    }
    while (*pattern == '*')
        pattern++;
    return *pattern == '\0';
}
