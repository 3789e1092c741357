/* SPDX-License-Identifier: MIT */
#include "source/source.h"

#include <assert.h>

/* The table of APIs: one row each. */
static const struct source_ops *const table[] = {
    [SOURCE_METRICS] = &source_metrics,
    [SOURCE_PROMETHEUS] = &source_prometheus,
    [SOURCE_LANGFUSE] = &source_langfuse,
    [SOURCE_PHOENIX] = &source_phoenix,
    [SOURCE_CHANGES] = &source_changes,
    [SOURCE_GRAFANA] = &source_grafana,
    [SOURCE_GITHUB] = &source_github,
    [SOURCE_ARGOCD] = &source_argocd,
    [SOURCE_STATUS_PAGE] = &source_status_page,
    [SOURCE_OWN] = &source_own,
    [SOURCE_ALERTMANAGER] = &source_alertmanager,
    [SOURCE_PROMETHEUS_RULES] = &source_prometheus_rules,
    [SOURCE_PAGERDUTY] = &source_pagerduty,
    [SOURCE_ONCALL] = &source_oncall,
};

const struct source_ops *source_ops_of(enum source_kind kind)
{
    assert((size_t)kind < sizeof table / sizeof *table);
    return table[kind];
}
