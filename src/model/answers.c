/* SPDX-License-Identifier: MIT */
#include "model/answers.h"

#include "base/str.h"

static const struct answer_share rows[] = {
    {.name = "retries per attempt", .whole = SIG_ATTEMPTS, .bad = SIG_RETRIES},
    {.name = "requests filtered", .whole = SIG_REQUESTS, .bad = SIG_REQUESTS, .bad_class = "filter"},
    {.name = "answers cut at their length", .whole = SIG_FINISH, .bad = SIG_FINISH, .bad_class = "length"},
    {.name = "answers filtered", .whole = SIG_FINISH, .bad = SIG_FINISH, .bad_class = "filter"},
    {.name = "answers aborted", .whole = SIG_FINISH, .bad = SIG_FINISH, .bad_class = "abort"},
    {.name = "answers with NaN logits", .whole = SIG_FINISH, .bad = SIG_CORRUPTED},
    {.name = "guardrail %s blocks",
     .whole = SIG_GUARDRAIL_CHECKS,
     .bad = SIG_GUARDRAIL_CHECKS,
     .not_of_whole = "not_run",
     .bad_class = "blocked",
     .by_name = true},
};

const struct answer_share *answer_shares(size_t *ret_count)
{
    *ret_count = sizeof rows / sizeof rows[0];
    return rows;
}

bool answer_share_name(const struct answer_share *s, const char *series_name, char dst[ANSWER_NAME_MAX])
{
    if (!s->by_name)
        return str_copy(dst, ANSWER_NAME_MAX, str_of(s->name));
    const char *at = s->name;
    size_t n = 0;
    for (; *at != '%'; at++)
        dst[n++] = *at;
    return str_format(dst + n, ANSWER_NAME_MAX - n, "%s%s", series_name, at + 2);
}
