/* SPDX-License-Identifier: MIT */
#include "model/facts.h"

#include <string.h>

static const struct {
    const char *name;
    char letter;
} kinds[EVENT_KIND_COUNT] = {
    [EVENT_DEPLOY] = {"deploy", 'd'},     [EVENT_MODEL_VERSION] = {"model_version", 'm'},
    [EVENT_CONFIG] = {"config", 'c'},     [EVENT_PRICE] = {"price", '$'},
    [EVENT_RESTART] = {"restart", 'r'},   [EVENT_KEY] = {"key", 'k'},
    [EVENT_QUALITY] = {"quality", 'q'},   [EVENT_ERRORS] = {"errors", 'E'},
    [EVENT_FALLBACK] = {"fallback", 'f'}, [EVENT_SOURCE] = {"source", 's'},
    [EVENT_PROVIDER] = {"provider", 'p'}, [EVENT_MARK] = {"mark", '*'},
    [EVENT_PAGE] = {"page", 'P'},         [EVENT_SILENCE] = {"silence", 'z'},
};

const char *severity_name(enum severity s)
{
    switch (s) {
    case SEV_NONE: return "none";
    case SEV_TICKET: return "ticket";
    case SEV_PAGE: return "page";
    }
    return "unknown";
}

const char *event_kind_name(enum event_kind k)
{
    return (unsigned)k < EVENT_KIND_COUNT ? kinds[k].name : "unknown";
}

char event_kind_letter(enum event_kind k)
{
    return (unsigned)k < EVENT_KIND_COUNT ? kinds[k].letter : '?';
}

const char *incident_state_name(enum incident_state s)
{
    static const char *const names[] = {"open", "acknowledged", "mitigated", "resolved"};
    return (unsigned)s < sizeof names / sizeof *names ? names[s] : "unknown";
}

struct str budget_of_rule(const char *rule)
{
    static const char prefix[] = "budget:";
    const char *name = rule + sizeof prefix - 1, *end = strrchr(rule, ':');

    if (strncmp(rule, prefix, sizeof prefix - 1) != 0 || end < name)
        return (struct str){NULL, 0};
    return (struct str){name, (size_t)(end - name)};
}

static const char about_money[] = "budget ";

int64_t incident_end_ms(const struct incident *in)
{
    return in->ended_ms != 0 ? in->ended_ms : in->resolved_ms;
}

bool incident_length_is_known(const struct incident *in)
{
    return in->ended_ms == 0 || in->ended_ms - in->onset_ms > in->ended_error_ms;
}

bool incident_is_of_budget(const struct incident *in)
{
    return strncmp(in->title, about_money, sizeof about_money - 1) == 0;
}

const char *incident_outside_name(const struct incident *in)
{
    static const char word[] = " alert ";
    const char *found = strstr(in->title, word);

    return found != NULL ? found + sizeof word - 1 : NULL;
}

bool incident_is_called_after(const struct incident *in, const char *rule)
{
    const struct str budget = budget_of_rule(rule);
    return budget.p != NULL && incident_is_of_budget(in) && str_eq_z(budget, in->title + sizeof about_money - 1);
}

bool incident_is_of(const struct incident *in, const struct alert *al)
{
    const struct str budget = budget_of_rule(al->rule);

    if (al->incident != 0)
        return al->incident == in->id;
    if (strcmp(in->scope, al->scope) != 0 || incident_is_of_budget(in) != (budget.p != NULL))
        return false;
    return budget.p == NULL || incident_is_called_after(in, al->rule);
}

const char *source_state_name(enum source_state s)
{
    static const char *const names[] = {"never", "ok", "stale", "down", "stopped", "sawtooth", "partial", "watching"};
    return (unsigned)s < sizeof names / sizeof *names ? names[s] : "unknown";
}

struct instant_between alert_onset(const struct alert *al)
{
    return (struct instant_between){.at_ms = al->onset_ms,
                                    .from_ms = al->onset_from_ms,
                                    .to_ms = al->onset_to_ms,
                                    .error_ms = al->onset_error_ms,
                                    .limit_ms = al->since_ms};
}

bool alert_is_finding(const struct alert *al)
{
    return al->severity == SEV_NONE;
}

int alert_compare(const struct alert *a, const struct alert *b)
{
    const int c = strcmp(a->rule, b->rule);
    return c != 0 ? c : strcmp(a->scope, b->scope);
}

bool alert_is_firing_rule(const struct alert *al)
{
    return al->state == ALERT_FIRING && !alert_is_finding(al);
}

bool source_is_of_changes(const struct source_status *s)
{
    static const char *const telling[] = {"changes", "grafana", "github", "argocd", "status"}; /* as source_ops call them */
    for (size_t i = 0; i < sizeof telling / sizeof *telling; i++)
        if (strcmp(s->kind, telling[i]) == 0)
            return true;
    return false;
}
