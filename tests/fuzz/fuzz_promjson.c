/* SPDX-License-Identifier: MIT */
/* Any bytes are an answer. What must hold, beside memory safety: the same callbacks and the same end wherever the feeds are cut, and no
 * memory but the reader's own. The first byte of the input chooses the cut. */
#include <stdint.h>
#include <string.h>

#include "unit/source/promjson_transcript.h"

enum { MAX_BYTES = 1 << 20 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static enum err read_answer(struct answer *a, struct str body, size_t cut, size_t cut2)
{
    answer_begin(a);
    struct promjson_handler h = answer_handler(a);
    struct promjson *p = promjson_new(&h, MAX_BYTES);
    answer_must(p != NULL, "out of memory");
    enum err e = answer_run(a, p, body, cut, cut2);
    promjson_free(p);
    return e;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0 || size > MAX_BYTES) {
        return 0;
    }
    struct str body = {(const char *)data + 1, size - 1};
    size_t cut = data[0] % (body.n + 1), cut2 = (data[0] * (size_t)131 + 17) % (body.n + 1);
    struct answer whole, parts;
    enum err a = read_answer(&whole, body, 0, 0);
    enum err b = read_answer(&parts, body, cut, cut2);
    answer_must(a == b, "the cut changed the end");
    answer_must(whole.text.len == parts.text.len && memcmp(whole.text.data, parts.text.data, whole.text.len) == 0,
                "the cut changed the answer");
    buf_fini(&whole.text);
    buf_fini(&parts.text);
    return 0;
}
