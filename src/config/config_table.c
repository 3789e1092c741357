/* SPDX-License-Identifier: MIT */
#include "config/option.h"

#include "config/config.h"
#include "config/config_read.h"

#define SECOND_MS 1e3
#define HOUR_MS 3600e3
#define DAY_MS 86400e3
#define MB 1e6
#define GB 1e9

#define AT(type, member) offsetof(struct type, member)

static const struct option rows[] = {
    {SECTION_TOP, "sources", OPTION_LIST, SECTION_SOURCE, 0, 0, 0, NULL, 0, "the endpoints to watch; at most 500"},
    {SECTION_TOP, "gateway", OPTION_TEXT, 0, AT(config, gateway), 0, 0, NULL, 0,
     "name of the gateway, shown in the header (default: the first source's name)"},
    {SECTION_TOP, "slos", OPTION_LIST, SECTION_SLO, 0, 0, 0, NULL, 0,
     "objectives; without one, nothing but a budget can page (gwtop init --slo proposes some)"},
    {SECTION_TOP, "budgets", OPTION_LIST, SECTION_BUDGET, 0, 0, 0, NULL, 0, "plans that spend is held against; they page like objectives"},
    {SECTION_TOP, "prices", OPTION_LIST, SECTION_PRICE, 0, 0, 0, NULL, 0,
     "prices of your own and negotiated discounts, each from a date on; gwtop-prices(5)"},
    {SECTION_TOP, "price_list", OPTION_PATH, 0, AT(config, price_list), 0, 0, NULL, 0,
     "file of the price list (default: prices.txt beside the store, else the built-in list); gwtop prices update writes it"},
    {SECTION_TOP, "authority", OPTION_LIST, SECTION_AUTHORITY, 0, 0, 0, NULL, 0, "which source counts where several see the same traffic"},
    {SECTION_TOP, "store", OPTION_PATH, 0, AT(config, store), 0, 0, NULL, 0,
     "file of the store (default: $XDG_STATE_HOME/gwtop/gwtop.db; /var/lib/gwtop/gwtop.db for a configuration under /etc)"},
    {SECTION_TOP, "keep", OPTION_MAP, SECTION_KEEP, 0, 0, 0, NULL, 0, "how long measurements are kept"},
    {SECTION_TOP, "max_store", OPTION_BYTES, 0, AT(config, max_store_bytes), 100 * MB, 10000 * GB, NULL, 0,
     "size of the store beyond which the oldest raw data goes first"},
    {SECTION_TOP, "requests_per_second", OPTION_NUMBER, 0, AT(config, requests_per_second), 0.01, 1000, NULL, 0,
     "request budget over all sources together"},
    {SECTION_TOP, "linger", OPTION_DURATION, 0, AT(config, linger_ms), 0, 365 * DAY_MS, NULL, 0,
     "how long a recorder that a console started stays after the last console"},
    {SECTION_TOP, "theme", OPTION_TEXT, 0, AT(config, theme), 0, 0, NULL, 0,
     "a built-in theme (default, light, dark, high-contrast, mono, blue-orange) or the path of a theme file"},
    {SECTION_TOP, "glyphs", OPTION_CHOICE, 0, AT(config, glyphs), 0, 0, "auto|ascii|box|block|braille", 0,
     "the finest characters that charts may use"},
    {SECTION_TOP, "color", OPTION_BOOL, 0, AT(config, color), 0, 0, NULL, 0, "colours; NO_COLOR and --no-color win over it"},
    {SECTION_TOP, "mouse", OPTION_BOOL, 0, AT(config, mouse), 0, 0, NULL, 0, "mouse on at start (F2 toggles)"},
    {SECTION_TOP, "mask_names", OPTION_BOOL, 0, AT(config, mask_names), 0, 0, NULL, 0,
     "mask keys, users and teams in everything shown and exported"},
    {SECTION_TOP, "bindings", OPTION_MAP, SECTION_BINDINGS, 0, 0, 0, NULL, 0, "keys of your own, as action: key (? lists the actions)"},
    {SECTION_TOP, "profile_dir", OPTION_PATH, 0, AT(config, profile_dir), 0, 0, NULL, 0,
     "directory of profiles of your own; those with the name of a built-in one replace it"},
    {SECTION_TOP, "defaults", OPTION_MAP, SECTION_DEFAULTS, 0, 0, 0, NULL, 0,
     "values for all sources, objectives and budgets that do not say otherwise"},

    {SECTION_SOURCE, "name", OPTION_TEXT, 0, AT(config_source, name), 0, 0, NULL, OPTION_REQUIRED | OPTION_OWN,
     "what the screen calls it; unique"},
    {SECTION_SOURCE, "metrics", OPTION_URL, 0, AT(config_source, url), 0, 0, NULL, OPTION_OWN,
     "address of a page in the Prometheus or OpenMetrics text format"},
    {SECTION_SOURCE, "prometheus", OPTION_URL, 0, AT(config_source, url), 0, 0, NULL, OPTION_OWN,
     "base address of a Prometheus-compatible HTTP API (Prometheus, Thanos, Mimir, VictoriaMetrics), without /api/v1"},
    {SECTION_SOURCE, "gateway", OPTION_TEXT, 0, AT(config_source, gateway), 0, 0, NULL, 0,
     "the gateway it belongs to (default: the file's)"},
    {SECTION_SOURCE, "profile", OPTION_TEXT, 0, AT(config_source, profile), 0, 0, NULL, 0,
     "profile that explains its metrics (default: recognised from what it exposes)"},
    {SECTION_SOURCE, "interval", OPTION_DURATION, 0, AT(config_source, interval_ms), SECOND_MS, HOUR_MS, NULL, 0, "time between polls"},
    {SECTION_SOURCE, "timeout", OPTION_DURATION, 0, AT(config_source, timeout_ms), 0.1 * SECOND_MS, 300 * SECOND_MS, NULL, 0,
     "longest time one request may take"},
    {SECTION_SOURCE, "lag", OPTION_DURATION, 0, AT(config_source, lag_ms), 0, HOUR_MS, NULL, 0,
     "prometheus: read up to this long before now, since the newest samples may not be there yet"},
    {SECTION_SOURCE, "backfill", OPTION_DURATION, 0, AT(config_source, backfill_ms), 0, 400 * DAY_MS, NULL, 0,
     "prometheus: history read on the first start"},
    {SECTION_SOURCE, "match", OPTION_MATCH, 0, AT(config_source, match), 0, 0, NULL, 0,
     "prometheus: label matchers that every query carries, such as job=\"litellm\""},
    {SECTION_SOURCE, "bearer", OPTION_MAP, SECTION_SECRET, AT(config_source, bearer), 0, 0, NULL, 0, "where the bearer token comes from"},
    {SECTION_SOURCE, "headers", OPTION_LIST, SECTION_HEADER, 0, 0, 0, NULL, 0, "further request headers; at most 16"},
    {SECTION_SOURCE, "ca_file", OPTION_PATH, 0, AT(config_source, ca_file), 0, 0, NULL, 0,
     "certificates (PEM) to trust instead of the system's"},
    {SECTION_SOURCE, "insecure_tls", OPTION_BOOL, 0, AT(config_source, insecure_tls), 0, 0, NULL, OPTION_OWN,
     "do not verify the certificate; the screen keeps saying so"},
    {SECTION_SOURCE, "allow_plaintext_token", OPTION_BOOL, 0, AT(config_source, allow_plaintext_token), 0, 0, NULL, OPTION_OWN,
     "send secrets over http to a host that is not this one"},
    {SECTION_SOURCE, "max_body", OPTION_BYTES, 0, AT(config_source, max_body_bytes), 1e3, 4 * GB, NULL, 0,
     "largest answer that is read; a larger one is an error"},
    {SECTION_SOURCE, "max_series", OPTION_COUNT, 0, AT(config_source, max_series), 1, 5e6, NULL, 0,
     "series kept; what comes beyond is dropped, and the Sources pane says so"},

    {SECTION_SECRET, "file", OPTION_PATH, 0, AT(config_secret, file), 0, 0, NULL, OPTION_OWN,
     "file that holds it (yours, mode 0600); read again when it changes"},
    {SECTION_SECRET, "env", OPTION_TEXT, 0, AT(config_secret, env), 0, 0, NULL, OPTION_OWN, "environment variable that holds it"},
    {SECTION_SECRET, "command", OPTION_TEXT, 0, AT(config_secret, command), 0, 0, NULL, OPTION_OWN,
     "command whose first line of output it is; the configuration must then be readable by you alone"},

    {SECTION_HEADER, "name", OPTION_TEXT, 0, AT(config_header, name), 0, 0, NULL, OPTION_REQUIRED | OPTION_OWN, "name of the header"},
    {SECTION_HEADER, "value", OPTION_TEXT, 0, AT(config_header, value), 0, 0, NULL, OPTION_OWN,
     "its value, where that is no secret (X-Scope-OrgID)"},
    {SECTION_HEADER, "file", OPTION_PATH, 0, AT(config_header, secret.file), 0, 0, NULL, OPTION_OWN, "file that holds the value"},
    {SECTION_HEADER, "env", OPTION_TEXT, 0, AT(config_header, secret.env), 0, 0, NULL, OPTION_OWN,
     "environment variable that holds the value"},
    {SECTION_HEADER, "command", OPTION_TEXT, 0, AT(config_header, secret.command), 0, 0, NULL, OPTION_OWN,
     "command whose first line of output is the value"},

    {SECTION_SLO, "name", OPTION_TEXT, 0, AT(slo, name), 0, 0, NULL, OPTION_REQUIRED | OPTION_OWN,
     "what alerts and incidents call it; unique"},
    {SECTION_SLO, "scope", OPTION_SCOPE, 0, 0, 0, 0, NULL, OPTION_OWN | OPTION_MAY_EMPTY,
     "the traffic it holds for, as dimension=value[,dimension=value] (default: all)"},
    {SECTION_SLO, "availability", OPTION_PERCENT, 0, AT(slo, objective), 0.5, 0.99999, NULL, OPTION_OWN,
     "share of requests that must not fail"},
    {SECTION_SLO, "latency", OPTION_MAP, SECTION_LATENCY, 0, 0, 0, NULL, OPTION_OWN, "share of requests that must be fast enough"},
    {SECTION_SLO, "period", OPTION_DURATION, 0, AT(slo, period_ms), DAY_MS, 90 * DAY_MS, NULL, 0,
     "the rolling period that the error budget is for"},

    {SECTION_LATENCY, "signal", OPTION_SIGNAL, 0, AT(slo, signal), 0, 0, "ttft|tpot|e2e", OPTION_REQUIRED | OPTION_OWN, "what is measured"},
    {SECTION_LATENCY, "objective", OPTION_PERCENT, 0, AT(slo, objective), 0.5, 0.99999, NULL, OPTION_REQUIRED | OPTION_OWN,
     "share of requests at or below the threshold"},
    {SECTION_LATENCY, "threshold", OPTION_SECONDS, 0, AT(slo, threshold), 0.001, 3600, NULL, OPTION_REQUIRED | OPTION_OWN,
     "the longest time that is still good; best a bucket bound of the gateway's histogram"},

    {SECTION_BUDGET, "name", OPTION_TEXT, 0, AT(config_budget, name), 0, 0, NULL, OPTION_REQUIRED | OPTION_OWN,
     "what the Cost pane calls it; unique"},
    {SECTION_BUDGET, "limit", OPTION_MONEY, 0, AT(config_budget, limit_nusd), 1e7, 9e18, NULL, OPTION_REQUIRED | OPTION_OWN,
     "the amount for one period"},
    {SECTION_BUDGET, "period", OPTION_PERIOD, 0, AT(config_budget, period), 0, 0, "day|week|month", 0,
     "calendar period, in UTC; a week begins on Monday"},
    {SECTION_BUDGET, "scope", OPTION_SCOPE, 0, 0, 0, 0, NULL, OPTION_OWN | OPTION_MAY_EMPTY,
     "the spend it is for, as dimension=value[,dimension=value] (default: all)"},

    {SECTION_PRICE, "model", OPTION_TEXT, 0, AT(config_price, model), 0, 0, NULL, OPTION_REQUIRED | OPTION_OWN,
     "name of the model as the gateway or the list has it; * stands for any text, as in azure/*"},
    {SECTION_PRICE, "from", OPTION_DATE, 0, AT(config_price, from_ms), 0, 0, NULL, OPTION_REQUIRED | OPTION_OWN,
     "when it comes into force, in UTC; what was before keeps the price that it had"},
    {SECTION_PRICE, "discount", OPTION_PERCENT, 0, AT(config_price, discount), 0, 1, NULL, OPTION_OWN,
     "off every price of the list, instead of prices; 0% returns to the list"},
    {SECTION_PRICE, "input", OPTION_PRICE, 0, AT(config_price, pusd[PRICE_INPUT]), 0, 0, NULL, OPTION_OWN, "price of input tokens"},
    {SECTION_PRICE, "cached", OPTION_PRICE, 0, AT(config_price, pusd[PRICE_CACHED]), 0, 0, NULL, OPTION_OWN,
     "price of input tokens read from the provider's cache (default: that of input, and the cost is then at most that)"},
    {SECTION_PRICE, "cache_write", OPTION_PRICE, 0, AT(config_price, pusd[PRICE_CACHE_WRITE]), 0, 0, NULL, OPTION_OWN,
     "price of input tokens written to the cache"},
    {SECTION_PRICE, "cache_write_1h", OPTION_PRICE, 0, AT(config_price, pusd[PRICE_CACHE_WRITE_1H]), 0, 0, NULL, OPTION_OWN,
     "price of those kept for an hour"},
    {SECTION_PRICE, "audio_input", OPTION_PRICE, 0, AT(config_price, pusd[PRICE_AUDIO_INPUT]), 0, 0, NULL, OPTION_OWN,
     "price of input tokens of audio"},
    {SECTION_PRICE, "output", OPTION_PRICE, 0, AT(config_price, pusd[PRICE_OUTPUT]), 0, 0, NULL, OPTION_OWN, "price of output tokens"},
    {SECTION_PRICE, "reasoning", OPTION_PRICE, 0, AT(config_price, pusd[PRICE_REASONING]), 0, 0, NULL, OPTION_OWN,
     "price of output tokens of reasoning (default: that of output)"},
    {SECTION_PRICE, "audio_output", OPTION_PRICE, 0, AT(config_price, pusd[PRICE_AUDIO_OUTPUT]), 0, 0, NULL, OPTION_OWN,
     "price of output tokens of audio"},
    {SECTION_PRICE, "request", OPTION_MONEY, 0, AT(config_price, request_nusd), 0, 1e11, NULL, OPTION_OWN, "price of each request"},
    {SECTION_PRICE, "query", OPTION_MONEY, 0, AT(config_price, query_nusd), 0, 1e11, NULL, OPTION_OWN,
     "price of each search unit of a reranker"},
    {SECTION_PRICE, "service", OPTION_PERIOD, 0, AT(config_price, service), 0, 0, "standard|batch|flex|priority", OPTION_OWN,
     "the service that these prices are for (default: standard)"},
    {SECTION_PRICE, "above", OPTION_COUNT, 0, AT(config_price, above_tokens), 0, 1e9, NULL, OPTION_OWN,
     "they hold for requests whose prompt has more tokens than that: for all of such a request"},
    {SECTION_PRICE, "graduated", OPTION_BOOL, 0, AT(config_price, graduated), 0, 0, NULL, OPTION_OWN,
     "with above: only for the tokens that lie above"},

    {SECTION_AUTHORITY, "signal", OPTION_SIGNAL_OR_ALL, 0, 0, 0, 0, NULL, OPTION_REQUIRED,
     "the signal it decides, such as requests, or all"},
    {SECTION_AUTHORITY, "gateway", OPTION_TEXT, 0, AT(config_authority, gateway), 0, 0, NULL, 0,
     "the gateway whose traffic it is (default: the file's)"},
    {SECTION_AUTHORITY, "source", OPTION_TEXT, 0, AT(config_authority, source), 0, 0, NULL, OPTION_REQUIRED,
     "the source that counts, with its replicas; the others are compared with it, never added"},

    {SECTION_KEEP, "raw", OPTION_DURATION, 0, AT(config, keep_raw_ms), HOUR_MS, 400 * DAY_MS, NULL, 0,
     "age at which raw samples go; rollups stay longer (5 min: 90 days, 1 h: 2 years, 1 d: 10 years)"},

    {SECTION_DEFAULTS, "source", OPTION_MAP, SECTION_SOURCE, 0, 0, 0, NULL, 0, "options of a source"},
    {SECTION_DEFAULTS, "slo", OPTION_MAP, SECTION_SLO, 0, 0, 0, NULL, 0, "options of an objective"},
    {SECTION_DEFAULTS, "budget", OPTION_MAP, SECTION_BUDGET, 0, 0, 0, NULL, 0, "options of a budget"},
};

