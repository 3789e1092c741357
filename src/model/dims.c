/* SPDX-License-Identifier: MIT */
#include "model/dims.h"

#include <stddef.h>

static const char *const dim_names[DIM_COUNT] = {
    [DIM_GATEWAY] = "gateway", [DIM_PROVIDER] = "provider", [DIM_MODEL] = "model", [DIM_DEPLOYMENT] = "deployment",
    [DIM_REGION] = "region",   [DIM_TEAM] = "team",         [DIM_KEY] = "key",     [DIM_ROUTE] = "route",
    [DIM_STAGE] = "stage",     [DIM_CLASS] = "class",       [DIM_NAME] = "name",   [DIM_JUDGE] = "judge",
};

static const char *const outcome_names[OUTCOME_COUNT] = {
    [OUTCOME_OK] = "ok",           [OUTCOME_429] = "429",       [OUTCOME_5XX] = "5xx",       [OUTCOME_TIMEOUT] = "timeout",
    [OUTCOME_CONTEXT] = "context", [OUTCOME_FILTER] = "filter", [OUTCOME_CLIENT] = "client", [OUTCOME_BUDGET] = "budget",
    [OUTCOME_LIMIT] = "limit",     [OUTCOME_AUTH] = "auth",     [OUTCOME_OTHER] = "other",
};

/* Exception classes that say more than the status beside them, without the provider's prefix ("Openai.RateLimitError").
 * Source: litellm/exceptions.py and the openai client's exception names, as the gateways' exception_class label carries them. A class
 * that is not here leaves the decision to the status. */
static const struct {
    const char *name;
    enum outcome outcome;
} classes[] = {
    {"RateLimitError", OUTCOME_429},
    {"RouterRateLimitError", OUTCOME_429}, /* its status label is "None", the client saw 429 */
    {"RouterRateLimitErrorBasic", OUTCOME_429},
    {"Timeout", OUTCOME_TIMEOUT},
    {"APITimeoutError", OUTCOME_TIMEOUT},
    {"TimeoutError", OUTCOME_TIMEOUT},
    {"ConnectTimeout", OUTCOME_TIMEOUT},
    {"ReadTimeout", OUTCOME_TIMEOUT},
    {"ContextWindowExceededError", OUTCOME_CONTEXT},
    {"ContentPolicyViolationError", OUTCOME_FILTER},
    {"GuardrailRaisedException", OUTCOME_FILTER},
    {"BlockedPiiEntityError", OUTCOME_FILTER},
    {"RejectedRequestError", OUTCOME_FILTER},
    {"BudgetExceededError", OUTCOME_BUDGET}, /* 400, since May 2026 429 and with a provider's prefix: LiteLLM alone raises it */
    {"BadRequestError", OUTCOME_CLIENT},
    {"InvalidRequestError", OUTCOME_CLIENT},
    {"UnsupportedParamsError", OUTCOME_CLIENT},
    {"UnprocessableEntityError", OUTCOME_CLIENT},
    {"ImageFetchError", OUTCOME_CLIENT},
    {"AuthenticationError", OUTCOME_CLIENT},
    {"PermissionDeniedError", OUTCOME_CLIENT},
    {"NotFoundError", OUTCOME_CLIENT},
    {"KeyNotFoundError", OUTCOME_AUTH},
    {"ProxyModelNotFoundError", OUTCOME_CLIENT},
    {"ServiceUnavailableError", OUTCOME_5XX},
    {"InternalServerError", OUTCOME_5XX},
    {"BadGatewayError", OUTCOME_5XX},
    {"APIConnectionError", OUTCOME_5XX},
    {"APIResponseValidationError", OUTCOME_5XX},
    {"MidStreamFallbackError", OUTCOME_5XX},
};

/* What the gateway itself raises, told by the status beside it, where no provider's prefix says whose answer it was: LiteLLM's limiters
 * raise HTTPException with 429 (ProxyRateLimitError is labelled so, too), its authentication ProxyException or HTTPException with 401 or
 * 403. */
static const char *const own[] = {"HTTPException", "ProxyException", "ProxyRateLimitError", "AuthenticationError", "PermissionDeniedError"};

static bool find_name(const char *const names[], unsigned count, struct str name, unsigned *ret)
{
    for (unsigned i = 0; i < count; i++) {
        if (str_eq_z(name, names[i])) {
            *ret = i;
            return true;
        }
    }
    return false;
}

const char *dim_name(enum dim d)
{
    return (unsigned)d < DIM_COUNT ? dim_names[d] : "";
}

bool dim_by_name(struct str name, enum dim *ret)
{
    unsigned i;
    if (!find_name(dim_names, DIM_COUNT, name, &i))
        return false;
    *ret = (enum dim)i;
    return true;
}

const char *outcome_name(enum outcome o)
{
    return (unsigned)o < OUTCOME_COUNT ? outcome_names[o] : "";
}

bool outcome_by_name(struct str name, enum outcome *ret)
{
    unsigned i;
    if (!find_name(outcome_names, OUTCOME_COUNT, name, &i))
        return false;
    *ret = (enum outcome)i;
    return true;
}

bool outcome_is_bad(enum outcome o)
{
    return o == OUTCOME_429 || o == OUTCOME_5XX || o == OUTCOME_TIMEOUT || o == OUTCOME_OTHER;
}

bool outcome_is_refused(enum outcome o)
{
    return o == OUTCOME_BUDGET || o == OUTCOME_LIMIT || o == OUTCOME_AUTH;
}

static enum outcome outcome_of_code(int64_t code)
{
    if (code >= 100 && code < 400) /* 101: a realtime session that was opened */
        return OUTCOME_OK;
    if (code == 429)
        return OUTCOME_429;
    if (code == 408)
        return OUTCOME_TIMEOUT;
    if (code >= 400 && code < 500)
        return OUTCOME_CLIENT;
    if (code >= 500 && code < 600)
        return OUTCOME_5XX;
    return OUTCOME_OTHER;
}

/* Whether the gateway's own code refused it, by an exception without a provider's prefix. */
static bool refused_by(struct str exception, int64_t code, enum outcome *ret)
{
    unsigned i;
    if ((code != 429 && code != 401 && code != 403) || !find_name(own, sizeof own / sizeof own[0], exception, &i))
        return false;
    *ret = code == 429 ? OUTCOME_LIMIT : OUTCOME_AUTH;
    return true;
}

enum outcome outcome_of_status(struct str status, struct str exception_class)
{
    struct str name = exception_class;
    enum outcome refused;
    int64_t code;
    const bool has_code = str_to_i64(status, &code);
    if (has_code && refused_by(exception_class, code, &refused))
        return refused;
    for (size_t i = name.n; i > 0; i--) {
        if (name.p[i - 1] == '.') {
            name = (struct str){name.p + i, name.n - i};
            break;
        }
    }
    for (unsigned i = 0; i < sizeof classes / sizeof classes[0]; i++)
        if (str_eq_z(name, classes[i].name))
            return classes[i].outcome;
    if (has_code)
        return outcome_of_code(code);
    if (status.n == 3 && status.p[0] >= '1' && status.p[0] <= '5' && str_has_suffix(status, "xx")) /* "4xx", as proxies group them */
        return outcome_of_code((status.p[0] - '0') * 100);
    return OUTCOME_OTHER;
}
