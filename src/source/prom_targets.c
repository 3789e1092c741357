/* SPDX-License-Identifier: MIT */
#include "source/prom_targets.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "source/prom_query.h"

void prom_targets_init(struct prom_targets *t, const struct profiles *ps)
{
    *t = (struct prom_targets){.profiles = ps, .hash_key = hash_random_key()};
}

static void free_target(struct prom_target *one)
{
    free(one->job);
    free(one->instance);
    free(one->key);
    free(one->votes);
}

void prom_targets_fini(struct prom_targets *t)
{
    for (uint32_t i = 0; i < t->count; i++)
        free_target(&t->list[i]);
    free(t->list);
    free(t->table);
    *t = (struct prom_targets){0};
}

static uint32_t hash_of(const struct prom_targets *t, struct str job, struct str instance)
{
    return (uint32_t)hash_bytes(instance.p, instance.n, hash_bytes(job.p, job.n, t->hash_key));
}

bool prom_targets_find(const struct prom_targets *t, struct str job, struct str instance, uint32_t *ret)
{
    if (t->table == NULL)
        return false;
    for (uint32_t at = hash_of(t, job, instance) & t->mask; t->table[at] != 0; at = (at + 1) & t->mask) {
        uint32_t i = t->table[at] - 1;
        if (str_eq_z(job, t->list[i].job) && str_eq_z(instance, t->list[i].instance)) {
            *ret = i;
            return true;
        }
    }
    return false;
}

static void table_put(struct prom_targets *t, uint32_t i)
{
    uint32_t at = hash_of(t, str_of(t->list[i].job), str_of(t->list[i].instance)) & t->mask;
    while (t->table[at] != 0)
        at = (at + 1) & t->mask;
    t->table[at] = i + 1;
}

static enum err grow(struct prom_targets *t)
{
    uint32_t size = t->table == NULL ? 16 : (t->mask + 1) * 2;
    struct prom_target *list = realloc(t->list, (size_t)(size / 2) * sizeof *list);
    if (list == NULL)
        return ERR_NOMEM;
    t->list = list;
    uint32_t *table = calloc(size, sizeof *table);
    if (table == NULL)
        return ERR_NOMEM;
    free(t->table);
    t->table = table;
    t->mask = size - 1;
    t->cap = size / 2;
    for (uint32_t i = 0; i < t->count; i++)
        table_put(t, i);
    return ERR_OK;
}

static char *key_of(const struct prom_targets *t, struct str job, struct str instance)
{
    bool taken = instance.n == 0;
    for (uint32_t i = 0; i < t->count && !taken; i++)
        taken = str_eq_z(instance, t->list[i].key);
    if (!taken)
        return str_dup(instance);
    char *key = malloc(job.n + instance.n + 2);
    if (key == NULL)
        return NULL;
    memcpy(key, job.n > 0 ? job.p : "", job.n);
    key[job.n] = '/';
    memcpy(key + job.n + 1, instance.n > 0 ? instance.p : "", instance.n);
    key[job.n + 1 + instance.n] = '\0';
    return key;
}

/* The target that was absent longest; false: the last discovery or this one showed all. */
static bool find_absent(const struct prom_targets *t, uint32_t *ret)
{
    uint32_t most = 0;
    for (uint32_t i = 0; i < t->count; i++) {
        if (t->list[i].shown || t->list[i].absent <= most)
            continue;
        most = t->list[i].absent;
        *ret = i;
    }
    return most > 0;
}

static enum err add(struct prom_targets *t, struct str job, struct str instance, uint32_t *ret)
{
    uint32_t at = t->count;
    bool full = t->count >= PROM_TARGETS_MAX;
    if (full && !find_absent(t, &at))
        return ERR_LIMIT;
    enum err e = t->count == t->cap && !full ? grow(t) : ERR_OK;
    if (e != ERR_OK)
        return e;
    struct prom_target one = {str_dup(job),
                              str_dup(instance),
                              key_of(t, job, instance),
                              PROM_NO_PROFILE,
                              calloc(t->profiles->count + 1, sizeof(uint16_t)),
                              false,
                              0};
    if (one.job == NULL || one.instance == NULL || one.key == NULL || one.votes == NULL) {
        free_target(&one);
        return ERR_NOMEM;
    }
    if (full)
        free_target(&t->list[at]);
    t->list[at] = one;
    if (full)
        memset(t->table, 0, ((size_t)t->mask + 1) * sizeof *t->table);
    t->count += !full;
    for (uint32_t i = full ? 0 : at; i < t->count; i++)
        table_put(t, i);
    *ret = at;
    return ERR_OK;
}

/* The family that a sample's name may be of, besides itself. */
static struct str without_suffix(struct str name)
{
    static const char *const suffixes[] = {"_bucket", "_sum", "_count"};
    for (size_t i = 0; i < sizeof suffixes / sizeof *suffixes; i++) {
        if (str_has_suffix(name, suffixes[i]))
            return (struct str){name.p, name.n - strlen(suffixes[i])};
    }
    return name;
}

enum err prom_targets_vote(struct prom_targets *t, struct str job, struct str instance, struct str name)
{
    const struct str families[] = {name, without_suffix(name)};
    const struct profile *p = profiles_recognise(t->profiles, families, 2);
    uint32_t i;
    if (p == NULL)
        return ERR_OK;
    enum err e = prom_targets_find(t, job, instance, &i) ? ERR_OK : add(t, job, instance, &i);
    if (e != ERR_OK)
        return e;
    t->list[i].shown = true;
    uint16_t *votes = &t->list[i].votes[p - t->profiles->list];
    if (*votes < UINT16_MAX)
        ++*votes;
    return ERR_OK;
}

void prom_targets_elect(struct prom_targets *t)
{
    for (uint32_t i = 0; i < t->count; i++) {
        struct prom_target *one = &t->list[i];
        unsigned most = 0;
        for (size_t k = 0; k < t->profiles->count && one->profile == PROM_NO_PROFILE; k++)
            most = one->votes[k] > most ? one->votes[k] : most;
        for (size_t k = 0; k < t->profiles->count && most > 0; k++) {
            if (one->votes[k] == most && one->profile == PROM_NO_PROFILE)
                one->profile = (int)k;
        }
        one->absent = one->shown ? 0 : one->absent + 1;
        one->shown = false;
        memset(one->votes, 0, t->profiles->count * sizeof *one->votes);
    }
}

enum err prom_targets_jobs(const struct prom_targets *t, int profile, struct buf *out)
{
    enum err e = ERR_OK;
    buf_reset(out);
    for (uint32_t i = 0; i < t->count && e == ERR_OK; i++) {
        if (t->list[i].profile != profile)
            continue;
        if (t->list[i].job[0] == '\0') {
            buf_reset(out);
            return buf_append(out, "", 0);
        }
        bool again = false;
        for (uint32_t k = 0; k < i && !again; k++)
            again = t->list[k].profile == profile && strcmp(t->list[k].job, t->list[i].job) == 0;
        if (again)
            continue;
        e = out->len > 0 ? buf_append_char(out, '|') : ERR_OK;
        if (e == ERR_OK)
            e = prom_query_escape(out, str_of(t->list[i].job));
    }
    return e;
}
