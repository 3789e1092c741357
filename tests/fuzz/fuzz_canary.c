/* SPDX-License-Identifier: MIT */
/* Any bytes are an answer, a regular expression, a schema. The input is cut at its first NUL byte: what comes before is the expression
 * and the schema, what comes after is what they are held against. What must hold, beside memory safety: they end, and a schema that was
 * refused is not used. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/ere.h"
#include "base/jsonschema.h"
#include "record/canary_ask.h"

enum { MAX_BYTES = 1 << 16, ARENA_MAX = 64 << 20 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena a;
    struct ere *e = NULL;
    const struct jsontree *schema, *v;
    struct canary_answer answer;
    struct errctx why;
    const char *first = size > 0 && size <= MAX_BYTES ? memchr(data, '\0', size) : NULL;
    if (first == NULL)
        return 0;
    const struct str rest = {first + 1, size - (size_t)(first + 1 - (const char *)data)};
    if (ere_new((const char *)data, &e, &why) == ERR_OK)
        (void)ere_found(e, rest);
    ere_free(e);
    arena_init(&a, ARENA_MAX);
    (void)!canary_read_answer(rest, (const char *)data, &a, &answer, &why);
    if (jsontree_parse(str_of((const char *)data), &a, &schema, &why) == ERR_OK && jsonschema_check(schema, &why) == ERR_OK &&
        jsontree_parse(rest, &a, &v, &why) == ERR_OK)
        (void)jsonschema_holds(schema, v, &why);
    arena_fini(&a);
    return 0;
}
