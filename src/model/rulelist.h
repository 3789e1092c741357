/* SPDX-License-Identifier: MIT */
/* What can fire: the note "rules", by which a console knows the rules that were in force, what they say and whose they are, without the
 * configuration. [{"rule", "kind", "what", "scope", "severity", "runbook", "owner", "contact"}] */
#ifndef GWTOP_MODEL_RULELIST_H
#define GWTOP_MODEL_RULELIST_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "model/facts.h"

#define RULES_NOTE "rules"
enum { RULES_MAX = 1000 };

enum rule_kind { RULE_SLO, RULE_BUDGET, RULE_OWN, RULE_BUILTIN, RULE_OUTSIDE, RULE_KIND_COUNT };
const char *rule_kind_name(enum rule_kind k); /* "slo", "budget", "own", "builtin", "outside" */

struct rule_info {
    const char *rule; /* "slo:NAME", "rule:source_down": alerts' rules are it, or begin with it and a colon */
    enum rule_kind kind;
    const char *what;     /* its expression, or what it watches, in words */
    const char *scope;    /* "model=gpt-x", "" = all */
    const char *severity; /* "page", "ticket", "page, ticket" */
    struct duty duty;
};
const char *rule_info_name(const struct rule_info *r); /* without its kind */
/* The one that an alert's rule is of; NULL. */
const struct rule_info *rule_info_of(const struct rule_info *list, size_t count, const char *rule);

enum err rule_list_write(const struct rule_info *list, size_t count, struct buf *out) GW_MUST_USE;
/* At most RULES_MAX, in a. Errors: ERR_PARSE, ERR_NOMEM. */
enum err rule_list_read(struct str text, struct arena *a, struct rule_info **ret, size_t *ret_count, struct errctx *ctx) GW_MUST_USE;

#endif
