/* SPDX-License-Identifier: MIT */
#include "sim/request.h"

#include <assert.h>

const struct fate_text *fate_text(enum fate f)
{
    static const struct fate_text texts[FATE_COUNT] = {
        [FATE_OK] = {"200", "None"},
        [FATE_BAD_REQUEST] = {"400", "BadRequestError"},
        [FATE_AUTH] = {"401", "AuthenticationError"},
        [FATE_BUDGET] = {"400", "BudgetExceededError"},
        [FATE_CONTEXT] = {"400", "ContextWindowExceededError"},
        [FATE_FILTER] = {"400", "ContentPolicyViolationError"},
        [FATE_GUARDRAIL] = {"400", "GuardrailRaisedException"},
        [FATE_RATE_LIMITED] = {"429", "RateLimitError"},
        [FATE_SERVER_ERROR] = {"500", "InternalServerError"},
        [FATE_UNAVAILABLE] = {"503", "ServiceUnavailableError"},
        [FATE_TIMEOUT] = {"408", "Timeout"},
        [FATE_NO_DEPLOYMENT] = {"None", "RouterRateLimitError"}, /* the client sees 429, the page says "None" */
    };
    assert(f < FATE_COUNT);
    return &texts[f];
}

bool fate_is_providers(enum fate f)
{
    return f >= FATE_RATE_LIMITED;
}
