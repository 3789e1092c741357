/* SPDX-License-Identifier: MIT */
/* gwtop.yaml: what is watched, what must hold, and how it is shown.
 *
 * One table (config_table.c) lists every option with type, unit, range, default and help sentence; validation, `gwtop check`,
 * `gwtop config --help` and gwtop.yaml(5) come from it. Defaults are an ordinary embedded file (src/config/defaults.yaml).
 * Invariant: a struct config that was returned is complete and within every stated range; strings live as long as it does.
 * Relative paths are relative to the file that names them; ~/ is the home directory.
 * Three lines are enough:   sources:
 *                             - name: litellm
 *                               metrics: http://127.0.0.1:4000/metrics/                                                            */
#ifndef GWTOP_CONFIG_CONFIG_H
#define GWTOP_CONFIG_CONFIG_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "config/yaml.h"
#include "model/canary.h"
#include "model/facts.h"
#include "model/hosting.h"
#include "model/paging.h"
#include "model/price.h"
#include "model/road.h"
#include "model/ruleexpr.h"
#include "model/score.h"

enum {
    CONFIG_SOURCES_MAX = 500,
    CONFIG_SLOS_MAX = 200,
    CONFIG_BUDGETS_MAX = 50,
    CONFIG_PRICES_MAX = 2000,
    CONFIG_HOSTING_MAX = 100,
    CONFIG_TARIFFS_MAX = 1000,
    CONFIG_CANARIES_MAX = 50,
    CONFIG_EDGES_MAX = 1000,
    CONFIG_HEADERS_MAX = 16,
    CONFIG_RULES_MAX = 100,
    CONFIG_PAGERS_MAX = 18, /* of on_page and of notify each: with two heartbeats no more than PAGING_TARGETS_MAX */
    CONFIG_SCORES_MAX = 500,
    CONFIG_LABELS_MAX = 200,
    CONFIG_ONLY_MAX = 50
};

/* SOURCE_OWN is no row of the configuration: what `gwtop score` hands in. */
enum source_kind {
    SOURCE_METRICS,
    SOURCE_PROMETHEUS,
    SOURCE_LANGFUSE,
    SOURCE_PHOENIX,
    SOURCE_CHANGES, /* its address is a file */
    SOURCE_GRAFANA,
    SOURCE_GITHUB,
    SOURCE_ARGOCD,
    SOURCE_STATUS_PAGE,
    SOURCE_OWN,
    SOURCE_ALERTMANAGER,
    SOURCE_PROMETHEUS_RULES,
    SOURCE_PAGERDUTY,
    SOURCE_ONCALL,
    SOURCE_KINDS
};
static inline bool source_kind_scores(enum source_kind k) /* evaluations instead of polls of a target */
{
    return k == SOURCE_LANGFUSE || k == SOURCE_PHOENIX || k == SOURCE_OWN;
}
static inline bool source_kind_changes(enum source_kind k) /* what changed, or was posted, and no measurement */
{
    return k >= SOURCE_CHANGES && k <= SOURCE_STATUS_PAGE;
}
static inline bool source_kind_alerts(enum source_kind k) /* alerts of an outside system */
{
    return k >= SOURCE_ALERTMANAGER && k < SOURCE_KINDS;
}

/* A secret is never in the file's text alone: *_file (0600, own), *_env, or *_command name where it comes from. */
struct config_secret {
    const char *file, *env, *command; /* at most one is not NULL */
};

/* What a tag or label of a change stands for, beside what is understood by itself (source/labels.h). */
struct config_label {
    const char *label; /* "checkout-llm", or a name with its value: "env=prod" */
    int kind;          /* in the order of the option's choices, -1 = it says nothing of that */
    uint32_t scope_count;
    struct scope_part scope[SCOPE_PARTS_MAX];
};
enum event_kind config_label_kind(const struct config_label *l); /* of a kind >= 0 */

struct config_source {
    const char *name;
    enum source_kind kind;
    const char *url;                                      /* as configured; no userinfo allowed. SOURCE_CHANGES: the file's path */
    const char *gateway;                                  /* default: the file's gateway */
    const char *profile;                                  /* NULL = recognise */
    int64_t interval_ms, timeout_ms, lag_ms, backfill_ms; /* lag and backfill: all kinds but metrics */
    int64_t revisit_ms; /* evaluation systems: how far back is read again for what came late or was revised */
    int64_t max_body_bytes;
    uint32_t max_series;
    struct config_secret bearer;
    const char *user; /* HTTP Basic, with the password; NULL = not */
    struct config_secret password;
    struct config_header {
        const char *name;
        const char *value;
        struct config_secret secret;
    } header[CONFIG_HEADERS_MAX]; /* value: no secret, else NULL */
    uint32_t header_count;
    bool insecure_tls, allow_plaintext_token;
    const char *ca_file;
    const char *match;    /* prometheus: extra label matchers, e.g. job="litellm" */
    const char *project;  /* phoenix */
    const char *provider; /* status_page: whose */
    const char **only;    /* of what it tells; what that is, each kind says */
    uint32_t only_count;
    struct config_label *labels;
    uint32_t label_count;
    const char *page_severities, *quiet_severities; /* alert systems: words for a severity, separated by commas */
    bool silences;                                  /* alertmanager: gwtop silence may create some there */
    uint32_t line, column;
};

