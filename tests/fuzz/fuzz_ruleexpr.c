/* SPDX-License-Identifier: MIT */
/* Expressions of rules: any bytes are accepted input, a refusal says what and where, and what was read can be evaluated with any values. */
#include <math.h>
#include <stdint.h>

#include "model/ruleexpr.h"

#undef NDEBUG /* the assertions are the test */
#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const double trials[] = {0, 1, -1, NAN, INFINITY, 1e308, 1e-308};
    struct str text = {(const char *)data, size};
    struct ruleexpr x;
    struct errctx ctx = {""};
    struct arena a;
    size_t at = SIZE_MAX;
    double v;

    arena_init(&a, 1 << 20);
    enum err e = ruleexpr_parse(text, &a, &x, &at, &ctx);
    if (e != ERR_OK) {
        assert((e == ERR_PARSE || e == ERR_LIMIT) && ctx.text[0] != '\0' && at <= size);
    } else {
        assert(x.compare_count > 0 && x.term_count > 0);
        for (size_t t = 0; t < sizeof trials / sizeof *trials; t++) {
            double value[RULEEXPR_TERMS_MAX];
            for (int i = 0; i < RULEEXPR_TERMS_MAX; i++)
                value[i] = trials[(t + (size_t)i) % (sizeof trials / sizeof *trials)];
            for (uint32_t i = 0; i < x.compare_count; i++) {
                v = ruleexpr_value(&x, i, value);
                assert(isnan(v) || isfinite(v));
            }
            (void)ruleexpr_holds(&x, x.compare[0].threshold, value);
        }
    }
    (void)ruleexpr_number(text, &v);
    arena_fini(&a);
    return 0;
}