const struct option *option_table(size_t *ret_count)
{
    *ret_count = sizeof rows / sizeof rows[0];
    return rows;
}

const char *option_section_path(enum section s)
{
    static const char *const paths[SECTION_COUNT] = {
        [SECTION_TOP] = "",
        [SECTION_KEEP] = "keep",
        [SECTION_SOURCE] = "sources[]",
        [SECTION_SECRET] = "sources[].bearer",
        [SECTION_HEADER] = "sources[].headers[]",
        [SECTION_SLO] = "slos[]",
        [SECTION_LATENCY] = "slos[].latency",
        [SECTION_BUDGET] = "budgets[]",
        [SECTION_PRICE] = "prices[]",
        [SECTION_AUTHORITY] = "authority[]",
        [SECTION_BINDINGS] = "bindings",
        [SECTION_DEFAULTS] = "defaults",
    };
    return paths[s];
}

const char *option_type_expected(enum option_type t)
{
    static const char *const texts[] = {
        [OPTION_TEXT] = "text",
        [OPTION_PATH] = "a path",
        [OPTION_URL] = "an address like http://127.0.0.1:4000/metrics/",
        [OPTION_MATCH] = "label matchers like job=\"litellm\"",
        [OPTION_CHOICE] = "one of",
        [OPTION_PERIOD] = "one of",
        [OPTION_SIGNAL] = "one of",
        [OPTION_BOOL] = "true or false",
        [OPTION_NUMBER] = "a number",
        [OPTION_COUNT] = "a whole number",
        [OPTION_BYTES] = "a size like 64MB or 20GB",
        [OPTION_DURATION] = "a duration like 15s",
        [OPTION_SECONDS] = "a duration like 2s or 500ms",
        [OPTION_PERCENT] = "a percentage like 99.9%",
        [OPTION_MONEY] = "an amount like 120000 USD",
        [OPTION_PRICE] = "a price like 2.50 USD/M (per million tokens)",
        [OPTION_DATE] = "a date like 2026-10-01 or 2026-10-01T09:00:00Z",
        [OPTION_SCOPE] = "dimension=value[,dimension=value], such as model=gpt-x",
        [OPTION_SIGNAL_OR_ALL] = "a signal like requests, or all",
        [OPTION_MAP] = "keys and values",
        [OPTION_LIST] = "a list, each item beginning with '- '",
    };
    return texts[t];
}