struct config_budget {
    const char *name;
    int64_t limit_nusd;
    enum { PERIOD_DAY, PERIOD_WEEK, PERIOD_MONTH } period;
    uint32_t scope_count;
    struct scope_part scope[SCOPE_PARTS_MAX];
    struct duty duty;
};

struct config_canary {
    struct canary c;
    struct config_secret key;
    const char *prompts_file, *ca_file;
    bool insecure_tls, allow_plaintext_token;
    int max_name; /* in the order of the option's choices */
    uint32_t line, column;
};

/* A rule of one's own. */
struct config_rule {
    const char *name, *expr, *summary;
    const char *clear_text; /* as written, NULL = not */
    struct ruleexpr x;
    double clear; /* of the first comparison, while it fires */
    int64_t for_ms, keep_ms;
    enum { RULE_TICKET, RULE_PAGE } severity;
    uint32_t scope_count;
    struct scope_part scope[SCOPE_PARTS_MAX];
    struct duty duty;
};

/* Thresholds of the rules that gwtop has by itself; 0 = off. */
struct config_builtin {
    uint32_t down_intervals, silent_intervals;
    int64_t cert_ticket_ms, cert_page_ms;
};

/* Where secrets go over HTTP: what a webhook and a heartbeat have in common. */
struct config_post {
    const char *url;                 /* as written; NULL: it is a secret, or it is not told this way */
    struct config_secret url_secret; /* what follows the host of a webhook is what lets in */
    struct config_header header[CONFIG_HEADERS_MAX];
    uint32_t header_count;
    const char *ca_file;
    bool insecure_tls, allow_plaintext_token;
};

bool config_post_is_given(const struct config_post *p);

/* Who is told of pages: a command or a webhook. */
struct config_pager {
    const char *name; /* unique among all of them */
    const char *const *argv;
    const char *shell; /* as written; argv is then /bin/sh -c with it */
    struct config_post post;
    unsigned on; /* bit s of enum page_on */
    int64_t timeout_ms;
    uint32_t retries; /* after the first try */
};

struct config_heartbeat {
    const char *file; /* NULL = none */
    struct config_post post;
    int get; /* 1: the URL is asked with GET, 0: POST */
    int64_t every_ms, timeout_ms;
};

struct config_authority {
    enum signal signal;
    bool all_signals;
    const char *gateway, *source;
};

struct config_binding {
    const char *action, *key;
};

struct config {
    struct arena arena;  /* owns everything below */
    const char *path;    /* NULL: no file, defaults only */
    const char *gateway; /* shown in the header */
    const char *store;   /* path of the store, resolved */
    struct config_source *sources;
    uint32_t source_count;
    struct slo *slos;
    uint32_t slo_count;
    struct score_rule *scores;
    uint32_t score_count;
    struct config_budget *budgets;
    uint32_t budget_count;
    struct price_override *prices; /* those of one pattern and instant are one */
    uint32_t price_count;
    const char *price_list;  /* NULL = not said; config_price_list */
    bool of_snapshot;        /* config_take_snapshot: no file is read */
    struct str price_text;   /* of_snapshot: the price list; .p NULL = the built-in one */
    const char *pricing;     /* `prices`, `hosting` and `energy` of the file as JSON, for config_take_pricing; NULL = it has none of them */
    struct hosting *hosting; /* in the order of the file */
    uint32_t hosting_count;
    struct tariff *tariffs;
    uint32_t tariff_count;
    double pue, carbon_g_per_kwh; /* the latter 0 = not said */
    struct config_canary *canaries;
    uint32_t canary_count;
    struct config_rule *rules;
    uint32_t rule_count;
    struct config_builtin builtin;
    struct config_pager *pagers; /* of on_page, then of notify */
    uint32_t pager_count;
    struct config_heartbeat heartbeat;
    struct config_authority *authorities;
    uint32_t authority_count;
    struct road_edge *topology; /* what the series don't show of who calls whom */
    uint32_t topology_count;
    double requests_per_second;                                                             /* request budget over all sources */
    double false_alarms;                                                                    /* of drift, in 30 days */
    int64_t keep_raw_ms, keep_5m_ms, keep_1h_ms, keep_1d_ms, max_store_bytes;               /* 0 = the store's default */
    int64_t keep_events_ms, keep_alerts_ms, keep_incidents_ms, keep_notes_ms, keep_acts_ms; /* 0 = for ever */
    int64_t linger_ms; /* the recorder stays this long after the last console */
    const char *theme, *glyphs, *profile_dir;
    bool mouse, color, mask_names;
    struct config_binding *bindings;
    uint32_t binding_count;
};

/* Reads and validates. path NULL: $GWTOP_CONFIG, then $XDG_CONFIG_HOME/gwtop/gwtop.yaml, then /etc/gwtop/gwtop.yaml; *ret_found tells
 * whether there was one (no file at all is not an error: defaults). Errors: ERR_CONFIG "gwtop.yaml:12:9: interval: expected a duration like
 * 15s, got '15'"; the first error only. config_fini releases. Refuses a file that others can write, and one readable by others when it
 * holds *_command. */
enum err config_load(const char *path, struct config *ret, bool *ret_found, struct errctx *ctx) GW_MUST_USE;
enum err config_parse(struct str text, const char *name, struct config *ret, struct errctx *ctx) GW_MUST_USE;
void config_fini(struct config *c);

/* The configured part of the topology, for the recorder's note of it: [{"from": ..., "to": ...}, ...]. Errors: ERR_NOMEM, ERR_LIMIT. */
enum err config_topology_to_json(const struct road_edge *list, uint32_t count, struct buf *out) GW_MUST_USE;

/* All errors of a file, for `gwtop check`: calls fn per finding, returns how many. */
struct config_finding {
    uint32_t line, column;
    const char *option, *text;
    bool is_warning;
};
size_t config_check(struct str text, const char *name, void (*fn)(void *ctx, const struct config_finding *f), void *fn_ctx);

/* Where the store is when neither the command line nor a configuration says so: /var/lib/gwtop/gwtop.db where that exists and is readable,
 * else $XDG_STATE_HOME/gwtop/gwtop.db. A configuration without `store` means the former when it lies under /etc, the latter otherwise.
 * Errors: ERR_CONFIG when neither XDG_STATE_HOME nor HOME is set; ERR_LIMIT past cap. */
enum err config_default_store(char *out, size_t cap, struct errctx *ctx) GW_MUST_USE;

/* Where the price list is kept that `gwtop prices update` writes: `price_list`, else prices.txt beside the configured store. It need not
 * exist: the built-in list serves then, unless `price_list` names it. Errors: ERR_LIMIT past cap. */
enum err config_price_list(const struct config *c, char *out, size_t cap, struct errctx *ctx) GW_MUST_USE;
/* Reads it. *ret_text.p NULL: there is none and none was named, so the built-in one serves. Owns: path and text in a. Errors: ERR_IO, a
 * named one that is missing included; ERR_LIMIT past max_bytes, ERR_NOMEM. */
enum err config_read_price_list(const struct config *c, size_t max_bytes, struct arena *a, const char **ret_path, struct str *ret_text,
                                struct errctx *ctx) GW_MUST_USE;

/* Takes what money is computed by from the note "pricing" of a recording, where the configuration has nothing of it. Errors: ERR_CONFIG,
 * what the note has wrong; c has nothing of it then. */
enum err config_take_pricing(struct config *c, struct str pricing, struct errctx *ctx) GW_MUST_USE;

/* All that can fire, as the note of model/rulelist.h. */
enum err config_rules_to_json(const struct config *c, struct buf *out) GW_MUST_USE;

/* What the configuration says of the objective, budget or rule that an alert's rule is of. */
struct duty config_duty_of_rule(const struct config *c, const char *rule);

/* In place of what the configuration has of it: how the gateway is called, what money is computed by, and the price list that served where
 * a snapshot was taken. Kept: gateway and prices. Errors: ERR_CONFIG, what pricing has wrong; c has nothing of it then. */
enum err config_take_snapshot(struct config *c, const char *gateway, struct str pricing, struct str prices, struct errctx *ctx) GW_MUST_USE;

/* The UTC day, ISO week or month of the budget that holds the instant: [*ret_from_ms, *ret_to_ms). */
void config_budget_period(const struct config_budget *b, int64_t at_ms, int64_t *ret_from_ms, int64_t *ret_to_ms);

/* Budgets as the JSON note "budgets", for the same reason as those below:
 * [{"name", "limit_nusd", "period": "day"|"week"|"month", "scope": [{"dim", "value"}]}]. */
enum err config_budgets_to_json(const struct config_budget *budgets, uint32_t count, struct buf *out) GW_MUST_USE;

/* SLO definitions as the JSON note "slo" in the store, so that a console shows the objectives the recorder used:
 * [{"name", "kind": "availability"|"latency", "objective", "period_ms", "signal", "threshold", "scope": [{"dim", "value"}]}]. */
enum err config_slos_to_json(const struct slo *slos, uint32_t count, struct buf *out) GW_MUST_USE;

/* Every option with type, range, default and help, as text for `gwtop config --help` and as the list in gwtop.yaml(5). */
enum err config_help(struct buf *out) GW_MUST_USE;
enum err config_help_man(struct buf *out) GW_MUST_USE;

#endif
